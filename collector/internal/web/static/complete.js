"use strict";
// Completes the last word of a field, as the browser's own completion knows only whole texts: names of fields and, after FIELD :, the
// values that the field has in the time asked for. Down opens the list and goes through it, Enter takes, Escape closes; it is a combobox
// to readers of screens (ARIA's pattern with a list). Without scripts the browser's own list is there.
(() => {
  const most = 50; // words offered

  class Completer {
    constructor(input, words, split) {
      Object.assign(this, { input, words, split, options: [], active: -1, before: "" });
      input.removeAttribute("list");
      this.list = document.createElement("ul");
      this.list.id = input.id === "filter" ? "suggestions" : input.id + "-suggestions";
      this.list.className = "suggestions";
      this.list.setAttribute("role", "listbox");
      this.list.setAttribute("aria-label", "Suggestions");
      this.list.hidden = true;
      input.form.append(this.list);
      const attributes = { role: "combobox", "aria-autocomplete": "list", "aria-controls": this.list.id, "aria-expanded": "false" };
      for (const [name, value] of Object.entries(attributes)) input.setAttribute(name, value);
      input.addEventListener("input", () => this.typed(false));
      input.addEventListener("keydown", (e) => this.pressed(e));
      input.addEventListener("blur", () => this.close());
      this.list.addEventListener("pointerdown", (e) => {
        e.preventDefault(); // the focus stays
        const option = e.target.closest("[role=option]");
        if (option) this.take(this.options.indexOf(option));
      });
    }

    // typed offers what the last word may become; of nothing typed all words are offered only when asked for.
    typed(all) {
      const before = this.input.value.match(this.split)[0], word = this.input.value.slice(before.length).toLowerCase();
      if ((word === "" && !all) || /^(and|or|not)$/.test(word)) { this.close(); return; }
      this.offer(before, this.words.filter((w) => w.value.toLowerCase().includes(word)));
    }

    // open offers all that may stand there.
    open() {
      this.typed(true);
    }

    offer(before, words) {
      this.before = before;
      this.options = words.slice(0, most).map((w, i) => {
        const option = document.createElement("li"), doc = document.createElement("small");
        option.id = this.list.id + "-" + i;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.dataset.value = before + w.value;
        doc.textContent = w.doc;
        option.append(w.value.replace(/ : $/, ""), " ", doc);
        return option;
      });
      this.list.replaceChildren(...this.options);
      this.mark(-1);
      const open = this.options.length > 0 && document.activeElement === this.input;
      this.list.hidden = !open;
      this.input.setAttribute("aria-expanded", String(open));
      Object.assign(this.list.style, { left: this.input.offsetLeft + "px", top: this.input.offsetTop + this.input.offsetHeight + "px" });
    }

    close() {
      this.offer("", []);
    }

    mark(i) {
      if (this.active >= 0 && this.options[this.active]) this.options[this.active].setAttribute("aria-selected", "false");
      this.active = i;
      if (i < 0) { this.input.removeAttribute("aria-activedescendant"); return; }
      this.options[i].setAttribute("aria-selected", "true");
      this.options[i].scrollIntoView({ block: "nearest" });
      this.input.setAttribute("aria-activedescendant", this.options[i].id);
    }

    take(i) {
      this.input.value = this.options[i].dataset.value;
      this.close();
      this.input.dispatchEvent(new Event("taken"));
    }

    pressed(e) {
      const n = this.options.length;
      switch (e.key) {
        case "ArrowDown":
          if (n > 0) this.mark((this.active + 1) % n); else this.open();
          break;
        case "ArrowUp":
          if (n === 0) return;
          this.mark(this.active <= 0 ? n - 1 : this.active - 1);
          break;
        case "Enter":
          if (this.active < 0) return; // asks
          this.take(this.active);
          break;
        case "Escape":
          if (n === 0) return;
          this.close();
          break;
        default:
          return;
      }
      e.preventDefault();
    }
  }

  function completer(id, list, split) {
    const input = document.getElementById(id), options = document.getElementById(list);
    if (!input || !options) return null;
    return new Completer(input, Array.from(options.children, (o) => ({ value: o.value, doc: o.textContent })), split);
  }

  completer("by", "fields", /^(.*,\s*)?/);
  const filter = completer("filter", "filters", /^(.*[\s(])?/);
  if (!filter) return;
  const input = filter.input, column = input.dataset.column; // where the filter is wrong
  if (column) {
    input.focus();
    input.setSelectionRange(column - 1, column - 1);
  }

  const quoted = (value) => /^[\w.-]+$/.test(value) && !/^(and|or|not)$/i.test(value) ? value : JSON.stringify(value);
  const value = /^(.*?)([\w.@]+)\s*:\s*"?([^\s"()]*)$/;
  let timer = null, running = null;

  // Relative times are the server's to read: it says what they were when it made the page.
  function time(name) {
    const field = input.form.elements[name], text = field.value.trim();
    if (field.value === field.defaultValue && field.dataset.time) return field.dataset.time;
    return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) ? text : undefined;
  }

  async function values(text) {
    const found = text.match(value);
    if (running) running.abort(); // the collector gives up with it
    const mine = running = new AbortController();
    const question = { field: found[2], prefix: found[3], limit: most };
    for (const name of ["from", "to"]) question[name] = time(name); // undefined ones are left out of JSON
    try {
      const answer = await fetch("api/v1/values", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(question), signal: mine.signal });
      if (!answer.ok) return;
      const list = (await answer.json()).values;
      if (input.value !== text) return;
      const before = text.slice(0, text.length - found[3].length).replace(/"$/, "");
      filter.offer(before, list.map((v) => ({ value: quoted(v.value), doc: v.count + (v.count === 1 ? " record" : " records") })));
    } catch {
      // What is typed counts without help.
    }
  }

  function later() {
    clearTimeout(timer);
    if (!value.test(input.value)) return;
    filter.close(); // a value is wanted, no name
    timer = setTimeout(values, 200, input.value);
  }

  filter.open = () => value.test(input.value) ? values(input.value) : filter.typed(true);
  input.addEventListener("input", later);
  input.addEventListener("taken", later);
})();
