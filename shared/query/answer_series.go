package query

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/weirflow/weir/shared/flow"
)

// seriesRows lays the cells of a series out: by bucket, then group, then others, filled as the question says.
func (p *Plan) seriesRows(found *Rows) ([][]any, error) {
	groups := len(found.Groups)
	if !p.Grouped() {
		groups = 1
	}
	width := groups // of a bucket
	if found.More && p.Sums() {
		width++
	}
	if p.Fill == FillNone {
		return p.foundRows(found)
	}
	first, buckets := 0, p.Buckets
	for i := range found.Cells {
		first = min(first, found.Cells[i].Position)
	}
	if len(found.Cells) == 0 && (p.Grouped() || !p.HasStart || !p.HasStop) {
		buckets = 0 // nothing was found, and there is no range to fill
	}
	if total := (buckets - first) * width; total > MaxBuckets {
		return nil, &Error{Part: "interval", Text: fmt.Sprintf("%d buckets of %d groups are more than %d rows: choose a longer interval or a lower limit", buckets-first, width, MaxBuckets)}
	}
	// Other groups come last in a bucket, so they have the last place of its row of cells.
	placed := make([][]uint64, (buckets-first)*width)
	for i := range found.Cells {
		c := &found.Cells[i]
		at := c.Group
		if at == OtherGroup {
			at = width - 1
		}
		placed[(c.Position-first)*width+at] = c.Sums
	}
	rows := make([][]any, 0, len(placed))
	for i, sums := range placed {
		rows = append(rows, p.seriesRow(found, first+i/width, i%width, sums))
	}
	return rows, nil
}

// foundRows are those of the buckets and groups that were found.
func (p *Plan) foundRows(found *Rows) ([][]any, error) {
	if len(found.Cells) > MaxBuckets {
		return nil, &Error{Part: "interval", Text: fmt.Sprintf("more than %d rows: choose a longer interval or a lower limit", MaxBuckets)}
	}
	place := func(c *Cell) int {
		if c.Group == OtherGroup {
			return len(found.Groups)
		}
		return c.Group
	}
	slices.SortFunc(found.Cells, func(a, b Cell) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(place(&a), place(&b)))
	})
	rows := make([][]any, 0, len(found.Cells))
	for i := range found.Cells {
		c := &found.Cells[i]
		rows = append(rows, p.seriesRow(found, c.Position, place(c), c.Sums))
	}
	return rows, nil
}

func (p *Plan) seriesRow(found *Rows, position, group int, sums []uint64) []any {
	row := make([]any, 0, len(p.Groups)+len(p.Lanes)+2)
	row = append(row, Shown(flow.Time(p.Step.Begin(p.base+int64(position)))))
	switch {
	case !p.Grouped():
	case group < len(found.Groups):
		row = append(row, shown(found.Groups[group].Values)...)
	default:
		row = append(row, p.others()...)
	}
	if sums == nil && p.Fill == FillNull {
		return append(row, slices.Repeat([]any{nil}, len(p.Columns())-len(row))...)
	}
	if sums == nil {
		sums = make([]uint64, len(p.Lanes))
	}
	return p.appendSums(row, sums, p.secondsAt(position))
}
