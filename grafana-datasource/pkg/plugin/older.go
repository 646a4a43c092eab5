package plugin

import (
	"context"
	"fmt"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/weirflow/weir/grafana-datasource/pkg/model"
)

// Panels that refresh themselves are asked about again and again. While the collector works on what is asked for now, the answer of a moment
// ago is shown, so that nobody waits but who looks first, and a panel's question is put no faster than it is answered.

const (
	// patience is how long a panel waits for its newest answer where there is an older one.
	patience = 200 * time.Millisecond
	// pursued is how long an answer may take that nobody waits for.
	pursued = 30 * time.Second
	// oldest is how much older than asked for an answer may be, and oldestPart which part of its range that may be.
	oldest, oldestPart = time.Minute, 50
)

// outdated is by how much an answer may be older than asked for that is shown while a newer one is made.
func outdated(w model.Window) time.Duration { return min(oldest, w.To.Sub(w.From)/oldestPart) }

// panelOf names a query whatever time it is.
func panelOf(from *backend.DataQuery, by asker, w model.Window) string {
	return fmt.Sprintf("%d %d %d %d %s", by, w.To.Sub(w.From), w.Interval, w.MaxPoints, from.JSON)
}

// doWith has a query be content with the newest answer there is, if the one it asks for is not there soon.
func (d *Datasource) doWith(ctx context.Context, q *asked) error {
	if q.panel == "" || d.has(q, q.window) || d.newest(q) == nil {
		return nil
	}
	working := d.pursue(ctx, q, q.window)
	waiting := time.NewTimer(patience)
	defer waiting.Stop()
	select {
	case <-working: // answered, or failed: then who asks is told why
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-waiting.C:
	}
	w := d.newest(q)
	if w == nil || d.has(q, q.window) {
		return nil
	}
	q.older = w.To.Before(q.window.To)
	return q.about(*w)
}

// pursue asks about a window of a panel. There is one such question of a panel at a time: the channel is closed when it, or the one that is
// being asked already, has ended.
func (d *Datasource) pursue(ctx context.Context, q *asked, w model.Window) <-chan struct{} {
	next := *q
	return d.collector.share.pursue(q.panel, func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), pursued)
		defer cancel()
		defer func() { _ = recover() }() // who asks for it later is told
		next.asks = d.collector.asking(q.asks.keep, q.asks.own)
		if next.about(w) != nil {
			return
		}
		if _, err := d.ask(ctx, &next); err == nil {
			d.answered(&next)
		}
	})
}

// newest returns the window of which a panel was answered last, unless that is too long ago.
func (d *Datasource) newest(q *asked) *model.Window {
	value, ok := d.collector.share.kept.get("newest " + q.panel)
	w, isWindow := value.(model.Window)
	if !ok || !isWindow || q.window.To.Sub(w.To) > outdated(q.window) {
		return nil
	}
	return &w
}

// has tells whether the answer of a window is there.
func (d *Datasource) has(q *asked, w model.Window) bool {
	_, ok := d.collector.share.kept.get(windowKey(q, w))
	return ok
}

func windowKey(q *asked, w model.Window) string {
	return fmt.Sprintf("window %d %s", w.To.UnixNano(), q.panel)
}

// answered notes which window of a panel was answered.
func (d *Datasource) answered(q *asked) {
	if q.panel == "" || q.older {
		return
	}
	keep := q.asks.keep
	d.collector.share.kept.put(windowKey(q, q.window), true, len(q.panel), keep)
	if w := d.newest(q); w == nil || w.To.Before(q.window.To) {
		d.collector.share.kept.put("newest "+q.panel, q.window, len(q.panel), keep)
	}
}
