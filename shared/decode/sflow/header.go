package sflow

import (
	"encoding/binary"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/wire"
)

// version is the only version read; earlier ones were never in wide use.
const version = 5

// Address types of the sFlow specification; 0 is unknown and has no bytes.
const (
	addressUnknown = 0
	addressIPv4    = 1
	addressIPv6    = 2
)

// Header is the start of a datagram.
type Header struct {
	// Agent is the exporter's own name for itself; it may differ from the address that the datagram came from, and is zero
	// where the agent does not know it.
	Agent    flow.Addr
	SubAgent uint32
	Sequence uint32 // datagrams of this sub-agent
	Uptime   uint32 // ms
	Samples  uint32 // as claimed
}

// ReadHeader reads the header of a datagram. The error is an [Error] with flow.RefusedShort, RefusedVersion or RefusedLength.
func ReadHeader(payload []byte) (Header, error) {
	cur := wire.NewCursor(payload)
	return readHeader(&cur)
}

func readHeader(cur *wire.Cursor) (h Header, err error) {
	v := cur.U32()
	if cur.OK() && v != version {
		return Header{}, &Error{Reason: flow.RefusedVersion, Sample: -1, Detail: "not version 5"}
	}
	agent, ok := address(cur)
	if !ok && cur.OK() {
		return Header{}, &Error{Reason: flow.RefusedLength, Sample: -1, Detail: "agent address of unknown type"}
	}
	h = Header{Agent: agent, SubAgent: cur.U32(), Sequence: cur.U32(), Uptime: cur.U32(), Samples: cur.U32()}
	if !cur.OK() {
		return Header{}, &Error{Reason: flow.RefusedShort, Sample: -1, Detail: "header cut short"}
	}
	return h, nil
}

// address takes an address with its type; the unknown type gives the zero address. ok is false for other types and short input.
func address(cur *wire.Cursor) (a flow.Addr, ok bool) {
	switch cur.U32() {
	case addressUnknown:
		return flow.Addr{}, cur.OK()
	case addressIPv4:
		if b := cur.Bytes(4); b != nil {
			return flow.AddrFrom4(binary.BigEndian.Uint32(b)), true
		}
	case addressIPv6:
		if b := cur.Bytes(16); b != nil {
			return flow.Addr(b), true
		}
	}
	return flow.Addr{}, false
}
