// Package netflow9 reads NetFlow v9 datagrams (RFC 3954): header, template, options template and data FlowSets. Flexible NetFlow,
// J-Flow v9 and NetStream v9 are the same on the wire.
package netflow9

import (
	"github.com/weirflow/weir/shared/decode/template"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/wire"
)

// HeaderSize is the size of a datagram's header in bytes.
const HeaderSize = 20

// Header is the header of a datagram (RFC 3954, 5.1). Count is left to whoever cares: exporters disagree about what it counts.
type Header struct {
	Version  uint16
	Count    uint16
	Uptime   uint32 // ms
	Seconds  uint32 // export time since the Unix epoch
	Sequence uint32 // counts datagrams
	SourceID uint32
}

// ReadHeader reads the header; ok is false when payload is shorter.
func ReadHeader(payload []byte) (h Header, ok bool) {
	c := wire.NewCursor(payload)
	h = Header{Version: c.U16(), Count: c.U16(), Uptime: c.U32(), Seconds: c.U32(), Sequence: c.U32(), SourceID: c.U32()}
	return h, c.OK()
}

// Ids of FlowSets that hold definitions; data starts at 256.
const (
	templateSet = 0
	optionsSet  = 1
	firstData   = 256
)

// Decode decodes the FlowSets of a datagram whose facts the session has been given with Begin.
func Decode(payload []byte, s *template.Session) {
	sets := s.Sets(payload, HeaderSize)
	for set, ok := sets.Next(); ok; set, ok = sets.Next() {
		switch {
		case set.ID >= firstData:
			s.Data(set)
		case set.ID == templateSet:
			readTemplates(template.SetCursor{Cursor: set.Data.Cursor()}, s)
		case set.ID == optionsSet:
			readOptions(template.SetCursor{Cursor: set.Data.Cursor()}, s)
		default:
			s.Reserved(set.ID)
		}
	}
}

func readTemplates(c template.SetCursor, s *template.Session) {
	defer s.Defined()
	for c.Len() >= 4 && !c.Padding() {
		id, n := c.U16(), int(c.U16())
		if !s.Defines(id) {
			return
		}
		fields, ok := s.ReadFields(&c, id, n)
		if !ok {
			return
		}
		s.Define(template.Definition{ID: id, Fields: fields})
	}
}

func readOptions(c template.SetCursor, s *template.Session) {
	defer s.Defined()
	for c.Len() >= 6 && !c.Padding() {
		id, scope, options := c.U16(), int(c.U16()), int(c.U16())
		if !s.Defines(id) {
			return
		}
		if scope%4 != 0 || options%4 != 0 {
			s.Malformed(flow.MalformedTemplate, id, "options template with a part of a field")
			return
		}
		fields, ok := s.ReadFields(&c, id, (scope+options)/4)
		if !ok {
			return
		}
		for i := range fields[:scope/4] {
			fields[i].ID = scopeElement(fields[i].ID)
		}
		s.Define(template.Definition{ID: id, Options: true, Scope: scope / 4, Fields: fields})
	}
}

// scopeElement returns the IPFIX element that says the same as a scope type (RFC 3954, 6.1), 0 where none matters: only the
// scope "interface" names what the options are about; "system" is the exporter itself.
func scopeElement(scope uint16) uint16 {
	const scopeInterface, ingressInterface = 2, 10
	if scope == scopeInterface {
		return ingressInterface
	}
	return 0
}
