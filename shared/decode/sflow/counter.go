package sflow

import (
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/wire"
)

// Formats of counter records (enterprise 0): the specification's, and the port name of "sFlow OpenFlow Structures" (2014), which
// software switches send with each sample.
const (
	counterGeneric   = 1
	counterEthernet  = 2
	counterVLAN      = 5
	counterProcessor = 1001
	counterPortName  = 1005
)

// Widths of the generic counters: octets have 64 bits, all others 32.
const (
	octetBits  = 64
	packetBits = 32
)

// classInterface is the data source class of an ifIndex.
const classInterface = 0

// counterSample gathers what the records of one counter sample say of an interface, in whichever order they come.
type counterSample struct {
	d    *decoder
	from sourceKey
	f    flow.InterfaceSample
	seen bool // something was said of an interface
}

// counterSample reads a counter sample; a broken record in it costs only itself.
func (d *decoder) counterSample(format uint32, cur wire.Cursor) {
	number := cur.U32()
	from := readSource(format == formatExpandedCounter, &cur)
	from.kind = kindCounters
	count := cur.U32()
	if !cur.OK() {
		d.fault(flow.MalformedSample, format, "cut short", nil)
		return
	}
	d.stream.CounterSamples.Add(1)
	src := d.session.source(from)
	d.session.follow(src, number)
	s := counterSample{d: d, from: from}
	s.f = flow.InterfaceSample{
		Exporter: d.facts.Exporter, Domain: d.facts.Domain, Source: flow.InterfaceSFlow, At: d.facts.Received,
		OctetBits: octetBits, PacketBits: packetBits, In: unknownCounters, Out: unknownCounters,
	}
	if d.facts.HasUptime {
		s.f.Boot = d.facts.Received - int64(d.facts.Uptime)*1e6
	}
	if from.class == classInterface {
		s.f.Index = from.index
	}
	s.records(&cur, count)
	s.finish(src)
}

// unknownCounters are those of an interface of which nothing was said.
var unknownCounters = flow.InterfaceCounters{
	Octets: flow.NoCounter, Unicast: flow.NoCounter, Multicast: flow.NoCounter, Broadcast: flow.NoCounter, Discards: flow.NoCounter, Errors: flow.NoCounter,
}

// records takes one record after the other by its length; each round takes at least 8 bytes.
func (s *counterSample) records(cur *wire.Cursor, count uint32) {
	for range count {
		format, length := cur.U32(), cur.U32()
		body := cur.Sub(int(length))
		if !cur.OK() {
			s.d.fault(flow.MalformedSample, format, "record runs beyond its sample", nil)
			return
		}
		if !s.record(format, body) {
			s.d.fault(flow.MalformedSample, format, "record cut short", nil)
		}
	}
}

// record reads one record and reports whether it was whole; formats that are not known are passed over.
func (s *counterSample) record(format uint32, cur wire.Cursor) bool {
	switch format {
	case counterGeneric:
		return s.generic(&cur)
	case counterEthernet:
		return s.ethernet(&cur)
	case counterVLAN:
		return s.vlan(&cur)
	case counterProcessor:
		return s.processor(&cur)
	case counterPortName:
		name := cur.Bytes(int(cur.U32()))
		s.f.Name = s.d.session.name(s.from, name)
		s.seen = s.seen || s.f.Name != 0
		return cur.OK()
	}
	return true
}

// generic reads if_counters: RFC 2863's, with the packets of both directions apart.
func (s *counterSample) generic(cur *wire.Cursor) bool {
	index, kind, speed := cur.U32(), cur.U32(), cur.U64()
	cur.Skip(4) // duplex
	status := cur.U32()
	in := readCounters(cur)
	cur.Skip(4) // packets of unknown protocols
	out := readCounters(cur)
	if !cur.OK() {
		return false
	}
	if index != 0 {
		s.f.Index = index
	}
	s.f.Type, s.f.Speed, s.f.In, s.f.Out = kind, known(speed), in, out
	s.f.Admin, s.f.Oper = statusOf(status&1), statusOf(status>>1&1)
	s.seen = true
	return true
}

func readCounters(cur *wire.Cursor) (c flow.InterfaceCounters) {
	c.Octets = cur.U64() // all ones is unknown, as in flow
	for _, to := range [...]*uint64{&c.Unicast, &c.Multicast, &c.Broadcast, &c.Discards, &c.Errors} {
		*to = counter32(cur)
	}
	return c
}

// counter32 takes a counter of 32 bits; all ones is unknown.
func counter32(cur *wire.Cursor) uint64 {
	if v := cur.U32(); v != 1<<32-1 {
		return uint64(v)
	}
	return flow.NoCounter
}

// known returns a speed, 0 where it is unknown.
func known(speed uint64) uint64 {
	if speed == flow.NoCounter {
		return 0
	}
	return speed
}

func statusOf(up uint32) flow.InterfaceStatus {
	if up != 0 {
		return flow.StatusUp
	}
	return flow.StatusDown
}

// ethernet reads ethernet_counters.
func (s *counterSample) ethernet(cur *wire.Cursor) bool {
	var c flow.EthernetCounters
	for _, to := range [...]*uint64{
		&c.AlignmentErrors, &c.FCSErrors, &c.SingleCollisions, &c.MultipleCollisions, &c.SQETestErrors, &c.DeferredTransmissions, &c.LateCollisions,
		&c.ExcessiveCollisions, &c.InternalTransmitErrors, &c.CarrierSenseErrors, &c.FramesTooLong, &c.InternalReceiveErrors, &c.SymbolErrors,
	} {
		*to = counter32(cur)
	}
	if !cur.OK() {
		return false
	}
	s.f.Ethernet, s.f.HasEthernet, s.seen = c, true, true
	return true
}

// finish appends the sample of the interface, where there is one that it can be said of.
func (s *counterSample) finish(src *source) {
	if !s.seen || s.f.Index == 0 {
		return
	}
	if s.f.Name == 0 && src != nil {
		s.f.Name = src.name
	}
	s.d.out.Interfaces = append(s.d.out.Interfaces, s.f)
}
