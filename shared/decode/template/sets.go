package template

import (
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/wire"
)

// setHeader is the size of a set's header: id and length.
const setHeader = 4

// Sets walks over the sets of a datagram.
type Sets struct {
	session *Session
	rest    wire.Window
	number  uint16
}

// Sets returns the sets of payload behind a header of the given size, which must be at least 8.
func (s *Session) Sets(payload []byte, header int) Sets {
	w, _ := wire.NewWindow(payload, header, len(payload))
	return Sets{session: s, rest: w}
}

// Next returns the next set and counts it as seen. It is false at the end, also when a length that cannot be ends the datagram.
func (it *Sets) Next() (Set, bool) {
	if it.rest.Len() < setHeader {
		return Set{}, false
	}
	id, n := uint16(it.rest.Number(2, 0xffff)), int(it.rest.Number(4, 0xffff))
	s := it.session
	s.account.Sets.Add(1)
	if n < setHeader || n > it.rest.Len() {
		s.Malformed(flow.MalformedSetLength, id, "a set's length is under 4 or beyond the datagram")
		s.account.SetsExpired.Add(flow.ExpiredMalformed, 1)
		s.unknown++
		it.rest = wire.Window{}
		return Set{}, false
	}
	set := Set{ID: id, Number: it.number, Data: it.rest.Part(setHeader, n-setHeader)}
	it.rest = it.rest.From(n)
	it.number++
	return set, true
}

// SetCursor reads the definitions of a template set.
type SetCursor struct {
	wire.Cursor
	Enterprise bool // ids have an enterprise bit (IPFIX)
}

// Padding tells whether only zeros are left, which fill up a set to a multiple of four or more.
func (c *SetCursor) Padding() bool {
	for _, b := range c.Rest() {
		if b != 0 {
			return false
		}
	}
	return true
}

// Defined counts a set of definitions that has been read.
func (s *Session) Defined() { s.account.SetsDecoded.Add(1) }

// Reserved counts a set whose id has no meaning.
func (s *Session) Reserved(id uint16) {
	s.unknown++
	s.account.SetsExpired.Add(flow.ExpiredMalformed, 1)
}
