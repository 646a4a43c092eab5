package interfaces

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// verdict is that a condition is met as of a minute.
type verdict struct {
	what             condition
	side             direction
	critical         bool
	start, end       int64
	value, threshold float64
	unit             string
	count            float64  // errors or discards
	usual            *float64 // broadcasts a second; nil: not known
	speed            float64  // bit/s
	learned          bool     // the speed is not known but learned
}

// finding is an alert while it may go on. Times are event times in ns but for detected.
type finding struct {
	key, id     string
	exporter    flow.Addr
	index       uint32
	name, alias string
	state       flow.AlertState
	start, last int64
	detected    int64
	critical    bool
	worst       verdict
	told        telling
	source      Source
}

// telling is what was said of a finding when it was last told.
type telling struct {
	state    flow.AlertState
	critical bool
}

// keyOf is under which only one finding is open: the interface, the condition and the direction.
func keyOf(s *sight, v *verdict) string {
	return fmt.Sprintf("%s/%d/%s/%s", s.agent.exporter, s.port.index, conditionNames[v.what], directionNames[v.side])
}

func newFinding(key string, s *sight, v *verdict) *finding {
	sum := sha256.Sum256([]byte(detectorName + "\x00" + key + "\x00" + strconv.FormatInt(v.start/minute, 10)))
	return &finding{
		key: key, id: hex.EncodeToString(sum[:16]), exporter: s.agent.exporter, index: s.port.index, start: v.start, last: v.end, detected: s.now,
	}
}

// take takes a minute in which the condition is met.
func (f *finding) take(s *sight, v *verdict) {
	f.last = max(f.last, v.end)
	f.name, f.alias, f.source = s.symbols.Text(s.facts.Name), s.symbols.Text(s.facts.Alias), s.source
	f.critical = f.critical || v.critical
	if v.value >= f.worst.value {
		f.worst = *v
	}
}

func (f *finding) severity() int {
	if f.critical {
		return severityCritical
	}
	return severityWarning
}

// alert returns the finding as it is told.
func (f *finding) alert() flow.Alert {
	severity, v := f.severity(), &f.worst
	a := flow.Alert{
		ID: f.id, Detector: detectorName, Key: f.key, State: f.state, Title: f.title(),
		Severity: severity, SeverityLabel: flow.SeverityLabel(severity), Confidence: 1,
		Start: utc(f.start), Last: utc(f.last), DetectedAt: utc(f.detected),
		Actors: []string{}, Victims: []string{f.exporter.String()}, VictimsTotal: 1, Groups: []string{},
		Measured: v.measure(), Threshold: v.inUnits(v.threshold),
		Baseline: v.usual, Techniques: []flow.Technique{},
		Evidence:   flow.Evidence{Filter: f.filter(), From: utc(f.start), To: utc(f.last)},
		Exporters:  []string{f.exporter.String()},
		Interfaces: []flow.Interface{{Exporter: f.exporter.String(), ID: f.index, Name: f.name}}, Pivots: []flow.AlertPivot{},
	}
	if v.learned {
		a.Confidence = 0.6
	}
	if f.state != flow.AlertActive {
		end := utc(f.last)
		a.End = &end
	}
	return a
}

// measure is what was measured: shares in percent.
func (v *verdict) measure() flow.Measure {
	return flow.Measure{Name: conditionNames[v.what] + "_" + directionNames[v.side], Value: v.inUnits(v.value), Unit: v.unit}
}

func (v *verdict) inUnits(share float64) float64 {
	if v.unit == percent {
		return share * 100
	}
	return share
}

// percent is the unit of shares.
const percent = "%"

// filter selects the flows through the interface in the direction.
func (f *finding) filter() string {
	exporter := f.exporter.String()
	if !f.exporter.Is4() {
		exporter = strconv.Quote(exporter)
	}
	side := "ingress"
	if f.worst.side == outbound {
		side = "egress"
	}
	return fmt.Sprintf("observer.ip : %s and observer.%s.interface.id : %d", exporter, side, f.index)
}

// title says which interface, what, and how much: "interface ge-0/0/1 (uplink) of 192.0.2.1: inbound 97 % of 1 Gbit/s used".
func (f *finding) title() string {
	var b strings.Builder
	b.WriteString("interface " + cmp.Or(f.name, strconv.FormatUint(uint64(f.index), 10)))
	if f.alias != "" && f.alias != f.name {
		b.WriteString(" (" + f.alias + ")")
	}
	fmt.Fprintf(&b, " of %s: %sbound ", f.exporter, directionNames[f.worst.side])
	v := &f.worst
	switch v.what {
	case utilization:
		fmt.Fprintf(&b, "%s %% of %s used", strconv.FormatFloat(v.value*100, 'f', 0, 64), bitRate(v.speed))
		if v.learned {
			b.WriteString(" (its speed is not known: learned from the greatest minute)")
		}
	case errorsSeen, discardsSeen:
		fmt.Fprintf(&b, "%.0f %s within five minutes, %s %% of the packets", v.count, conditionNames[v.what], strconv.FormatFloat(v.value*100, 'g', 2, 64))
	default:
		fmt.Fprintf(&b, "%.0f broadcasts a second", v.value)
		if v.usual != nil {
			fmt.Fprintf(&b, ", usual are %.0f", *v.usual)
		}
	}
	return b.String()
}

// bitRate writes a speed: "1 Gbit/s".
func bitRate(bps float64) string {
	for _, u := range []struct {
		size float64
		name string
	}{{1e12, "Tbit/s"}, {1e9, "Gbit/s"}, {1e6, "Mbit/s"}, {1e3, "kbit/s"}} {
		if bps >= u.size {
			return strconv.FormatFloat(bps/u.size, 'g', 4, 64) + " " + u.name
		}
	}
	return strconv.FormatFloat(bps, 'f', 0, 64) + " bit/s"
}

// changes returns the findings that changed, sorted by start and id.
func (w *watcher) changes() []flow.Alert {
	if len(w.out)+len(w.lapsed) == 0 {
		return nil
	}
	list := append([]flow.Alert(nil), w.lapsed...)
	for _, f := range w.out {
		list = append(list, f.alert())
	}
	clear(w.out)
	w.out, w.lapsed = w.out[:0], w.lapsed[:0]
	slices.SortFunc(list, func(a, b flow.Alert) int {
		return cmp.Or(a.Start.Compare(b.Start), strings.Compare(a.ID, b.ID))
	})
	return list
}

// restore keeps what an earlier process had open.
func (w *watcher) restore(open []flow.Alert) {
	for i := range open {
		if open[i].Detector == detectorName {
			w.restored[open[i].Key] = open[i]
		}
	}
}

// lapse ends what an earlier process had open and was not found again in time.
func (w *watcher) lapse(now int64) {
	for key, a := range w.restored {
		if now-a.Last.UnixNano() < int64(w.life.Hold+w.life.Reopen) {
			continue
		}
		end := a.Last
		a.State, a.End = flow.AlertEnded, &end
		w.lapsed = append(w.lapsed, a)
		delete(w.restored, key)
	}
}

func utc(ns int64) time.Time { return time.Unix(0, ns).UTC() }
