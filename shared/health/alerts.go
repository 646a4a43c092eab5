package health

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// DetectorName is the name of the detector: faults of one check of an exporter are one alert.
const DetectorName = "infra.exporter"

// Life of the alerts.
const (
	holdAlert = int64(5 * time.Minute) // an alert is over when its faults have been gone for so long
	// reopenAlert is how long after that it may come back under the same id. What comes and goes with the load, as loss does, is one
	// trouble and not one an hour; outages are told apart.
	reopenAlert  = int64(6 * time.Hour)
	reopenSilent = int64(30 * time.Minute)
)

// Severities (5.61 of the project's notes on detection).
const (
	severityWarning  = 30
	severityCritical = 60
)

// impairDefenses: an exporter that is silent sees nothing, which may be somebody's purpose.
var impairDefenses = []flow.Technique{{ID: "T1562", Name: "Impair Defenses"}}

// alerts are the open alerts.
type alerts struct {
	max      int
	off      bool
	open     map[string]*finding // by key
	order    []*finding          // as they were raised
	out      []flow.Alert        // changed since they were last asked for, in their last state
	restored map[string]flow.Alert
	raised   uint64
	leftOut  uint64
}

// finding is an alert while it may go on. Times are ns since the Unix epoch.
type finding struct {
	key, id               string
	exporter              deviceKey
	check                 string
	state                 flow.AlertState
	start, last, detected int64

	faults []peak // the worst of each kind while it is active, the worst of all first
	told   telling
}

// peak is the worst of a kind of fault.
type peak struct {
	kind    Kind
	verdict verdict
}

// worse tells whether a verdict is worse than another of the same kind.
func (v *verdict) worse(o *verdict) bool {
	return v.level > o.level || v.level == o.level && math.Abs(v.value) > math.Abs(o.value)
}

// telling is what was said of a finding when it was last told.
type telling struct {
	state     flow.AlertState
	level     Level
	kind      Kind
	magnitude int
}

func newAlerts(cfg *Config) alerts {
	return alerts{max: cfg.Findings, off: cfg.disabled(DetectorName), open: map[string]*finding{}, restored: map[string]flow.Alert{}}
}

// pass takes the faults of all streams as of a time into account, and moves alerts on whose faults are gone.
func (a *alerts) pass(m *Monitor, now int64) {
	if a.off {
		return
	}
	for _, s := range m.list {
		if s == nil {
			continue
		}
		for k := range s.verdicts {
			if v := &s.verdicts[k]; v.level >= Warning && traits[k].check != checkSetting {
				a.take(s, Kind(k), v, now)
			}
		}
	}
	kept := a.order[:0]
	for _, f := range a.order {
		a.live(f, now)
		if f.state != flow.AlertEnded {
			kept = append(kept, f)
		}
	}
	clear(a.order[len(kept):])
	a.order = kept
}

// take adds a fault to the alert of its exporter and check.
func (a *alerts) take(s *stream, k Kind, v *verdict, now int64) {
	f := a.raise(s.device.key, traits[k].check, v.since, now)
	if f == nil {
		return
	}
	f.last = now
	i := slices.IndexFunc(f.faults, func(p peak) bool { return p.kind == k })
	switch {
	case i < 0 && len(f.faults) < maxKinds:
		f.faults = append(f.faults, peak{k, *v})
	case i >= 0 && v.worse(&f.faults[i].verdict):
		f.faults[i].verdict = *v
	}
	slices.SortStableFunc(f.faults, func(a, b peak) int { return cmp.Compare(b.verdict.level, a.verdict.level) })
}

// maxKinds is how many kinds of faults an alert names.
const maxKinds = 4

// raise returns the alert of an exporter and check: the one that is there, made active again, or a new one; nil at the cap.
func (a *alerts) raise(exporter deviceKey, check string, since, now int64) *finding {
	key := exporter.String() + "|" + check
	f := a.open[key]
	if f == nil {
		if len(a.open) >= a.max {
			a.leftOut++
			return nil
		}
		f = &finding{key: key, id: alertID(key, since), exporter: exporter, check: check, start: since, detected: now}
		if r, ok := a.restored[key]; ok {
			f.id, f.start, f.detected = r.ID, r.Start.UnixNano(), r.DetectedAt.UnixNano()
			delete(a.restored, key)
		}
		a.open[key] = f
		a.order = append(a.order, f)
	}
	if f.state != flow.AlertActive {
		if f.state != flow.AlertClearing {
			f.faults = f.faults[:0]
			a.raised++
		}
		f.state = flow.AlertActive
	}
	return f
}

