package template

import (
	"github.com/weirflow/weir/shared/decode/element"
	"github.com/weirflow/weir/shared/flow"
)

// Ids of IANA information elements that are named in code.
const (
	idOutBytes         = 23
	idOutPackets       = 24
	idPadding          = 210
	idFirstMPLS        = 70
	idLastMPLS         = 79
	idInterfaceName    = 82
	idFlow             = 148
	panAppID           = 56701
	idInitiatorOctets  = 231
	idInitiatorPackets = 298
)

// rules says which IANA elements have a place in flow.Record. Everything else is kept as an element.
var rules = map[uint16]rule{
	1:   {op: opBytes, present: flow.HasBytes},
	2:   {op: opPackets, present: flow.HasPackets},
	4:   {op: opProtocol, width: 1, present: flow.HasProtocol},
	5:   {op: opToS, width: 1, present: flow.HasToS},
	6:   {op: opTCPFlags, width: 2, present: flow.HasTCPFlags},
	7:   {op: opSourcePort, width: 2, present: flow.HasSourcePort},
	8:   {op: opSourceIPv4, exact: 4, present: flow.HasSourceIP},
	10:  {op: opInIf, width: 4, present: flow.HasInIf},
	11:  {op: opDestinationPort, width: 2, present: flow.HasDestinationPort},
	12:  {op: opDestinationIPv4, exact: 4, present: flow.HasDestinationIP},
	14:  {op: opOutIf, width: 4, present: flow.HasOutIf},
	15:  {op: opNextHopIPv4, exact: 4},
	16:  {op: opSourceASN, width: 4},
	17:  {op: opDestinationASN, width: 4},
	18:  {op: opNextHopIPv4, rank: 1, exact: 4}, // BGP next hop, where there is no other
	21:  {op: opLastUptime, width: 4, present: flow.HasLastUptime, post: postUptime},
	22:  {op: opFirstUptime, width: 4, present: flow.HasFirstUptime, post: postUptime},
	23:  {op: opBytes, rank: 5, present: flow.HasBytes},
	24:  {op: opPackets, rank: 5, present: flow.HasPackets},
	27:  {op: opSourceIPv6, exact: 16, present: flow.HasSourceIP},
	28:  {op: opDestinationIPv6, exact: 16, present: flow.HasDestinationIP},
	32:  {op: opICMPv4, width: 2, post: postICMP},
	34:  {op: opInterval, post: postSampling},
	48:  {op: opSampler, keep: true, post: postSampling},
	50:  {op: opInterval, post: postSampling},
	52:  {op: opTTL, rank: 1, width: 1, present: flow.HasTTL},
	53:  {op: opTTL, rank: 2, width: 1, present: flow.HasTTL},
	56:  {op: opSourceMAC, exact: 6},
	57:  {op: opDestinationMAC, rank: 1, exact: 6},
	58:  {op: opVLAN, width: 2},
	59:  {op: opVLAN, rank: 2, width: 2},
	62:  {op: opNextHopIPv6, exact: 16},
	63:  {op: opNextHopIPv6, rank: 1, exact: 16},
	80:  {op: opDestinationMAC, exact: 6},
	81:  {op: opSourceMAC, rank: 1, exact: 6},
	85:  {op: opBytes, rank: 2, present: flow.HasBytes},
	86:  {op: opPackets, rank: 2, present: flow.HasPackets},
	89:  {op: opForwardingStatus, width: 4, present: flow.HasForwardingStatus},
	95:  {op: opApplication, long: true, keep: true, post: postApplication},
	96:  {op: opApplicationName, text: true},
	130: {op: opExporter4, rank: 1, exact: 4},
	131: {op: opExporter6, rank: 1, exact: 16},
	136: {op: opEndReason, width: 1, present: flow.HasEndReason},
	139: {op: opICMPv6, width: 2, post: postICMP},
	150: {op: opStartSeconds, slot: opStartMilliseconds, rank: 4},
	151: {op: opEndSeconds, slot: opEndMilliseconds, rank: 4},
	152: {op: opStartMilliseconds, rank: 2},
	153: {op: opEndMilliseconds, rank: 2},
	154: {op: opStartMicroseconds, slot: opStartMilliseconds, rank: 1, exact: 8},
	155: {op: opEndMicroseconds, slot: opEndMilliseconds, rank: 1, exact: 8},
	156: {op: opStartNanoseconds, slot: opStartMilliseconds, exact: 8},
	157: {op: opEndNanoseconds, slot: opEndMilliseconds, exact: 8},
	158: {op: opStartDelta, slot: opStartMilliseconds, rank: 3},
	159: {op: opEndDelta, slot: opEndMilliseconds, rank: 3},
	160: {op: opSystemInit, keep: true, post: postUptime},
	161: {op: opDurationMilliseconds, keep: true, post: postTimes},
	162: {op: opDurationMicroseconds, slot: opDurationMilliseconds, rank: 1, keep: true, post: postTimes},
	176: {op: opICMPv4Type, width: 1, post: postICMP},
	177: {op: opICMPv4Code, width: 1, post: postICMP},
	178: {op: opICMPv6Type, width: 1, post: postICMP},
	179: {op: opICMPv6Code, width: 1, post: postICMP},
	180: {op: opUDPSourcePort, width: 2},
	181: {op: opUDPDestinationPort, width: 2},
	182: {op: opTCPSourcePort, width: 2},
	183: {op: opTCPDestinationPort, width: 2},
	192: {op: opTTL, width: 1, present: flow.HasTTL},
	225: {op: opSourceNAT4, exact: 4},
	226: {op: opDestinationNAT4, exact: 4},
	227: {op: opSourceNATPort, width: 2},
	228: {op: opDestinationNATPort, width: 2},
	231: {op: opBytes, rank: 1, present: flow.HasBytes},
	232: {op: opReverseBytes, rank: 1, present: flow.HasReverseBytes},
	233: {op: opFirewallEvent, width: 1, present: flow.HasFirewallEvent},
	243: {op: opVLAN, rank: 1, width: 2},
	254: {op: opVLAN, rank: 3, width: 2},
	281: {op: opSourceNAT6, exact: 16},
	282: {op: opDestinationNAT6, exact: 16},
	298: {op: opPackets, rank: 1, present: flow.HasPackets},
	299: {op: opReversePackets, rank: 1, present: flow.HasReversePackets},
	302: {op: opSampler, rank: 1, keep: true, post: postSampling},
	305: {op: opPacketInterval, keep: true, post: postSampling},
	306: {op: opPacketSpace, keep: true, post: postSampling},
	309: {op: opSampleSize, keep: true, post: postSampling},
	310: {op: opPopulation, keep: true, post: postSampling},
	311: {op: opProbability, exact: 8, keep: true, post: postSampling},
	322: {op: opObservedSeconds, slot: opObservedMilliseconds, rank: 3, post: postTimes},
	323: {op: opObservedMilliseconds, rank: 2, post: postTimes},
	324: {op: opObservedMicroseconds, slot: opObservedMilliseconds, rank: 1, exact: 8, post: postTimes},
	325: {op: opObservedNanoseconds, slot: opObservedMilliseconds, exact: 8, post: postTimes},
	352: {op: opBytes, rank: 4, present: flow.HasBytes}, // layer 2 octets, of switches that count nothing else
	403: {op: opExporter4, exact: 4},                    // original exporter, before a mediator (RFC 7119)
	404: {op: opExporter6, exact: 16},
	430: {op: opPackets, rank: 4, present: flow.HasPackets},

	// NetFlow v9 only: Cisco ASA before 8.4 and Palo Alto.
	40001: {op: opSourceNAT4, rank: 1, exact: 4},
	40002: {op: opDestinationNAT4, rank: 1, exact: 4},
	40003: {op: opSourceNATPort, rank: 1, width: 2},
	40004: {op: opDestinationNATPort, rank: 1, width: 2},
	40005: {op: opFirewallEvent, rank: 1, width: 1, present: flow.HasFirewallEvent},
	56701: {op: opApplicationName, rank: 1, text: true},
}

