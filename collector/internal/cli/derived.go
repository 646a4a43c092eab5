package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// derivedFlags are the flags that ask for the values of a field or for who talks to whom.
type derivedFlags struct {
	values, prefix string
	graph          bool
}

// check refuses flags that mean nothing together; nothing of the question is asked yet.
func (f *queryFlags) checkDerived() error {
	switch {
	case f.prefix != "" && f.values == "":
		return command.Usagef("--prefix is of values: name their field with --values")
	case f.values == "" && !f.graph:
		return nil
	case f.values != "" && f.graph, f.records, f.sessions:
		return command.Usagef("--values, --graph, --records and --sessions exclude each other")
	case f.over != (over{}) || f.aside:
		return command.Usagef("--values and --graph take FILTER, --from, --to, --limit and --measure only")
	case f.values != "" && (f.by != "" || f.allCopies):
		return command.Usagef("--values lists the values of one field: for sums by it, use --by")
	case f.values != "" && f.measured && f.measure != string(query.Flows) && f.measure != string(query.Sessions):
		return command.Usagef("--values counts flows, or sessions with --measure sessions")
	}
	return nil
}

// valuesQuestion checks a question for values.
func (f *queryFlags) valuesQuestion(filter string) (query.ValuesQuestion, error) {
	q := query.ValuesQuestion{Field: f.values, Prefix: f.prefix, Filter: filter, Limit: f.limit, Sessions: f.measure == string(query.Sessions)}
	if _, _, err := q.Prepare(flow.NewRegistry()); err != nil {
		return q, command.Usage(err)
	}
	return q, nil
}

// graphQuestion checks a question for a graph.
func (f *queryFlags) graphQuestion(filter string) (query.GraphQuestion, error) {
	q := query.GraphQuestion{Filter: filter, By: f.by, Measure: query.Measure(f.measure), Limit: f.limit, AllCopies: f.allCopies}
	if _, _, err := q.Prepare(flow.NewRegistry()); err != nil {
		return q, command.Usage(err)
	}
	return q, nil
}

// runDerived answers with values or a graph.
func (f *queryFlags) runDerived(ctx context.Context, filter string, std command.Streams) error {
	var values query.ValuesQuestion
	var graph query.GraphQuestion
	var err error
	if f.graph {
		graph, err = f.graphQuestion(filter)
	} else {
		values, err = f.valuesQuestion(filter)
	}
	if err != nil {
		return err
	}
	engine, closer, err := f.open(ctx)
	if err != nil {
		return err
	}
	defer closer.Close()
	from, to, err := f.times(ctx, engine)
	if err != nil {
		return err
	}
	if f.graph {
		graph.From, graph.To = from, to
		return f.showGraph(ctx, engine, graph, std)
	}
	values.From, values.To = from, to
	return f.showValues(ctx, engine, values, std)
}

func (f *queryFlags) showValues(ctx context.Context, engine query.ValuesReader, q query.ValuesQuestion, std command.Streams) error {
	a, err := engine.Values(ctx, q)
	if err != nil {
		return err
	}
	if f.format == "json" {
		return writeJSON(std.Out, a)
	}
	t := table{header: []string{strings.ToUpper(a.Field), "COUNT"}}
	for _, v := range a.Values {
		t.add(v.Value, strconv.FormatUint(v.Count, 10))
	}
	if err := t.write(std.Out); err != nil {
		return err
	}
	if a.Truncated {
		fmt.Fprintf(std.Out, "\nthere are more: use --limit or --prefix\n")
	}
	return showTrust(std.Out, a.Exactness, a.Loss)
}

func (f *queryFlags) showGraph(ctx context.Context, engine query.GraphReader, q query.GraphQuestion, std command.Streams) error {
	g, err := engine.Graph(ctx, q)
	if err != nil {
		return err
	}
	if f.format == "json" {
		return writeJSON(std.Out, g)
	}
	t := table{header: []string{"FROM", "TO", "BYTES", "PACKETS", "FLOWS", "SESSIONS"}}
	for i := range g.Edges {
		e := &g.Edges[i]
		t.add(append([]string{nameOf(e.From), nameOf(e.To)}, trafficCells(&e.Traffic)...)...)
	}
	if g.Other != nil {
		t.add(append([]string{query.Other, query.Other}, trafficCells(g.Other)...)...)
	}
	if err := t.write(std.Out); err != nil {
		return err
	}
	return showTrust(std.Out, g.Exactness, g.Loss)
}

func nameOf(name *string) string {
	if name == nil {
		return "-"
	}
	return *name
}

func trafficCells(t *query.Traffic) []string {
	sessions := "-"
	if t.Sessions != nil {
		sessions = strconv.FormatUint(*t.Sessions, 10)
	}
	return []string{cell(t.Bytes, query.Column{Unit: "bytes"}), strconv.FormatUint(t.Packets, 10), strconv.FormatUint(t.Flows, 10), sessions}
}
