// What a click on a button of ours means; `element`, `trigger` and `watch` are given by the component.
// Events that the server is told of: 'example', 'retry', 'rephrase', 'cite', 'thumb', 'judge', 'choose', and of documents
// 'find', 'scope', 'everything', 'search', 'remove', 'discard'.
const narrow = () => matchMedia('(max-width: 59.99rem)').matches;
const text = () => element.querySelector('.qa-text');
const firstMark = () => element.querySelector('mark.qa-first') || element.querySelector('mark');

function into(view, mark) {
  if (!view || !mark) return;
  view.scrollTop += mark.getBoundingClientRect().top - view.getBoundingClientRect().top - view.clientHeight / 3;
  element.querySelectorAll('mark.qa-looked-at').forEach(one => one.classList.remove('qa-looked-at'));
  mark.classList.add('qa-looked-at');
}

// Offsets count code points from where the block begins; a selection may go over several blocks.
function selected() {
  const chosen = getSelection();
  if (!chosen.rangeCount || chosen.isCollapsed || !text()?.contains(chosen.getRangeAt(0).commonAncestorContainer)) return null;
  const range = chosen.getRangeAt(0), at = [];
  for (const block of element.querySelectorAll('[data-start]')) {
    if (!range.intersectsNode(block)) continue;
    const part = document.createRange();
    part.selectNodeContents(block);
    const until = (node, offset) => {
      part.setEnd(node, offset);
      return Number(block.dataset.start) + [...part.toString()].length;
    };
    if (block.contains(range.startContainer)) at[0] = until(range.startContainer, range.startOffset);
    else at[0] ??= Number(block.dataset.start);
    at[1] = block.contains(range.endContainer) ? until(range.endContainer, range.endOffset)
      : Number(block.dataset.start) + [...block.textContent].length;
  }
  return at.length ? {start: at[0], end: at[1]} : null;
}

function step(by) {
  const marks = [...element.querySelectorAll('mark')];
  const now = marks.findIndex(mark => mark.classList.contains('qa-looked-at'));
  into(text(), marks[(now + by + marks.length) % marks.length]);
}

// At an address of http that is not this machine's, browsers give no clipboard, but copy what is selected.
function copySelected(words) {
  const box = Object.assign(document.createElement('textarea'), {value: words, style: 'position: fixed'});
  document.body.append(box);
  box.select();
  const done = document.execCommand('copy');
  box.remove();
  if (!done) throw new Error('not copied');
}

async function copy(button) {
  const said = button.textContent;
  try {
    if (navigator.clipboard) await navigator.clipboard.writeText(button.dataset.text);
    else copySelected(button.dataset.text);
    button.focus({preventScroll: true});
    button.textContent = 'Copied';
  } catch {
    button.textContent = 'Not allowed by the browser';
  }
  setTimeout(() => { button.textContent = said; }, 1500);
}

element.addEventListener('mousedown', event => {
  if (event.target.closest('[data-does=choose]')) event.preventDefault();  // else the click would end the selection
});
element.addEventListener('click', event => {
  const button = event.target.closest('[data-does]');
  if (!button) return;
  const {does, ...data} = button.dataset;
  if (data.sure && !confirm(data.sure)) return;
  if (button.type === 'checkbox') data.checked = button.checked;
  if (does === 'copy') copy(button);
  else if (does === 'step') step(Number(data.by));
  else if (does === 'choose') trigger(does, {...data, ...(selected() || {start: 0, end: 0})});
  else {
    if (does === 'cite') window.qaOpened = true;
    trigger(does, data);
  }
});
element.addEventListener('change', event => {
  if (event.target.type === 'search') trigger('find', {text: event.target.value});
});
// What was said of an answer comes as a new transcript: then nothing moves, and what was unfolded stays so.
let told;
const unfolded = new Set();
const named = details => details.closest('.qa-turn')?.id + details.querySelector('summary').textContent;
element.addEventListener('click', event => {
  const details = event.target.closest('summary')?.parentElement;
  if (details) unfolded[details.open ? 'delete' : 'add'](named(details));
});
watch('value', () => {
  // a box that was clicked no longer follows its attribute, even where it stands for another document by now
  element.querySelectorAll('[type=checkbox]').forEach(box => { box.checked = box.defaultChecked; });
  const turns = element.querySelectorAll('.qa-turn'), last = turns[turns.length - 1];
  const now = last && [turns.length, !!last.querySelector('.qa-waiting'), last.querySelector('.qa-asked').textContent].join();
  if (now !== told) last?.scrollIntoView({block: narrow() ? 'start' : 'nearest'});
  told = now;
  element.querySelectorAll('details').forEach(one => { one.open = unfolded.has(named(one)); });
  if (!text()) return;
  into(text(), firstMark());
  if (window.qaOpened && narrow()) element.scrollIntoView({block: 'start'});
  window.qaOpened = false;
});
