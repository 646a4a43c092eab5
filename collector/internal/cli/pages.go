package cli

import (
	"context"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// pages reads all records of a range in the order of @timestamp, other exporters' copies among them, a part at a time: what is in
// memory does not grow with the range.
type pages struct {
	engine   query.Engine
	from, to time.Time // zero: from the first record, to the last; each sets them
	size     int       // records a question; 0 is pageSize
}

const (
	pageSize   = 20_000
	firstWidth = 5 * time.Minute
	leastWidth = time.Second
	mostWidth  = 24 * time.Hour
)

// each gives the parts to take, and the share of the range that is done to progress.
func (p *pages) each(ctx context.Context, take func(*flow.Batch), progress func(float64)) error {
	if p.size == 0 {
		p.size = pageSize
	}
	if err := p.bound(ctx); err != nil {
		return err
	}
	width := firstWidth
	for at := p.from; at.Before(p.to); {
		end := at.Add(width)
		if end.After(p.to) {
			end = p.to
		}
		n, err := p.slice(ctx, at, end, take)
		if err != nil {
			return err
		}
		at = end
		switch {
		case n == 0:
			next, ok, err := p.first(ctx, at)
			if err != nil || !ok {
				return err
			}
			at = next
		case n > p.size:
			width = max(width/2, leastWidth)
		case n < p.size/4:
			width = min(width*2, mostWidth)
		}
		progress(min(1, float64(at.Sub(p.from))/float64(p.to.Sub(p.from))))
	}
	return nil
}

// bound sets the ends of the range that are open.
func (p *pages) bound(ctx context.Context) error {
	if p.to.IsZero() {
		p.to = time.Now().Add(time.Hour) // exporters' clocks may be ahead
		if n, ok := p.engine.(interface {
			Newest(context.Context) (time.Time, error)
		}); ok {
			newest, err := n.Newest(ctx)
			if err != nil {
				return err
			}
			p.to = newest.Truncate(time.Millisecond).Add(time.Millisecond)
		}
	}
	if p.from.IsZero() {
		first, ok, err := p.first(ctx, time.Time{})
		if err != nil {
			return err
		}
		if !ok {
			first = p.to
		}
		p.from = first
	}
	p.from, p.to = p.from.UTC(), p.to.UTC()
	return nil
}

// first returns the time of the first record from a time on.
func (p *pages) first(ctx context.Context, from time.Time) (time.Time, bool, error) {
	b, err := p.engine.Records(ctx, query.Question{From: from, To: p.to, Limit: 1, AllCopies: true})
	if err != nil || len(b.Records) == 0 {
		return time.Time{}, false, err
	}
	return time.Unix(0, b.Records[0].End), true, nil
}

// slice takes the records from a time until before another, and returns how many there were.
func (p *pages) slice(ctx context.Context, from, to time.Time, take func(*flow.Batch)) (n int, err error) {
	for {
		b, err := p.engine.Records(ctx, query.Question{From: from, To: to, Limit: p.size, Offset: n, AllCopies: true})
		if err != nil {
			return n, err
		}
		got := len(b.Records)
		n += got
		take(b)
		if got < p.size {
			return n, nil
		}
	}
}
