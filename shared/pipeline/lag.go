package pipeline

import (
	"maps"
	"sync"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// lagStep is how much time shares a piece of what waits.
const lagStep = 10 * time.Second

// Lag holds marks back for as long as the records that they speak of may wait for being told of, so that what a crash takes with it shows as a
// gap. Pieces of ten seconds bound what it keeps.
type Lag struct {
	by time.Duration

	mu     sync.Mutex
	pieces []lagged
}

type lagged struct {
	at    time.Time // of the first
	marks map[flow.StreamKey]flow.StreamMark
}

// NewLag returns a lag by a time.
func NewLag(by time.Duration) *Lag { return &Lag{by: by} }

// Pass takes the marks of a batch and returns those whose time has come.
func (l *Lag) Pass(b *flow.Batch, now time.Time) map[flow.StreamKey]flow.StreamMark {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.pieces); n == 0 || now.Sub(l.pieces[n-1].at) >= lagStep {
		l.pieces = append(l.pieces, lagged{now, map[flow.StreamKey]flow.StreamMark{}})
	}
	last := l.pieces[len(l.pieces)-1].marks
	for i := range b.Datagrams {
		d := &b.Datagrams[i]
		last[d.Stream.Key] = d.Mark
	}
	return l.take(func(p *lagged) bool { return now.Sub(p.at) >= l.by+lagStep })
}

// Rest returns all that is held back: everything has been told of.
func (l *Lag) Rest() map[flow.StreamKey]flow.StreamMark {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.take(func(*lagged) bool { return true })
}

func (l *Lag) take(due func(*lagged) bool) map[flow.StreamKey]flow.StreamMark {
	var all map[flow.StreamKey]flow.StreamMark
	for len(l.pieces) > 0 && due(&l.pieces[0]) {
		if all == nil {
			all = l.pieces[0].marks
		} else {
			maps.Copy(all, l.pieces[0].marks)
		}
		l.pieces = l.pieces[1:]
	}
	return all
}
