"use strict";
// Completes the last word of a field: the browser's own completion knows only whole texts.
(() => {
  const complete = (id, list, split) => {
    const input = document.getElementById(id), options = document.getElementById(list);
    if (!input || !options) return;
    const words = Array.from(options.children, (o) => ({ value: o.value, doc: o.textContent }));
    input.addEventListener("input", () => {
      const before = input.value.match(split)[0], typed = input.value.slice(before.length).toLowerCase();
      const found = words.filter((w) => w.value.toLowerCase().includes(typed)).slice(0, 50);
      options.replaceChildren(...found.map((w) => {
        const o = document.createElement("option");
        o.value = before + w.value;
        o.textContent = w.doc;
        return o;
      }));
    });
  };
  complete("by", "fields", /^(.*,\s*)?/);
  complete("filter", "filters", /^(.*[\s(])?/);
})();
