package frames

import (
	"fmt"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/weirflow/weir/grafana-datasource/pkg/model"
	"github.com/weirflow/weir/shared/query"
)

// Graph is who talks to whom with what is needed to show it.
type Graph struct {
	query.Graph
	By    string // the field that nodes are values of
	Links Links
	Info  Info
}

// Frames makes the two tables of Grafana's node graph: nodes and edges. A node's ring says which part of its bytes goes out.
func (g *Graph) Frames() data.Frames {
	if g.Other != nil {
		g.Info.Notes = append(g.Info.Notes, fmt.Sprintf("Only the strongest connections are shown; all others add up to %s in %s flows.", amount(float64(g.Other.Bytes), "B"), amount(float64(g.Other.Flows), "")))
	}
	nodes, edges := g.nodes(), g.edges()
	nodes.Name, edges.Name = "nodes", "edges"
	return g.Info.apply(data.Frames{nodes, edges}, "", data.VisTypeNodeGraph)
}

func nameOf(name *string) string {
	if name == nil {
		return model.None
	}
	return *name
}

// title is what nodes are: the field without its side.
func (g *Graph) title() string {
	for _, side := range []string{"source.", "destination."} {
		if rest, ok := strings.CutPrefix(g.By, side); ok && rest == "ip" {
			return "Host"
		}
	}
	return Title(strings.NewReplacer("source.", "", "destination.", "").Replace(g.By))
}

func (g *Graph) nodes() *data.Frame {
	ids := each(g.Nodes, func(n *query.GraphNode) string { return nameOf(n.Name) })
	share := func(n *query.GraphNode, part uint64) *float64 {
		all := float64(n.Out.Bytes) + float64(n.In.Bytes)
		return shareOf(float(part), all)
	}
	arc := func(name, title, color string, values []*float64) column {
		c := number(name, title, values).unit(percent)
		c.Config.Color = map[string]any{"mode": "fixed", "fixedColor": color}
		return c
	}
	return tableOf("nodes",
		text("id", g.title(), ids).linked(g.Links.Of(g.By, "${__value.raw}")),
		text("title", g.title(), ids),
		number("mainstat", "Out", each(g.Nodes, func(n *query.GraphNode) *float64 { return float(n.Out.Bytes) })).unit("decbytes"),
		number("secondarystat", "In", each(g.Nodes, func(n *query.GraphNode) *float64 { return float(n.In.Bytes) })).unit("decbytes"),
		arc("arc__out", "Out", "blue", each(g.Nodes, func(n *query.GraphNode) *float64 { return share(n, n.Out.Bytes) })),
		arc("arc__in", "In", "green", each(g.Nodes, func(n *query.GraphNode) *float64 { return share(n, n.In.Bytes) })),
		number("detail__flows_out", "Flows out", each(g.Nodes, func(n *query.GraphNode) *float64 { return float(n.Out.Flows) })),
		number("detail__flows_in", "Flows in", each(g.Nodes, func(n *query.GraphNode) *float64 { return float(n.In.Flows) })),
		number("detail__sessions_out", "Sessions opened", each(g.Nodes, func(n *query.GraphNode) *float64 { return optional(n.Out.Sessions) })),
		number("detail__sessions_in", "Sessions accepted", each(g.Nodes, func(n *query.GraphNode) *float64 { return optional(n.In.Sessions) })),
	)
}

func (g *Graph) edges() *data.Frame {
	most := uint64(1)
	for i := range g.Edges {
		most = max(most, g.Edges[i].Bytes)
	}
	return tableOf("edges",
		text("id", "Connection", each(g.Edges, func(e *query.GraphEdge) string { return nameOf(e.From) + " > " + nameOf(e.To) })),
		text("source", "From", each(g.Edges, func(e *query.GraphEdge) string { return nameOf(e.From) })),
		text("target", "To", each(g.Edges, func(e *query.GraphEdge) string { return nameOf(e.To) })),
		number("mainstat", "Bytes", each(g.Edges, func(e *query.GraphEdge) *float64 { return float(e.Bytes) })).unit("decbytes"),
		number("secondarystat", "Flows", each(g.Edges, func(e *query.GraphEdge) *float64 { return float(e.Flows) })).unit("short"),
		number("thickness", "", each(g.Edges, func(e *query.GraphEdge) *float64 { return thickness(e.Bytes, most) })),
		number("detail__packets", "Packets", each(g.Edges, func(e *query.GraphEdge) *float64 { return float(e.Packets) })).unit("short"),
		number("detail__sessions", "Sessions", each(g.Edges, func(e *query.GraphEdge) *float64 { return optional(e.Sessions) })).unit("short"),
	)
}

// thickness of an edge in pixels: 1 to 6, by its bytes.
func thickness(bytes, most uint64) *float64 {
	t := 1 + 5*float64(bytes)/float64(most)
	return &t
}

func optional(n *uint64) *float64 {
	if n == nil {
		return nil
	}
	return float(*n)
}
