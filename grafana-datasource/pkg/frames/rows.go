package frames

import (
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/weirflow/weir/shared/flow"
)

// recordFields are the columns of records where nobody asks for others.
var recordFields = []string{
	"@timestamp", "source.ip", "source.port", "destination.ip", "destination.port", "network.transport", "network.protocol", "network.direction",
	"network.bytes", "network.packets", "weir.tcp.flags", "observer.ip", "observer.ingress.interface.name", "observer.egress.interface.name", "event.start",
}

// sessionFields are the same of sessions.
var sessionFields = []string{
	"session.start", "@timestamp", "client.ip", "client.port", "server.ip", "server.port", "network.transport", "network.protocol", "network.direction",
	"client.bytes", "server.bytes", "client.packets", "server.packets", "weir.tcp.state", "event.duration", "weir.tcp.flags", "observer.ip",
}

// Rows is an answer of records or sessions: what their fields hold, and how it is shown.
type Rows struct {
	Fields   []string // asked for; none: a choice, "*": all that occur
	Registry *flow.Registry
	Links    Links
	Info     Info
	sessions bool
}

// Records makes a table of records.
func (r *Rows) Records(b *flow.Batch) data.Frames {
	get := func(f *flow.Field, row int) []flow.Value { return f.Get(nil, b, &b.Records[row]) }
	has := func(f *flow.Field) bool { return f.Get != nil }
	return r.table(len(b.Records), r.fields(recordFields, has, get, len(b.Records)), get)
}

// Sessions makes a table of sessions; bytes and packets are those of client and server, out and in.
func (r *Rows) Sessions(b *flow.SessionBatch) data.Frames {
	r.sessions = true
	get := func(f *flow.Field, row int) []flow.Value { return f.OfSession(nil, b.Symbols, &b.Sessions[row]) }
	has := func(f *flow.Field) bool { return f.OfSession != nil }
	return r.table(len(b.Sessions), r.fields(sessionFields, has, get, len(b.Sessions)), get)
}

// getter returns what a field holds in a row.
type getter func(f *flow.Field, row int) []flow.Value

// fields returns the columns. Names that are not known, and objects, are left out: they were asked for by a later version's editor.
func (r *Rows) fields(usual []string, has func(*flow.Field) bool, get getter, rows int) (list []*flow.Field) {
	asked := r.Fields
	if len(asked) == 0 {
		asked = usual
	}
	if slices.Contains(asked, "*") {
		return r.occurring(has, get, rows)
	}
	for _, name := range asked {
		if f := r.Registry.Lookup(strings.TrimSpace(name)); f != nil && has(f) && f.Kind != flow.KindObject && !slices.Contains(list, f) {
			list = append(list, f)
		}
	}
	return list
}

// occurring returns all fields that any row has, without those that say the same as another.
func (r *Rows) occurring(has func(*flow.Field) bool, get getter, rows int) (list []*flow.Field) {
	for _, f := range r.Registry.Fields() {
		if !has(f) || f.Kind == flow.KindObject || strings.HasPrefix(f.Name, "related.") || f.Name == "event.end" {
			continue
		}
		for row := range rows {
			if len(get(f, row)) > 0 {
				list = append(list, f)
				break
			}
		}
	}
	return list
}

func (r *Rows) table(rows int, fields []*flow.Field, get getter) data.Frames {
	frame := data.NewFrame("")
	for _, f := range fields {
		values := make([][]flow.Value, rows)
		for i := range values {
			values[i] = get(f, i)
		}
		frame.Fields = append(frame.Fields, r.column(f, values).Field)
	}
	return r.Info.apply(data.Frames{frame}, data.FrameTypeTable, data.VisTypeTable)
}

// column makes a column of what a field holds in each row: numbers and times as such, lists and all else as text.
func (r *Rows) column(f *flow.Field, values [][]flow.Value) column {
	var c column
	switch {
	case f.Kind == flow.KindTime:
		c = instant(f.Name, r.title(f), each(values, firstTime))
	case isNumber(f.Kind) && !f.List:
		c = number(f.Name, r.title(f), each(values, firstNumber)).unit(rowUnit(f))
	default:
		c = optionalText(f.Name, r.title(f), each(values, joined))
	}
	return c.filterable().described(f.Doc).linked(r.Links.Of(f.Name, "${__value.raw}"))
}

func isNumber(k flow.Kind) bool {
	return k == flow.KindUint || k == flow.KindInt || k == flow.KindFloat
}

// sessionTitles are titles of sessions' columns: counters of the sides are what went out and in, seen from who opened them.
var sessionTitles = map[string]string{
	"@timestamp": "End", "client.bytes": "Bytes out", "server.bytes": "Bytes in", "client.packets": "Packets out", "server.packets": "Packets in",
}

func (r *Rows) title(f *flow.Field) string {
	if t, ok := sessionTitles[f.Name]; ok && r.sessions {
		return t
	}
	return Title(f.Name)
}

func rowUnit(f *flow.Field) string {
	switch {
	case f.Unit != "":
		return units[f.Unit]
	case strings.HasSuffix(f.Name, ".bytes"):
		return units["bytes"]
	case f.Name == "event.duration":
		return units["ns"]
	case f.Name == "weir.direction.confidence":
		return percent
	}
	return ""
}

func firstTime(v *[]flow.Value) *time.Time {
	if len(*v) == 0 {
		return nil
	}
	t := time.Unix(0, int64((*v)[0].U)).UTC()
	return &t
}

func firstNumber(v *[]flow.Value) *float64 {
	if len(*v) == 0 {
		return nil
	}
	switch n := (*v)[0]; n.Kind {
	case flow.KindUint:
		return float(n.U)
	case flow.KindInt:
		return float(int64(n.U))
	default:
		return &n.F
	}
}

func joined(v *[]flow.Value) *string {
	if len(*v) == 0 {
		return nil
	}
	parts := each(*v, func(one *flow.Value) string { return one.String() })
	text := strings.Join(parts, ", ")
	return &text
}
