package hec

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/weirflow/weir/shared/sink"
	"github.com/weirflow/weir/shared/sink/spool"
)

// sender posts pieces and asks for their acknowledgements, one request at a time, so that numbers on its channel come in order. Only its own
// goroutine uses it.
type sender struct {
	lane    *lane
	turn    int     // of the targets
	line    *line   // nil: the next post opens one
	queue   []*work // to be posted, in order
	out     []sent
	window  int // how many may be out
	backoff sink.Backoff
	waiting *time.Timer // nil: the next attempt need not wait
	probe   bool        // the health is asked before the next attempt
}

func newSender(l *lane, turn int) *sender {
	return &sender{
		lane: l, turn: turn, window: l.cfg.Window,
		backoff: sink.Backoff{First: l.cfg.FirstWait, Most: l.cfg.MostWait, Jitter: rand.Float64},
	}
}

// run delivers entries until the context ends or, when no more are read, all that is out has come home.
func (s *sender) run(ctx context.Context) {
	poll := time.NewTicker(s.lane.cfg.AckEvery)
	defer poll.Stop()
	for ctx.Err() == nil && !s.closing() {
		room := len(s.out) < s.window
		if len(s.queue) > 0 && room && s.waiting == nil {
			s.attempt(ctx)
			s.pollDue(ctx, poll)
			s.tellOut()
			continue
		}
		todo := s.lane.todo
		if len(s.queue) > 0 || !room {
			todo = nil
		}
		select {
		case <-ctx.Done():
		case <-s.lane.closing:
		case e := <-todo:
			s.accept(e)
		case <-s.until():
			s.waiting = nil
		case <-poll.C:
			s.poll(ctx)
		}
		s.tellOut()
	}
	s.rest(ctx, poll)
}

// closing tells whether nothing more is to be posted.
func (s *sender) closing() bool {
	select {
	case <-s.lane.closing:
		return true
	default:
		return false
	}
}

// pollDue asks for acknowledgements where it is time, however much there is to post.
func (s *sender) pollDue(ctx context.Context, poll *time.Ticker) {
	select {
	case <-poll.C:
		s.poll(ctx)
	default:
	}
}

// rest waits for the acknowledgements of what is out.
func (s *sender) rest(ctx context.Context, poll *time.Ticker) {
	for len(s.out) > 0 && ctx.Err() == nil {
		if s.poll(ctx); len(s.out) == 0 {
			break
		}
		select {
		case <-ctx.Done():
		case <-poll.C:
		}
	}
	s.tellOut()
}

// until ends the wait before the next attempt.
func (s *sender) until() <-chan time.Time {
	if s.waiting == nil {
		return nil
	}
	return s.waiting.C
}

func (s *sender) accept(e spool.Entry) {
	j := &job{sequence: e.Sequence, works: 1}
	w, err := readEntry(e.Data, s.lane.envelope)
	if err != nil { // the spool has checked its sum: it is of a later version
		s.lane.log.Error("hec: an entry on disk is not one of this version and is left out", "err", err)
		s.lane.done(e.Sequence)
		return
	}
	w.job = j
	if w.events == 0 {
		s.finish(w)
		return
	}
	s.queue = append(s.queue, w)
}

// finish ends a work.
func (s *sender) finish(w *work) {
	if w.job.works--; w.job.works == 0 {
		s.lane.done(w.job.sequence)
	}
}

// on returns the channel for the next post.
func (s *sender) on() *line {
	if s.line == nil {
		t := &s.lane.targets[s.turn%len(s.lane.targets)]
		s.line = newLine(t, s.lane.transport, s.lane.cfg.Timeout)
	}
	return s.line
}

// attempt posts the first of the queue, and settles what the answer means.
func (s *sender) attempt(ctx context.Context) {
	w, on := s.queue[0], s.on()
	if s.probe && !s.healthy(ctx, on) {
		return
	}
	if w.tries++; w.tries > 1 {
		s.lane.counts.again.Add(uint64(w.events))
	}
	a, err := s.lane.client.event(ctx, on, w.body)
	if err != nil {
		if ctx.Err() == nil {
			s.lost(err)
		}
		return
	}
	switch a.class {
	case taken, near:
		s.queue = s.queue[1:]
		s.took(w, a)
		if s.worked(); a.class == near {
			s.slow()
		}
	case refused:
		s.refuse(w, a)
	case tooLarge:
		s.halve(w, a)
	case settings:
		s.resume(w, a)
		s.failed(a.error(on.target.host), a.least)
	case again:
		s.failed(a.error(on.target.host), a.least)
	default: // of the channel
		s.line = nil
		s.failed(a.error(on.target.host), a.least)
	}
}

// healthy asks a collector that has failed whether it takes events, so that they are not sent in vain. Whoever has no answer to that may have
// one to events.
func (s *sender) healthy(ctx context.Context, on *line) bool {
	a, err := s.lane.client.health(ctx, on)
	switch {
	case ctx.Err() != nil:
		return false
	case err != nil:
		s.failed(err, 0)
		return false
	case a.class == again && a.code != unknown:
		s.failed(a.error(on.target.host), a.least)
		return false
	}
	s.probe = false
	return true
}

