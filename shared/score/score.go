package score

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// lowest is the least severity that is scored.
const lowest = 20

// Config says how times are compared. The zero value stands for the defaults.
type Config struct {
	ActiveTimeout time.Duration // of the exporters; 0 is 60 s
}

// Verdict says what an alert is against the truth.
type Verdict uint8

// Verdicts.
const (
	Unscored Verdict = iota // information, a label, or about the exporters (infra.*): truth is about traffic
	Hit
	Related
	False
)

// Case is an alert with its verdict.
type Case struct {
	Alert   flow.Alert
	Verdict Verdict
	Truth   string // id of the entry that it hits
}

// Tally is what comparing gave. Tallies of several sets add up by [Tally.Add].
type Tally struct {
	Detectors map[string]*Counts
	Records   uint64
	Days      float64
	Missed    []Truth
	Cases     []Case // of all scored alerts
}

// Counts are those of a detector: of the attacks that it should find, and of its alerts.
type Counts struct {
	Truth, Found, Late                 int // Late: found after must_detect_by
	Alerts, Hits, Related, False, Loud int // Loud: false and above low
	Seconds                            []float64
}

// Compare scores alerts in their last states. Days is the length of the traffic.
func Compare(alerts []flow.Alert, truth []Truth, cfg Config) Tally {
	if cfg.ActiveTimeout == 0 {
		cfg.ActiveTimeout = time.Minute
	}
	c := comparison{margin: cfg.ActiveTimeout + time.Minute, found: map[string]float64{}, tally: Tally{Detectors: map[string]*Counts{}}}
	for i := range truth {
		t := &truth[i]
		c.truth = append(c.truth, matcher{t, hostsOf(t.Actors), hostsOf(t.Victims)})
	}
	for i := range alerts {
		c.take(&alerts[i])
	}
	for i := range truth {
		c.settle(&truth[i])
	}
	return c.tally
}

type comparison struct {
	margin time.Duration
	truth  []matcher
	found  map[string]float64 // by id of the entry: seconds until it was found first
	tally  Tally
}

func (c *comparison) take(a *flow.Alert) {
	if a.Severity < lowest || strings.HasPrefix(a.Detector, "label.") || strings.HasPrefix(a.Detector, "infra.") || a.State == flow.AlertPending {
		return
	}
	counts := c.tally.of(a.Detector)
	counts.Alerts++
	verdict, id := c.judge(a)
	switch verdict {
	case Hit:
		counts.Hits++
	case Related:
		counts.Related++
	case False:
		counts.False++
		if a.Severity >= 2*lowest {
			counts.Loud++
		}
	}
	c.tally.Cases = append(c.tally.Cases, Case{Alert: *a, Verdict: verdict, Truth: id})
}

// judge decides what an alert is. One that hits several entries finds all of them.
func (c *comparison) judge(a *flow.Alert) (Verdict, string) {
	actors, victims := hostsOf(a.Actors), hostsOf(a.Victims)
	either := hostsOf(a.Actors, a.Victims)
	hit, kinship, attack, neutral, benign, allowed := "", false, false, false, false, false
	for i := range c.truth {
		t := &c.truth[i]
		if !overlap(a, t.Truth, c.margin) {
			continue
		}
		if t.Kind == Attack && a.Detector == t.Detector && (actors.shares(&t.actors) || victims.shares(&t.victims)) {
			hit = t.ID
			if took, ok := c.found[t.ID]; !ok || a.DetectedAt.Sub(t.Start).Seconds() < took {
				c.found[t.ID] = a.DetectedAt.Sub(t.Start).Seconds()
			}
			continue
		}
		if !either.shares(&t.actors) && !either.shares(&t.victims) {
			continue
		}
		switch t.Kind {
		case Attack:
			attack, kinship = true, kinship || related(a.Detector, t.Detector)
		case Neutral:
			neutral = true
		case Benign:
			if slices.Contains(t.Allowed, a.Detector) {
				allowed = true
			} else {
				benign = true
			}
		}
	}
	switch {
	case hit != "":
		return Hit, hit
	case kinship, allowed, neutral && !benign && !attack:
		return Related, ""
	}
	return False, ""
}

func (c *comparison) settle(t *Truth) {
	if t.Kind != Attack {
		return
	}
	counts := c.tally.of(t.Detector)
	counts.Truth++
	took, ok := c.found[t.ID]
	if !ok {
		c.tally.Missed = append(c.tally.Missed, *t)
		return
	}
	counts.Found++
	counts.Seconds = append(counts.Seconds, took)
	if t.MustDetectBy != nil && took > *t.MustDetectBy {
		counts.Late++
	}
}

func (t *Tally) of(detector string) *Counts {
	if t.Detectors[detector] == nil {
		t.Detectors[detector] = &Counts{}
	}
	return t.Detectors[detector]
}

// Add adds what another set gave.
func (t *Tally) Add(o *Tally) {
	if t.Detectors == nil {
		t.Detectors = map[string]*Counts{}
	}
	for name, c := range o.Detectors {
		t.of(name).add(c)
	}
	t.Records += o.Records
	t.Days += o.Days
	t.Missed = append(t.Missed, o.Missed...)
	t.Cases = append(t.Cases, o.Cases...)
}

func (c *Counts) add(o *Counts) {
	c.Truth, c.Found, c.Late = c.Truth+o.Truth, c.Found+o.Found, c.Late+o.Late
	c.Alerts, c.Hits, c.Related, c.False = c.Alerts+o.Alerts, c.Hits+o.Hits, c.Related+o.Related, c.False+o.False
	c.Loud += o.Loud
	c.Seconds = append(c.Seconds, o.Seconds...)
}

// Overall returns the sum over all detectors.
func (t *Tally) Overall() Counts {
	var sum Counts
	for _, name := range slices.Sorted(maps.Keys(t.Detectors)) {
		sum.add(t.Detectors[name])
	}
	return sum
}
