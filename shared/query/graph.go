package query

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
)

// Caps of a graph.
const (
	DefaultEdges = 50
	MaxEdges     = 10_000
)

// GraphQuestion asks who talks to whom: the pairs of both sides' values of a field with the most traffic.
type GraphQuestion struct {
	Filter string    `json:"filter,omitempty"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	// By is the field that nodes are the values of, as its name is of one side: "source.ip" (which "" is), "source.as.number",
	// "weir.source.group" and so on. A record with several values has an edge for each pair.
	By        string  `json:"by,omitempty"`
	Measure   Measure `json:"measure,omitempty"` // which edges are the top ones by: bytes (which "" is), packets or flows
	Limit     int     `json:"limit,omitempty"`   // edges; 0: 50, at most MaxEdges
	AllCopies bool    `json:"all_copies,omitempty"`
}

// Graph is who talks to whom.
type Graph struct {
	Nodes []GraphNode `json:"nodes"` // of the edges, by their first occurrence in these
	Edges []GraphEdge `json:"edges"` // sorted by the measure, greatest first, then by the nodes
	// Other is what the edges that are left out add up to; nil where there are none.
	Other     *Traffic  `json:"other"`
	Exactness Exactness `json:"exactness"`
	Loss      Loss      `json:"loss"`
	Truncated bool      `json:"truncated"`
}

// Traffic is what records add up to.
type Traffic struct {
	Bytes   uint64 `json:"bytes"`
	Packets uint64 `json:"packets"`
	Flows   uint64 `json:"flows"`
	// Sessions are those that From opened to To; null where they cannot be counted: the filter is about what only records have, or
	// there are too many pairs.
	Sessions *uint64 `json:"sessions"`
}

// GraphEdge is what went from one node to another, and with biflows back. Null stands for records without the field.
type GraphEdge struct {
	From *string `json:"from"`
	To   *string `json:"to"`
	Traffic
}

// GraphNode is a value of the field, with what its edges add up to.
type GraphNode struct {
	Name *string `json:"name"`
	Out  Traffic `json:"out"`
	In   Traffic `json:"in"`
}

// GraphReader answers who talks to whom.
type GraphReader interface {
	// Graph returns the top edges that a question asks for. Errors about the question itself are *[Error].
	Graph(ctx context.Context, q GraphQuestion) (Graph, error)
}

// graphMeasures are the columns of an edge.
var graphMeasures = []Measure{Bytes, Packets, Flows}

// Prepare returns the question for a graph's edges: groups of both sides with the measures in the order of More, and that for the
// sessions of all pairs. Errors are *[Error].
func (q GraphQuestion) Prepare(reg *flow.Registry) (edges, sessions Question, err error) {
	measure, by, limit := cmp.Or(q.Measure, Bytes), cmp.Or(q.By, "source.ip"), cmp.Or(q.Limit, DefaultEdges)
	switch {
	case !slices.Contains(graphMeasures, measure):
		return edges, sessions, &Error{Part: "measure", Text: fmt.Sprintf("edges are sorted by bytes, packets or flows, not %s", measure)}
	case limit < 0 || limit > MaxEdges:
		return edges, sessions, &Error{Part: "limit", Text: fmt.Sprintf("%d is not between 1 and %d", limit, MaxEdges)}
	}
	f, err := lookup(reg, "by", by)
	if err != nil {
		return edges, sessions, err
	}
	sides := swapper{reg: reg}
	pair := []string{by, sides.field(f).Name}
	switch sides.first {
	case "":
		return edges, sessions, &Error{Part: "by", Text: by + " is of no side: write source.ip, for example"}
	case destinationSide:
		pair[0], pair[1] = pair[1], pair[0]
	}
	edges = Question{Filter: q.Filter, From: q.From, To: q.To, By: pair, Measure: measure, Limit: limit, AllCopies: q.AllCopies}
	for _, m := range graphMeasures {
		if m != measure {
			edges.More = append(edges.More, m)
		}
	}
	sessions = Question{Filter: q.Filter, From: q.From, To: q.To, By: pair, Measure: Sessions, Limit: MaxLimit}
	_, err = edges.Prepare(reg)
	return edges, sessions, err
}

// DrawGraph answers who talks to whom by an engine's top lists.
func DrawGraph(ctx context.Context, engine Engine, q GraphQuestion) (Graph, error) {
	edges, sessions, err := q.Prepare(flow.NewRegistry())
	if err != nil {
		return Graph{}, err
	}
	res, err := engine.Aggregate(ctx, edges)
	if err != nil {
		return Graph{}, err
	}
	g := Graph{Nodes: []GraphNode{}, Edges: []GraphEdge{}, Exactness: res.Exactness, Loss: res.Loss, Truncated: res.Truncated}
	for i, row := range res.Rows {
		t := trafficOf(res.Columns, row)
		if res.Truncated && i == len(res.Rows)-1 {
			g.Other = &t
			break
		}
		g.Edges = append(g.Edges, GraphEdge{From: nameOf(row[0]), To: nameOf(row[1]), Traffic: t})
	}
	if err := g.countSessions(ctx, engine, sessions); err != nil {
		return Graph{}, err
	}
	g.addNodes()
	return g, nil
}

// countSessions gives the edges their sessions, where these can be counted. Those of few edges are asked for by what these are of, as all
// pairs together may be too many.
func (g *Graph) countSessions(ctx context.Context, engine Engine, q Question) error {
	var bad *Error
	narrow := q
	if few := pairsFilter(q, g.Edges); few != "" {
		narrow.Filter = few
	}
	counted, err := engine.Aggregate(ctx, narrow)
	if errors.As(err, &bad) && narrow.Filter != q.Filter {
		counted, err = engine.Aggregate(ctx, q)
	}
	switch {
	case errors.As(err, &bad):
		return nil
	case err != nil:
		return err
	}
	all := q
	if all.Limit = 1; !hasLists(q.By) { // then each session is of one pair
		all.By = nil
	}
	total, err := engine.Aggregate(ctx, all)
	if err != nil {
		return err
	}
	g.addSessions(counted, total)
	return nil
}

// hasLists tells whether any of the fields may have several values in one session.
func hasLists(fields []string) bool {
	reg := flow.NewRegistry()
	return slices.ContainsFunc(fields, func(name string) bool {
		f := reg.Lookup(name)
		return f == nil || f.List
	})
}

// pairsFilter narrows the filter of a question to the pairs of edges, "" where they are too many.
func pairsFilter(q Question, edges []GraphEdge) string {
	if len(edges) > DefaultEdges || len(edges) == 0 {
		return ""
	}
	quote := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	side := func(field string, value *string) string {
		if value == nil {
			return "not " + field + " : *"
		}
		return field + ` : "` + quote.Replace(*value) + `"`
	}
	pairs := make([]string, len(edges))
	for i := range edges {
		pairs[i] = "(" + side(q.By[0], edges[i].From) + " and " + side(q.By[1], edges[i].To) + ")"
	}
	n, err := filter.ParseSession(q.Filter, flow.NewRegistry())
	if err != nil {
		return ""
	}
	text := strings.Join(pairs, " or ")
	if whole := n.String(); whole != "" {
		text = "(" + whole + ") and (" + text + ")"
	}
	return text
}

// trafficOf reads a row under its columns.
func trafficOf(columns []Column, row []any) (t Traffic) {
	for i, c := range columns {
		n, _ := row[i].(uint64)
		switch Measure(c.Name) {
		case Bytes:
			t.Bytes = n
		case Packets:
			t.Packets = n
		case Flows:
			t.Flows = n
		}
	}
	return t
}

// nameOf is a value as text, nil for absent.
func nameOf(v any) *string {
	if v == nil {
		return nil
	}
	text := fmt.Sprint(v)
	return &text
}

// addSessions gives each edge the sessions of its pair, and other those of all other pairs.
func (g *Graph) addSessions(counted, total Result) {
	byPair := map[[2]any]uint64{}
	for i, row := range counted.Rows {
		if n, ok := row[2].(uint64); ok && (!counted.Truncated || i < len(counted.Rows)-1) {
			byPair[[2]any{textOf(row[0]), textOf(row[1])}] = n
		}
	}
	var rest uint64
	for _, row := range total.Rows {
		n, _ := row[len(row)-1].(uint64)
		rest += n
	}
	whole := true
	for i := range g.Edges {
		e := &g.Edges[i]
		n, known := byPair[[2]any{pointed(e.From), pointed(e.To)}]
		if known || !counted.Truncated {
			e.Sessions = &n
			rest -= n
			continue
		}
		whole = false
	}
	if g.Other != nil && whole {
		g.Other.Sessions = &rest
	}
}

func textOf(v any) any { return pointed(nameOf(v)) }

func pointed(text *string) any {
	if text == nil {
		return nil
	}
	return *text
}

// addNodes adds up the edges of each node.
func (g *Graph) addNodes() {
	index := map[any]int{}
	node := func(name *string) *GraphNode {
		at, ok := index[pointed(name)]
		if !ok {
			at = len(g.Nodes)
			index[pointed(name)] = at
			g.Nodes = append(g.Nodes, GraphNode{Name: name, Out: Traffic{Sessions: new(uint64)}, In: Traffic{Sessions: new(uint64)}})
		}
		return &g.Nodes[at]
	}
	for i := range g.Edges {
		e := &g.Edges[i]
		node(e.From).Out.add(&e.Traffic)
		node(e.To).In.add(&e.Traffic)
	}
}

func (t *Traffic) add(more *Traffic) {
	t.Bytes, t.Packets, t.Flows = flow.SaturatingSum(t.Bytes, more.Bytes), flow.SaturatingSum(t.Packets, more.Packets), flow.SaturatingSum(t.Flows, more.Flows)
	if t.Sessions == nil || more.Sessions == nil {
		t.Sessions = nil
		return
	}
	sum := *t.Sessions + *more.Sessions
	t.Sessions = &sum
}
