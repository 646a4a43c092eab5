//go:build cgo

package webtest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/weirflow/weir/internal/browsertest"
)

// TestSite walks the pages of a collector as a reader does. The parts come in the order of the day: the flood comes first, while somebody
// looks; all others see the day with it.
func TestSite(t *testing.T) {
	if raceEnabled {
		t.Skip("SKIPPED: pages are tested in a browser without the race detector (make test does both)")
	}
	b := browsertest.Start(t)
	l := newLab(t)
	for _, part := range []struct {
		name string
		test func(*testing.T, *lab, *browsertest.Browser)
	}{
		{"live", testLive}, {"loads", testLoads}, {"addresses", testAddresses}, {"sessions", testSessions},
		{"keyboard", testKeyboard}, {"completion", testCompletion}, {"wrong filter", testWrongFilter},
		{"screens", testScreens}, {"contrast", testContrast}, {"names", testNames}, {"print", testPrint},
		{"pivots", testPivots}, {"back", testBack}, {"proxy", testProxy}, {"pictures", testPictures},
	} {
		t.Run(part.name, func(t *testing.T) { part.test(t, l, b) })
	}
}

// views are the addresses of pages that have something to show.
func (l *lab) views(t *testing.T) map[string]string {
	t.Helper()
	return map[string]string{
		"overview":  "/",
		"alerts":    "/alerts?from=2026-03-02T17:00:00Z&to=2026-03-02T18:00:00Z",
		"alert":     "/alert/" + l.alert(t, "brute.success").ID,
		"host":      "/host/172.16.20.22?from=2026-03-02T17:05:00Z&to=2026-03-02T17:20:00Z",
		"exporters": "/exporters",
		"query":     "/query?filter=" + strings.ReplaceAll("destination.port : 22", " ", "+") + "&by=source.ip,destination.ip&measure=bytes&from=2026-03-02T17:00:00Z&to=2026-03-02T18:00:00Z",
		"series":    "/query?filter=related.ip+:+172.16.20.23&measure=bytes&interval=10m&from=2026-03-02T17:00:00Z&to=2026-03-02T23:00:00Z",
		"question":  "/query",
	}
}

// testLive: a new alert appears without the page being loaded again, and what is open is counted anew.
func testLive(t *testing.T, l *lab, b *browsertest.Browser) {
	p := b.Page(t)
	p.Open(l.base + "/")
	p.Until(`document.getElementById("live").textContent === "Live."`)
	before := p.Text("#open")
	browsertest.Eval[bool](p, "window.sameDocument = true")
	l.set(midnight)
	l.play(t, l.flood)
	p.Until(`[...document.querySelectorAll("#alerts td.text a")].some((a) => a.textContent.includes("reflection flood on"))`)
	if !browsertest.Eval[bool](p, "window.sameDocument === true") {
		t.Error("the page was loaded again")
	}
	if after := p.Text("#open"); after == before || !strings.Contains(after, "high") {
		t.Errorf("open alerts: %q, before the flood %q", after, before)
	}
	if c := p.Complaints(); len(c) > 0 {
		t.Error(c)
	}
}

// What a page may weigh when it is opened for the first time, as it is sent, with headers: itself, style, script, icon and what is live,
// which is the page again.
const (
	mostBytes     = 20 << 10
	mostAddresses = 5
)

// testLoads: pages are light, load nothing from elsewhere, and the console stays empty. Each has a tab of its own and an empty cache:
// what a page before it has loaded is not its weight, and none of its own is missing.
func testLoads(t *testing.T, l *lab, b *browsertest.Browser) {
	for name, path := range l.views(t) {
		t.Run(name, func(t *testing.T) { testLoad(t, b.Page(t), l.base, path) })
	}
}

func testLoad(t *testing.T, p *browsertest.Page, base, path string) {
	p.Cold()
	p.Open(base + path)
	if p.Count("#live") > 0 {
		p.Until(`document.getElementById("live").textContent === "Live."`)
	}
	bytes, requests, addresses := 0, p.Requests(), map[string]bool{}
	for _, r := range requests {
		bytes += r.Bytes
		addresses[r.URL] = true
		if !strings.HasPrefix(r.URL, base+"/") {
			t.Errorf("it asks for %s", r.URL)
		}
	}
	t.Logf("%d requests, %d bytes", len(requests), bytes)
	if bytes > mostBytes || len(addresses) > mostAddresses || bytes == 0 {
		t.Errorf("%d requests, %d bytes: %v", len(requests), bytes, requests)
	}
	if c := p.Complaints(); len(c) > 0 {
		t.Error(c)
	}
}

// testAddresses: an address says all that a page shows, so a second reader sees the same; so does a form that is sent unchanged.
func testAddresses(t *testing.T, l *lab, b *browsertest.Browser) {
	content := `document.querySelector("main").innerText.replaceAll("Live.", "").replace(/\s+/g, " ").trim()`
	first, second := b.Page(t), b.Page(t)
	for name, path := range l.views(t) {
		if name == "question" { // nothing is asked yet
			continue
		}
		first.Open(l.base + path)
		second.Open(l.base + path)
		want := browsertest.Eval[string](first, content)
		if got := browsertest.Eval[string](second, content); got != want || len(want) < 50 {
			t.Errorf("%s: %q, then %q", name, want, got)
		}
		if first.Count("main form") == 0 {
			continue
		}
		browsertest.Eval[bool](first, `document.querySelector("main form").requestSubmit(), window.leaving = true`)
		first.Until("!window.leaving && document.readyState === 'complete'")
		if got := browsertest.Eval[string](first, content); got != want {
			t.Errorf("%s: its form leads to %s, which shows %q, not %q", name, first.Address(), got, want)
		}
	}
}

// testSessions: a host's sessions are read page by page, none twice.
func testSessions(t *testing.T, l *lab, b *browsertest.Browser) {
	p := b.Page(t)
	p.Open(l.base + l.views(t)["host"])
	rows := `[...document.querySelectorAll("#sessions + .scroll tbody tr")].map((r) => r.innerText)`
	seen := map[string]bool{}
	pages := 0
	for {
		pages++
		for _, row := range browsertest.Eval[[]string](p, rows) {
			if seen[row] {
				t.Errorf("twice: %s", row)
			}
			seen[row] = true
		}
		if p.Count(".pages a:last-child") == 0 || !strings.Contains(p.Text(".pages"), "later") {
			break
		}
		before := p.Address()
		p.Click(".pages a:last-child")
		p.Until(fmt.Sprintf("location.href !== %q && document.readyState === 'complete'", before))
	}
	if pages < 3 || !strings.Contains(p.Address(), "skip=") || !strings.Contains(p.Text(".pages"), "earlier") {
		t.Errorf("%d pages, %d sessions, the last at %s", pages, len(seen), p.Address())
	}
}
