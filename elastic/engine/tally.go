package engine

import (
	"errors"
	"slices"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// maxCells is how many groups and buckets are added up at most.
const maxCells = 2_000_000

// item is a document, or documents that are alike in what is asked, as far as a question reads them.
type item struct {
	documents uint64
	distinct  uint64              // values of what is counted, where they are estimated
	counted   func() []flow.Value // those of what is counted; nil: get says it
	get       func(*flow.Field) []flow.Value
	amount    func(query.Amount) uint64
}

// groupKey tells groups apart.
type groupKey [query.MaxGroups]flow.Value

// tally adds items up by group and bucket.
type tally struct {
	plan    *query.Plan
	groups  map[groupKey]*group
	cells   int
	untimed bool // buckets are not kept apart

	inexact  bool   // the server's sums were rounded
	greatest uint64 // sum
}

// group is what a group adds up to, over all and by the position of the bucket.
type group struct {
	values []flow.Value
	total  *cell
	cells  map[int]*cell
}

// cell has the sums of the lanes, and of distinct the values.
type cell struct {
	documents uint64
	sums      []uint64
	sets      []map[flow.Value]struct{}
	estimates []uint64 // instead of sets
}

func newTally(p *query.Plan) *tally {
	t := &tally{plan: p, groups: map[groupKey]*group{}}
	if !p.Grouped() {
		t.of(nil) // a total has its row even where nothing is selected
	}
	return t
}

func (t *tally) newCell() *cell {
	c := &cell{sums: make([]uint64, len(t.plan.Lanes))}
	if t.plan.Of != nil {
		c.sets = make([]map[flow.Value]struct{}, len(t.plan.Lanes))
		for i := range c.sets {
			c.sets[i] = map[flow.Value]struct{}{}
		}
	}
	t.cells++
	return c
}

// of returns what is known of a group.
func (t *tally) of(values []flow.Value) *group {
	var key groupKey
	copy(key[:], values)
	g := t.groups[key]
	if g == nil {
		g = &group{values: slices.Clone(values), total: t.newCell(), cells: map[int]*cell{}}
		t.groups[key] = g
	}
	return g
}

func (t *tally) at(g *group, position int) *cell {
	if g.cells[position] == nil {
		g.cells[position] = t.newCell()
	}
	return g.cells[position]
}

// timed tells whether buckets are kept apart.
func (t *tally) timed() bool { return t.plan.Step.Width > 0 && !t.untimed }

// errOutside is an answer that no server gives: its documents were selected by their times.
var errOutside = errors.New("read the server's answer: a time outside of the range")

// add adds an item to its groups, one for every combination of the values that it has of them, and to a bucket. part says how much of an
// amount lies in the bucket.
func (t *tally) add(v *query.View, it *item, position int, part func(uint64) uint64) error {
	if t.plan.Percentile > 0 && position < 0 {
		return nil // spread over the time before the range
	}
	if t.timed() && (position >= t.plan.Buckets || position < 0 && !t.plan.Spread) {
		return errOutside
	}
	for _, values := range combinations(v.Groups, it.get) {
		g := t.of(values)
		t.addTo(g.total, v, it, part)
		if t.timed() {
			t.addTo(t.at(g, position), v, it, part)
		}
	}
	if t.cells > maxCells {
		return unsupported("by", "there are more than %d groups and buckets: choose a longer interval, fewer fields or a narrower filter", maxCells)
	}
	return nil
}

func (t *tally) addTo(c *cell, v *query.View, it *item, part func(uint64) uint64) {
	c.documents += it.documents
	for i, lane := range t.plan.Lanes {
		switch a := v.Amount(lane); a {
		case query.Nothing:
		case query.Values:
			if it.distinct > 0 {
				c.estimate(i, it.distinct)
				continue
			}
			counted := it.counted
			if counted == nil {
				counted = func() []flow.Value { return it.get(t.plan.Of) }
			}
			for _, value := range counted() {
				c.sets[i][value] = struct{}{}
			}
		default:
			c.sums[i] = flow.SaturatingSum(c.sums[i], part(it.amount(a)))
			t.greatest = max(t.greatest, c.sums[i])
		}
	}
}

// all is the part of an amount that is in one bucket.
func all(n uint64) uint64 { return n }

// estimate takes how many values there are. Of several estimates the greatest counts: what they have in common is not known.
func (c *cell) estimate(lane int, n uint64) {
	if c.estimates == nil {
		c.estimates = make([]uint64, len(c.sums))
	}
	c.estimates[lane] = max(c.estimates[lane], n)
}

// combinations returns the groups that something with such values is in.
func combinations(fields []*flow.Field, get func(*flow.Field) []flow.Value) [][]flow.Value {
	all := [][]flow.Value{nil}
	for _, f := range fields {
		values := distinct(get(f))
		longer := make([][]flow.Value, 0, len(all)*len(values))
		for _, before := range all {
			for _, v := range values {
				longer = append(longer, append(before[:len(before):len(before)], v))
			}
		}
		all = longer
	}
	return all
}

// distinct returns the values each once, or one of kind 0 where there are none.
func distinct(values []flow.Value) []flow.Value {
	if len(values) == 0 {
		return []flow.Value{{}}
	}
	var kept []flow.Value
	for _, v := range values {
		if !slices.Contains(kept, v) {
			kept = append(kept, v)
		}
	}
	return kept
}

// lanes returns the sums, or how many distinct values there are.
func (c *cell) lanes() []uint64 {
	switch {
	case c.sets == nil:
		return c.sums
	case c.estimates != nil:
		return c.estimates
	}
	counts := make([]uint64, len(c.sets))
	for i, set := range c.sets {
		counts[i] = uint64(len(set))
	}
	return counts
}