// alertID is the same wherever a finding is made.
func alertID(key string, start int64) string {
	sum := sha256.Sum256([]byte(DetectorName + "\x00" + key + "\x00" + strconv.FormatInt(start/bucketWidth, 10)))
	return hex.EncodeToString(sum[:16])
}

// live moves an alert on.
func (a *alerts) live(f *finding, now int64) {
	reopen := reopenAlert
	if f.check == checkSilent {
		reopen = reopenSilent
	}
	switch quiet := now - f.last; {
	case quiet >= holdAlert+reopen:
		f.state = flow.AlertEnded
		delete(a.open, f.key)
	case quiet >= holdAlert:
		f.state = flow.AlertWatching
	case quiet > 0:
		f.state = flow.AlertClearing
	}
	a.note(f)
}

// note puts an alert among the changes where something worth telling has happened.
func (a *alerts) note(f *finding) {
	first := &f.faults[0]
	now := telling{f.state, first.verdict.level, first.kind, int(math.Log10(max(1, 100*math.Abs(first.verdict.value))))}
	if now == f.told {
		return
	}
	f.told = now
	// What is told is as of now, not of when somebody asks: so it does not depend on the sizes of batches.
	if i := slices.IndexFunc(a.out, func(o flow.Alert) bool { return o.ID == f.id }); i >= 0 {
		a.out[i] = f.alert()
	} else {
		a.out = append(a.out, f.alert())
	}
}

func (a *alerts) finish() {
	for _, f := range a.order {
		f.state = flow.AlertEnded
		a.note(f)
	}
	a.order = a.order[:0]
	clear(a.open)
}

func (a *alerts) restore(open []flow.Alert) {
	for _, alert := range open {
		if alert.Detector == DetectorName {
			a.restored[alert.Key] = alert
		}
	}
}

func (a *alerts) changes() []flow.Alert {
	list := a.out
	a.out = nil
	slices.SortFunc(list, func(x, y flow.Alert) int { return cmp.Or(x.Start.Compare(y.Start), strings.Compare(x.ID, y.ID)) })
	return list
}

// alert returns the finding as it is told.
func (f *finding) alert() flow.Alert {
	first := &f.faults[0]
	severity := severityWarning
	if first.verdict.level == Critical {
		severity = severityCritical
	}
	ip := f.exporter.ip.String()
	texts, links := make([]string, 0, len(f.faults)), []flow.Interface{}
	for i := range f.faults {
		p := &f.faults[i]
		texts = append(texts, p.verdict.text(p.kind))
		if p.verdict.link != 0 {
			links = append(links, flow.Interface{Exporter: ip, ID: p.verdict.link})
		}
	}
	a := flow.Alert{
		ID: f.id, Detector: DetectorName, Key: f.key, State: f.state, Title: "Exporter " + f.exporter.String() + ": " + strings.Join(texts, "; "),
		Severity: severity, SeverityLabel: flow.SeverityLabel(severity), Confidence: 1,
		Start: utc(f.start), Last: utc(f.last), DetectedAt: utc(f.detected),
		Actors: []string{}, Victims: []string{}, Groups: []string{},
		Measured: flow.Measure{Name: first.kind.String(), Value: first.verdict.value, Unit: traits[first.kind].unit}, Threshold: first.verdict.threshold,
		Techniques: []flow.Technique{},
		Evidence:   flow.Evidence{Filter: "observer.ip : " + filterText(f.exporter.ip), From: utc(f.start), To: utc(f.last)},
		Exporters:  []string{ip}, Interfaces: links, Pivots: []flow.AlertPivot{},
	}
	if a.Measured.Unit == "share" { // as people say it
		a.Measured.Value, a.Measured.Unit, a.Threshold = 100*a.Measured.Value, "%", 100*a.Threshold
	}
	if f.check == checkSilent {
		a.Techniques = impairDefenses
		a.Evidence.From = utc(f.start - int64(time.Minute)) // what was heard last
	}
	if f.state == flow.AlertWatching || f.state == flow.AlertEnded {
		end := a.Last
		a.End = &end
	}
	return a
}

// filterText is an address in the filter language, where colons separate fields from values.
func filterText(a flow.Addr) string {
	if a.Is4() {
		return a.String()
	}
	return `"` + a.String() + `"`
}

func utc(ns int64) time.Time { return time.Unix(0, ns).UTC() }