// lost settles that it is not known whether a post was taken. If the server has restarted, it may have given that post the number which was the
// first on the channel before: what has it and is not acknowledged is sent again rather than taken for acknowledged.
func (s *sender) lost(err error) {
	on := s.line
	s.line = nil
	s.again(func(o *sent) bool { return o.line == on && o.number == on.first })
	s.failed(err, 0)
}

// took settles a success.
func (s *sender) took(w *work, a *answer) {
	on := s.line
	if a.ack < 0 || s.lane.unacked.Load() || s.lane.cfg.Unacknowledged {
		s.lane.counts.delivered.Add(uint64(w.events))
		s.finish(w)
		return
	}
	if !on.give(a.ack) {
		s.lane.counts.restarts.Add(1)
		s.line, s.window = nil, 1
		if s.again(func(o *sent) bool { return o.line == on }) > 0 { // with several servers behind an address, the number may be of one of those
			s.queue = append(s.queue, w)
			return
		}
	}
	s.out = append(s.out, sent{work: w, line: on, number: a.ack, at: s.lane.now()})
}

// again lets chosen works that are out be posted again, and returns how many they are.
func (s *sender) again(chosen func(*sent) bool) int {
	var back []*work
	kept := s.out[:0]
	for i := range s.out {
		if o := s.out[i]; chosen(&o) {
			back = append(back, o.work)
		} else {
			kept = append(kept, o)
		}
	}
	clear(s.out[len(kept):])
	s.out = kept
	s.queue = append(s.queue, back...)
	return len(back)
}

// worked settles that the server takes events.
func (s *sender) worked() {
	s.backoff.Reset()
	s.lane.outage.Worked()
}

// slow halves what may be out and waits a little: the server has said that it is near its capacity.
func (s *sender) slow() {
	s.window = max(1, s.window/2)
	s.waiting = time.NewTimer(s.backoff.Next(0))
}

// failed waits before the next attempt, which another collector gets where there are several.
func (s *sender) failed(err error, least time.Duration) {
	s.lane.counts.failures.Add(1)
	s.lane.outage.Failed(err)
	s.window, s.probe = max(1, s.window/2), true
	if len(s.lane.targets) > 1 {
		s.turn, s.line = s.turn+1, nil
	}
	s.waiting = time.NewTimer(s.backoff.Next(least))
}

// poll asks for the acknowledgements of what is out, channel by channel, and lets what has waited too long be sent again.
func (s *sender) poll(ctx context.Context) {
	asked := map[*line]bool{}
	for i := 0; i < len(s.out) && ctx.Err() == nil; i++ {
		if on := s.out[i].line; !asked[on] {
			asked[on] = true
			s.ask(ctx, on)
			i = -1 // the list has changed
		}
	}
	late := s.lane.now().Add(-s.lane.cfg.AckTimeout)
	if n := s.again(func(o *sent) bool { return o.at.Before(late) }); n > 0 {
		s.lane.counts.late.Add(uint64(n))
		s.line, s.window = nil, max(1, s.window/2) // a late acknowledgement must not be taken for that of another request
	}
}

// ask asks for the acknowledgements of a channel.
func (s *sender) ask(ctx context.Context, on *line) {
	var numbers []int64
	for i := range s.out {
		if s.out[i].line == on {
			numbers = append(numbers, s.out[i].number)
		}
	}
	a, err := s.lane.client.acks(ctx, on, numbers)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		s.lane.counts.failures.Add(1)
		s.lane.outage.Failed(err)
	case a.class == unacked: // what is posted again counts as delivered at once
		s.lane.unacked.Store(true)
		s.again(func(o *sent) bool { return o.line == on })
	case a.class == channel: // the server has forgotten it
		s.again(func(o *sent) bool { return o.line == on })
		if s.line == on {
			s.line = nil
		}
	case a.acks == nil:
		s.lane.counts.failures.Add(1)
		s.lane.outage.Failed(fmt.Errorf("acknowledgements: %w", a.error(on.target.host)))
	default:
		s.came(on, a.got(numbers))
	}
}

// came settles acknowledgements.
func (s *sender) came(on *line, numbers []int64) {
	home := map[int64]bool{}
	for _, n := range numbers {
		home[n] = true
	}
	kept := s.out[:0]
	for _, o := range s.out {
		if o.line != on || !home[o.number] {
			kept = append(kept, o)
			continue
		}
		s.lane.counts.delivered.Add(uint64(o.events))
		s.lane.counts.acknowledged.Add(uint64(o.events))
		s.window = min(s.window+1, s.lane.cfg.Window)
		s.finish(o.work)
	}
	clear(s.out[len(kept):])
	s.out = kept
}

// tellOut lets the counters know what is in memory.
func (s *sender) tellOut() {
	pieces, bytes := len(s.out)+len(s.queue), 0
	for i := range s.out {
		bytes += len(s.out[i].body)
	}
	for _, w := range s.queue {
		bytes += len(w.body)
	}
	s.lane.held(s, pieces, bytes)
}

// errTooLarge says what a refused event was.
var errTooLarge = errors.New("larger than the server takes")
