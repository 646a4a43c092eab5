package web_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/web"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/query/conformance"
)

// expired is an engine of which retention has taken something.
type expired struct{ query.Engine }

func (e expired) Aggregate(ctx context.Context, q query.Question) (query.Result, error) {
	res, err := e.Engine.Aggregate(ctx, q)
	before := now.Add(-90 * 24 * time.Hour)
	res.Loss.DeletedBefore = &before
	return res, err
}

// slow is an engine that answers questions by days too late.
type slow struct{ query.Engine }

func (e slow) Aggregate(ctx context.Context, q query.Question) (query.Result, error) {
	if q.Interval == "1d" {
		<-ctx.Done()
		return query.Result{}, ctx.Err()
	}
	return e.Engine.Aggregate(ctx, q)
}

// days lets the host be there days before, too.
func days(d *web.Deps) {
	b := flow.NewBatch(2, flow.NewSymbols())
	record(b, "10.1.2.3", "192.0.2.9", -3*86400, 50)
	record(b, "10.1.2.3", "192.0.2.9", 0, 6020)
	d.Engine = conformance.NewReference(b)
}

// TestSinceWhen: whatever time a host's page shows, it says since when the host is there, unless that is not known.
func TestSinceWhen(t *testing.T) {
	for name, c := range map[string]struct {
		path, says string
		change     func(d *web.Deps)
	}{
		"another time":      {"/host/192.0.2.9?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z", `>2026-03-02</a>: 700 B sent, 1.1 TB received`, nil},
		"days apart":        {"/host/10.1.2.3", `>2026-02-27</a>, last on <a href="../host/10.1.2.3?from=2026-03-02T00%3A00%3A00Z&amp;to=2026-03-03T00%3A00%3A00Z">2026-03-02</a>: 6.07 kB sent`, days},
		"retention":         {"/host/10.1.2.3", "received (of the last 366 days). Records of before 2025-12-02 are deleted.", func(d *web.Deps) { d.Engine = expired{d.Engine} }},
		"it takes too long": {"/host/10.1.2.3", "", func(d *web.Deps) { d.Engine = slow{d.Engine} }},
		"nothing of it":     {"/host/10.1.2.4", "", nil},
		"it would cost too much": {"/host/10.1.2.3", "", func(d *web.Deps) {
			d.Afford = func(q query.Question) error {
				if q.Interval == "1d" {
					return refusal{}
				}
				return nil
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			d := deps()
			if c.change != nil {
				c.change(&d)
			}
			res, body := browse(t, serve(t, d)+c.path)
			if res.StatusCode != 200 || strings.Contains(body, `id="since"`) != (c.says != "") || !strings.Contains(body, c.says) {
				t.Errorf("%d\n%s", res.StatusCode, body)
			}
		})
	}
}
