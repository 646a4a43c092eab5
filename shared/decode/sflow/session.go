package sflow

import (
	"bytes"
	"sync/atomic"
	"unicode/utf8"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/wire"
)

// Limits are the caps of all sessions of a decoder together.
type Limits struct {
	MaxSources int64 // data sources whose numbers are followed, about 100 bytes each
	MaxNames   int64 // names of interfaces; further ones are left out

	sources, names atomic.Int64
}

// DefaultLimits returns room for a few hundred switches of 200 ports: 200,000 sources, 65,536 names.
func DefaultLimits() *Limits { return &Limits{MaxSources: 200_000, MaxNames: 65_536} }

// HeaderSink takes headers of sampled packets; what it wants to keep of their data it copies.
type HeaderSink interface {
	Header(h flow.PacketHeader)
}

// Session keeps what the samples of one agent and sub-agent have to be compared with: the number, pool and drops of each data source.
// It is not safe for concurrent use.
type Session struct {
	// Headers takes the header of each sampled packet, also of those that were dropped; nil: nobody does.
	Headers HeaderSink

	limits  *Limits
	stream  *flow.Stream
	symbols *flow.Symbols
	sources map[sourceKey]*source
	uptime  uint32 // ms, of the newest datagram
	decoder decoder
}

// NewSession returns the session of a stream that nothing has come of yet. Names become symbols of the table given.
func NewSession(limits *Limits, stream *flow.Stream, symbols *flow.Symbols) *Session {
	return &Session{limits: limits, stream: stream, symbols: symbols, sources: map[sourceKey]*source{}}
}

// sourceKey names a data source. The samples of one source are numbered apart by their kind, and the instances of a sampler on one
// interface would be sub-agents.
type sourceKey struct {
	class, index uint32
	kind         kind
}

// kind is what a data source tells of.
type kind uint8

const (
	kindFlows kind = iota
	kindCounters
	kindNotices
)

// source is where a data source stands.
type source struct {
	known    bool // since the agent started
	next     uint32
	behind   uint8
	pool     uint32
	drops    uint32
	name     flow.Symbol
	measured bool // pool and drops are known
}

// readSource takes a data source: 8 bits of class and 24 of index, or a word each in expanded samples.
func readSource(expanded bool, cur *wire.Cursor) sourceKey {
	if expanded {
		return sourceKey{class: cur.U32(), index: cur.U32()}
	}
	v := cur.U32()
	return sourceKey{class: v >> 24, index: v & 0xffffff}
}

// uptimeSlack is how far, in ms, the uptime may fall without meaning a restart: datagrams that came out of order.
const uptimeSlack = 60_000

// begin takes a datagram's uptime: when the agent restarted, its numbers begin anew.
func (s *Session) begin(uptime uint32) {
	if fell := s.uptime - uptime; uptime < s.uptime && fell > uptimeSlack {
		for _, src := range s.sources {
			src.known, src.measured, src.behind = false, false, 0
		}
		s.uptime = uptime
	}
	s.uptime = max(s.uptime, uptime)
}

// source returns the state of a source, nil beyond the cap, which is counted.
func (s *Session) source(key sourceKey) *source {
	if src := s.sources[key]; src != nil {
		return src
	}
	if s.limits.sources.Add(1) > s.limits.MaxSources {
		s.limits.sources.Add(-1)
		s.stream.Errors.Add(flow.MalformedSourceCap, 1)
		return nil
	}
	src := &source{}
	s.sources[key] = src
	return src
}

// Tolerances of the numbers of samples.
const (
	mostMissing = 1 << 20 // a jump forward by more is another count
	mostBehind  = 64      // samples in a row behind the expected number after which the number is taken anew
)

// follow counts the samples that are missing before this one and reports whether it is newer than all before. A sample behind the
// expected number came late; it was counted as missing.
func (s *Session) follow(src *source, number uint32) (newest bool) {
	if src == nil {
		return false
	}
	ahead := int32(number - src.next)
	switch {
	case !src.known || ahead > mostMissing:
	case ahead >= 0:
		s.stream.SampleGaps.Add(uint64(ahead))
	case src.behind < mostBehind:
		src.behind++
		return false
	}
	src.known, src.next, src.behind = true, number+1, 0
	return true
}

// measure takes pool and drops of the newest flow sample of a source, both counts of 32 bits since the agent started, and adds what
// they grew by. What grew before the first sample is not known; a count that fell began anew.
func (s *Session) measure(src *source, pool, drops uint32) {
	if src.measured {
		s.stream.SamplePool.Add(growth(src.pool, pool))
		s.stream.SampleDrops.Add(growth(src.drops, drops))
	}
	src.pool, src.drops, src.measured = pool, drops, true
}

func growth(from, to uint32) uint64 {
	if grown := to - from; grown < 1<<31 {
		return uint64(grown)
	}
	return 0
}

// maxName is the longest name that is kept: the specification's.
const maxName = 255

// name returns the symbol of the name of a source; a name that is the same as before takes no memory.
func (s *Session) name(key sourceKey, name []byte) flow.Symbol {
	src, name := s.sources[key], bytes.TrimRight(name, "\x00")
	if src == nil || len(name) == 0 || len(name) > maxName || !utf8.Valid(name) {
		return 0
	}
	if src.name != 0 && s.symbols.Text(src.name) == string(name) {
		return src.name
	}
	if s.limits.names.Add(1) > s.limits.MaxNames {
		s.limits.names.Add(-1)
		s.stream.Errors.Add(flow.MalformedSourceCap, 1)
		return 0
	}
	src.name = s.symbols.Intern(string(name))
	return src.name
}
