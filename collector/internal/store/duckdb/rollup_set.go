//go:build cgo

package duckdb

import (
	"slices"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// rolled is how a view is answered from rollups: where files have the set that it is about, their sums stand for their records.
type rolled struct {
	set    store.RollupSet
	grains []int // lengths of the sums that suit the question's buckets, the longest first
	// folds says that files which have not kept all addresses may be used.
	folds bool
	// days says that rollups of days suit, of whole days where the set folds and of hours where not.
	days bool
	// pin says that the files of sums of hosts are read, for what.
	pin *pin
	// used is set when a file of sums was, approximate when one was that has not kept all addresses.
	used, approximate bool
}

// rolledFor returns how a view can be answered from rollups, nil if it cannot. Questions about what is left out of sums, and those that
// spread or tell apart, are about records.
func rolledFor(v *viewSQL, needsTimes bool) *rolled {
	p := &v.Plan
	if p.AllCopies || p.Invalid || p.Spread || needsTimes || p.Measure == query.Distinct || p.Measure == query.Sessions {
		return nil
	}
	grains := grainsOf(v)
	if r := pinnedFor(v, grains); r != nil {
		return r
	}
	fields := slices.Clone(v.Groups)
	filtered := fieldsOf(p.Node, nil)
	for _, set := range store.RollupSets() {
		if len(grains) == 0 || !covers(&set, append(fields, filtered...)) {
			continue
		}
		r := &rolled{set: set, grains: without(grains, store.RollupDay), days: slices.Contains(grains, store.RollupHour)}
		if len(set.Folds) > 0 {
			r.grains, r.days = without(r.grains, store.RollupMinute), slices.Contains(grains, store.RollupDay)
			// A filter on addresses asks for what may not have been kept; there are host indexes for it.
			kept := set
			kept.Columns = set.Columns[:len(set.Columns)-len(set.Folds)]
			if !covers(&kept, filtered) {
				continue
			}
			r.folds = true
		}
		if len(r.grains) > 0 {
			return r
		}
	}
	return nil
}

func without(grains []int, minutes int) []int {
	return slices.DeleteFunc(slices.Clone(grains), func(m int) bool { return m == minutes })
}

// fieldsOf adds the fields of a filter to a list; nil stands for what it does not know.
func fieldsOf(n filter.Node, list []*flow.Field) []*flow.Field {
	switch n := n.(type) {
	case filter.And:
		for _, m := range n {
			list = fieldsOf(m, list)
		}
	case filter.Or:
		for _, m := range n {
			list = fieldsOf(m, list)
		}
	case filter.Not:
		list = fieldsOf(n.Of, list)
	case filter.Compare:
		list = append(list, n.Field)
	case filter.Exists:
		list = append(list, n.Field)
	case nil:
	default:
		list = append(list, nil)
	}
	return list
}

// covers tells whether the set tells apart all values of the fields.
func covers(set *store.RollupSet, fields []*flow.Field) bool {
	for _, f := range fields {
		if f == nil {
			return false
		}
		columns := columnsOf(f)
		if len(columns) == 0 {
			return false
		}
		for _, c := range columns {
			for _, part := range c.Parts {
				if !slices.Contains(set.Columns, part) {
					return false
				}
			}
		}
	}
	return true
}

// grainsOf returns the lengths of sums of which the question's buckets are whole multiples, the longest first.
func grainsOf(v *viewSQL) []int {
	grains := []int{store.RollupDay, store.RollupHour, store.RollupMinute}
	return slices.DeleteFunc(grains, func(minutes int) bool {
		width := time.Duration(minutes) * time.Minute
		if v.Step.Width == 0 {
			return false
		}
		if v.Step.Days == 0 {
			return v.Step.Width%width != 0
		}
		// Days begin at midnight of the zone.
		from, to := int64(0), time.Date(2037, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano()
		if v.HasStart {
			from = v.Start
		}
		if v.HasStop {
			to = v.Stop
		}
		return slices.ContainsFunc(v.Step.Changes(from-int64(query.MaxSpread), to), func(c query.Change) bool { return c.Offset%width != 0 })
	})
}
