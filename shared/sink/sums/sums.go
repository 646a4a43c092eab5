// Package sums adds records up by minute, exporter, interfaces, addresses, protocol and port of the service: what is told of flows where
// single records are too many.
package sums

import (
	"encoding/binary"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zeebo/xxh3"

	"github.com/weirflow/weir/shared/flow"
)

// sumKey is what records have in common that are summed. Ports that mean nothing are 0.
type sumKey struct {
	exporter, source, destination        flow.Addr
	domain, in, out                      uint32
	service, application                 flow.Symbol
	sourcePort, destinationPort, vlan    uint16
	interval                             float64
	protocol                             flow.Protocol
	transport, icmpType, icmpCode, event uint8
	dropped                              uint8 // forwarding status of what was dropped; 0: it was not
	invalid                              flow.Reason
	copy                                 bool // of another exporter's record
	present                              flow.Presence
}

// keyPresence are the attributes that are in the key.
const keyPresence = flow.HasSourceIP | flow.HasDestinationIP | flow.HasProtocol | flow.HasICMP | flow.HasInIf | flow.HasOutIf | flow.HasVLAN | flow.HasFirewallEvent

// sum is records summed.
type sum struct {
	record  flow.Record
	records uint64
}

// minuteSums are the sums of a minute.
type minuteSums struct {
	at    int64 // start, in minutes since the epoch
	index map[sumKey]int32
	list  []sum
}

// Sums are records summed by minute, exporter, interfaces, addresses, protocol and those ports that name a service. It is safe for concurrent
// use. It holds at most 200,000 sums, 0.6 kB each: beyond, the oldest minute is told of early, and what comes to it later makes further sums.
type Sums struct {
	run     uint64
	mu      sync.Mutex
	symbols *flow.Symbols
	minutes []*minuteSums // by time
	total   int
	told    uint32 // how often something was told of: a part of ids
	flushes atomic.Uint64
}

const (
	// maxSums is how many sums are kept, 0.6 kB each; when there are as many, the oldest minute is told of at once.
	maxSums = 200_000
	// sumHold is how long after a minute's end its sums are told of. What comes later makes further documents, which add to it.
	sumHold = 65 * time.Second
	// firstEphemeral is the least port that clients get (RFC 6335: from 49152; Linux: from 32768).
	firstEphemeral = 32768
	// firstUser is the least port that is not reserved for services of systems.
	firstUser = 1024
)

// New returns sums without any. run names the process, or what is replayed: it is part of the sums' ids.
func New(run uint64) *Sums { return &Sums{run: run} }

// Put takes a sum: a record of a batch that has nothing but symbols, and how many records it is the sum of. Both are valid until it returns.
type Put = func(b *flow.Batch, r *flow.Record, records uint64)

// Add adds the records of a batch. What is told of early goes to put.
func (s *Sums) Add(b *flow.Batch, put Put) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.symbols = b.Symbols
	for i := range b.Records {
		if s.total >= maxSums {
			s.flushes.Add(1)
			s.tellMinute(put)
		}
		s.addRecord(&b.Records[i])
	}
}

func (s *Sums) addRecord(r *flow.Record) {
	m := s.of(floorMinute(r.End))
	k := keyOf(r)
	at, known := m.index[k]
	if !known {
		m.index[k] = int32(len(m.list))
		m.list = append(m.list, sum{record: template(r, &k), records: 1})
		s.total++
		return
	}
	m.list[at].join(r)
}

func floorMinute(ns int64) int64 { return int64(math.Floor(float64(ns) / 60e9)) }

// of returns the sums of a minute.
func (s *Sums) of(minute int64) *minuteSums {
	at, found := slices.BinarySearchFunc(s.minutes, minute, func(m *minuteSums, minute int64) int { return int(max(min(m.at-minute, 1), -1)) })
	if !found {
		s.minutes = slices.Insert(s.minutes, at, &minuteSums{at: minute, index: map[sumKey]int32{}})
	}
	return s.minutes[at]
}

func keyOf(r *flow.Record) sumKey {
	k := sumKey{
		exporter: r.Exporter, source: r.Source.IP, destination: r.Destination.IP, domain: r.Domain, in: r.InIf, out: r.OutIf,
		service: r.Service, application: r.Application, vlan: r.VLAN, interval: r.SamplingInterval, protocol: r.Protocol,
		transport: r.IPProtocol, icmpType: r.ICMPType, icmpCode: r.ICMPCode, event: r.FirewallEvent, invalid: r.Invalid,
		copy: r.Present.Has(flow.HasDuplicateOf), present: r.Present & keyPresence,
	}
	if isDropped(r) {
		k.dropped = r.ForwardingStatus
	}
	k.sourcePort, k.destinationPort = r.Source.Port, r.Destination.Port
	greater := &k.sourcePort
	if k.destinationPort > k.sourcePort {
		greater = &k.destinationPort
	}
	if *greater >= firstUser {
		*greater = 0
	}
	for _, p := range []*uint16{&k.sourcePort, &k.destinationPort} {
		if *p >= firstEphemeral {
			*p = 0
		}
	}
	return k
}

