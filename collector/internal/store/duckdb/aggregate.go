//go:build cgo

package duckdb

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// Aggregate implements [query.Engine].
func (s *Store) Aggregate(ctx context.Context, q query.Question) (query.Result, error) {
	p, err := q.Prepare(s.reg)
	if err != nil {
		return query.Result{}, err
	}
	st, err := newStatement(&p)
	if err != nil {
		return query.Result{}, err
	}
	s.counts.questions.Add(1)
	var found query.Rows
	err = s.readers.read(ctx, func(c *conn) error {
		from, err := s.questioned(ctx, c, &p, st.text(""))
		if err != nil {
			return err
		}
		r, err := c.query(ctx, st.text(from), st.args...)
		if err != nil {
			return err
		}
		defer r.close()
		found, err = st.read(r)
		return err
	})
	if err != nil {
		return query.Result{}, fmt.Errorf("aggregate: %w", err)
	}
	loss, err := s.loss(ctx)
	if err != nil {
		return query.Result{}, err
	}
	return p.Answer(found, loss), nil
}

// questioned returns the table expression that a plan is about, with the columns that occur in the statement.
func (s *Store) questioned(ctx context.Context, c *conn, p *query.Plan, statement string) (string, error) {
	if p.Measure == query.Sessions {
		return s.lastTold(ctx, c, p, statement)
	}
	return s.source(ctx, c, p.From, p.To, statement)
}

// statement is the SQL of an aggregate question. It groups once, then reads the groups twice: the greatest in order, and what
// all of them add up to.
type statement struct {
	plan      *query.Plan
	groups    []grouping
	of        grouping // of distinct
	condition string
	args      []any
}

func newStatement(p *query.Plan) (*statement, error) {
	st := &statement{plan: p}
	columns, where := columnsOf, condition
	if p.Measure == query.Sessions {
		columns, where = sessionColumnsOf, sessionCondition
	}
	for i, f := range p.Groups {
		g, err := groupingOf(f, i, columns)
		if err != nil {
			return nil, err
		}
		st.groups = append(st.groups, g)
	}
	var err error
	if p.Of != nil {
		if st.of, err = groupingOf(p.Of, len(p.Groups), columns); err != nil {
			return nil, err
		}
	}
	st.condition, st.args, err = where(p)
	return st, err
}

func (st *statement) text(from string) string {
	var keys, order []string
	for i, g := range st.groups {
		for j := range g.parts {
			keys = append(keys, fmt.Sprintf("g%d_%d", i, j))
			order = append(order, fmt.Sprintf("g%d_%d NULLS LAST", i, j))
		}
	}
	order = append([]string{"m DESC"}, order...)
	columns := append(keys, "m", "CAST((SELECT sum(CAST(m AS HUGEINT)) FROM g) AS VARCHAR)", "(SELECT count(*) FROM g)",
		"(SELECT min(first) FROM g)", "(SELECT max(last) FROM g)")
	return fmt.Sprintf("WITH g AS MATERIALIZED (%s) SELECT %s FROM g ORDER BY %s LIMIT %d",
		st.grouped(from), strings.Join(columns, ", "), strings.Join(order, ", "), st.shown())
}

// shown is how many rows are read: those skipped are needed to know what is left for "other".
func (st *statement) shown() int64 { return int64(st.plan.Offset) + int64(st.plan.Limit) }

// grouped returns the statement that makes the groups: g<i>_<j> for part j of field i, the measure m, first and last time.
func (st *statement) grouped(from string) string {
	var columns, by []string
	for i, g := range st.groups {
		for j, part := range g.parts {
			columns = append(columns, fmt.Sprintf("%s AS g%d_%d", part, i, j))
			by = append(by, strconv.Itoa(len(columns)))
		}
	}
	columns = append(columns, st.measure()+" AS m")
	if st.needsTimes() {
		const end = "coalesce(epoch_us(event_end), 0) * 1000 + coalesce(event_end_sub, 0)"
		columns = append(columns, "min("+end+") AS first", "max("+end+") AS last")
	} else {
		columns = append(columns, "0 AS first", "0 AS last")
	}
	text := "SELECT " + strings.Join(columns, ", ") + " FROM " + st.unfolded(from)
	if len(by) > 0 {
		text += " GROUP BY " + strings.Join(by, ", ")
	}
	return text
}

// unfolded returns a table expression of the selected records, with a row for each combination of the members of their lists.
func (st *statement) unfolded(from string) string {
	text := "(SELECT * FROM " + from + " WHERE " + st.condition + ")"
	for i, g := range append(st.groups[:len(st.groups):len(st.groups)], st.of) {
		if g.list == "" {
			continue
		}
		// A record without values is a row of its own, with NULL.
		text = fmt.Sprintf("(SELECT *, unnest(CASE WHEN len(l) > 0 THEN l ELSE [NULL] END) AS %s FROM (SELECT *, %s AS l FROM %s))", memberOf(i), g.list, text)
		text = fmt.Sprintf("(SELECT * EXCLUDE (l) FROM %s)", text)
	}
	return text
}

// measure returns the expression of the sum or count. Sums end at the greatest number, as everywhere.
func (st *statement) measure() string {
	switch st.plan.Measure {
	case query.Bytes, query.BPS:
		return saturated("network_bytes")
	case query.Packets, query.PPS:
		return saturated("network_packets")
	case query.Flows, query.Sessions:
		return "CAST(count(*) AS UBIGINT)"
	}
	of := st.of.parts[0]
	if len(st.of.parts) > 1 {
		of = fmt.Sprintf("CASE WHEN %s IS NOT NULL THEN (%s) END", of, strings.Join(st.of.parts, ", "))
	}
	return "CAST(count(DISTINCT " + of + ") AS UBIGINT)"
}

func saturated(column string) string {
	return fmt.Sprintf("CAST(least(coalesce(sum(%s), 0), %d) AS UBIGINT)", column, uint64(math.MaxUint64))
}

// needsTimes tells whether a rate is asked for without bounds to divide by.
func (st *statement) needsTimes() bool {
	p := st.plan
	return (p.Measure == query.BPS || p.Measure == query.PPS) && (!p.HasStart || !p.HasStop)
}

// read shapes the result: columns are the groups' parts, m, the sum of all m, the number of groups, first, last.
func (st *statement) read(r *rows) (query.Rows, error) {
	found := query.Rows{}
	rest := new(big.Int)
	for n := int64(0); r.next(); n++ {
		col := 0
		group := query.Group{}
		for _, g := range st.groups {
			v := flow.Value{}
			if !r.null(col) {
				v = g.value(r, col)
			}
			group.Values = append(group.Values, v)
			col += len(g.parts)
		}
		group.Sum = get[uint64](r, col)
		if n == 0 {
			if _, ok := rest.SetString(r.text(col+1), 10); !ok {
				return found, fmt.Errorf("sum of all groups: %q", r.text(col+1))
			}
			found.More = get[int64](r, col+2) > st.shown()
			if st.needsTimes() {
				found.First, found.Last = get[int64](r, col+3), get[int64](r, col+4)
			}
		}
		rest.Sub(rest, new(big.Int).SetUint64(group.Sum))
		if n >= int64(st.plan.Offset) {
			found.Groups = append(found.Groups, group)
		}
	}
	found.Rest = uint64(math.MaxUint64)
	if rest.IsUint64() {
		found.Rest = rest.Uint64()
	}
	return found, nil
}
