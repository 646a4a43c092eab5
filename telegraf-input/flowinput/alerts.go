package flowinput

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/sink"
)

// Names of the measurements of alerts.
const (
	nameAlert  = "weir_alert"
	nameActive = "weir_alert_active"
)

// Bounds of what is known of alerts.
const (
	maxOpenAlerts = 1 << 16
	maxActive     = 10_000 // combinations of the tags of weir_alert_active
	listed        = 10     // hosts that a point lists; their number is told, too
)

// alertConfig says which alerts are told of.
type alertConfig struct {
	least  int // severity
	groups int // values of the tag group
}

// activeKey is the tags of weir_alert_active.
type activeKey struct{ detector, group, severity string }

// openAlert is what was told last of an alert.
type openAlert struct {
	state     flow.AlertState
	magnitude int
	key       activeKey
}

func (a openAlert) active() bool {
	return a.state == flow.AlertActive || a.state == flow.AlertClearing
}

// alertTeller tells of alerts: of each that is raised, changes or ends, and how many are active. It is a sink.Alerts.
type alertTeller struct {
	cfg    alertConfig
	now    func() int64
	give   func(*point)
	pivots func(*flow.Alert) []flow.AlertPivot
	keep   func([]flow.Alert)

	mu     sync.Mutex
	open   map[string]openAlert
	active map[activeKey]int // zeros, too: a series that ends says so
	groups map[string]bool
	number int64 // of the point
	over   uint64
	point  point
}

func newAlertTeller(cfg alertConfig, now func() int64, give func(*point)) *alertTeller {
	return &alertTeller{
		cfg: cfg, now: now, give: give, open: map[string]openAlert{}, active: map[activeKey]int{}, groups: map[string]bool{},
		pivots: func(a *flow.Alert) []flow.AlertPivot { return a.Pivots }, keep: func([]flow.Alert) {},
	}
}

// recall takes over alerts of an earlier run as told.
func (t *alertTeller) recall(list []flow.Alert) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range list {
		if t.wants(&list[i], false) {
			t.set(list[i].ID, t.stateOf(&list[i]))
		}
	}
}

// WriteAlerts implements sink.Alerts.
func (t *alertTeller) WriteAlerts(_ context.Context, list []flow.Alert) error {
	t.keep(list)
	t.mu.Lock()
	defer t.mu.Unlock()
	changed := false
	for i := range list {
		changed = t.take(&list[i]) || changed
	}
	if changed {
		t.tellActive(t.now())
	}
	return nil
}

// wants tells whether an alert is told of. One that was told once is told of to its end.
func (t *alertTeller) wants(a *flow.Alert, known bool) bool {
	return a.State != flow.AlertPending && (known || a.Severity >= t.cfg.least)
}

// take tells of an alert if there is something new, and whether numbers of active ones may have changed.
func (t *alertTeller) take(a *flow.Alert) bool {
	was, known := t.open[a.ID]
	if !t.wants(a, known) {
		return false
	}
	is := t.stateOf(a)
	if known && is == was {
		return false
	}
	change := sink.Changed
	switch {
	case !known:
		change = sink.Raised
	case a.State == flow.AlertEnded:
		change = sink.Ended
	}
	if !known && len(t.open) >= maxOpenAlerts {
		t.over++
		return false
	}
	t.set(a.ID, is)
	t.tell(a, change, is.key.group)
	return true
}

func (t *alertTeller) stateOf(a *flow.Alert) openAlert {
	return openAlert{state: a.State, magnitude: sink.Magnitude(a), key: activeKey{a.Detector, t.group(a.Groups), a.SeverityLabel}}
}

// group returns the groups of an alert as a value of a tag.
func (t *alertTeller) group(groups []string) string {
	text := cleanText(strings.Join(groups, "+"))
	if text == "" || t.groups[text] {
		return text
	}
	if len(t.groups) >= t.cfg.groups {
		return Other
	}
	t.groups[text] = true
	return text
}

// set takes note of the state of an alert and counts active ones.
func (t *alertTeller) set(id string, is openAlert) {
	if was, known := t.open[id]; known && was.active() {
		t.count(was.key, -1)
	}
	if is.active() {
		t.count(is.key, 1)
	}
	t.open[id] = is
	if is.state == flow.AlertEnded {
		delete(t.open, id)
	}
}

