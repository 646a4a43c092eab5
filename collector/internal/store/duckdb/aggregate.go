//go:build cgo

package duckdb

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// Aggregate implements [query.Engine].
func (s *Store) Aggregate(ctx context.Context, q query.Question) (query.Result, error) {
	p, err := q.Prepare(s.reg)
	if err != nil {
		return query.Result{}, err
	}
	if _, err := newStatement(&p); err != nil {
		return query.Result{}, err
	}
	s.counts.questions.Add(1)
	a := asked{s: s, ctx: ctx, plan: &p}
	found, err := a.read(weightOf(&p))
	if errors.Is(err, store.ErrMemory) { // beside others: once more without them
		a = asked{s: s, ctx: ctx, plan: &p}
		found, err = a.read(weighsAll)
	}
	if err != nil && a.rolled && ctx.Err() == nil && !errors.Is(err, store.ErrMemory) && s.dropBroken(ctx) {
		return s.Aggregate(ctx, q)
	}
	if err != nil {
		return query.Result{}, fmt.Errorf("aggregate: %w", err)
	}
	loss, err := s.loss(ctx)
	if err != nil {
		return query.Result{}, err
	}
	if s.deps.LossIn != nil {
		loss.InRange = s.deps.LossIn(q.From, q.To)
	}
	loss.DeletedBefore = s.deletedIn(q.From)
	res, err := p.Answer(found, loss)
	s.tellRolled(&res, &a, &found)
	return res, err
}

// Values implements [query.ValuesReader].
func (s *Store) Values(ctx context.Context, q query.ValuesQuestion) (query.ValuesAnswer, error) {
	return query.ListValues(ctx, s, q)
}

// Graph implements [query.GraphReader].
func (s *Store) Graph(ctx context.Context, q query.GraphQuestion) (query.Graph, error) {
	return query.DrawGraph(ctx, s, q)
}

// asked is an aggregate question that is being answered in one transaction.
type asked struct {
	s    *Store
	ctx  context.Context
	conn *conn
	plan *query.Plan

	lent []int64 // sums that the statement reads, see hotFiles.lend

	stock     *stock // nil: it was not needed yet, nor were those
	rollups   map[store.Part]store.Rollup
	days      []store.DayRollup
	daysKnown bool

	rolled      bool   // rollups were used
	approximate bool   // and had not kept all addresses
	off         uint64 // the most that a group may have beyond its sum then
}

func (a *asked) read(w weight) (found query.Rows, err error) {
	err = a.s.readers.read(a.ctx, w, func(c *conn) error {
		a.conn = c
		found, err = a.answer()
		return err
	})
	return found, err
}

func (a *asked) answer() (found query.Rows, err error) {
	if err := a.cut(); err != nil {
		return found, err
	}
	st, err := newStatement(a.plan)
	if err != nil {
		return found, err
	}
	if err := a.rollTimes(st); err != nil {
		return found, err
	}
	a.roll(st)
	defer a.note(st)
	if a.plan.Spread {
		if err := a.ask(st, st.piecesText, func(r *rows) error { return a.plan.CheckPieces(get[uint64](r, 0)) }); err != nil {
			return found, err
		}
	}
	switch {
	case st.narrow():
		err = a.makeCells(st)
	case st.sifts():
		err = a.sift(st)
	}
	if err != nil {
		return found, err
	}
	if a.plan.Grouped() || !a.plan.Series() {
		if err := a.ask(st, st.topText, func(r *rows) error { return st.readTop(r, &found) }, st.shown()); err != nil {
			return found, err
		}
	}
	if a.plan.Series() {
		err = a.ask(st, st.cellsText, func(r *rows) error { return st.readCells(r, &found) }, st.cellLimits()...)
	}
	if st.bounded {
		found.First, found.Last = st.first, st.last
	}
	return found, err
}

// cut counts the buckets, for which it looks for the bounds that the question lacks.
func (a *asked) cut() error {
	p := a.plan
	if p.Step.Width == 0 || p.HasStart && p.HasStop {
		return nil
	}
	st, err := newStatement(p)
	if err != nil {
		return err
	}
	a.roll(st)
	defer a.note(st)
	return a.ask(st, st.boundsText, func(r *rows) error {
		if r.null(0) {
			return nil // there is nothing to cut
		}
		return p.Cut(get[int64](r, 0), get[int64](r, 1))
	})
}