// reverseRules is the same for elements of the reverse direction (RFC 5103).
var reverseRules = map[uint16]rule{
	1:  {op: opReverseBytes, present: flow.HasReverseBytes},
	2:  {op: opReversePackets, present: flow.HasReversePackets},
	85: {op: opReverseBytes, rank: 2, present: flow.HasReverseBytes},
	86: {op: opReversePackets, rank: 2, present: flow.HasReversePackets},
}

// certRules is the same for elements of YAF: the flags of the first packet and those of all others.
var certRules = map[uint16]rule{
	14: {op: opInitialFlags, width: 2, keep: true, present: flow.HasTCPFlags},
	15: {op: opUnionFlags, width: 2, keep: true, present: flow.HasTCPFlags},
}

// ruleOf returns the rule of an element; names of a second interface in the same template are those of the egress side.
func ruleOf(f Field, nthName int) (rule, bool) {
	switch f.PEN {
	case element.IANA:
		if f.ID == idInterfaceName && nthName < 2 {
			return rule{op: opInIfName + op(nthName), slot: opInIfName + op(nthName), text: true}, true
		}
		if f.ID >= idFirstMPLS && f.ID <= idLastMPLS {
			return rule{op: opMPLS, keep: true, present: flow.HasMPLS}, true
		}
		r, ok := rules[f.ID]
		return r.withSlot(), ok
	case element.Reverse:
		r, ok := reverseRules[f.ID]
		return r.withSlot(), ok
	case element.CERT:
		r, ok := certRules[f.ID]
		return r.withSlot(), ok
	case element.PaloAlto:
		if f.ID == panAppID || f.ID == panAppID&^0x8000 { // in IPFIX without the bit that says that it is the enterprise's
			return rules[panAppID].withSlot(), true
		}
	}
	return rule{}, false
}

func (r rule) withSlot() rule {
	if r.slot == opNone {
		r.slot = r.op
	}
	return r
}

// takes tells whether a field of n bytes can be what the rule wants.
func (r rule) takes(n int) bool {
	switch {
	case r.text || r.long:
		return n > 0
	case r.exact != 0:
		return n == int(r.exact)
	}
	return n >= 1 && n <= 8
}
