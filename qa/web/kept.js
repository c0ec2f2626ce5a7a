// What this browser keeps: one item of localStorage for each conversation, so that windows don't write over each other's.
// Which one a window has open stands in its sessionStorage, so that a reload shows it again. The texts are made and read
// by the server (kept.py); of each the list gets its head only.
window.qaKept = (() => {
  const KEPT = 'chapter-and-verse/', OPEN = 'chapter-and-verse-open';

  function head(key) {
    const id = key.slice(KEPT.length), text = localStorage.getItem(key), characters = key.length + text.length;
    try {
      const {version, name, updated, exchanges} = JSON.parse(text);
      return {id, version, name, updated, questions: exchanges?.length, characters};
    } catch {
      return {id, characters};
    }
  }

  const carriedOut = new Set();  // the numbers of orders
  let failed = false;  // whether the last text found no room

  function seen() {
    try {
      const open = sessionStorage.getItem(OPEN);
      return {
        works: true, failed, open, text: open && localStorage.getItem(KEPT + open),
        heads: Object.keys(localStorage).filter(key => key.startsWith(KEPT)).map(head),
      };
    } catch {  // storage may be forbidden
      return {works: false, failed};
    }
  }

  function save({name, type, text}) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], {type}));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  // Do what the server says, once, and tell what is there then. No key: leave that as it is.
  function obey(order) {
    const {number, drop, put, open, file} = order ?? {};
    if (number && !carriedOut.has(number)) {
      carriedOut.add(number);
      try {
        drop?.forEach(id => localStorage.removeItem(KEPT + id));
        if (open === null) sessionStorage.removeItem(OPEN);
        else if (open) sessionStorage.setItem(OPEN, open);
        if (put) localStorage.setItem(KEPT + put.id, put.text);
        failed = false;
      } catch {
        failed = true;
      }
      if (file) save(file);
    }
    return seen();
  }

  return {obey, text: id => localStorage.getItem(KEPT + id)};
})();
