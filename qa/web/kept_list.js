// The list of conversations; `element`, `trigger` and `watch` are given by the component.
// Events that the server is told of: 'open', 'rename', 'remove', 'clear', 'export'.
const READ = ['open', 'rename', 'export'];  // what a text is sent for, which may be long
const kept = event => {
  const at = event.target.closest('[data-does]');
  return at && {...at.dataset, text: READ.includes(at.dataset.does) ? qaKept.text(at.dataset.id) : null};
};

// A form stands hidden beside the button that shows it; Escape and its own Cancel hide it again.
function unfold(button, shown) {
  const form = document.getElementById(button.getAttribute('aria-controls'));
  element.querySelectorAll('[aria-expanded=true]').forEach(other => other !== button && unfold(other, false));
  form.hidden = !shown;
  button.setAttribute('aria-expanded', shown);
  (shown ? form.querySelector('input, button') : button).focus();
  if (shown) form.querySelector('input')?.select();
}
const opener = form => element.querySelector(`[aria-controls="${form.id}"]`);

element.addEventListener('click', event => {
  const button = event.target.closest('button');
  if (!button) return;
  if (button.hasAttribute('aria-controls')) unfold(button, button.getAttribute('aria-expanded') !== 'true');
  else if (button.type === 'button' && button.dataset.does) {
    const {does, ...data} = kept(event);
    trigger(does, data);
  }
});
// Times stand there in UTC: they are shown by this browser's clock.
const clock = new Intl.DateTimeFormat('en-GB', {dateStyle: 'long', timeStyle: 'short'});
function tellTimes() {
  element.querySelectorAll('time').forEach(time => { time.textContent = clock.format(new Date(time.dateTime)); });
}
tellTimes();
let changed;  // the id whose form was sent: the list comes anew, and the keyboard's place in it is found again
element.addEventListener('submit', event => {
  event.preventDefault();
  const {does, ...data} = kept(event);
  changed = data.id ?? 'all';
  trigger(does, {...data, name: event.target.elements.name?.value});
});
element.addEventListener('reset', event => unfold(opener(event.target), false));
element.addEventListener('keydown', event => {
  const form = event.key === 'Escape' && event.target.closest('form');
  if (form) form.reset();
});
watch('value', () => {
  tellTimes();
  if (changed) (element.querySelector(`.qa-kept-name[data-id="${changed}"]`) ?? element.querySelector('h2')).focus();
  changed = undefined;
});
