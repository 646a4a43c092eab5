package cim

import (
	"strconv"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/sink/member"
)

// Part says which part of a session an event tells of. The session that goes with it has the counters and the start of the part alone.
type Part struct {
	Number uint32 // parts told of before; 0 with a session as a whole
	Start  int64  // of the whole session, ns since the Unix epoch
	Bytes  uint64 // of the whole session so far, both directions
}

func sessionOwnFields() []Field {
	return []Field{
		{Name: "session_id", Type: typeString, CIM: true, Doc: "Identity of the session: parts of one have the same.", Example: "0f3c9a..."},
		{Name: "weir.session.part", Type: typeNumber, Doc: "Parts told of before this one: 0 where the session is told of as a whole, or for the first time.", Example: "0"},
		{Name: "weir.session.open", Type: typeBoolean, Doc: "Whether another part may come.", Example: "false"},
		{Name: "weir.session.truncated", Type: typeBoolean, Doc: "Present where the session was given up for want of room: the rest makes another one.", Example: "true"},
		{Name: "weir.session.bytes", Type: typeNumber, Unit: "bytes", Doc: "Bytes of the session up to here, both directions: only in parts after the first.", Example: "734003200"},
		{Name: "weir.session.records", Type: typeNumber, Doc: "Records that the session is made of so far.", Example: "4"},
		{Name: "weir.session.copies", Type: typeNumber, Doc: "Records that are other exporters' copies, which are not summed.", Example: "0"},
	}
}

// AppendSession appends the event of a session of the batch, or of a part of it. It allocates nothing but what dst needs to grow.
func (e *Encoder) AppendSession(dst []byte, b *flow.SessionBatch, s *flow.Session, part Part) []byte {
	dst = appendTimestamp(dst, s.End)
	dst = append(dst, `,"action":"flow"`...)
	dst = member.Addr(dst, `,"src":`, s.Client.IP)
	dst = member.Addr(dst, `,"dest":`, s.Server.IP)
	if s.ExporterCount > 0 {
		dst = member.Addr(dst, `,"dvc":`, s.Exporters[0])
	}
	dst = appendProtocol(dst, s.Transport)
	dst = appendVersion(dst, s.Client.IP, s.Server.IP)
	dst = appendZones(dst, b.Symbols, s.Client.Groups, s.Server.Groups)
	scratch := e.values.Get().(*[]flow.Value)
	for i := range e.sessions {
		w := &e.sessions[i]
		if w.write != nil {
			dst = w.write(dst, b, s)
			continue
		}
		values := w.field.OfSession((*scratch)[:0], b.Symbols, s)
		*scratch = values[:0]
		dst = appendValues(dst, w.key, w.field, w.list, values)
	}
	e.values.Put(scratch)
	return e.finish(appendSessionOwn(dst, s, part), Session)
}

func appendSessionOwn(dst []byte, s *flow.Session, part Part) []byte {
	dst = member.Seconds(dst, `,"session.start":`, part.Start)
	dst = append(s.ID.AppendTo(append(dst, `,"session_id":"`...)), '"')
	dst = member.Uint(dst, `,"weir.session.part":`, uint64(part.Number))
	dst = member.Bool(dst, `,"weir.session.open":`, s.Open)
	if s.Truncated {
		dst = member.Bool(dst, `,"weir.session.truncated":`, true)
	}
	if part.Number > 0 {
		dst = member.Uint(dst, `,"weir.session.bytes":`, part.Bytes)
	}
	dst = member.Uint(dst, `,"weir.session.records":`, uint64(s.Records))
	return member.Uint(dst, `,"weir.session.copies":`, uint64(s.Copies))
}

// AppendSessionID appends the identity of the event of a session's part.
func AppendSessionID(dst []byte, s *flow.Session, part uint32) []byte {
	return strconv.AppendUint(append(s.ID.AppendTo(dst), '-'), uint64(part), 10)
}

// specialOfSession are the fields of sessions that are not written by the kind of their values.
var specialOfSession = map[string]func(dst []byte, b *flow.SessionBatch, s *flow.Session) []byte{
	"network.transport": func(dst []byte, _ *flow.SessionBatch, s *flow.Session) []byte {
		return member.Text(dst, `,"transport":`, transportName(s.Transport))
	},
	serviceField: func(dst []byte, b *flow.SessionBatch, s *flow.Session) []byte {
		return appendApp(dst, b.Symbols.Text(s.Service))
	},
	directionField: func(dst []byte, _ *flow.SessionBatch, s *flow.Session) []byte {
		return appendDirection(dst, s.Direction)
	},
	flagsField: func(dst []byte, _ *flow.SessionBatch, s *flow.Session) []byte {
		if !s.HasTCPFlags() {
			return dst
		}
		return appendFlags(dst, s.Flags())
	},
	"session.start": func(dst []byte, _ *flow.SessionBatch, _ *flow.Session) []byte { return dst }, // of the whole session: see Part
}

// Whole is the part that is all of a session.
func Whole(s *flow.Session) Part { return Part{Start: s.Start} }
