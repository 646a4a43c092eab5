package template

import (
	"math"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/wire"
)

// machine holds what instructions need beside the record.
type machine struct {
	exported int64 // export time of the datagram: base of IE 158 and 159
	exporter flow.Addr
	intern   func(text []byte) flow.Symbol
	rec      scratch
}

// scratch is what fields of the record at hand told that the record has no place for. It is cleared before each record of a
// program with post steps.
type scratch struct {
	rate        rate
	sampler     uint64
	named       bool // sampler holds a value
	observed    int64
	duration    int64
	init        int64 // system init time
	icmp4       uint16
	icmp6       uint16
	hasICMP     uint8 // bit 0: icmp4, bit 1: icmp6
	application uint64
	connection  uint64 // flow id of a firewall
}

// special executes the operations that are rare or depend on the value.
func (m *machine) special(in *instruction, v uint64, w wire.Window, r *flow.Record) {
	switch {
	case in.op <= opDestinationMAC:
		m.address(in, v, w, r)
	case in.op <= opSystemInit:
		m.time(in.op, v, r)
	case in.op <= opICMPv6Code:
		m.icmp(in.op, v)
	case in.op <= opForwardingStatus:
		m.firewall(in, v, w, r)
	case in.op <= opTCPDestinationPort:
		transportPort(in.op, v, r)
	case in.op <= opProbability:
		m.sampling(in.op, v)
	case in.op <= opUnionFlags:
		m.other(in, v, w, r)
	default:
		m.name(in, v, w, r)
	}
}

// address takes addresses that may be 0 for "none".
func (m *machine) address(in *instruction, v uint64, w wire.Window, r *flow.Record) {
	switch in.op {
	case opEitherSourceIPv4:
		setEither(&r.Source.IP, flow.AddrFrom4(uint32(v)), r, flow.HasSourceIP)
	case opEitherSourceIPv6:
		setEither(&r.Source.IP, w.Sixteen(int(in.end)), r, flow.HasSourceIP)
	case opEitherDestinationIPv4:
		setEither(&r.Destination.IP, flow.AddrFrom4(uint32(v)), r, flow.HasDestinationIP)
	case opEitherDestinationIPv6:
		setEither(&r.Destination.IP, w.Sixteen(int(in.end)), r, flow.HasDestinationIP)
	case opNextHopIPv6:
		if a := flow.Addr(w.Sixteen(int(in.end))); !a.IsZero() {
			r.NextHop = a
		}
	case opSourceMAC:
		r.Source.MAC = flow.MACFromNumber(v)
	case opDestinationMAC:
		r.Destination.MAC = flow.MACFromNumber(v)
	}
}

// setEither takes an address of one family where the template has both: the unused one is 0.
func setEither(at *flow.Addr, a flow.Addr, r *flow.Record, bit flow.Presence) {
	if r.Present&bit == 0 || !a.IsUnspecified() {
		*at = a
	}
	r.Present |= bit
}

func (m *machine) time(o op, v uint64, r *flow.Record) {
	switch o {
	case opStartSeconds:
		setStart(r, scaled(v, 1e9))
	case opEndSeconds:
		setEnd(r, scaled(v, 1e9))
	case opStartMicroseconds:
		setStart(r, fromNTP(v, 1e3))
	case opEndMicroseconds:
		setEnd(r, fromNTP(v, 1e3))
	case opStartNanoseconds:
		setStart(r, fromNTP(v, 1))
	case opEndNanoseconds:
		setEnd(r, fromNTP(v, 1))
	case opStartDelta:
		setStart(r, m.exported-scaled(v, 1e3))
		r.Present |= flow.HasHeaderTimes
	case opEndDelta:
		setEnd(r, m.exported-scaled(v, 1e3))
		r.Present |= flow.HasHeaderTimes
	case opObservedSeconds:
		m.rec.observed = scaled(v, 1e9)
	case opObservedMilliseconds:
		m.rec.observed = scaled(v, 1e6)
	case opObservedMicroseconds:
		m.rec.observed = fromNTP(v, 1e3)
	case opObservedNanoseconds:
		m.rec.observed = fromNTP(v, 1)
	case opDurationMilliseconds:
		m.rec.duration = scaled(v, 1e6)
	case opDurationMicroseconds:
		m.rec.duration = scaled(v, 1e3)
	case opSystemInit:
		m.rec.init = scaled(v, 1e6)
	}
}

