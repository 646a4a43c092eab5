//go:build cgo

package duckdb

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/weirflow/weir/collector/internal/store/parquet"
	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// Records of hosts that have few are read without DuckDB: the columns of addresses of the row groups that the host index names are searched, and
// what is found is read by its place, compared with the filter, and sorted. A statement over seventy columns of many files takes longer to plan
// than the rest takes, and what it decodes it copies in all rows. A host with many records is DuckDB's: it leaves out columns.

// hostRecords answers a question for a page of records of few hosts.
type hostRecords struct {
	pages  *pager
	plan   *query.Plan
	match  filter.Match
	wanted *parquet.Wanted
	need   int         // the rows of the page and those before it
	out    *flow.Batch // what was found, in any order
}

// hostRecords returns what answers a plan; nil where that is for DuckDB.
func (p *pager) hostRecords(plan *query.Plan, out *flow.Batch) *hostRecords {
	if neededHosts(plan.Node, true).Empty() || slices.ContainsFunc(p.pieces, func(x piece) bool { return x.whole }) {
		return nil
	}
	return &hostRecords{
		pages: p, plan: plan, match: filter.Predicate(plan.Node), wanted: parquet.NewWanted(lowWords(plan.Node)),
		need: int(min(int64(plan.Limit)+int64(plan.Offset), math.MaxInt32)), out: out,
	}
}

// read reads the page; false where the hosts have many records, or files are not as they should be: then nothing counts that was read. by
// is what rows of hot files are searched by.
func (h *hostRecords) read(ctx context.Context, by criterion) (done bool, err error) {
	h.out.Reset()
	h.out.Normalized = true
	crew := newHostCrew(h)
	defer crew.close()
	n, ok, err := crew.read(ctx)
	if err != nil || !ok {
		return false, err
	}
	full := int64(math.MaxInt64) // rows before it are enough
	if n < len(h.pages.pieces) {
		full = h.pages.pieces[n].first
	}
	if len(h.pages.stock.hot) > 0 && h.pages.hotFirst() < full {
		if err := h.readHot(ctx, by); err != nil {
			return false, err
		}
	}
	h.trim(h.plan.Offset, h.plan.Limit)
	return true, nil
}

// enough tells whether the page is full of rows that sort before a time.
func (h *hostRecords) enough(before int64) bool {
	if len(h.out.Records) < h.need {
		return false
	}
	n := 0
	for i := range h.out.Records {
		if r := &h.out.Records[i]; !r.Present.Has(flow.HasEnd) || r.End < before {
			n++
		}
	}
	if len(h.out.Records) > 2*h.need+maxFound {
		h.trim(0, h.need)
	}
	return n >= h.need
}

// readHot adds the rows of hot files, as many as the page may need.
func (h *hostRecords) readHot(ctx context.Context, by criterion) error {
	from := h.pages.table(&prefix{hot: true}, nil, spanOfPlan(h.plan), recordColumns())
	r, err := h.pages.conn.query(ctx, fmt.Sprintf("SELECT %s FROM %s WHERE %s ORDER BY %s LIMIT ?", recordColumns(), from, by.where, recordOrder),
		append(by.args[:len(by.args):len(by.args)], h.need)...)
	if err != nil {
		return err
	}
	defer r.close()
	load(h.pages.store.fields, r, h.out)
	return nil
}

// recordOrder is that of a page of records.
const recordOrder = "event_end NULLS FIRST, event_end_sub NULLS FIRST, dg_hi, dg_lo, set_no, rec_no"

// compareRecords compares as recordOrder does.
func compareRecords(a, b *flow.Record) int {
	if x, y := a.Present.Has(flow.HasEnd), b.Present.Has(flow.HasEnd); x != y {
		if y {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(a.End, b.End), query.CompareID(a.ID, b.ID))
}

// trim sorts the records and leaves those of a page.
func (h *hostRecords) trim(offset, limit int) {
	list := make([]*flow.Record, len(h.out.Records))
	for i := range list {
		list[i] = &h.out.Records[i]
	}
	slices.SortFunc(list, compareRecords)
	list = list[min(offset, len(list)):]
	list = list[:min(limit, len(list))]
	sorted := make([]flow.Record, len(list))
	for i, r := range list {
		sorted[i] = *r
	}
	h.out.Records = sorted
}

// add takes what was found in a piece.
func (h *hostRecords) add(b *flow.Batch) {
	for i := range b.Records {
		r := h.out.Grow()
		*r = b.Records[i]
		elements := b.ElementsOf(r)
		r.ElementsOff = uint32(len(h.out.Elements))
		h.out.Elements = append(h.out.Elements, elements...)
	}
}
