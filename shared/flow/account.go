package flow

import (
	"net/netip"
	"sort"
	"sync"
	"sync/atomic"
)

// StreamKey names a stream of datagrams with a sequence of its own: exporter, observation domain and protocol.
type StreamKey struct {
	// Exporter is who the datagrams come from: the agent of sFlow, else the UDP source. What the exporter tells of itself is
	// [Stream.Exporter].
	Exporter Addr
	Domain   uint32
	Protocol Protocol
	// Port is the UDP source port where several devices behind one address are told apart by it, else 0.
	Port uint16
}

// Source returns who the datagrams come from, with the port where it tells devices apart: "192.0.2.1" or "192.0.2.1:40001".
func (k StreamKey) Source() string {
	if k.Port == 0 {
		return k.Exporter.String()
	}
	return netip.AddrPortFrom(k.Exporter.Netip(), k.Port).String()
}

// ByReason is a row of counters, one a reason.
type ByReason [NumReasons]atomic.Uint64

// Add counts n for reason r.
func (b *ByReason) Add(r Reason, n uint64) { b[r].Add(n) }

// Sum returns the total over all reasons.
func (b *ByReason) Sum() (n uint64) {
	for i := range b {
		n += b[i].Load()
	}
	return n
}

// Map returns the counters that are not 0, by the reason's name.
func (b *ByReason) Map() map[string]uint64 {
	m := map[string]uint64{}
	for i := range b {
		if n := b[i].Load(); n > 0 {
			m[Reason(i).String()] = n
		}
	}
	return m
}

// Stream is the loss account of one exporter and domain. At any moment
//
//	Datagrams = Decoded + Refused
//	Sets      = SetsDecoded + Waiting + SetsExpired
//	Records   = Stored + AlreadyStored + SetAside + Dropped + InFlight
//
// where Stored means committed. Counters only grow; Waiting, InFlight and Templates are gauges. All are safe for concurrent use.
type Stream struct {
	Key StreamKey

	Datagrams atomic.Uint64
	Bytes     atomic.Uint64
	Decoded   atomic.Uint64
	Refused   ByReason

	Sets        atomic.Uint64
	SetsDecoded atomic.Uint64
	Waiting     atomic.Int64
	SetsExpired ByReason

	Records       atomic.Uint64
	Stored        atomic.Uint64
	AlreadyStored atomic.Uint64
	SetAside      ByReason
	Dropped       ByReason
	// Lost is that part of Dropped that lies behind what is committed next: see [Batch.Lost].
	Lost     ByReason
	InFlight atomic.Int64

	Templates      atomic.Int64
	Definitions    atomic.Uint64 // templates received, the same ones again included
	OptionsRecords atomic.Uint64
	FlowSamples    atomic.Uint64
	CounterSamples atomic.Uint64
	// DroppedPackets are the notices of packets that the exporter dropped (sFlow), each a record without counters.
	DroppedPackets atomic.Uint64
	SampleGaps     atomic.Uint64 // samples that are missing by the numbers of their sources, those in lost datagrams too
	SampleDrops    atomic.Uint64 // samples that the exporter had no resources to take or send, by its own count
	SamplePool     atomic.Uint64 // packets that could have been sampled: over flow samples, the interval that really was

	Gaps      atomic.Uint64 // lost units by sequence number: see contract of the protocol (v5 flows, v9 datagrams, IPFIX records)
	Reordered atomic.Uint64 // datagrams that came after a later one
	Restarts  atomic.Uint64
	// Clashes counts signs of several devices that cannot be told apart: a template defined back and forth, a sequence number that
	// goes on in two places in turn, options that name several exporters.
	Clashes  atomic.Uint64
	Errors   ByReason
	Repaired ByReason
	LastSeen atomic.Int64  // ns since the Unix epoch
	Sampling atomic.Uint64 // bits of the float64: sampling interval of the latest record; 0 while there was none
	// SamplingSource is the [SamplingSource] of the latest record.
	SamplingSource atomic.Uint32

	Clock StreamClock // of the exporter

	Told atomic.Pointer[Addr] // the address that the exporter told of itself, nil: none; see Exporter
}

// Exporter returns who the exporter is, as its records say in observer.ip: the address that it told of itself
// (exporterIPv4Address or exporterIPv6Address in options data), else that of the key.
func (s *Stream) Exporter() Addr {
	if a := s.Told.Load(); a != nil {
		return *a
	}
	return s.Key.Exporter
}

// MaxStreams is how many streams an [Account] keeps; datagrams of further ones are refused(stream_cap).
const MaxStreams = 65536

// Account is the loss account of a pipeline: a [Stream] for each exporter and domain, and one for datagrams that could not be
// told to belong to any.
type Account struct {
	mu      sync.RWMutex
	streams map[StreamKey]*Stream
}

// NewAccount returns an empty account.
func NewAccount() *Account { return &Account{streams: map[StreamKey]*Stream{}} }

// Stream returns the account of key, opening it where there is none; nil when [MaxStreams] are open.
func (a *Account) Stream(key StreamKey) *Stream {
	a.mu.RLock()
	s := a.streams[key]
	a.mu.RUnlock()
	if s != nil {
		return s
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if s = a.streams[key]; s == nil && len(a.streams) < MaxStreams {
		s = &Stream{Key: key}
		a.streams[key] = s
	}
	return s
}

// Refuse counts a datagram that belongs to no stream: bad version, not allowed, no room. It is kept under the exporter's
// address with [ProtocolUnknown]; when even that finds no room, under the zero address, which always does.
func (a *Account) Refuse(exporter Addr, size int, why Reason) {
	s := a.Stream(StreamKey{Exporter: exporter})
	if s == nil {
		s = a.overflow()
	}
	s.Datagrams.Add(1)
	s.Bytes.Add(uint64(size))
	s.Refused.Add(why, 1)
}

func (a *Account) overflow() *Stream {
	a.mu.Lock()
	defer a.mu.Unlock()
	key := StreamKey{}
	if a.streams[key] == nil {
		a.streams[key] = &Stream{}
	}
	return a.streams[key]
}

// Streams returns all streams ordered by exporter, domain, protocol and port.
func (a *Account) Streams() []*Stream {
	a.mu.RLock()
	list := make([]*Stream, 0, len(a.streams))
	for _, s := range a.streams {
		list = append(list, s)
	}
	a.mu.RUnlock()
	sort.Slice(list, func(i, j int) bool { return list[i].Key.less(list[j].Key) })
	return list
}

func (k StreamKey) less(o StreamKey) bool {
	if c := string(k.Exporter[:]); c != string(o.Exporter[:]) {
		return c < string(o.Exporter[:])
	}
	if k.Domain != o.Domain {
		return k.Domain < o.Domain
	}
	if k.Protocol != o.Protocol {
		return k.Protocol < o.Protocol
	}
	return k.Port < o.Port
}
