package conformance

import (
	"context"
	"maps"
	"math/big"
	"slices"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// Aggregate implements [query.Engine].
func (e *Reference) Aggregate(_ context.Context, q query.Question) (query.Result, error) {
	p, err := q.Prepare(e.reg)
	if err != nil {
		return query.Result{}, err
	}
	found := query.Rows{}
	var any bool
	if found.First, found.Last, any = e.bounds(&p); any && p.Step.Width > 0 {
		if err := p.Cut(found.First, found.Last); err != nil {
			return query.Result{}, err
		}
	}
	s := sums{plan: &p, groups: map[string]*tally{}}
	if !p.Grouped() {
		s.of(nil) // a total has its row even where nothing is selected
	}
	for _, v := range p.Views() {
		for _, it := range e.items(&v) {
			s.add(&v, &it)
		}
	}
	if err := p.CheckPieces(s.pieces); err != nil {
		return query.Result{}, err
	}
	s.rank(&found)
	return p.Answer(found, query.Loss{})
}

// item is a selected record or session.
type item struct {
	start, end int64
	get        func(*flow.Field) []flow.Value
	amount     func(query.Amount) uint64
}

// items returns what a view selects.
func (e *Reference) items(v *query.View) (list []item) {
	for _, r := range e.selected(&v.Plan) {
		start := r.End
		if r.Present.Has(flow.HasStart) {
			start = r.Start
		}
		list = append(list, item{start, r.End, func(f *flow.Field) []flow.Value { return f.Get(nil, e.batch, r) }, func(a query.Amount) uint64 { return a.Of(r, 1) }})
	}
	for _, s := range e.selectedSessions(&v.Plan) {
		list = append(list, item{s.Start, s.End, func(f *flow.Field) []flow.Value { return f.OfSession(nil, e.sessions.Symbols, s) }, func(query.Amount) uint64 { return 1 }})
	}
	return list
}

// bounds returns the least and the greatest time of what the views select.
func (e *Reference) bounds(p *query.Plan) (first, last int64, any bool) {
	for _, v := range p.Views() {
		for _, it := range e.items(&v) {
			if !any {
				first, last, any = it.end, it.end, true
			}
			first, last = min(first, it.end), max(last, it.end)
		}
	}
	return first, last, any
}

// sums adds items up.
type sums struct {
	plan   *query.Plan
	groups map[string]*tally
	pieces uint64
}

// tally is what a group adds up to, over all and by the position of the bucket.
type tally struct {
	values []flow.Value
	total  *cell
	cells  map[int]*cell
}

// cell has the sums of the lanes, or the distinct values.
type cell struct {
	sums     []uint64
	distinct []map[string]bool
}

func (s *sums) newCell() *cell {
	c := &cell{sums: make([]uint64, len(s.plan.Lanes))}
	for range s.plan.Lanes {
		c.distinct = append(c.distinct, map[string]bool{})
	}
	return c
}

// of returns the tally of a group, a new one where it has none yet.
func (s *sums) of(values []flow.Value) *tally {
	key := keyOf(values)
	t := s.groups[key]
	if t == nil {
		t = &tally{values: values, total: s.newCell(), cells: map[int]*cell{}}
		s.groups[key] = t
	}
	return t
}

// at returns the sums of a bucket.
func (s *sums) at(t *tally, position int) *cell {
	if t.cells[position] == nil {
		t.cells[position] = s.newCell()
	}
	return t.cells[position]
}

// add adds an item to each of its groups, one for every combination of the values that its lists hold, and buckets.
func (s *sums) add(v *query.View, it *item) {
	if !s.plan.Spread {
		s.addPart(v, it, position(v, it.end), func(n uint64) uint64 { return n })
		return
	}
	start := min(max(it.start, it.end-int64(query.MaxSpread)), it.end)
	for number := v.Step.Number(start); number <= v.Step.Number(it.end); number++ {
		from, to := max(v.Step.Begin(number), start), min(v.Step.Begin(number+1), it.end)
		s.pieces++
		s.addPart(v, it, int(number-v.Base()), func(n uint64) uint64 {
			if start == it.end {
				return n
			}
			return share(n, to-start, it.end-start) - share(n, from-start, it.end-start)
		})
	}
}

func position(v *query.View, ns int64) int {
	if v.Step.Width == 0 {
		return 0
	}
	return int(v.Step.Number(ns) - v.Base())
}

// share is n * part / whole, cut.
func share(n uint64, part, whole int64) uint64 {
	x := new(big.Int).SetUint64(n)
	x.Mul(x, big.NewInt(part))
	return x.Quo(x, big.NewInt(whole)).Uint64()
}

func (s *sums) addPart(v *query.View, it *item, position int, part func(uint64) uint64) {
	if s.plan.Percentile > 0 && position < 0 {
		return // spread over the time before the range
	}
	for _, values := range combinations(v.Groups, it.get) {
		t := s.of(values)
		for _, c := range []*cell{t.total, s.at(t, position)} {
			for lane := range s.plan.Lanes {
				switch a := v.Amount(s.plan.Lanes[lane]); a {
				case query.Nothing:
				case query.Values:
					for _, v := range it.get(s.plan.Of) {
						c.distinct[lane][v.String()] = true
					}
				default:
					c.sums[lane] = flow.SaturatingSum(c.sums[lane], part(it.amount(a)))
				}
			}
		}
	}
}

// lanes returns the sums, or how many distinct values there are.
func (s *sums) lanes(c *cell) []uint64 {
	if s.plan.Of == nil {
		return c.sums
	}
	list := make([]uint64, len(c.distinct))
	for i := range list {
		list[i] = uint64(len(c.distinct[i]))
	}
	return list
}

// percentile sorts the sums of all buckets, those without records included.
func (s *sums) percentile(t *tally) []uint64 {
	list := make([]uint64, len(s.plan.Lanes))
	for lane := range list {
		all := make([]uint64, max(s.plan.Buckets, 1))
		for position, c := range t.cells {
			all[position] = s.lanes(c)[lane]
		}
		slices.Sort(all)
		list[lane] = all[s.plan.PercentileRank()-1]
	}
	return list
}

// rank orders the groups, cuts the list and gathers what is left.
func (s *sums) rank(found *query.Rows) {
	p := s.plan
	type ranked struct {
		query.Group
		tally *tally
	}
	var all []ranked
	for _, t := range s.groups {
		g := query.Group{Values: t.values, Sums: s.lanes(t.total)}
		if p.Percentile > 0 {
			g.Sums = s.percentile(t)
		}
		all = append(all, ranked{g, t})
	}
	slices.SortFunc(all, func(a, b ranked) int { return p.CompareGroups(&a.Group, &b.Group) })
	all = all[min(p.Offset, len(all)):]
	found.Rest = make([]uint64, len(p.Lanes))
	others := &tally{cells: map[int]*cell{}}
	for i, g := range all {
		if i < p.Limit {
			found.Groups = append(found.Groups, g.Group)
			found.Cells = append(found.Cells, s.cells(g.tally, i)...)
			continue
		}
		found.More = true
		addTo(found.Rest, g.Sums)
		for position, c := range g.tally.cells {
			addTo(s.at(others, position).sums, s.lanes(c))
		}
	}
	if p.Sums() {
		found.Cells = append(found.Cells, s.cells(others, query.OtherGroup)...)
	}
	if !p.Series() {
		found.Cells = nil
	}
}

func (s *sums) cells(t *tally, group int) (list []query.Cell) {
	for _, position := range slices.Sorted(maps.Keys(t.cells)) {
		list = append(list, query.Cell{Position: position, Group: group, Sums: s.lanes(t.cells[position])})
	}
	return list
}

func addTo(sums, more []uint64) {
	for i := range sums {
		sums[i] = flow.SaturatingSum(sums[i], more[i])
	}
}
