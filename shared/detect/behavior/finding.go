package behavior

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// finding is an alert while it may go on. Times are event times in ns but for detected and touched.
type finding struct {
	detector, key, id string
	state             flow.AlertState
	start, last       int64 // first evidence; end of the last
	from              int64 // where the evidence's range begins, 0: at start
	closed            bool  // nothing can be added any more
	detected, touched int64 // processing time

	title      string
	base       float64 // severity without growth
	most       float64 // what the severity is at most; 0: no bound
	steady     bool    // the severity does not grow
	value      float64
	threshold  float64
	name, unit string // of the value
	confidence float64
	techniques []flow.Technique
	service    *flow.Service
	filter     string
	sampling   string

	actors, victims           []flow.Addr
	actorsTotal, victimsTotal uint64
	groups                    []string
	exporters                 []flow.Addr

	told telling
}

// telling is what was said of a finding when it was last told.
type telling struct {
	state     flow.AlertState
	label     string
	magnitude int
}

// binWidth is what starts are cut to, so that an id does not hang on a millisecond.
const binWidth = 10 * second

// findingID is the same wherever a finding is made.
func findingID(detector, key string, start int64) string {
	sum := sha256.Sum256([]byte(detector + "\x00" + key + "\x00" + strconv.FormatInt(start/binWidth, 10)))
	return hex.EncodeToString(sum[:16])
}

func (f *finding) open() bool { return f.state == flow.AlertActive }

// addActor and addVictim keep the first hosts; the totals are the detectors' business.
func (f *finding) addActor(a flow.Addr)  { f.actors = addHost(f.actors, a) }
func (f *finding) addVictim(a flow.Addr) { f.victims = addHost(f.victims, a) }

func addHost(list []flow.Addr, a flow.Addr) []flow.Addr {
	if len(list) < flow.MaxAlertEntities && !slices.Contains(list, a) {
		list = append(list, a)
	}
	return list
}

// see takes note of the exporters and groups of a session that is evidence.
func (f *finding) see(s *flow.Session, symbols *flow.Symbols) {
	for _, x := range s.SeenBy() {
		f.exporters = addHost(f.exporters, x)
	}
	f.last = max(f.last, s.End)
	if s.Server.Groups == 0 || symbols == nil || len(f.groups) > 0 {
		return
	}
	f.groups = strings.Split(symbols.Text(s.Server.Groups), flow.ListSeparator)
}

func (f *finding) severity() int {
	if f.steady {
		return int(f.base)
	}
	return int(max(0, min(cmp.Or(f.most, mostAny), f.base+growth(f.value/max(1, f.threshold)))))
}

// alert returns the finding as it is told.
func (f *finding) alert() flow.Alert {
	severity := f.severity()
	a := flow.Alert{
		ID: f.id, Detector: f.detector, Key: f.key, State: f.state, Title: f.title,
		Severity: severity, SeverityLabel: flow.SeverityLabel(severity), Confidence: f.confidence,
		Start: utc(f.start), Last: utc(f.last), DetectedAt: utc(f.detected),
		Actors: texts(f.actors), ActorsTotal: max(f.actorsTotal, uint64(len(f.actors))),
		Victims: texts(f.victims), VictimsTotal: max(f.victimsTotal, uint64(len(f.victims))),
		Groups: append([]string{}, f.groups...), Service: f.service,
		Measured: flow.Measure{Name: f.name, Value: f.value, Unit: f.unit}, Threshold: f.threshold,
		Techniques: f.techniques, Sampling: f.sampling,
		Evidence:  flow.Evidence{Filter: f.filter, From: utc(cmp.Or(f.from, f.start)), To: utc((f.last/second + 1) * second)},
		Exporters: texts(f.exporters), Interfaces: []flow.Interface{}, Pivots: []flow.AlertPivot{},
	}
	if !f.open() {
		end := utc(f.last)
		a.End = &end
	}
	return a
}

func texts(list []flow.Addr) []string {
	out := make([]string, 0, len(list))
	for _, a := range list {
		out = append(out, a.String())
	}
	slices.Sort(out)
	return out
}

func utc(ns int64) time.Time { return time.Unix(0, ns).UTC() }
