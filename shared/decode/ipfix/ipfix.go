// Package ipfix reads IPFIX messages (RFC 7011): header, template, options template and data sets.
package ipfix

import (
	"github.com/weirflow/weir/shared/decode/template"
	"github.com/weirflow/weir/shared/wire"
)

// HeaderSize is the size of a message's header in bytes.
const HeaderSize = 16

// Header is the header of a message (RFC 7011, 3.1).
type Header struct {
	Version  uint16
	Length   uint16 // of the message
	Seconds  uint32 // export time since the Unix epoch
	Sequence uint32 // counts data records, those of options included, sent before this message
	Domain   uint32
}

// ReadHeader reads the header; ok is false when payload is shorter.
func ReadHeader(payload []byte) (h Header, ok bool) {
	c := wire.NewCursor(payload)
	h = Header{Version: c.U16(), Length: c.U16(), Seconds: c.U32(), Sequence: c.U32(), Domain: c.U32()}
	return h, c.OK()
}

// Ids of sets that hold definitions; data starts at 256.
const (
	templateSet = 2
	optionsSet  = 3
	firstData   = 256
)

// Decode decodes the sets of a message whose facts the session has been given with Begin. payload is the message.
func Decode(payload []byte, s *template.Session) {
	sets := s.Sets(payload, HeaderSize)
	for set, ok := sets.Next(); ok; set, ok = sets.Next() {
		switch {
		case set.ID >= firstData:
			s.Data(set)
		case set.ID == templateSet:
			readTemplates(template.SetCursor{Cursor: set.Data.Cursor(), Enterprise: true}, s)
		case set.ID == optionsSet:
			readOptions(template.SetCursor{Cursor: set.Data.Cursor(), Enterprise: true}, s)
		default:
			s.Reserved(set.ID)
		}
	}
}

func readTemplates(c template.SetCursor, s *template.Session) {
	defer s.Defined()
	for c.Len() >= 4 && !c.Padding() {
		id, n := c.U16(), int(c.U16())
		if n == 0 {
			if !s.Withdraw(id) {
				return
			}
			continue
		}
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

// readOptions reads options templates (RFC 7011, 3.4.2.2). A scope of no fields is forbidden, but seen and harmless.
func readOptions(c template.SetCursor, s *template.Session) {
	defer s.Defined()
	for c.Len() >= 4 && !c.Padding() {
		id, n := c.U16(), int(c.U16())
		if n == 0 {
			if !s.Withdraw(id) {
				return
			}
			continue
		}
		if !s.Defines(id) {
			return
		}
		scope := int(c.U16())
		fields, ok := s.ReadFields(&c, id, n)
		if !ok {
			return
		}
		s.Define(template.Definition{ID: id, Options: true, Scope: scope, Fields: fields})
	}
}
