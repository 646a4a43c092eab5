//go:build cgo

package duckdb

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
)

// pager answers a question for the first rows in an order of time: it reads the pieces that begin first, and more only while the page is
// not full.
type pager struct {
	store  *Store
	conn   *conn
	stock  stock
	pieces []piece // by first
	key    string  // the column that is sorted by
	limit  int
	many   bool // the rows asked for are many: they are no longer searched one by one, see narrow
}

// firstPieces is how many pieces are read at first; growth bounds how many times as many are read next.
const (
	firstPieces = 3
	maxGrowth   = 8
)

// pager returns one for rows of a kind.
func (s *Store) pager(ctx context.Context, c *conn, of *contents, want *wanted) (*pager, error) {
	p := &pager{store: s, conn: c, key: "event_end"}
	if of.kind == store.Sessions {
		p.key = "event_start"
	}
	var err error
	if p.stock, err = s.stockOf(ctx, c, of); err != nil {
		return nil, err
	}
	p.pieces = s.pieces(p.stock.sealed, of.kind, want)
	slices.SortStableFunc(p.pieces, func(a, b piece) int { return cmp.Compare(a.first, b.first) })
	return p, nil
}

// prefix is what is read at a time: all rows that sort before a time are in it. They sort by themselves.
type prefix struct {
	pieces  []piece
	hot     bool // the hot files too
	bounded bool
	before  int64 // ns since the Unix epoch, where bounded: only rows before it count
}

// condition is that of the rows that count, with its parameters.
func (x *prefix) condition(key string) (string, []any) {
	if !x.bounded {
		return "TRUE", nil
	}
	return "(" + key + " < ? OR " + key + " IS NULL)", []any{time.Unix(0, x.before)}
}

// holds tells whether a piece may have rows that count.
func (x *prefix) holds(p *piece) bool { return !x.bounded || p.first < x.before }

// page calls read with longer and longer prefixes until it returns limit rows or has read all. What an earlier call gave counts no more.
func (p *pager) page(ctx context.Context, read func(prefix) (rows int, err error)) error {
	var hotFirst *int64
	for n := firstPieces; ; {
		for n < len(p.pieces) && p.pieces[n].first == p.pieces[0].first {
			n++ // what follows must begin later
		}
		if n+firstPieces >= len(p.pieces) {
			_, err := read(prefix{pieces: p.pieces, hot: true})
			return err
		}
		if hotFirst == nil {
			first := p.hotFirst()
			hotFirst = &first
		}
		before := p.pieces[n].first
		rows, err := read(prefix{pieces: p.pieces[:n], hot: *hotFirst < before, bounded: true, before: before})
		if err != nil || rows >= p.limit {
			return err
		}
		n = p.more(n, rows)
	}
}

// more returns how many pieces to read where n gave too few rows.
func (p *pager) more(n, rows int) int {
	if rows == 0 {
		return n * maxGrowth / 2
	}
	return min(max(n*p.limit/rows*5/4, 2*n), n*maxGrowth)
}

// hotFirst returns where the rows of hot files begin in the order, [math.MinInt64] where one has no time.
func (p *pager) hotFirst() int64 {
	first := int64(math.MaxInt64)
	for i := range p.stock.hot {
		view := &p.stock.hot[i].view
		column := view.Column(p.key)
		for chunk := range view.Chunks() {
			r := view.Range(column, chunk)
			if !r.All {
				return math.MinInt64
			}
			first = min(first, time.UnixMicro(int64(r.Least)).UnixNano())
		}
	}
	return first
}

// table returns the table expression of a prefix, but for rows of hot files that ended at other times than those of the span.
func (p *pager) table(x *prefix, pieces []piece, span hotSpan, statement string) string {
	var parts []string
	if x.hot {
		parts = p.stock.hotSelects(span, statement)
	}
	return tableOf(append(parts, p.stock.of.selects(pieces, statement)...), p.stock.of.none())
}
