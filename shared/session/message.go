package session

import "github.com/weirflow/weir/shared/flow"

// Classes of ICMP messages: a query and its reply are of one class, errors are each their own.
const (
	icmpEcho      = 1
	icmpTimestamp = 2
	icmpMask      = 3
	icmpError     = 0x100 // plus the type
)

// icmpRole says what a message is in its conversation.
type icmpRole uint8

const (
	icmpOther icmpRole = iota
	icmpQuery
	icmpReply
	icmpFailure // an answer to a packet of another conversation
)

// icmpClass returns the class and the role of a message (RFC 792, RFC 4443).
func icmpClass(proto, typ uint8) (class uint16, role icmpRole) {
	if proto == protoICMPv6 {
		switch {
		case typ == 128:
			return icmpEcho, icmpQuery
		case typ == 129:
			return icmpEcho, icmpReply
		case typ < 128:
			return icmpError + uint16(typ), icmpFailure
		}
		return icmpError + uint16(typ), icmpOther
	}
	switch typ {
	case 8:
		return icmpEcho, icmpQuery
	case 0:
		return icmpEcho, icmpReply
	case 13:
		return icmpTimestamp, icmpQuery
	case 14:
		return icmpTimestamp, icmpReply
	case 17:
		return icmpMask, icmpQuery
	case 18:
		return icmpMask, icmpReply
	case 3, 4, 5, 11, 12:
		return icmpError + uint16(typ), icmpFailure
	}
	return icmpError + uint16(typ), icmpOther
}

// message is what an ICMP record says: its class stands where other protocols have ports.
type message struct {
	isICMP bool
	class  uint16
	icmp   [2]uint8
	hint   hint
}

// messageOf reads it; NetFlow v5 has the type and the code in the destination port.
func messageOf(r *flow.Record) (m message) {
	if r.IPProtocol != protoICMP && r.IPProtocol != protoICMPv6 {
		return m
	}
	m.isICMP = true
	if r.Present.Has(flow.HasICMP) {
		m.icmp = [2]uint8{r.ICMPType, r.ICMPCode}
	} else {
		m.icmp = [2]uint8{uint8(r.Destination.Port >> 8), uint8(r.Destination.Port)}
	}
	class, role := icmpClass(r.IPProtocol, m.icmp[0])
	m.class = class
	switch role {
	case icmpQuery:
		m.hint = hintQuery
	case icmpReply:
		m.hint = hintReply
	case icmpFailure:
		m.hint = hintNegative
	}
	return m
}
