package browsertest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Page is a tab.
type Page struct {
	t   testing.TB
	ctx context.Context

	mu         sync.Mutex
	requests   []Request
	complaints []string
}

// Request is something that the page asked for, itself among it.
type Request struct {
	ID, URL, Type string
	Bytes         int // of the answer as it was sent, with headers; 0 where it has not ended
	Ended         bool
}

// Page opens an empty tab, 1280 by 800, that is closed when the test ends. What it asks for and complains about counts from here.
func (b *Browser) Page(t testing.TB) *Page {
	t.Helper()
	ctx, end := chromedp.NewContext(b.ctx)
	ctx, stop := context.WithTimeout(ctx, 4*within)
	t.Cleanup(func() { stop(); end() })
	p := &Page{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, p.hear); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	_, err := chromedp.Call(ctx, network.Enable, network.EnableParams{})
	if err == nil {
		_, err = chromedp.Call(ctx, log.Enable, struct{}{})
	}
	if err == nil {
		_, err = chromedp.Call(ctx, runtime.Enable, struct{}{})
	}
	if err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	p.Show(Screen{})
	return p
}

// hear notes what the browser tells.
func (p *Page) hear(ev any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch ev := ev.(type) {
	case *network.EventRequestWillBeSent:
		p.requests = append(p.requests, Request{ID: string(ev.RequestID), URL: ev.Request.URL, Type: string(ev.Type)})
	case *network.EventLoadingFinished:
		for i := range p.requests {
			if r := &p.requests[i]; r.ID == string(ev.RequestID) {
				r.Bytes, r.Ended = int(ev.EncodedDataLength), true
			}
		}
	case *runtime.EventExceptionThrown:
		p.complaints = append(p.complaints, "exception: "+ev.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		p.complaints = append(p.complaints, "console: "+string(ev.Type)+said(ev.Args))
	case *log.EventEntryAdded:
		p.complaints = append(p.complaints, fmt.Sprintf("%s: %s %s", ev.Entry.Level, ev.Entry.Text, ev.Entry.URL))
	}
}

// said is what was written to the console, as far as it is text.
func said(args []*runtime.RemoteObject) (text string) {
	for _, a := range args {
		if a.Description != "" {
			text += " " + a.Description
		} else {
			text += " " + string(a.Value)
		}
	}
	return text
}

// Requests returns what the page has asked for since it was opened, in that order.
func (p *Page) Requests() []Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Request(nil), p.requests...)
}

// Complaints returns what stands in the console: exceptions, messages, what the policy of the page has refused.
func (p *Page) Complaints() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.complaints...)
}

// Cold keeps the page from using what the browser holds of earlier ones.
func (p *Page) Cold() {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true}); err != nil {
		p.t.Fatalf("browser: %v", err)
	}
}

// Do runs actions, and ends the test where one fails.
func (p *Page) Do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, actions...); err != nil {
		p.t.Fatalf("browser: %v", err)
	}
}

// Open goes to an address and waits until the page is loaded.
func (p *Page) Open(address string) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, chromedp.Navigate(address)); err != nil {
		p.t.Fatalf("open %s: %v", address, err)
	}
}

// Eval returns what an expression is in the page.
func Eval[T any](p *Page, expression string) T {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("evaluate %s: %v", expression, err)
	}
	return v
}

// Until waits until an expression is true in the page, or in the one that it leads to.
func (p *Page) Until(expression string) {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.ctx, within)
	defer stop()
	for ctx.Err() == nil {
		// Between two pages there is none, and an error.
		if ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+expression+")")); err == nil && ok {
			return
		}
		_ = chromedp.Do(ctx, chromedp.Sleep(20*time.Millisecond))
	}
	body, _ := chromedp.Run(p.ctx, chromedp.Evaluate[string]("location.href + '\\n' + document.body.innerText"))
	p.t.Fatalf("until %s: %.3000s", expression, body)
}

// Address is where the page is.
func (p *Page) Address() string { p.t.Helper(); return Eval[string](p, "location.href") }

// Text is the text that is seen of the first element that a CSS selector finds, without space around.
func (p *Page) Text(selector string) string {
	p.t.Helper()
	return strings.TrimSpace(Eval[string](p, fmt.Sprintf("(document.querySelector(%q) || {innerText: ''}).innerText", selector)))
}

// Count is how many elements a CSS selector finds.
func (p *Page) Count(selector string) int {
	p.t.Helper()
	return Eval[int](p, fmt.Sprintf("document.querySelectorAll(%q).length", selector))
}
