package detect

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/detect/internal/sketch"
	"github.com/weirflow/weir/shared/flow"
)

// alert is the state of a finding while it may go on.
type alert struct {
	id, key  string
	dst      flow.Addr
	identity identity
	state    flow.AlertState
	verdict  verdict
	before   outcome // the worst of the waves before

	first, last int64 // bins
	detected    int64 // processing time
	end         int64 // event time, while watching or ended

	peak      level // the window with the highest ratio
	peakBPS   float64
	peakPPS   float64
	sum       span // of the loud windows of this wave
	sources   sketch.Distinct
	harvested int64 // pages before have been counted into sources
	// evidenceEnd is the latest end of a record of the alert's pages.
	evidenceEnd int64

	waves     int
	raises    [flapRaises]int64 // event times of the last ones
	recurring bool

	told    telling
	earlier *restored // what an earlier process knew
}

// telling is when an alert was last told, and what was said.
type telling struct {
	state     flow.AlertState
	step      int
	label     int
	magnitude int
	outcome   outcome
}

// flapRaises is how many raises within an hour make an alert recurring: it then stays open over its pauses.
const flapRaises = 5

const hourNs = 3600 * second

// open tells whether the alert is going on: active or clearing. It may be called on nil.
func (a *alert) open() bool {
	return a != nil && (a.state == flow.AlertActive || a.state == flow.AlertClearing)
}

// loud takes a window into account that is not quiet.
func (a *alert) loud(b int64, v *level) {
	a.last = max(a.last, b)
	if v.ratio > a.peak.ratio {
		a.peak = *v
	}
	a.peakBPS, a.peakPPS = max(a.peakBPS, v.bps), max(a.peakPPS, v.pps)
}

// raise makes an alert active: a new one, one that is being watched, or one that an earlier process had open.
func (e *Engine) raise(h *hot, c *cell, b int64, v *level) {
	a := h.alert
	if a == nil {
		a = e.newAlert(h, c, b, v)
		h.alert = a
	}
	a.sum = span{}
	a.state, a.end, a.last = flow.AlertActive, 0, max(a.last, b)
	a.harvested = max(a.harvested, b/pageBins)
	a.waves++
	e.count.mine[countRaised]++
	a.noteRaise(b * binWidth)
	a.loud(b, v)
	for o := b; o < h.next; o++ {
		later := e.levelAt(h, c, o)
		e.hear(h, c, o, &later)
	}
	for n := b / pageBins; (n+1)*pageBins <= h.next; n++ {
		e.harvest(a, c, n)
	}
	a.verdict = e.kinds[c.vector].assess(e, h, spanOf(v)).worse(a.before)
}

func (e *Engine) newAlert(h *hot, c *cell, b int64, v *level) *alert {
	a := &alert{dst: c.dst, identity: e.kinds[c.vector].identify(e, h, *v), first: b, last: b, detected: e.ticked, before: surge}
	a.key = alertKey(c.dst, &a.identity)
	a.id = alertID(a.identity.detector, a.key, b*binWidth)
	if r := e.restored[restoredKey(a.identity.detector, a.key)]; r != nil {
		a.resume(r)
		delete(e.restored, restoredKey(a.identity.detector, a.key))
	}
	return a
}

// noteRaise keeps the times of the last raises and notices flapping.
func (a *alert) noteRaise(at int64) {
	if oldest := a.raises[0]; a.waves > flapRaises && at-oldest < hourNs {
		a.recurring = true
	}
	copy(a.raises[:], a.raises[1:])
	a.raises[flapRaises-1] = at
}

// alertKey is under which only one alert of a detector is open: the victim, and the service if one.
func alertKey(dst flow.Addr, id *identity) string {
	if id.service.name == "" {
		return dst.String()
	}
	return fmt.Sprintf("%s|%s/%d", dst, flow.TransportName(id.service.protocol), id.port)
}

// alertID is the same wherever a finding is made: in a replay, live, by every packaging.
func alertID(detector, key string, firstBin int64) string {
	sum := sha256.Sum256([]byte(detector + "\x00" + key + "\x00" + strconv.FormatInt(firstBin, 10)))
	return hex.EncodeToString(sum[:16])
}

// live moves an alert on after a bin has become final.
func (e *Engine) live(h *hot, b int64) {
	a, life := h.alert, &e.cfg.Life
	quiet := time.Duration(max(0, b-a.last) * binWidth)
	hold := life.Hold
	if a.recurring {
		hold = max(hold, life.Reopen)
	}
	switch {
	case a.open() && quiet >= hold:
		a.state, a.end = flow.AlertWatching, (a.last+1)*binWidth
		a.before = min(a.before, a.verdict.outcome)
		h.begin = a.last + 1
	case a.open() && quiet > 0:
		a.state = flow.AlertClearing
	case a.open():
		a.state = flow.AlertActive
	case quiet >= hold+life.Reopen:
		a.state = flow.AlertEnded
	}
}

// groupsOf returns the traffic groups behind a list symbol.
func (e *Engine) groupsOf(s flow.Symbol) []string {
	if s == 0 {
		return []string{}
	}
	return strings.Split(e.deps.Symbols.Text(s), flow.ListSeparator)
}
