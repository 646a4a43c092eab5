package history

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// progress shows how far something has come: a bar in place on a terminal, else a line now and then.
type progress struct {
	log         io.Writer
	terminal    bool
	now         func() time.Time
	total, done uint64
	before      uint64 // done earlier
	begun, last time.Time
}

// How often the bar is drawn, and how often a line is written where there is no terminal.
const (
	barEvery  = 200 * time.Millisecond
	lineEvery = 10 * time.Second
	barWidth  = 40
)

func newProgress(d Deps, total, done uint64) progress {
	now := d.Now()
	return progress{log: d.Log, terminal: d.Terminal, now: d.Now, total: total, done: done, before: done, begun: now, last: now}
}

// add notes n more.
func (p *progress) add(n uint64) {
	p.done += n
	now := p.now()
	every := lineEvery
	if p.terminal {
		every = barEvery
	}
	if now.Sub(p.last) < every {
		return
	}
	p.last = now
	p.show(now)
}

// end shows the last state.
func (p *progress) end() {
	p.show(p.now())
	if p.terminal {
		fmt.Fprintln(p.log)
	}
}

func (p *progress) show(now time.Time) {
	line := p.line(now.Sub(p.begun))
	if p.terminal {
		fmt.Fprintf(p.log, "\r%s\x1b[K", line)
		return
	}
	fmt.Fprintln(p.log, line)
}

// line describes the state after a time.
func (p *progress) line(took time.Duration) string {
	part := min(float64(p.done)/float64(max(p.total, 1)), 1)
	rate := float64(p.done-p.before) / max(took.Seconds(), 0.001)
	left := time.Duration(float64(p.total-min(p.done, p.total)) / max(rate, 1) * float64(time.Second)).Round(time.Second)
	bar := strings.Repeat("#", int(part*barWidth))
	return fmt.Sprintf("[%-*s] %3.0f %%  %.1f of %.1f million records, %.0f/s, %s left", barWidth, bar, part*100, float64(p.done)/1e6, float64(p.total)/1e6, rate, left)
}
