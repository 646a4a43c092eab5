package sink

import (
	"context"
	"errors"

	"github.com/weirflow/weir/elastic/document"
	"github.com/weirflow/weir/shared/flow"
)

var errStopped = errors.New("elastic: the sink has stopped")

// WriteBatch makes documents of the records of a batch, or adds them to sums, as is chosen. Where the sink settles, it may block.
func (s *Sink) WriteBatch(_ context.Context, b *flow.Batch) error {
	if n := len(b.Datagrams); n > 0 {
		s.pass(b.Datagrams[n-1].Received)
	}
	switch s.cfg.Flows {
	case FlowsAll:
		return s.putBatch(b)
	case FlowsAggregated:
		s.sums.Add(b, s.putSum)
	}
	if s.cfg.Settle {
		s.settleAtOnce(b)
	}
	return nil
}

// pass lets time pass with the records. In a replay that alone decides what is told of when, so that the same captures make the same documents.
func (s *Sink) pass(received int64) {
	before := s.latest.Load()
	if received <= before {
		return
	}
	s.latest.Store(received)
	if s.cfg.EventTime && received/60e9 != before/60e9 {
		s.tellDue()
	}
}

func (s *Sink) putBatch(b *flow.Batch) error {
	open := s.data.gather.add(len(b.Records), func(p *piece) {
		for i := range b.Records {
			r := &b.Records[i]
			p.text = appendActionHead(p.text, opCreate, s.targets[document.Flow])
			p.text = append(r.ID.AppendTo(p.text), actionEnd...)
			p.text = append(s.encoder.AppendRecord(p.text, b, r), '\n')
		}
		if p.settlement != nil {
			p.settlement.Add(b, nil)
		}
	})
	if open {
		s.made[document.Flow].Add(uint64(len(b.Records)))
		return nil
	}
	if s.cfg.Settle {
		flow.PassLost(b.Drop(flow.DroppedShutdown, nil))
	}
	return errStopped
}

// settleAtOnce settles records that are summed, or not shipped: what of them is lost with the process is not known.
func (s *Sink) settleAtOnce(b *flow.Batch) {
	settlement := flow.NewSettlement()
	settlement.Add(b, nil)
	s.data.mark(settlement.Marks())
	settlement.Commit()
}

// putSum makes a document of a sum.
func (s *Sink) putSum(b *flow.Batch, r *flow.Record, records uint64) {
	s.data.gather.add(1, func(p *piece) {
		p.text = appendActionHead(p.text, opCreate, s.targets[document.Flow])
		p.text = append(r.ID.AppendTo(p.text), actionEnd...)
		p.text = append(s.encoder.AppendSum(p.text, b, r, records), '\n')
		s.made[document.Flow].Add(1)
	})
}

// WriteSessions makes documents of the sessions that have ended, and remembers the others as they were told of last: a document is never
// changed, and of a session there is to be one.
func (s *Sink) WriteSessions(_ context.Context, b *flow.SessionBatch) error {
	if s.cfg.Flows != FlowsAll && s.cfg.Flows != FlowsSessions {
		return nil
	}
	s.sessions.take(b)
	s.putSessions(b, func(t *flow.Session) bool { return !t.Open })
	return nil
}

// putSessions makes documents of chosen sessions.
func (s *Sink) putSessions(b *flow.SessionBatch, chosen func(*flow.Session) bool) {
	n := 0
	for i := range b.Sessions {
		if chosen(&b.Sessions[i]) {
			n++
		}
	}
	if n == 0 {
		return
	}
	s.data.gather.add(n, func(p *piece) {
		for i := range b.Sessions {
			t := &b.Sessions[i]
			if !chosen(t) {
				continue
			}
			p.text = appendActionHead(p.text, opCreate, s.targets[document.Session])
			p.text = append(document.AppendSessionID(p.text, t), actionEnd...)
			p.text = append(s.encoder.AppendSession(p.text, b, t), '\n')
		}
		s.made[document.Session].Add(uint64(n))
	})
}

// openSessions are those that were told of and have not ended. It is used by one goroutine, at the end by that of Stop.
type openSessions struct {
	symbols *flow.Symbols
	list    map[flow.SessionID]flow.Session
}

// maxOpenSessions is how many are remembered, 0.4 kB each; of further ones that do not end before the process there is no document.
const maxOpenSessions = 100_000

func newOpenSessions() *openSessions {
	return &openSessions{list: map[flow.SessionID]flow.Session{}}
}

func (o *openSessions) take(b *flow.SessionBatch) {
	o.symbols = b.Symbols
	for i := range b.Sessions {
		s := &b.Sessions[i]
		_, known := o.list[s.ID]
		switch {
		case !s.Open && known:
			delete(o.list, s.ID)
		case s.Open && (known || len(o.list) < maxOpenSessions):
			o.list[s.ID] = *s
		}
	}
}

// tell gives all to put, and forgets them.
func (o *openSessions) tell(put func(*flow.SessionBatch, func(*flow.Session) bool)) {
	b := flow.SessionBatch{Symbols: o.symbols}
	for _, s := range o.list {
		b.Sessions = append(b.Sessions, s)
	}
	clear(o.list)
	put(&b, func(*flow.Session) bool { return true })
}
