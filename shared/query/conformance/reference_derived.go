package conformance

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

var (
	_ query.ValuesReader = (*Reference)(nil)
	_ query.GraphReader  = (*Reference)(nil)
)

// Values implements [query.ValuesReader].
func (e *Reference) Values(_ context.Context, q query.ValuesQuestion) (query.ValuesAnswer, error) {
	f, asked, err := q.Prepare(e.reg)
	if err != nil {
		return query.ValuesAnswer{}, err
	}
	asked.Filter = q.Filter // Prepare may have narrowed it
	p, err := asked.Prepare(e.reg)
	if err != nil {
		return query.ValuesAnswer{}, err
	}
	counts := map[string]*query.Group{}
	for _, it := range e.items(&p.Views()[0]) {
		for _, v := range distinct(it.get(f)) {
			key := keyOf([]flow.Value{v})
			if counts[key] == nil {
				counts[key] = &query.Group{Values: []flow.Value{v}, Sums: []uint64{0}}
			}
			counts[key].Sums[0]++
		}
	}
	var groups []query.Group
	for _, g := range counts {
		if g.Values[0].Kind != 0 && strings.HasPrefix(strings.ToLower(fmt.Sprint(query.Shown(g.Values[0]))), strings.ToLower(q.Prefix)) {
			groups = append(groups, *g)
		}
	}
	slices.SortFunc(groups, func(a, b query.Group) int { return p.CompareGroups(&a, &b) })
	limit := cmp.Or(q.Limit, query.DefaultValues)
	a := query.ValuesAnswer{Field: f.Name, Type: f.Kind.String(), Values: []query.Value{}, Exactness: query.Exact, Truncated: len(groups) > limit}
	for _, g := range groups[:min(limit, len(groups))] {
		a.Values = append(a.Values, query.Value{Value: fmt.Sprint(query.Shown(g.Values[0])), Count: g.Sums[0]})
	}
	return a, nil
}

// Graph implements [query.GraphReader].
func (e *Reference) Graph(_ context.Context, q query.GraphQuestion) (query.Graph, error) {
	edges, sessions, err := q.Prepare(e.reg)
	if err != nil {
		return query.Graph{}, err
	}
	p, err := edges.Prepare(e.reg)
	if err != nil {
		return query.Graph{}, err
	}
	all := map[string]*edge{}
	for _, it := range e.items(&p.Views()[0]) {
		for _, pair := range combinations(p.Groups, it.get) {
			at := edgeOf(all, pair)
			addTraffic(&at.Traffic, &query.Traffic{Bytes: it.amount(query.AllBytes), Packets: it.amount(query.AllPackets), Flows: 1})
		}
	}
	g := query.Graph{Nodes: []query.GraphNode{}, Edges: []query.GraphEdge{}, Exactness: query.Exact}
	counted, err := sessions.Prepare(e.reg)
	countable := err == nil
	if countable {
		for _, it := range e.items(&counted.Views()[0]) {
			for _, pair := range combinations(counted.Groups, it.get) {
				edgeOf(all, pair).sessions++
			}
		}
		for _, x := range all {
			x.Sessions = &x.sessions
		}
	}
	g.Edges, g.Other = topEdges(&p, all, countable)
	g.Truncated = g.Other != nil
	for _, x := range g.Edges {
		addEnds(&g, x)
	}
	return g, nil
}

// edge is a pair with its traffic.
type edge struct {
	query.Group
	query.Traffic
	sessions uint64
}

func edgeOf(all map[string]*edge, pair []flow.Value) *edge {
	key := keyOf(pair)
	if all[key] == nil {
		all[key] = &edge{Group: query.Group{Values: pair}}
	}
	return all[key]
}

// topEdges orders the edges that have records and adds up those after the limit; pairs with sessions alone count in the latter.
func topEdges(p *query.Plan, all map[string]*edge, countable bool) (top []query.GraphEdge, other *query.Traffic) {
	var list []*edge
	rest := query.Traffic{}
	if countable {
		rest.Sessions = new(uint64)
	}
	for _, x := range all {
		if x.Flows == 0 {
			*rest.Sessions += x.sessions
			continue
		}
		x.Sums = []uint64{map[query.Measure]uint64{query.Bytes: x.Bytes, query.Packets: x.Packets, query.Flows: x.Flows}[p.Measure]}
		list = append(list, x)
	}
	slices.SortFunc(list, func(a, b *edge) int { return p.CompareGroups(&a.Group, &b.Group) })
	top = []query.GraphEdge{}
	for i, x := range list {
		if i < p.Limit {
			top = append(top, query.GraphEdge{From: nameOf(x.Values[0]), To: nameOf(x.Values[1]), Traffic: x.Traffic})
			continue
		}
		addTraffic(&rest, &x.Traffic)
		other = &rest
	}
	return top, other
}

func nameOf(v flow.Value) *string {
	if v.Kind == 0 {
		return nil
	}
	text := fmt.Sprint(query.Shown(v))
	return &text
}

func addTraffic(t, more *query.Traffic) {
	t.Bytes, t.Packets, t.Flows = flow.SaturatingSum(t.Bytes, more.Bytes), flow.SaturatingSum(t.Packets, more.Packets), t.Flows+more.Flows
	if t.Sessions == nil || more.Sessions == nil {
		t.Sessions = nil
		return
	}
	sum := *t.Sessions + *more.Sessions
	t.Sessions = &sum
}

func addEnds(g *query.Graph, x query.GraphEdge) {
	at := func(name *string) *query.GraphNode {
		i := slices.IndexFunc(g.Nodes, func(n query.GraphNode) bool { return show(n.Name) == show(name) })
		if i < 0 {
			i = len(g.Nodes)
			g.Nodes = append(g.Nodes, query.GraphNode{Name: name, Out: query.Traffic{Sessions: new(uint64)}, In: query.Traffic{Sessions: new(uint64)}})
		}
		return &g.Nodes[i]
	}
	addTraffic(&at(x.From).Out, &x.Traffic)
	addTraffic(&at(x.To).In, &x.Traffic)
}
