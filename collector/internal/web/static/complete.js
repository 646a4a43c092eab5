"use strict";
// Completes the last word of a field, as the browser's own completion knows only whole texts: names of fields and, after FIELD :, the
// values that the field has in the time asked for.
(() => {
  const most = 50; // words offered

  function offer(options, before, words) {
    options.replaceChildren(...words.slice(0, most).map((w) => {
      const option = document.createElement("option");
      option.value = before + w.value;
      option.textContent = w.doc;
      return option;
    }));
  }

  function completer(id, list, split) {
    const input = document.getElementById(id), options = document.getElementById(list);
    if (!input || !options) return null;
    const words = Array.from(options.children, (o) => ({ value: o.value, doc: o.textContent }));
    input.addEventListener("input", () => {
      const before = input.value.match(split)[0], typed = input.value.slice(before.length).toLowerCase();
      offer(options, before, words.filter((w) => w.value.toLowerCase().includes(typed)));
    });
    return { input, options };
  }

  completer("by", "fields", /^(.*,\s*)?/);
  const filter = completer("filter", "filters", /^(.*[\s(])?/);
  if (!filter) return;

  const quoted = (value) => /^[\w.-]+$/.test(value) && !/^(and|or|not)$/i.test(value) ? value : JSON.stringify(value);
  const value = /^(.*?)([\w.@]+)\s*:\s*"?([^\s"()]*)$/;
  let timer = null, running = null;

  // Relative times are the server's to read: it says what they were when it made the page.
  function time(name) {
    const input = filter.input.form.elements[name], text = input.value.trim();
    if (input.value === input.defaultValue && input.dataset.time) return input.dataset.time;
    return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) ? text : undefined;
  }

  async function values(text) {
    const found = text.match(value);
    if (running) running.abort(); // the collector gives up with it
    const mine = running = new AbortController();
    const question = { field: found[2], prefix: found[3], limit: most };
    for (const name of ["from", "to"]) question[name] = time(name); // undefined ones are left out of JSON
    try {
      const answer = await fetch("/api/v1/values", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(question), signal: mine.signal });
      if (!answer.ok) return;
      const list = (await answer.json()).values;
      if (filter.input.value !== text) return;
      const before = text.slice(0, text.length - found[3].length).replace(/"$/, "");
      offer(filter.options, before, list.map((v) => ({ value: quoted(v.value), doc: v.count + " records" })));
    } catch {
      // The names of fields are offered still.
    }
  }

  filter.input.addEventListener("input", () => {
    clearTimeout(timer);
    if (value.test(filter.input.value)) timer = setTimeout(values, 250, filter.input.value);
  });
})();
