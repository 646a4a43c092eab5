package cim

import (
	"sync/atomic"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// openSessions are those that were told of and have not ended. An event cannot be replaced, so that of a session there is to be one, and of
// a long one several that add up.
type openSessions struct {
	symbols *flow.Symbols
	list    map[flow.SessionID]*openSession
	open    atomic.Int64  // how many there are
	over    atomic.Uint64 // states for which there was no room
}

// openSession is the latest state of a session, and what events have told of it.
type openSession struct {
	latest, told flow.Session
	parts        uint32
}

const (
	// maxOpenSessions is how many are remembered, 0.8 kB each. Others are told of when they end, as a whole.
	maxOpenSessions = 100_000
	// partEvery is how long a session goes on until a part of it is told of, on its own clock.
	partEvery = int64(time.Hour)
)

func newOpenSessions() *openSessions { return &openSessions{list: map[flow.SessionID]*openSession{}} }

// tellSession takes a session, or a part of one.
type tellSession = func(b *flow.SessionBatch, s *flow.Session, part Part)

// take takes note of states of sessions, and tells of what has ended or gone on for an hour.
func (o *openSessions) take(b *flow.SessionBatch, tell tellSession) {
	o.symbols = b.Symbols
	for i := range b.Sessions {
		s := &b.Sessions[i]
		known := o.list[s.ID]
		switch {
		case !s.Open && known == nil:
			tell(b, s, Whole(s))
		case !s.Open:
			known.latest = *s
			known.tell(b, tell)
			delete(o.list, s.ID)
		case known == nil && len(o.list) >= maxOpenSessions:
			o.over.Add(1)
		default:
			o.goesOn(b, s, tell)
		}
	}
	o.open.Store(int64(len(o.list)))
}

func (o *openSessions) goesOn(b *flow.SessionBatch, s *flow.Session, tell tellSession) {
	known := o.list[s.ID]
	if known == nil {
		known = &openSession{}
		o.list[s.ID] = known
	}
	known.latest = *s
	if s.End-known.from() >= partEvery {
		known.tell(b, tell)
	}
}

// from is where the part begins that is told of next.
func (k *openSession) from() int64 {
	if k.parts == 0 {
		return k.latest.Start
	}
	return k.told.End
}

// tell tells of what has come to a session since it was told of last.
func (k *openSession) tell(b *flow.SessionBatch, tell tellSession) {
	s, part := k.latest, Whole(&k.latest)
	if k.parts > 0 {
		part.Number, part.Bytes = k.parts, flow.SaturatingSum(s.Client.Bytes, s.Server.Bytes)
		s.Start = k.told.End
		take(&s.Client, &k.told.Client)
		take(&s.Server, &k.told.Server)
	}
	tell(b, &s, part)
	k.told = k.latest
	k.parts++
}

// take takes from a side's counters what was told of them.
func take(side, told *flow.SessionSide) {
	side.Bytes -= min(side.Bytes, told.Bytes)
	side.Packets -= min(side.Packets, told.Packets)
}

// rest tells of all that has not been told of, and forgets everything.
func (o *openSessions) rest(tell tellSession) {
	b := flow.SessionBatch{Symbols: o.symbols}
	for _, k := range o.list {
		if k.parts == 0 || k.latest.Records != k.told.Records {
			k.tell(&b, tell)
		}
	}
	clear(o.list)
	o.open.Store(0)
}