func (t *alertTeller) count(k activeKey, n int) {
	if _, known := t.active[k]; !known && len(t.active) >= maxActive {
		k = activeKey{Other, Other, Other}
	}
	t.active[k] += n
}

// stamp returns the time of a point: when the alert was raised, or now. Behind the milliseconds it has the point's number, so that alerts
// with the same tags are not taken for one another.
func (t *alertTeller) stamp(a *flow.Alert, change sink.Change) int64 {
	at := t.now()
	if change == sink.Raised {
		at = a.DetectedAt.UnixNano()
	}
	n := t.number % millisecond
	t.number++
	return at - at%millisecond + n
}

func (t *alertTeller) tell(a *flow.Alert, change sink.Change, group string) {
	p := &t.point
	p.begin(nameAlert, t.stamp(a, change))
	p.tag("change", string(change))
	p.tag("detector", a.Detector)
	p.tag("group", group)
	p.tag("severity", a.SeverityLabel)
	p.text("id", a.ID)
	p.text("title", a.Title)
	p.text("state", string(a.State))
	p.integer("score", int64(a.Severity))
	p.float("confidence", a.Confidence)
	p.float("value", a.Measured.Value)
	p.text("value_name", a.Measured.Name)
	p.text("unit", a.Measured.Unit)
	p.float("threshold", a.Threshold)
	if a.Baseline != nil {
		p.float("baseline", *a.Baseline)
	}
	t.times(a)
	t.hosts(a)
	t.links(a)
	t.give(p)
}

func (t *alertTeller) times(a *flow.Alert) {
	p := &t.point
	p.text("start", a.Start.UTC().Format(time.RFC3339Nano))
	p.text("last", a.Last.UTC().Format(time.RFC3339Nano))
	if a.End != nil {
		p.text("end", a.End.UTC().Format(time.RFC3339Nano))
	}
	p.text("detected_at", a.DetectedAt.UTC().Format(time.RFC3339Nano))
	p.float("duration", a.Last.Sub(a.Start).Seconds())
}

func (t *alertTeller) hosts(a *flow.Alert) {
	p := &t.point
	p.text("actors", list(a.Actors))
	p.count("actors_total", a.ActorsTotal)
	p.text("victims", list(a.Victims))
	p.count("victims_total", a.VictimsTotal)
	p.text("exporters", list(a.Exporters))
	if a.Service != nil {
		p.text("service", a.Service.Transport+"/"+strconv.Itoa(int(a.Service.Port)))
	}
	if d := a.DoS; d != nil {
		p.float("peak_bps", d.PeakBPS)
		p.float("peak_pps", d.PeakPPS)
		p.count("sources_total", d.SourcesTotal)
	}
}

// links adds what leads to the flows behind an alert, and to what is known of its kind.
func (t *alertTeller) links(a *flow.Alert) {
	p := &t.point
	var ids []string
	for _, technique := range a.Techniques {
		ids = append(ids, technique.ID)
	}
	p.text("techniques", strings.Join(ids, ","))
	p.text("evidence", a.Evidence.Filter)
	p.text("evidence_from", a.Evidence.From.UTC().Format(time.RFC3339Nano))
	p.text("evidence_to", a.Evidence.To.UTC().Format(time.RFC3339Nano))
	p.text("sampling", a.Sampling)
	p.text("runbook_url", a.RunbookURL)
	if pivots := t.pivots(a); len(pivots) > 0 {
		if text, err := json.Marshal(pivots); err == nil { // of texts: it cannot fail
			p.text("pivots", string(text))
		}
	}
}

// list joins the first of some names.
func list(names []string) string { return strings.Join(names[:min(listed, len(names))], ",") }

// tellActive tells how many alerts are active.
func (t *alertTeller) tellActive(now int64) {
	keys := slices.SortedFunc(maps.Keys(t.active), func(a, b activeKey) int {
		return slices.Compare([]string{a.detector, a.group, a.severity}, []string{b.detector, b.group, b.severity})
	})
	for _, k := range keys {
		p := &t.point
		p.begin(nameActive, now)
		p.tag("detector", k.detector)
		p.tag("group", k.group)
		p.tag("severity", k.severity)
		p.integer("count", int64(t.active[k]))
		t.give(p)
	}
}

// gather tells how many alerts are active now.
func (t *alertTeller) gather(now int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tellActive(now)
}
