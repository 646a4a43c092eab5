//go:build cgo

package webtest_test

import (
	"testing"

	"github.com/weirflow/weir/internal/browsertest"
)

// wide names what is wider than it may be: the page, and on paper the boxes in which tables can be moved, too.
const wide = `[document.documentElement, ...(matchMedia("print").matches ? document.querySelectorAll(".scroll") : [])].filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.tagName + " " + e.className + " " + e.scrollWidth + " > " + e.clientWidth)`

// testScreens: no page is wider than the screen, down to a small telephone.
func testScreens(t *testing.T, l *lab, b *browsertest.Browser) {
	p := b.Page(t)
	for name, path := range l.views(t) {
		p.Open(l.base + path)
		for _, width := range []int64{320, 390, 768, 1920} {
			p.Show(browsertest.Screen{Width: width})
			if list := browsertest.Eval[[]string](p, wide); len(list) > 0 {
				t.Errorf("%s on %d: %v", name, width, list)
			}
		}
	}
}

// testPrint: on paper (A4 less its margins) there is no navigation, nothing to press, and tables are whole.
func testPrint(t *testing.T, l *lab, b *browsertest.Browser) {
	p := b.Page(t)
	p.Show(browsertest.Screen{Width: 718, Print: true})
	for name, path := range l.views(t) {
		p.Open(l.base + path)
		if list := browsertest.Eval[[]string](p, wide); len(list) > 0 {
			t.Errorf("%s: %v", name, list)
		}
		left := browsertest.Eval[[]string](p, `[...document.querySelectorAll("header, nav, button, .skip, #live")].filter((e) => e.getClientRects().length > 0).map((e) => e.outerHTML)`)
		if len(left) > 0 {
			t.Errorf("%s: %v", name, left)
		}
	}
}

// contrast returns texts whose color is too close to what is behind them (WCAG 2.2, 1.4.3: 4.5 to 1).
const contrast = `(() => {
	const rgb = (c) => { const m = c.match(/[\d.]+/g).map(Number); return m.length < 4 || m[3] > 0 ? m.slice(0, 3) : null; };
	const light = (c) => { const [r, g, b] = c.map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
	const behind = (e) => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c) return c; } return [255, 255, 255]; };
	const bad = [];
	for (const e of document.querySelectorAll("body *")) {
		if (e.getClientRects().length === 0 || ![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
		const s = getComputedStyle(e), pair = [light(rgb(e instanceof SVGElement ? s.fill : s.color)), light(behind(e))].sort((a, b) => b - a);
		const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
		if (ratio < 4.5) bad.push(e.tagName + "." + e.className + " " + ratio.toFixed(2) + " " + e.textContent.slice(0, 30));
	}
	return [...new Set(bad)];
})()`

// testContrast: in the light and in the dark everything can be read, and both are what the reader prefers.
func testContrast(t *testing.T, l *lab, b *browsertest.Browser) {
	p := b.Page(t)
	for name, path := range l.views(t) {
		p.Open(l.base + path)
		backs := map[string]bool{}
		for _, dark := range []bool{false, true} {
			p.Show(browsertest.Screen{Dark: dark})
			if list := browsertest.Eval[[]string](p, contrast); len(list) > 0 {
				t.Errorf("%s, dark %v: %v", name, dark, list)
			}
			backs[browsertest.Eval[string](p, `getComputedStyle(document.body).backgroundColor`)] = true
		}
		if len(backs) != 2 {
			t.Errorf("%s: the same in the dark", name)
		}
	}
}

// unnamed returns what readers of screens would be told nothing of, and what a page lacks.
const unnamed = `(() => {
	const bad = [], say = (text, list) => { for (const e of list) bad.push(text + ": " + e.outerHTML.slice(0, 120)); };
	const all = (selector) => [...document.querySelectorAll(selector)];
	for (const [selector, n] of [["main", 1], ["header", 1], ["footer", 1], ["nav[aria-label]", 1], ["h1", 1], ["html[lang]", 1], ["head > title", 1]])
		if (all(selector).length !== n) bad.push(all(selector).length + " of " + selector);
	say("no label", all("input").filter((e) => e.labels.length === 0 && !e.ariaLabel));
	say("no text", all("a, button, summary").filter((e) => !(e.ariaLabel || e.textContent).trim()));
	say("no name", all("svg:not([aria-hidden]), table th").filter((e) => !(e.getAttribute("aria-label") || e.textContent.trim())));
	say("no scope", all("thead th").filter((e) => e.scope !== "col"));
	const ids = all("[id]").map((e) => e.id);
	for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) bad.push("twice: " + id);
	say("points nowhere", all("[aria-controls], [aria-describedby], label[for]").filter((e) => ["aria-controls", "aria-describedby", "for"].some((a) => e.hasAttribute(a) && !document.getElementById(e.getAttribute(a)))));
	let level = 0;
	for (const h of all("h1, h2, h3")) { if (+h.tagName[1] > level + 1) bad.push("skips a level: " + h.textContent); level = +h.tagName[1]; }
	return bad;
})()`

// testNames: every page has its landmarks, and everything on it a name.
func testNames(t *testing.T, l *lab, b *browsertest.Browser) {
	paths := l.views(t)
	paths["wrong"], paths["missing"] = "/query?filter=x", "/none"
	p := b.Page(t)
	for name, path := range paths {
		p.Open(l.base + path)
		if list := browsertest.Eval[[]string](p, unnamed); len(list) > 0 {
			t.Errorf("%s: %v", name, list)
		}
	}
}