// setStart and setEnd take an absolute time; 0 is what exporters send for "none".
func setStart(r *flow.Record, ns int64) {
	if ns > 0 {
		r.Start = ns
		r.Present |= flow.HasStart
	}
}

func setEnd(r *flow.Record, ns int64) {
	if ns > 0 {
		r.End = ns
		r.Present |= flow.HasEnd
	}
}

// scaled converts a number of units to ns; one that is beyond what ns can hold is no time, and 0.
func scaled(v uint64, unit int64) int64 {
	if v > uint64(math.MaxInt64/unit) {
		return 0
	}
	return int64(v) * unit
}

// ntpToUnix is the seconds from the NTP era 0 (1900) to the Unix epoch.
const ntpToUnix = 2_208_988_800

// fromNTP converts a 64-bit NTP time (RFC 5905, 6) to ns since the Unix epoch; the result is 0 for 0. Some exporters send plain
// time since the Unix epoch in the element's unit (unit ns) instead. Until NTP's era 0 ends in 2036 the highest bit, which every
// NTP time since 1968 has, tells them apart.
func fromNTP(v uint64, unit int64) int64 {
	if v>>63 == 0 {
		return scaled(v, unit)
	}
	seconds, fraction := int64(v>>32), int64(v&math.MaxUint32)
	return (seconds-ntpToUnix)*1e9 + (fraction*1e9)>>32
}

// Bits of scratch.hasICMP.
const (
	hasICMPv4 = 1
	hasICMPv6 = 2
)

// icmp notes type and code; which family counts is known with the protocol.
func (m *machine) icmp(o op, v uint64) {
	s := &m.rec
	switch o {
	case opICMPv4:
		s.icmp4, s.hasICMP = uint16(v), s.hasICMP|hasICMPv4
	case opICMPv6:
		s.icmp6, s.hasICMP = uint16(v), s.hasICMP|hasICMPv6
	case opICMPv4Type:
		s.icmp4, s.hasICMP = s.icmp4&0xff|uint16(v)<<8, s.hasICMP|hasICMPv4
	case opICMPv4Code:
		s.icmp4 = s.icmp4&0xff00 | uint16(v)&0xff
	case opICMPv6Type:
		s.icmp6, s.hasICMP = s.icmp6&0xff|uint16(v)<<8, s.hasICMP|hasICMPv6
	case opICMPv6Code:
		s.icmp6 = s.icmp6&0xff00 | uint16(v)&0xff
	}
}

// firewall takes what NAT devices and firewalls say; addresses and ports of 0 are not translated.
func (m *machine) firewall(in *instruction, v uint64, w wire.Window, r *flow.Record) {
	switch in.op {
	case opSourceNAT4:
		if v != 0 {
			r.Source.NAT = flow.AddrFrom4(uint32(v))
		}
	case opDestinationNAT4:
		if v != 0 {
			r.Destination.NAT = flow.AddrFrom4(uint32(v))
		}
	case opSourceNAT6:
		if a := flow.Addr(w.Sixteen(int(in.end))); !a.IsZero() {
			r.Source.NAT = a
		}
	case opDestinationNAT6:
		if a := flow.Addr(w.Sixteen(int(in.end))); !a.IsZero() {
			r.Destination.NAT = a
		}
	case opSourceNATPort:
		if uint16(v) != 0 {
			r.Source.NATPort, r.Present = uint16(v), r.Present|flow.HasSourceNATPort
		}
	case opDestinationNATPort:
		if uint16(v) != 0 {
			r.Destination.NATPort, r.Present = uint16(v), r.Present|flow.HasDestinationNATPort
		}
	case opFirewallEvent:
		r.FirewallEvent = uint8(v)
	case opForwardingStatus:
		// Sent in 4 bytes it is the highest byte with some exporters and the number itself with others (RFC 7270, 4.12).
		if v &= math.MaxUint32; v > math.MaxUint8 {
			v >>= 24
		}
		r.ForwardingStatus = uint8(v)
	}
}

