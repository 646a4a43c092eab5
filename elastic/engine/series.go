package engine

import (
	"maps"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// series answers a series of groups in steps: which groups have most, their cells, and the cells of all, from which those of the others
// follow. ranking is a tally without buckets that is known already, or nil. What is said of the sums is in the tally that it returns.
func (a *asked) series(ranking *tally) (*tally, error) {
	if ranking == nil {
		ranking = newTally(a.plan)
		ranking.untimed = true
		if err := a.sum(ranking, summary{}); err != nil {
			return nil, err
		}
	}
	ranking.rows(&a.found)
	known := ranking.rank()
	known = known[:min(len(known), a.plan.Offset+a.plan.Limit)]
	cells := newTally(a.plan)
	if len(known) > 0 {
		if err := a.sum(cells, summary{timed: true, only: a.only(known)}); err != nil {
			return nil, err
		}
	}
	for i, g := range known[min(a.plan.Offset, len(known)):] {
		if found := cells.groups[keyOf(g.Values)]; found != nil {
			a.found.Cells = append(a.found.Cells, cellsOf(found, i)...)
		}
	}
	if a.found.More || a.unlisted {
		if err := a.others(cells, known); err != nil {
			return nil, err
		}
	}
	ranking.inexact = ranking.inexact || cells.inexact
	return ranking, nil
}

func keyOf(values []flow.Value) (key groupKey) {
	copy(key[:], values)
	return key
}

// others makes the cells of the groups that are not known: what is left of all.
func (a *asked) others(cells *tally, known []ranked) error {
	everything := newTally(a.plan)
	if err := a.sum(everything, summary{timed: true, all: true}); err != nil {
		return err
	}
	cells.inexact = cells.inexact || everything.inexact
	rest := everything.of(nil)
	for _, g := range known {
		found := cells.groups[keyOf(g.Values)]
		if found == nil {
			continue
		}
		for position, c := range found.cells {
			rest.cells[position].subtract(c)
		}
	}
	maps.DeleteFunc(rest.cells, func(_ int, c *cell) bool { return c.documents == 0 })
	a.found.Cells = append(a.found.Cells, cellsOf(rest, query.OtherGroup)...)
	return nil
}

// subtract takes what a part has away. The parts of one whole are never more than it, but where they are rounded.
func (c *cell) subtract(part *cell) {
	if c == nil {
		return
	}
	c.documents -= min(part.documents, c.documents)
	for i, n := range part.sums {
		c.sums[i] -= min(n, c.sums[i])
	}
}

// maxClauses is how many groups are asked for by name: a server takes 1,024 clauses, unless it has much memory.
const maxClauses = 500

// only selects the documents of groups, as a filter would; all where these are too many to name.
func (a *asked) only(groups []ranked) func(*query.View) filter.ElasticQuery {
	if len(groups)*len(a.plan.Groups) > maxClauses {
		return nil
	}
	return func(v *query.View) filter.ElasticQuery {
		var any filter.ElasticBool
		for _, g := range groups {
			any.Should = append(any.Should, ofGroup(v.Groups, g.Values))
		}
		any.MinimumShouldMatch = 1
		return filter.ElasticQuery{Bool: &any}
	}
}

// ofGroup selects the documents of a group.
func ofGroup(fields []*flow.Field, values []flow.Value) filter.ElasticQuery {
	var b filter.ElasticBool
	for i, f := range fields {
		if values[i].Kind == 0 {
			b.MustNot = append(b.MustNot, exists(f.Name))
			continue
		}
		b.Filter = append(b.Filter, filter.ElasticQuery{Term: map[string]any{f.Name: shownInDocument(f, values[i])}})
	}
	return filter.ElasticQuery{Bool: &b}
}

// shownInDocument returns a value as documents have it.
func shownInDocument(f *flow.Field, v flow.Value) any {
	if filter.ElasticType(f) == filter.ElasticKeyword {
		return v.String()
	}
	return query.Shown(v)
}
