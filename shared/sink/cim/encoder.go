package cim

import (
	"strconv"
	"sync"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/sink/member"
)

// Config says what an encoder needs to know.
type Config struct {
	// Flows says which events of flows there are: those are what the evidence of an alert asks for.
	Flows Flows
}

// Encoder writes events. It is immutable, and safe for concurrent use.
type Encoder struct {
	flows    Flows
	reg      *flow.Registry
	rows     [len(kindTexts)][]row
	sessions []sessionRow
	tail     [len(kindTexts)][]byte // what all events of a kind have, as `,"name":value`
	values   sync.Pool              // of *[]flow.Value
}

// NewEncoder returns an encoder.
func NewEncoder(cfg Config) *Encoder {
	e := &Encoder{flows: cfg.Flows, reg: flow.NewRegistry()}
	e.values.New = func() any { values := make([]flow.Value, 0, 16); return &values }
	for _, kind := range Kinds() {
		for _, f := range Fields(kind) {
			if f.Always != "" {
				e.tail[kind] = member.Text(e.tail[kind], member.Key(f.Name), f.Always)
			}
		}
	}
	e.rows[Flow], e.rows[Traffic] = rowsOf(e.reg, Flow), rowsOf(e.reg, Traffic)
	e.sessions = sessionRowsOf(e.reg)
	return e
}

// finish appends what all events of the kind have, and the end.
func (e *Encoder) finish(dst []byte, kind Kind) []byte {
	return append(append(dst, e.tail[kind]...), '}')
}

// appendTimestamp appends the beginning of all events, with microseconds: Splunk reads it by a format of fixed width.
func appendTimestamp(dst []byte, ns int64) []byte {
	dst = append(dst, `{"timestamp":`...)
	if ns < 0 { // before 1970 there was no flow export
		ns = 0
	}
	dst = append(strconv.AppendInt(dst, ns/1e9, 10), '.')
	for rest, unit := ns%1e9/1e3, int64(1e5); unit > 0; unit /= 10 {
		dst = append(dst, byte('0'+rest/unit%10))
	}
	return dst
}

// row is a field of the registry as events of records have it.
type row struct {
	key   string
	field *flow.Field
	// write appends the member, or nothing; nil: by the kind of the field's values.
	write func(dst []byte, b *flow.Batch, r *flow.Record) []byte
}

func rowsOf(reg *flow.Registry, kind Kind) (list []row) {
	for _, f := range reg.Fields() {
		if name := filter.SplunkName(f); isIn(kind, f) && name != "_time" {
			list = append(list, row{key: member.Key(name), field: f, write: special[f.Name]})
		}
	}
	return list
}

// sessionRow is a field of the registry as events of sessions have it.
type sessionRow struct {
	key   string
	field *flow.Field
	list  bool
	write func(dst []byte, b *flow.SessionBatch, s *flow.Session) []byte
}

func sessionRowsOf(reg *flow.Registry) (list []sessionRow) {
	seen := map[string]bool{"_time": true}
	for _, f := range reg.Fields() {
		name := filter.SplunkName(f)
		if !isIn(Session, f) || seen[name] {
			continue
		}
		seen[name] = true
		list = append(list, sessionRow{key: member.Key(name), field: f, list: f.List || f.Name == "observer.ip", write: specialOfSession[f.Name]})
	}
	return list
}

// appendValues appends a field's values under its key, or nothing where there are none.
func appendValues(dst []byte, key string, f *flow.Field, list bool, values []flow.Value) []byte {
	if len(values) == 0 {
		return dst
	}
	start := len(dst)
	dst = append(dst, key...)
	if !list {
		return appendValue(dst, start, f, &values[0])
	}
	dst = append(dst, '[')
	for i := range values {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendValue(dst, start, f, &values[i])
	}
	return append(dst, ']')
}

// appendValue appends a value. One that JSON has no number for takes its key away again, from start.
func appendValue(dst []byte, start int, f *flow.Field, v *flow.Value) []byte {
	switch {
	case f.Name == "event.duration" || f.Kind == flow.KindTime:
		return member.AppendSeconds(dst, int64(v.U))
	case f.Kind == flow.KindUint:
		return strconv.AppendUint(dst, v.U, 10)
	case f.Kind == flow.KindInt:
		return strconv.AppendInt(dst, int64(v.U), 10)
	case f.Kind == flow.KindFloat:
		before := len(dst)
		if dst = member.Float(dst, "", v.F); len(dst) == before {
			return dst[:start]
		}
		return dst
	case f.Kind == flow.KindIP:
		return member.Addr(dst, "", v.IP)
	case f.Kind == flow.KindMAC:
		return appendMAC(dst, flow.MACFromNumber(v.U))
	}
	return member.AppendString(dst, v.S)
}

// appendMAC appends a hardware address as CIM has it: in lower case, with colons.
func appendMAC(dst []byte, m flow.MAC) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for i, c := range m {
		if i > 0 {
			dst = append(dst, ':')
		}
		dst = append(dst, hex[c>>4], hex[c&15])
	}
	return append(dst, '"')
}
