package engine

import (
	"slices"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// ranked is a group with its place.
type ranked struct {
	query.Group
	*group
}

// rank orders the groups.
func (t *tally) rank() []ranked {
	all := make([]ranked, 0, len(t.groups))
	for _, g := range t.groups {
		sums := g.total.lanes()
		if t.plan.Percentile > 0 {
			sums = t.percentile(g)
		}
		all = append(all, ranked{query.Group{Values: g.values, Sums: sums}, g})
	}
	slices.SortFunc(all, func(a, b ranked) int { return t.plan.CompareGroups(&a.Group, &b.Group) })
	return all
}

// percentile picks of the sums of all buckets, those without records included.
func (t *tally) percentile(g *group) []uint64 {
	list := make([]uint64, len(t.plan.Lanes))
	all := make([]uint64, max(t.plan.Buckets, 1))
	for lane := range list {
		clear(all)
		for position, c := range g.cells {
			all[position] = c.lanes()[lane]
		}
		slices.Sort(all)
		list[lane] = all[t.plan.PercentileRank()-1]
	}
	return list
}

// rows cuts the list of groups and gathers what is left.
func (t *tally) rows(found *query.Rows) {
	p, list := t.plan, t.rank()
	list = list[min(p.Offset, len(list)):]
	found.Rest = make([]uint64, len(p.Lanes))
	others := &group{cells: map[int]*cell{}}
	for i, g := range list {
		if i < p.Limit {
			found.Groups = append(found.Groups, g.Group)
			found.Cells = append(found.Cells, cellsOf(g.group, i)...)
			continue
		}
		found.More = true
		addSums(found.Rest, g.Sums)
		for position, c := range g.cells {
			addSums(t.at(others, position).sums, c.lanes())
		}
	}
	if p.Sums() {
		found.Cells = append(found.Cells, cellsOf(others, query.OtherGroup)...)
	}
	if !p.Series() {
		found.Cells = nil
	}
}

func cellsOf(g *group, at int) []query.Cell {
	list := make([]query.Cell, 0, len(g.cells))
	for position, c := range g.cells {
		list = append(list, query.Cell{Position: position, Group: at, Sums: c.lanes()})
	}
	return list
}

func addSums(sums, more []uint64) {
	for i := range sums {
		sums[i] = flow.SaturatingSum(sums[i], more[i])
	}
}
