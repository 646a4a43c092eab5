package sflow

import (
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/wire"
)

// sample gathers what the records of one flow sample say, in whichever order they come.
type sample struct {
	d          *decoder
	r          *flow.Record
	lengthRank uint8 // how good the length taken so far is
	// prefix lengths wait for the addresses, which tell the family, the BGP next hop for one of the router
	masks            bool
	srcMask, dstMask uint8
	bgpHop           flow.Addr
	// tags that the switch took off before it sampled, from the outermost on
	stripped      [2]uint16
	strippedCount uint8
	assigned      bool // the switch said which VLAN the packet came in
}

// flowSample makes a record of a flow sample. A sample whose fixed part is cut short makes none; faults behind it leave the
// record with what could be read, because a packet was sampled all the same.
func (d *decoder) flowSample(format uint32, cur wire.Cursor) {
	number := cur.U32()
	from := readSource(format == formatExpandedFlow, &cur)
	rate, pool, drops := cur.U32(), cur.U32(), cur.U32()
	in, out := readInterfaces(format, &cur)
	count := cur.U32()
	if !cur.OK() {
		d.fault(flow.MalformedSample, format, "cut short", nil)
		return
	}
	if src := d.session.source(from); d.session.follow(src, number) {
		d.session.measure(src, pool, drops)
	}
	s := d.grow()
	s.start()
	s.r.Source.Packets = 1
	s.r.Present |= flow.HasPackets
	if rate != 0 {
		s.r.SamplingInterval, s.r.SamplingSource = float64(rate), flow.SamplingHeader
	}
	s.interfaces(in, out)
	if from.class == classInterface && out.format == interfaceSingle && from.index == out.value && from.index != in.value {
		s.element(elementDirection, flow.ElementUint, []byte{directionEgress})
	}
	s.records(&cur, count)
	s.finish()
	d.stream.FlowSamples.Add(1)
}

// What says where a packet was metered (IE 61): where it left the exporter.
const (
	elementDirection = 61
	directionEgress  = 1
)

// grow appends a record, which is the sample's from now on.
func (d *decoder) grow() *sample {
	d.records++
	d.sample = sample{d: d, r: d.out.Grow()}
	return &d.sample
}

// start fills in what the datagram says.
func (s *sample) start() {
	r, facts := s.r, s.d.facts
	r.ID = flow.EventID{Datagram: facts.ID, Set: uint16(s.d.number)}
	r.Meta = s.d.meta
	r.Exporter, r.Domain, r.Protocol = facts.Exporter, facts.Domain, flow.SFlow5
	r.Start, r.End, r.Created = facts.Received, facts.Received, facts.Received
	r.Present = flow.HasStart | flow.HasEnd
}

// records takes one flow record after the other by its length; each round takes at least 8 bytes.
func (s *sample) records(cur *wire.Cursor, count uint32) {
	for range count {
		format, length := cur.U32(), cur.U32()
		body := cur.Bytes(int(length))
		if !cur.OK() {
			s.d.fault(flow.MalformedSample, format, "record runs beyond its sample", nil)
			return
		}
		s.record(format, body)
	}
}

// length takes the packet's length from the best source there is.
func (s *sample) length(n uint32, rank uint8) {
	if rank <= s.lengthRank {
		return
	}
	s.lengthRank = rank
	s.r.Source.Bytes = uint64(n)
	s.r.Present |= flow.HasBytes
}

// finish adds what had to wait for other records.
func (s *sample) finish() {
	s.nextHop()
	s.putBackTags()
	if !s.masks || !s.r.Present.Has(flow.HasSourceIP) {
		return
	}
	src, dst := uint16(elementSrcMask4), uint16(elementDstMask4)
	if !s.r.Source.IP.Is4() {
		src, dst = elementSrcMask6, elementDstMask6
	}
	s.element(src, flow.ElementUint, []byte{s.srcMask})
	s.element(dst, flow.ElementUint, []byte{s.dstMask})
}

func (s *sample) element(id uint16, kind flow.ElementKind, value []byte) {
	s.d.out.AppendElement(s.r, flow.Element{ID: id, Kind: kind, Value: value})
}