// ask runs a text over the tables that the views are about; more are parameters after those of the views. The rows are read one by one,
// read is called before the first.
func (a *asked) ask(st *statement, text func(from []string) string, read func(*rows) error, more ...any) error {
	none := make([]string, len(st.views))
	whole := text(none)
	if st.cellsMade { // they stand for the rows
		return a.run(whole, more, read)
	}
	from := make([]string, len(st.views))
	args := []any{}
	defer func() { a.s.hotFiles.sums.giveBack(a.lent); a.lent = nil }()
	for i := range st.views {
		v := &st.views[i]
		var err error
		if from[i], err = a.source(v, whole); err != nil {
			return err
		}
		args = append(args, v.args...)
	}
	return a.run(text(from), append(args, more...), read)
}

// run runs a text.
func (a *asked) run(text string, args []any, read func(*rows) error) error {
	r, err := a.conn.query(a.ctx, text, args...)
	if err != nil {
		return err
	}
	defer r.close()
	for r.next() {
		if err := read(r); err != nil {
			return err
		}
	}
	return nil
}

// questioned returns the table expression that a plan is about, with the columns that occur in the statement.
func (s *Store) questioned(ctx context.Context, c *conn, p *query.Plan, statement string) (string, error) {
	if p.Measure == query.Sessions {
		return s.lastTold(ctx, c, p, statement)
	}
	return s.source(ctx, c, wanted{from: p.From, to: p.To, hosts: neededHosts(p.Node, true), lows: neededLows(p.Node), statement: statement})
}

// readTop reads a row of topText: the groups' parts, the lanes, the sum of each lane over all groups, the number of groups, first, last.
func (st *statement) readTop(r *rows, found *query.Rows) error {
	group := query.Group{}
	col := 0
	for _, g := range st.views[0].groups {
		v := flow.Value{}
		if !r.null(col) {
			v = g.value(r, col)
		}
		group.Values = append(group.Values, v)
		col += len(g.parts)
	}
	lanes := len(st.plan.Lanes)
	for i := range lanes {
		group.Sums = append(group.Sums, get[uint64](r, col+i))
	}
	if st.read == 0 {
		for i := range lanes {
			rest, ok := new(big.Int).SetString(r.text(col+lanes+i), 10)
			if !ok {
				return fmt.Errorf("sum of all groups: %q", r.text(col+lanes+i))
			}
			st.rest = append(st.rest, rest)
		}
		found.More = get[int64](r, col+2*lanes) > st.shown()
		if st.needsTimes() {
			found.First, found.Last = get[int64](r, col+2*lanes+1), get[int64](r, col+2*lanes+2)
		}
		if st.folds {
			st.off = get[uint64](r, col+2*lanes+3)
		}
	}
	found.Rest = found.Rest[:0]
	for i, rest := range st.rest {
		found.Rest = append(found.Rest, saturate(rest.Sub(rest, new(big.Int).SetUint64(group.Sums[i]))))
	}
	if st.read++; st.read > int64(st.plan.Offset) {
		found.Groups = append(found.Groups, group)
	}
	return nil
}

func saturate(n *big.Int) uint64 {
	if n.IsUint64() {
		return n.Uint64()
	}
	return math.MaxUint64
}

// readCells reads a row of cellsText: position, place of the group (0 is none of the first), lanes.
func (st *statement) readCells(r *rows, found *query.Rows) error {
	c := query.Cell{Position: int(get[int64](r, 0))}
	if st.plan.Grouped() {
		place := int(get[int64](r, 1))
		c.Group = place - 1 - st.plan.Offset
		switch {
		case place == 0 && !st.plan.Sums(), place > 0 && c.Group < 0:
			return nil
		case place == 0:
			c.Group = query.OtherGroup
		}
	}
	for i := range st.plan.Lanes {
		c.Sums = append(c.Sums, get[uint64](r, 2+i))
	}
	found.Cells = append(found.Cells, c)
	return nil
}