// isDropped tells whether the exporter dropped the traffic (IE 89: 128 to 191).
func isDropped(r *flow.Record) bool {
	return r.Present.Has(flow.HasForwardingStatus) && r.ForwardingStatus&0xc0 == 0x80
}

// template is the first record of a sum without what others of it do not have.
func template(r *flow.Record, k *sumKey) flow.Record {
	t := *r
	t.Present &= keyPresence | flow.HasBytes | flow.HasPackets | flow.HasReverseBytes | flow.HasReversePackets | flow.HasTCPFlags | flow.HasStart | flow.HasEnd | flow.HasDuplicateOf
	t.Source.Port, t.Destination.Port = k.sourcePort, k.destinationPort
	if k.sourcePort != 0 {
		t.Present |= flow.HasSourcePort
	}
	if k.destinationPort != 0 {
		t.Present |= flow.HasDestinationPort
	}
	if k.dropped != 0 {
		t.Present |= flow.HasForwardingStatus
	}
	t.Source.NAT, t.Destination.NAT, t.Source.MAC, t.Destination.MAC, t.NextHop = flow.Addr{}, flow.Addr{}, flow.MAC{}, flow.MAC{}, flow.Addr{}
	t.ElementsOff, t.ElementsLen, t.Meta = 0, 0, 0
	return t
}

// join adds a record.
func (s *sum) join(r *flow.Record) {
	t := &s.record
	s.records++
	t.Present |= r.Present & (flow.HasBytes | flow.HasPackets | flow.HasReverseBytes | flow.HasReversePackets | flow.HasTCPFlags)
	t.Start, t.End, t.Created = min(t.Start, r.Start), max(t.End, r.End), max(t.Created, r.Created)
	t.TCPFlags |= r.TCPFlags
	for _, p := range [][2]*uint64{
		{&t.Bytes, &r.Bytes}, {&t.Packets, &r.Packets}, {&t.RawBytes, &r.RawBytes}, {&t.RawPackets, &r.RawPackets},
		{&t.Source.Bytes, &r.Source.Bytes}, {&t.Source.Packets, &r.Source.Packets},
		{&t.Destination.Bytes, &r.Destination.Bytes}, {&t.Destination.Packets, &r.Destination.Packets},
	} {
		*p[0] = flow.SaturatingSum(*p[0], *p[1])
	}
	t.ClockUncertainty = max(t.ClockUncertainty, r.ClockUncertainty)
}

// Tell gives the sums of minutes that are over for 65 s at a time (ns since the Unix epoch) to put, or all.
func (s *Sums) Tell(now int64, all bool, put Put) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.minutes) > 0 && (all || (s.minutes[0].at+1)*60e9+int64(sumHold) <= now) {
		s.tellMinute(put)
	}
}

// tellMinute gives the sums of the oldest minute to put; mu is held.
func (s *Sums) tellMinute(put Put) {
	m := s.minutes[0]
	s.minutes = s.minutes[1:]
	s.total -= len(m.list)
	s.told++
	b := flow.Batch{Symbols: s.symbols}
	for k, i := range m.index {
		one := &m.list[i]
		one.record.ID = flow.EventID{Datagram: s.identity(&k, m.at), Record: s.told}
		put(&b, &one.record, one.records)
	}
}

// identity is a hash of what the records have in common, the minute and the run.
func (s *Sums) identity(k *sumKey, minute int64) flow.DatagramID {
	var buf [160]byte
	b := append(append(append(buf[:0], k.exporter[:]...), k.source[:]...), k.destination[:]...)
	for _, n := range []uint64{
		s.run, uint64(minute), uint64(k.domain), uint64(k.in)<<32 | uint64(k.out), uint64(k.service)<<32 | uint64(k.application),
		uint64(k.sourcePort)<<32 | uint64(k.destinationPort)<<16 | uint64(k.vlan), math.Float64bits(k.interval), uint64(k.present),
		uint64(k.protocol)<<56 | uint64(k.transport)<<48 | uint64(k.icmpType)<<40 | uint64(k.icmpCode)<<32 | uint64(k.event)<<24 | uint64(k.invalid)<<8,
	} {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	if k.copy {
		b = append(b, 1)
	}
	if k.dropped != 0 {
		b = append(b, k.dropped)
	}
	h := xxh3.Hash128(b)
	return flow.DatagramID{Hi: h.Hi, Lo: h.Lo}
}

// Flushes returns how often a minute was told of early for want of room.
func (s *Sums) Flushes() uint64 { return s.flushes.Load() }
