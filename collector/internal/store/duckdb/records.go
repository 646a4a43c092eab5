//go:build cgo

package duckdb

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// Records implements [query.Engine]. The batch has no Datagrams: what they share is not stored.
func (s *Store) Records(ctx context.Context, q query.Question) (*flow.Batch, error) {
	p, err := q.PrepareRecords(s.reg)
	if err != nil {
		return nil, err
	}
	where, args, err := condition(&p)
	if err != nil {
		return nil, err
	}
	s.counts.questions.Add(1)
	out := flow.NewBatch(0, s.symbols())
	err = s.readers.read(ctx, weighsPages, func(c *conn) error {
		of := s.contents(store.Flows)
		pages, err := s.pager(ctx, c, &of, &wanted{from: q.From, to: q.To, hosts: neededHosts(p.Node, true)})
		if err != nil {
			return err
		}
		pages.limit = p.Limit
		by := criterion{where, args}
		if few := pages.hostRecords(&p, out); few != nil {
			if done, err := few.read(ctx, by); done || err != nil {
				return err
			}
		}
		return pages.records(ctx, &p, by, out)
	})
	if err != nil {
		return nil, fmt.Errorf("records: %w", err)
	}
	return out, nil
}

// records reads a page of records by DuckDB.
func (p *pager) records(ctx context.Context, plan *query.Plan, by criterion, out *flow.Batch) error {
	return p.page(ctx, func(x prefix) (int, error) {
		if err := p.narrow(ctx, x.pieces, by); err != nil {
			return 0, err
		}
		bound, bounds := x.condition(p.key)
		out.Reset()
		out.Normalized = true
		r, err := p.conn.query(ctx, fmt.Sprintf("SELECT %s FROM %s WHERE %s AND %s ORDER BY %s LIMIT ? OFFSET ?",
			recordColumns(), p.table(&x, x.pieces, spanOfPlan(plan), recordColumns()), by.where, bound, recordOrder),
			slices.Concat(by.args, bounds, []any{plan.Limit, plan.Offset})...)
		if err != nil {
			return 0, err
		}
		defer r.close()
		load(p.store.fields, r, out)
		return len(out.Records), nil
	})
}

// symbols returns the table for the names in answers.
func (s *Store) symbols() *flow.Symbols {
	if s.deps.Symbols == nil {
		return flow.NewSymbols()
	}
	return s.deps.Symbols
}

// load reads rows of [recordColumns] into the batch.
func load(fields []stored, r *rows, b *flow.Batch) {
	for r.nextChunk() {
		first := len(b.Records)
		for range r.size {
			b.Grow()
		}
		out := output{mem: recordMemory(b.Records[first:]), symbols: b.Symbols, batch: b, recs: b.Records[first:]}
		column := 0
		for i := range fields {
			width := len(fields[i].columns)
			fields[i].load(r.cols[column:column+width], &out)
			column += width
		}
	}
}

// Newest returns the greatest @timestamp stored, the zero time where nothing is.
func (s *Store) Newest(ctx context.Context) (newest time.Time, err error) {
	err = s.readers.read(ctx, weightless, func(c *conn) error {
		sealed, err := sealedNow(ctx, c)
		if err != nil {
			return err
		}
		sealed = slices.DeleteFunc(sealed, func(f store.Sealed) bool { return f.Part.Kind != store.Flows })
		// Of the sealed files only those matter that reach as far as any.
		var last time.Time
		for i := range sealed {
			if f := &sealed[i]; f.EventMax.After(last) && !s.files.isMissing(f.Path) {
				last = f.EventMax.Add(-time.Millisecond)
			}
		}
		from, err := s.source(ctx, c, wanted{from: last, statement: "event_end_sub"})
		if err != nil {
			return err
		}
		r, err := c.query(ctx, "SELECT event_end, event_end_sub FROM "+from+" WHERE event_end IS NOT NULL ORDER BY event_end DESC, event_end_sub DESC LIMIT 1")
		if err != nil {
			return err
		}
		defer r.close()
		if r.next() {
			newest = r.time(0).Add(time.Duration(get[uint32](r, 1)))
		}
		return nil
	})
	return newest, err
}
