package sflow

import (
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/wire"
)

// Formats of an interface value.
const (
	interfaceSingle    = 0 // the value is an ifIndex
	interfaceDiscarded = 1 // the value is a reason; output only
)

// Values that stand for "no interface": the packet comes from or goes to the exporter itself.
const (
	interfaceInternal         = 0x3fffffff
	interfaceInternalExpanded = 0xffffffff
)

// port is where a packet came in or went out.
type port struct{ format, value uint32 }

// readInterfaces takes input and output: 2 bits of format and 30 of value, or a word each in expanded samples.
func readInterfaces(format uint32, cur *wire.Cursor) (in, out port) {
	if format == formatExpandedFlow {
		return port{cur.U32(), cur.U32()}, port{cur.U32(), cur.U32()}
	}
	a, b := cur.U32(), cur.U32()
	return port{a >> 30, a & interfaceInternal}, port{b >> 30, b & interfaceInternal}
}

func (p port) internal() bool {
	return p.format == interfaceSingle && (p.value == interfaceInternal || p.value == interfaceInternalExpanded)
}

// index returns the ifIndex, 0 for the exporter itself; known is false where the sample does not name one interface.
func (p port) index() (ifIndex uint32, known bool) {
	if p.internal() {
		return 0, true
	}
	return p.value, p.format == interfaceSingle && p.value != 0
}

func (s *sample) interfaces(in, out port) {
	if i, ok := in.index(); ok {
		s.r.InIf = i
		s.r.Present |= flow.HasInIf
	}
	if i, ok := out.index(); ok {
		s.r.OutIf = i
		s.r.Present |= flow.HasOutIf
	}
	if out.format == interfaceDiscarded {
		s.r.OutIf = 0
		s.r.ForwardingStatus = forwardingStatus(out.value)
		s.r.Present |= flow.HasOutIf | flow.HasForwardingStatus
	}
}

// Values of IE 89 (IANA): dropped, by reason.
const (
	droppedUnknown    = 128
	droppedACL        = 129
	droppedUnroutable = 131
	droppedFragment   = 133 // needs fragmentation, which is not allowed
	droppedTTL        = 137
	droppedPolicer    = 138
	droppedWRED       = 139
)

// forwardingStatus translates sFlow's reasons: 0 to 15 are the codes of ICMP destination unreachable (RFC 1812, 5.2.7.1), from
// 256 on sFlow's own.
func forwardingStatus(reason uint32) uint8 {
	switch reason {
	case 4, 262:
		return droppedFragment
	case 9, 10, 13, 258:
		return droppedACL
	case 257:
		return droppedTTL
	case 260:
		return droppedWRED
	case 261:
		return droppedPolicer
	case 269: // a black hole
		return droppedUnroutable
	}
	if reason < 16 {
		return droppedUnroutable
	}
	return droppedUnknown
}
