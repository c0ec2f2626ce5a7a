// Files and folders, dropped or chosen, are sent one by one; then the server is told of them in one 'upload'.
const zone = element.querySelector('.qa-drop'), told = element.querySelector('[role=status]');
const [files, folder] = element.querySelectorAll('input[type=file]');
let busy = false;
const later = [];  // what is chosen meanwhile

async function send(chosen) {
  if (busy) later.push(...chosen);
  if (busy || !chosen.length) return;
  busy = true;
  zone.classList.add('qa-busy');
  const sent = [], most = Number(zone.dataset.most), largest = Number(zone.dataset.largest);
  const endings = zone.dataset.endings.split(' ');
  for (const [number, {file, name}] of chosen.entries()) {
    const one = {name, size: file.size};
    const ending = /\.([a-z][a-z0-9]{0,9}|7z)$/.exec(name.toLowerCase())?.[0];  // none: it is read as text
    if (chosen.length <= most && file.size && file.size <= largest && (!ending || endings.includes(ending))) {
      told.textContent = `Sending ${number + 1} of ${chosen.length}: ${name}`;
      try {
        one.path = (await upload(file)).path;
      } catch (error) {
        one.error = 'did not arrive; try again';
      }
    }
    sent.push(one);
  }
  told.textContent = 'Reading…';
  trigger('upload', {files: sent});
}

// A folder that was dropped is gone through here; one that was chosen comes as files with their paths.
async function entries(entry, path = '') {
  if (entry.isFile) return [{file: await new Promise((done, failed) => entry.file(done, failed)), name: path + entry.name}];
  const reader = entry.createReader(), found = [];
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!some.length) return found;
    for (const inner of some) found.push(...await entries(inner, `${path}${entry.name}/`));
  }
}

for (const input of [files, folder]) {
  input.addEventListener('change', () => {
    send([...input.files].map(file => ({file, name: file.webkitRelativePath || file.name})));
    input.value = '';
  });
}
element.querySelectorAll('.qa-drop button').forEach((button, number) => {
  button.addEventListener('click', () => [files, folder][number].click());
});
for (const name of ['dragenter', 'dragover']) {
  zone.addEventListener(name, event => { event.preventDefault(); zone.classList.add('qa-over'); });
}
zone.addEventListener('dragleave', () => zone.classList.remove('qa-over'));
zone.addEventListener('drop', async event => {
  event.preventDefault();
  zone.classList.remove('qa-over');
  const dropped = [...event.dataTransfer.items].map(item => item.webkitGetAsEntry()).filter(Boolean);
  const found = [];
  for (const entry of dropped) found.push(...await entries(entry));
  send(found);
});
watch('done', () => {
  busy = false;
  zone.classList.remove('qa-busy');
  told.textContent = '';
  send(later.splice(0));
});