// transportPort takes the ports of UDP and TCP where they have elements of their own: those of the protocol that the record is not
// about are 0.
func transportPort(o op, v uint64, r *flow.Record) {
	switch {
	case uint16(v) == 0:
	case o == opUDPSourcePort || o == opTCPSourcePort:
		r.Source.Port, r.Present = uint16(v), r.Present|flow.HasSourcePort
	default:
		r.Destination.Port, r.Present = uint16(v), r.Present|flow.HasDestinationPort
	}
}

func (m *machine) sampling(o op, v uint64) {
	s := &m.rec
	switch o {
	case opSampler:
		s.sampler, s.named = v, true
	default:
		s.rate.set(o, v)
	}
}

func (m *machine) other(in *instruction, v uint64, w wire.Window, r *flow.Record) {
	switch in.op {
	case opExporter4:
		if v != 0 {
			r.Exporter = flow.AddrFrom4(uint32(v))
		}
	case opExporter6:
		if a := flow.Addr(w.Sixteen(int(in.end))); !a.IsUnspecified() && r.Exporter == m.exporter {
			r.Exporter = a
		}
	case opConnection:
		m.rec.connection = v
	case opInitialFlags, opUnionFlags:
		r.TCPFlags |= uint16(v)
	}
}

func (m *machine) name(in *instruction, v uint64, w wire.Window, r *flow.Record) {
	switch in.op {
	case opApplication:
		m.rec.application = applicationKey(w.Bytes(int(in.end), int(in.size)))
	case opApplicationName:
		r.Application = m.intern(w.Bytes(int(in.end), int(in.size)))
	case opInIfName:
		r.InIfName = m.intern(w.Bytes(int(in.end), int(in.size)))
	case opOutIfName:
		r.OutIfName = m.intern(w.Bytes(int(in.end), int(in.size)))
	}
}

// applicationKey returns the key of an application id. Ids of engines with an enterprise number (RFC 6759, 4.1) have more bytes than a
// number; a hash (FNV-1a) stands for those.
func applicationKey(id []byte) uint64 {
	if len(id) <= 8 {
		return wire.Uint(id)
	}
	const offset, prime = 14695981039346656037, 1099511628211
	h := uint64(offset)
	for _, b := range id {
		h = (h ^ uint64(b)) * prime
	}
	return h
}

// rate gathers the ways in which samplers are described: in records ("inline") and in options.
type rate struct {
	interval       uint64 // IE 34, 50: one in so many
	packetInterval uint64 // IE 305: packets taken in a row
	packetSpace    uint64 // IE 306: then packets left out
	hasSpace       bool
	size           uint64  // IE 309: packets taken at random
	population     uint64  // IE 310: of so many
	probability    float64 // IE 311
	told           bool    // any of them was there
}

func (a *rate) set(o op, v uint64) {
	a.told = true
	switch o {
	case opInterval:
		a.interval = max(a.interval, v)
	case opPacketInterval:
		a.packetInterval = v
	case opPacketSpace:
		a.packetSpace, a.hasSpace = v, true
	case opSampleSize:
		a.size = v
	case opPopulation:
		a.population = v
	case opProbability:
		a.probability = math.Float64frombits(v)
	}
}

// n returns N of 1:N, 0 where nothing (usable) is told. What tells of runs comes first: of 4 packets in 10 the interval alone says
// 10 (Junos). IE 305 without 306 is read as the interval itself: it says nothing else.
func (a *rate) n() float64 {
	n := 0.0
	switch {
	case a.packetInterval > 0 && a.packetSpace > 0:
		n = (float64(a.packetInterval) + float64(a.packetSpace)) / float64(a.packetInterval)
	case a.size > 0 && a.population > a.size:
		n = float64(a.population) / float64(a.size)
	case a.interval > 0:
		n = float64(a.interval)
	case a.packetInterval > 0 && a.hasSpace: // none is left out
		n = 1
	case a.packetInterval > 0:
		n = float64(a.packetInterval)
	case a.size > 0 && a.population > 0:
		n = float64(a.population) / float64(a.size)
	case a.probability > 0:
		n = 1 / a.probability
	}
	if n < 1 || n > math.MaxUint32 || math.IsNaN(n) {
		return 0
	}
	return n
}

// text cuts the NULs that pad strings of fixed length.
func text(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == 0 {
		b = b[:len(b)-1]
	}
	return b
}
