"use strict";
// Keeps the alerts as they are: when the collector tells of a change, the same page is asked for again and its rows are taken over. So
// there is one place that makes rows, and what the address asks for holds here, too.
(() => {
  const status = document.getElementById("live");
  if (!document.getElementById("alerts") || !window.EventSource) return;
  const pause = 2000; // ms between two questions, however many changes there are
  let source = null, timer = null, asked = 0, running = false, again = false;

  const say = (text) => { if (status.textContent !== text) status.textContent = text; };

  function take(fresh, rows) {
    const focused = document.activeElement && rows.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    rows.replaceWith(document.adoptNode(fresh));
    if (focused) for (const a of fresh.querySelectorAll("a")) if (a.getAttribute("href") === focused) { a.focus(); break; }
  }

  async function refresh() {
    timer = null;
    if (running) { again = true; return; }
    running = true;
    asked = Date.now();
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("#alerts tbody"), rows = document.querySelector("#alerts tbody");
      if (!fresh.isEqualNode(rows)) take(fresh, rows); // rows that stay lose no click that is under way
      const open = page.getElementById("open");
      if (open) document.getElementById("open").replaceWith(document.adoptNode(open));
      if (source && source.readyState === EventSource.OPEN) say("Live.");
    } catch {
      say("The collector does not answer: the alerts below may be old.");
    } finally {
      running = false;
      if (again) { again = false; later(); }
    }
  }

  function later() {
    if (timer === null) timer = setTimeout(refresh, Math.max(0, asked + pause - Date.now()));
  }

  function open() {
    if (source) return;
    source = new EventSource("api/v1/alerts/stream");
    source.addEventListener("open", () => { say("Live."); later(); });
    source.addEventListener("alert", later);
    source.addEventListener("gap", later);
    source.addEventListener("error", () => {
      say("Not live: trying again.");
      if (source && source.readyState === EventSource.CLOSED) { source = null; setTimeout(visible, 30000); }
    });
  }

  // A browser has few connections to one server, and a page that nobody sees needs none.
  function visible() {
    if (!document.hidden) { open(); return; }
    if (source) { source.close(); source = null; }
  }

  document.addEventListener("visibilitychange", visible);
  visible();
})();
