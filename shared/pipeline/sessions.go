package pipeline

import (
	"sync/atomic"

	"github.com/weirflow/weir/shared/flow"
)

// Sessions go to their sink in batches of their own, of which there are few: a second of event time may end a hundred thousand at
// once.
const (
	sessionBatch   = 4096 // sessions, 1.3 MB
	sessionBatches = 24
)

// tellings takes the sessions that the detectors tell of to the queue of the sinks.
type tellings struct {
	free    chan *flow.SessionBatch
	left    int // batches that may still be made
	open    *flow.SessionBatch
	symbols *flow.Symbols
	sent    int64         // time of the batches when the open one was last passed on
	dropped atomic.Uint64 // sessions for which there was no room
}

func newTellings(symbols *flow.Symbols) *tellings {
	return &tellings{free: make(chan *flow.SessionBatch, sessionBatches), left: sessionBatches, symbols: symbols}
}

// tellSessions takes sessions told of; they are copied. Where the sink is too slow a replay waits, and live traffic drops them.
func (p *Pipeline) tellSessions(list []flow.Session) {
	t := p.tellings
	for len(list) > 0 {
		if t.open == nil && !t.next(p.cfg.Blocking || p.ending) {
			t.dropped.Add(uint64(len(list)))
			return
		}
		n := min(len(list), sessionBatch-len(t.open.Sessions))
		t.open.Sessions = append(t.open.Sessions, list[:n]...)
		list = list[n:]
		if len(t.open.Sessions) == sessionBatch {
			p.sendSessions()
		}
	}
}

// next opens a batch; without wait it may fail.
func (t *tellings) next(wait bool) bool {
	select {
	case t.open = <-t.free:
		return true
	default:
	}
	switch {
	case t.left > 0:
		t.left--
		t.open = &flow.SessionBatch{Sessions: make([]flow.Session, 0, sessionBatch), Symbols: t.symbols}
	case wait:
		t.open = <-t.free
	default:
		return false
	}
	return true
}

// sendSessions passes the open batch on. It blocks only as long as the sinks take for what is queued already.
func (p *Pipeline) sendSessions() {
	t := p.tellings
	if t.open == nil {
		return
	}
	b := t.open
	t.open = nil
	if p.cfg.Blocking || p.ending {
		p.sinkq <- item{sessions: b}
		return
	}
	select {
	case p.sinkq <- item{sessions: b}:
	default:
		t.dropped.Add(uint64(len(b.Sessions)))
		t.give(b)
	}
}

// endSessions ends all sessions where that is wanted. The sinks still take, so that it waits for them.
func (p *Pipeline) endSessions() {
	p.ending = true
	if f, ok := p.deps.Detector.(SessionEnder); ok && p.cfg.EndSessions && p.deps.Sessions != nil {
		f.EndSessions()
	}
}

func (t *tellings) give(b *flow.SessionBatch) {
	b.Sessions = b.Sessions[:0]
	t.free <- b
}
