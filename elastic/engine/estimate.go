package engine

import (
	"errors"
	"math"
	"slices"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// estimated answers where there are more groups than are gone through.
func (a *asked) estimated() error {
	p := a.plan
	var err error
	switch {
	case p.Of != nil:
		err = a.estimateDistinct()
	case len(p.Groups) == 1 && a.single() && p.Percentile == 0 && len(p.Views()) == 1:
		err = a.estimateTop()
	default:
		err = errManyGroups
	}
	if errors.Is(err, errManyGroups) {
		return unsupported("by", "there are more than %d groups (with their buckets of time): group by fewer fields, narrow the filter, choose a longer interval or a shorter range", a.e.cfg.MaxGroups)
	}
	return err
}

// estimateDistinct has the server estimate how many values there are. No limit of the error is known.
func (a *asked) estimateDistinct() error {
	if len(a.e.stored(a.plan.Of)) > 1 || a.plan.Step.Days > 1 {
		return errManyGroups
	}
	a.found = query.Rows{First: a.found.First, Last: a.found.Last}
	a.approximate = true
	t := newTally(a.plan)
	if t.timed() {
		t.untimed = true
		if err := a.sum(t, summary{distinct: true}); err != nil {
			return err
		}
		return a.estimateCells(t)
	}
	if err := a.sum(t, summary{distinct: true}); err != nil {
		return err
	}
	t.rows(&a.found)
	return nil
}

// estimateCells adds the cells of buckets to a ranking: estimates of buckets do not add up to those of the range.
func (a *asked) estimateCells(ranking *tally) error {
	cells := newTally(a.plan)
	if err := a.sum(cells, summary{distinct: true, timed: true}); err != nil {
		return err
	}
	for key, g := range ranking.groups {
		if found := cells.groups[key]; found != nil {
			g.cells = found.cells
		}
	}
	ranking.rows(&a.found)
	return nil
}

// minCandidates is how many groups are looked at at least, and shardFactor how many times as many each shard looks for.
const (
	minCandidates = 1000
	shardFactor   = 10
)

// estimateTop has the server find the groups that have most, and asks for their sums in a second step: these are exact, but there may be
// other groups that have as much: each shard tells only its best.
func (a *asked) estimateTop() error {
	a.found = query.Rows{First: a.found.First, Last: a.found.Last}
	view := a.plan.Views()[0]
	found, err := a.candidates(&view)
	if err != nil {
		return err
	}
	t := newTally(a.plan)
	t.untimed = true
	for _, only := range []filter.ElasticQuery{found.clause, ofGroup(a.plan.Groups, []flow.Value{{}})} {
		if err := a.sum(t, summary{only: func(*query.View) filter.ElasticQuery { return only }}); err != nil {
			return err
		}
	}
	listed := newTally(a.plan)
	listed.untimed = true
	for _, g := range t.groups {
		addSums(listed.of(nil).total.sums, g.total.sums)
	}
	everything := newTally(a.plan)
	everything.untimed = true
	if err := a.sum(everything, summary{all: true}); err != nil {
		return err
	}
	rest := everything.of(nil).total
	if found.summed {
		found.missed = bound(found.last, float64(rest.sums[0])/found.perShard)
	}
	if a.plan.Measure == query.Flows && rest.sums[0] != rest.documents { // some are sums of several, and were found by their number
		found.missed, found.exact = -1, false
	}
	rest.subtract(listed.of(nil).total)
	return a.ranked(t, rest, found)
}

// candidates are the groups that may have most.
type candidates struct {
	clause filter.ElasticQuery // that selects them
	exact  bool                // they are those that have most: one shard found them, or all shards told all that could matter
	missed int64               // how much another group may have of what is ranked by; less than 0 is not known

	summed   bool    // they are ranked by a sum
	last     float64 // what the last of them has, by the shards that told of it
	perShard float64 // how many groups each shard told of, at most
}

// bound is how much a group may have that is no candidate. Shards that told of it have no more of it than the last candidate has by those that told of
// that one. A shard that did not tell of it told of perShard others instead, each with as much or more: it has no more of it than that part of all
// that the shard has.
func bound(last, untold float64) int64 {
	if sum := math.Ceil(last) + math.Ceil(untold) + 1; sum < math.MaxInt64/2 {
		return int64(sum)
	}
	return -1
}

func (a *asked) candidates(v *query.View) (c candidates, err error) {
	f := v.Groups[0]
	size := min(max(minCandidates, 2*(a.plan.Offset+a.plan.Limit)), a.e.cfg.PageGroups)
	top := &terms{Field: f.Name, Size: size, ShardSize: shardFactor * size}
	s := summing{r: a.r, view: v}
	aggs := s.aggs()
	amount := v.Amount(v.Lanes[0])
	if m, summed := metrics[amount]; summed {
		top.Order = map[string]string{m.name: "desc"}
	}
	q := selection(&v.Plan)
	res, err := a.r.search(&request{Query: q, Aggs: map[string]aggregation{"top": {Terms: top, Aggs: aggs}}})
	if err != nil {
		return c, err
	}
	var values []any
	for i := range res.Aggregations.Top.Buckets {
		b := &res.Aggregations.Top.Buckets[i]
		value, err := valueOf(f, b.Key)
		if err != nil {
			return c, err
		}
		values = append(values, shownInDocument(f, value))
	}
	c.clause = filter.ElasticQuery{Terms: map[string][]any{f.Name: values}}
	c.exact = res.Shards.Total <= 1 && size >= a.plan.Offset+a.plan.Limit
	c.perShard = float64(top.ShardSize)
	if n := len(res.Aggregations.Top.Buckets); n == size {
		last := &res.Aggregations.Top.Buckets[n-1]
		c.last = last.of(amount)
		if top.Order == nil {
			c.last = float64(last.Count)
		}
	}
	c.summed = top.Order != nil && v.Measure != query.Sessions && !f.List
	c.missed = -1
	if e := res.Aggregations.Top.Error; top.Order == nil && v.Measure != query.Sessions && e >= 0 {
		c.missed = bound(c.last, float64(e)) - 1
		c.exact = c.exact || e == 0
	}
	return c, nil
}

// least is what the last of the groups that are listed has; 0 where there are not that many.
func (a *asked) least(t *tally) uint64 {
	var list []uint64
	for _, g := range t.groups {
		list = append(list, g.total.sums[0])
	}
	slices.Sort(list)
	if n := a.plan.Offset + a.plan.Limit; n <= len(list) && n > 0 {
		return list[len(list)-n]
	}
	return 0
}

// ranked ends an estimate: rest is what the groups that are no candidates add up to.
func (a *asked) ranked(t *tally, rest *cell, c candidates) error {
	a.unlisted = rest.documents > 0
	if a.plan.Series() {
		if _, err := a.series(t); err != nil {
			return err
		}
	} else {
		t.rows(&a.found)
	}
	a.found.More = a.found.More || a.unlisted
	addSums(a.found.Rest, rest.sums)
	most := rest.sums[0]
	if c.missed >= 0 {
		most = min(most, uint64(c.missed))
	}
	c.exact = c.exact || c.missed >= 0 && a.least(t) > uint64(c.missed)
	if t.inexact {
		most += t.greatest>>roundingBits + 1
	}
	if !c.exact && a.unlisted || t.inexact {
		a.approximate = true
		a.maxError = a.plan.MaxError(most, &a.found)
	}
	return nil
}
