package traffic

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// Effects are what real exporters and networks do to exports. They change what
// reaches the collector; what happens in the traffic and truth stay the same.
// The zero value is devices without fault.
type Effects struct {
	Skew       bool // clocks are wrong: the border router's is 7 s ahead, the core switch's 11 s behind
	Loss       bool // one in a hundred datagrams is lost, in bursts
	Duplicates bool // a second router outside the border meters all that crosses it once more, cut at other times
	Restart    bool // the border router is off for a minute at half-time; its cache and counters are gone
	Wrap       bool // sysUptime wraps within the scenario
	NoFlags    bool // records have no TCP flags
}

// Figures of the effects.
const (
	borderSkew  = 7000   // ms
	coreSkew    = -11000 // ms
	offline     = 60_000 // ms that a restart takes
	lossBurst   = 0.25   // probability that a burst of loss ends with a datagram
	lossBegins  = lossBurst / 99
	wrapsAfter  = 10 * time.Minute
	uptimeRange = 1 << 32 * time.Millisecond
)

// setters are the effects by name.
func (e *Effects) setters() map[string]*bool {
	return map[string]*bool{
		"skew": &e.Skew, "loss": &e.Loss, "duplicates": &e.Duplicates,
		"restart": &e.Restart, "wrap": &e.Wrap, "noflags": &e.NoFlags,
	}
}

// EffectNames lists the names ParseEffects knows.
func EffectNames() []string {
	var names []string
	for name := range new(Effects).setters() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// ParseEffects reads a list of names, as skew,loss; "" is none. Its error wraps
// ErrConfig.
func ParseEffects(list string) (Effects, error) {
	var e Effects
	if list == "" {
		return e, nil
	}
	known := e.setters()
	for name := range strings.SplitSeq(list, ",") {
		set, ok := known[strings.TrimSpace(name)]
		if !ok {
			return Effects{}, fmt.Errorf("%w: effect %q is not one of %s", ErrConfig, name, strings.Join(EffectNames(), ", "))
		}
		*set = true
	}
	return e, nil
}

// skewOf is how far a device's clock is ahead, ms.
func (e *Effects) skewOf(device int) int64 {
	switch {
	case !e.Skew:
		return 0
	case device == core:
		return coreSkew
	}
	return borderSkew
}

// loser decides which datagrams are lost: a two-state chain, so that losses come
// in bursts (Gilbert, "Capacity of a Burst-Noise Channel", 1960).
type loser struct {
	r     *rand.Rand // nil loses nothing
	burst bool
}

func (l *loser) lost() bool {
	if l.r == nil {
		return false
	}
	if l.burst {
		l.burst = l.r.Float64() >= lossBurst
	} else {
		l.burst = l.r.Float64() < lossBegins
	}
	return l.burst
}

// outage is when a device is off: from (ms) on until it is up again. The zero
// outage is none.
type outage struct{ from, until int64 }

// survives takes out of a flow what the device forgot or did not see, and
// reports whether something is left of it. Flows that left before are whole.
func (o outage) survives(f *flow) bool {
	if o.until == 0 || f.at < o.from || f.run.packetAt(f.from) >= o.until {
		return true
	}
	if f.run.packetAt(f.to) < o.until {
		return false
	}
	f.from = f.run.lastBefore(o.until, f.from)
	if f.run.packetAt(f.from) < o.until {
		f.from++
	}
	return true
}
