//go:build cgo

package webtest_test

import (
	"strings"
	"testing"

	"github.com/weirflow/weir/internal/browsertest"
)

// focused says what has the focus, and whether that is seen.
const focused = `(() => {
	const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();
	return [e.innerText || e.name || e.tagName, s.outlineStyle !== "none" && r.right > 0 && r.bottom > 0 ? "seen" : "not seen"];
})()`

// testKeyboard: the first stop leads past the navigation; stops come in the order of the page, and each is seen.
func testKeyboard(t *testing.T, l *lab, b *browsertest.Browser) {
	p := b.Page(t)
	p.Open(l.base + "/")
	p.Until(`document.getElementById("live").textContent === "Live."`)
	want := []string{"Skip to the content", "Alerts", "Exporters", "Query", "ip", "Show", "host", "from", "to", "Show", "all alerts"}
	for _, name := range want {
		p.Press(browsertest.Tab)
		if got := browsertest.Eval[[]string](p, focused); got[0] != name || got[1] != "seen" {
			t.Errorf("stop %v, want %s", got, name)
		}
	}
	p.Press(browsertest.Tab)
	p.Until(`document.activeElement.closest("td.text")`) // the first alert
	p.Press(browsertest.Enter)
	p.Until(`location.pathname.startsWith("/alert/") && document.readyState === "complete"`)
	p.Press(browsertest.Tab + browsertest.Enter + browsertest.Tab)
	p.Until(`document.activeElement.closest("main")`) // past the navigation
}

// testCompletion: a field and one of its values are chosen without a mouse, and the question is asked.
func testCompletion(t *testing.T, l *lab, b *browsertest.Browser) {
	p := b.Page(t)
	p.Open(l.base + "/query?from=2026-03-02T17:00:00Z&to=2026-03-02T18:00:00Z&by=source.ip")
	for range 7 { // past the navigation
		p.Press(browsertest.Tab)
	}
	p.Press("destination.por")
	offered := `[...document.querySelectorAll("#suggestions [role=option]")].map((o) => o.dataset.value)`
	p.Until(`document.querySelectorAll("#suggestions [role=option]").length > 0`)
	if got := browsertest.Eval[[]string](p, offered); got[0] != "destination.port : " {
		t.Errorf("offered %q", got)
	}
	p.Press(browsertest.Down + browsertest.Enter)
	p.Until(`document.getElementById("filter").value === "destination.port : "`)
	p.Until(offered + `.includes("destination.port : 22")`) // asked of the collector
	p.Press("2")
	p.Until(offered + `.length > 0 && ` + offered + `.every((v) => v.startsWith("destination.port : 2"))`)
	p.Press(browsertest.Down)
	p.Until(`document.getElementById(document.getElementById("filter").getAttribute("aria-activedescendant")).ariaSelected === "true"`)
	p.Press(browsertest.Enter)
	p.Until(`/^destination.port : 2\d*$/.test(document.getElementById("filter").value)`)
	p.Press(" and source.ip : 1.2.3.4" + browsertest.Escape)
	p.Until(`document.getElementById("filter").getAttribute("aria-expanded") === "false"`)
	p.Press(browsertest.Enter)
	p.Until(`new URLSearchParams(location.search).get("filter").endsWith(" and source.ip : 1.2.3.4") && document.readyState === "complete"`)
	if got := p.Text("table"); !strings.Contains(got, "No records") {
		t.Error(got)
	}
	if c := p.Complaints(); len(c) > 0 {
		t.Error(c)
	}
}

// testWrongFilter: the page points at the column, says what may have been meant, and the cursor is there.
func testWrongFilter(t *testing.T, l *lab, b *browsertest.Browser) {
	p := b.Page(t)
	p.Open(l.base + "/query?by=source.ip&filter=source.port+:+22+and+destination.prt+:+22")
	if got := p.Text("#problem"); !strings.Contains(got, "column 22") || !strings.Contains(got, "destination.port?") {
		t.Error(got)
	}
	lines := strings.Split(browsertest.Eval[string](p, `document.querySelector("#problem pre").textContent`), "\n")
	if len(lines) != 2 || strings.Index(lines[1], "^") != strings.Index(lines[0], "destination.prt") {
		t.Errorf("%q", lines)
	}
	p.Press("x")
	if got := browsertest.Eval[string](p, `document.getElementById("filter").value`); got != "source.port : 22 and xdestination.prt : 22" {
		t.Errorf("typed at %q", got)
	}
}
