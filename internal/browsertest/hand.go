package browsertest

import (
	"fmt"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Keys for Press.
const (
	Tab    = kb.Tab
	Enter  = kb.Enter
	Escape = kb.Escape
	Down   = kb.ArrowDown
	Up     = kb.ArrowUp
)

// Press presses keys one after the other, as a hand does: text, and the keys above.
func (p *Page) Press(keys string) {
	p.t.Helper()
	for _, key := range keys {
		events := kb.Encode(key)
		if len(events) == 3 { // down, char, up: with a char of its own a page could not hold back what the key does
			events[0].Text, events[0].UnmodifiedText = events[1].Text, events[1].UnmodifiedText
			events = []*input.DispatchKeyEventParams{events[0], events[2]}
		}
		for _, e := range events {
			if _, err := chromedp.Call(p.ctx, input.DispatchKeyEvent, *e); err != nil {
				p.t.Fatalf("press %q: %v", key, err)
			}
		}
	}
}

// Click clicks with the mouse in the middle of the first element that a CSS selector finds.
func (p *Page) Click(selector string) {
	p.t.Helper()
	at := Eval[[]float64](p, fmt.Sprintf(`(() => {
		const e = document.querySelector(%q);
		if (!e) return [];
		e.scrollIntoView({block: "center"});
		const r = e.getClientRects()[0];
		return [r.left + r.width / 2, r.top + r.height / 2];
	})()`, selector))
	if len(at) != 2 {
		p.t.Fatalf("click: no %s at %s", selector, p.Address())
	}
	p.Do(chromedp.MouseClickXY(at[0], at[1]))
}

// Drag presses the mouse in the middle of the first element that a CSS selector finds, at a part of its width from the left (0 to 1), and lets
// go at another.
func (p *Page) Drag(selector string, from, to float64) {
	p.t.Helper()
	at := Eval[[]float64](p, fmt.Sprintf(`(() => {
		const e = document.querySelector(%q);
		if (!e) return [];
		e.scrollIntoView({block: "center"});
		const r = e.getBoundingClientRect();
		return [r.left, r.width, r.top + r.height / 2];
	})()`, selector))
	if len(at) != 3 {
		p.t.Fatalf("drag: no %s at %s", selector, p.Address())
	}
	const steps = 4
	move := func(kind input.DispatchMouseEventType, part float64, buttons int64) {
		e := input.DispatchMouseEventParams{Type: kind, X: at[0] + part*at[1], Y: at[2], Button: input.MouseButtonLeft, Buttons: buttons, ClickCount: 1}
		if _, err := chromedp.Call(p.ctx, input.DispatchMouseEvent, e); err != nil {
			p.t.Fatalf("drag: %v", err)
		}
	}
	move(input.DispatchMouseEventTypeMouseMoved, from, 0)
	move(input.DispatchMouseEventTypeMousePressed, from, 1)
	for i := range steps {
		move(input.DispatchMouseEventTypeMouseMoved, from+(to-from)*float64(i+1)/steps, 1)
	}
	move(input.DispatchMouseEventTypeMouseReleased, to, 0)
}

// Screen is on what a page is shown: 1280 by 800, light, unless it says otherwise.
type Screen struct {
	Width, Height int64
	Dark, Print   bool
}

// Show shows the page on another screen.
func (p *Page) Show(s Screen) {
	p.t.Helper()
	if s.Width == 0 {
		s.Width = 1280
	}
	if s.Height == 0 {
		s.Height = 800
	}
	media, scheme := "screen", "light"
	if s.Print {
		media = "print"
	}
	if s.Dark {
		scheme = "dark"
	}
	p.Do(chromedp.EmulateViewport(s.Width, s.Height))
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Media: media, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	if err != nil {
		p.t.Fatalf("emulate a screen: %v", err)
	}
}

// Picture is what is seen, as PNG.
func (p *Page) Picture() []byte {
	p.t.Helper()
	png, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Fatalf("take a picture: %v", err)
	}
	return png
}
