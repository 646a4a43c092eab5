package decode_test

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/weirflow/weir/shared/decode"
	"github.com/weirflow/weir/shared/flow"
)

// say decodes messages of a transport session.
func (l *lab) say(t *testing.T, session uint64, messages ...[]byte) {
	t.Helper()
	for _, m := range messages {
		if err := l.DecodeSession(session, m, exporterPort, receivedAt, l.batch); err != nil {
			t.Error(err)
		}
	}
}

// Templates of the same id with one counter at the start, and behind a port.
var (
	counterFirst = set(2, definition(256, 1, 4))
	counterLast  = set(2, definition(256, 7, 4, 1, 4))
)

// TestSessionsAreApart: RFC 7011, 8: two connections of one exporter may use one template id for two things.
func TestSessionsAreApart(t *testing.T) {
	l := newLab(decode.Config{})
	l.say(t, 1, ipfix(0, counterFirst, set(256, uint32(1))))
	l.say(t, 2, ipfix(0, counterLast, set(256, uint32(80), uint32(2))))
	l.give(ipfix(7, set(2, definition(256, 2, 4, 1, 4)), set(256, uint32(1), uint32(3))))
	l.say(t, 1, ipfix(1, set(256, uint32(4))))
	l.say(t, 2, ipfix(1, set(256, uint32(81), uint32(5))))
	if got := l.bytesOf(); !slices.Equal(got, []uint64{1, 2, 3, 4, 5}) {
		t.Errorf("bytes %v", got)
	}
	s := l.stream(t)
	if s.Templates.Load() != 3 || s.Gaps.Load() != 0 || s.Restarts.Load() != 0 || s.Reordered.Load() != 0 {
		t.Errorf("%d templates, %d gaps, %d restarts, %d reordered", s.Templates.Load(), s.Gaps.Load(), s.Restarts.Load(), s.Reordered.Load())
	}
	checkIdentities(t, l.account)
}

// TestSessionEnds: with it go its templates and what waits for one; those of others stay.
func TestSessionEnds(t *testing.T) {
	l := newLab(decode.Config{})
	l.say(t, 1, ipfix(0, counterFirst, set(257, uint32(1))))
	l.say(t, 2, ipfix(0, counterFirst))
	s := l.stream(t)
	if s.Waiting.Load() != 1 || s.Templates.Load() != 2 {
		t.Fatalf("%d sets wait, %d templates", s.Waiting.Load(), s.Templates.Load())
	}
	l.EndSession(1)
	l.EndSession(1)
	if s.Waiting.Load() != 0 || s.Templates.Load() != 1 || s.SetsExpired[flow.ExpiredRestart].Load() != 1 {
		t.Errorf("%d sets wait, %d templates, expired %v", s.Waiting.Load(), s.Templates.Load(), s.SetsExpired.Map())
	}
	l.batch.Reset()
	l.say(t, 3, ipfixAt(0, headerSeconds+1, set(256, uint32(9)))) // a new connection without templates
	l.say(t, 2, ipfixAt(0, headerSeconds+1, set(256, uint32(8))))
	if got := l.bytesOf(); !slices.Equal(got, []uint64{8}) || s.Waiting.Load() != 1 {
		t.Errorf("bytes %v, %d sets wait", got, s.Waiting.Load())
	}
	checkIdentities(t, l.account)
}

// TestSessionWithdraws: RFC 7011, 8.1 allows withdrawals over TCP.
func TestSessionWithdraws(t *testing.T) {
	l := newLab(decode.Config{})
	l.say(t, 1, ipfix(0, counterFirst, set(256, uint32(1))), ipfix(1, set(2, uint16(256), uint16(0))),
		ipfix(1, set(2, definition(256, 7, 4, 1, 4)), set(256, uint32(80), uint32(2))))
	if got := l.bytesOf(); !slices.Equal(got, []uint64{1, 2}) {
		t.Errorf("bytes %v", got)
	}
}

// TestSessionSequence: what was lost between two connections is known where the exporter goes on counting.
func TestSessionSequence(t *testing.T) {
	cases := []struct {
		name  string
		next  uint32 // sequence number that the second connection begins with
		later uint32 // seconds
		gaps  uint64
	}{
		{"counts from 0", 0, 60, 0},
		{"goes on where it was", 12, 60, 0},
		{"goes on after a loss", 20, 60, 8},
		{"counts from another number", 5, 60, 0},
		{"far from where it was", 3_000_000_000, 60, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(decode.Config{})
			l.say(t, 1, ipfix(10, counterFirst, set(256, uint32(1), uint32(2))))
			l.EndSession(1)
			l.say(t, 2, ipfixAt(c.next, headerSeconds+c.later, counterFirst, set(256, uint32(3))))
			l.say(t, 2, ipfixAt(c.next+1+5, headerSeconds+c.later, set(256, uint32(4)))) // a gap of 5 within the session
			s := l.stream(t)
			if s.Gaps.Load() != c.gaps+5 || s.Restarts.Load() != 0 || s.Reordered.Load() != 0 {
				t.Errorf("%d gaps, %d restarts, %d reordered", s.Gaps.Load(), s.Restarts.Load(), s.Reordered.Load())
			}
		})
	}
}

// TestSessionMark: the mark of a connection shows after a restart of the program what was in flight.
func TestSessionMark(t *testing.T) {
	l := newLab(decode.Config{})
	l.say(t, 1, ipfix(10, counterFirst, set(256, uint32(1), uint32(2))))
	mark := l.batch.Datagrams[0].Mark
	next := newLab(decode.Config{})
	next.Restore([]flow.StreamMark{mark})
	next.say(t, 1, ipfixAt(15, headerSeconds+3, counterFirst))
	if s := next.stream(t); s.Gaps.Load() != 3 {
		t.Errorf("mark %+v: %d gaps, want 3", mark, s.Gaps.Load())
	}
}

func TestSessionCaps(t *testing.T) {
	l := newLab(decode.Config{})
	var refused int
	for domain := range uint32(300) {
		m := ipfix(0, counterFirst)
		copy(m[12:], put(domain))
		var e *decode.Error
		if err := l.DecodeSession(1, m, exporterPort, receivedAt, l.batch); errors.As(err, &e) && e.Reason == flow.RefusedStreamCap {
			refused++
		}
	}
	if refused != 300-256 {
		t.Errorf("%d domains refused", refused)
	}
	checkIdentities(t, l.account)
}

// TestSessionsAtOnce ends sessions while others talk.
func TestSessionsAtOnce(t *testing.T) {
	l := newLab(decode.Config{})
	var all sync.WaitGroup
	for worker := range uint64(4) {
		all.Go(func() {
			b := flow.NewBatch(64, l.symbols)
			for i := range uint64(100) {
				session := 1 + worker*1000 + i
				_ = l.DecodeSession(session, ipfix(0, counterFirst, set(256, uint32(session)), set(257, uint32(1))), exporterPort, receivedAt, b)
				l.Expire(receivedAt)
				l.EndSession(session)
				b.Reset()
			}
		})
	}
	all.Wait()
	checkIdentities(t, l.account)
	if s := l.stream(t); s.Templates.Load() != 0 || s.Waiting.Load() != 0 || s.Records.Load() != 400 {
		t.Errorf("%d templates, %d sets wait, %d records", s.Templates.Load(), s.Waiting.Load(), s.Records.Load())
	}
}
