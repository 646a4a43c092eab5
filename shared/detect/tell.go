package detect

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// retell is after how long an alert that goes on is told again, and every hour after the last.
var retell = [...]int64{minuteNs, 5 * minuteNs, 15 * minuteNs, hourNs}

// Changes returns the alerts that changed since the last call, each in its last state, sorted by start and id. What became
// active, clearing, watching or ended is a change, and what is active is told again after 1, 5, 15 and 60 minutes and when
// its severity or the magnitude of its sources rises.
func (e *Engine) Changes() []flow.Alert {
	if len(e.out) == 0 {
		return nil
	}
	list := make([]flow.Alert, 0, len(e.out))
	for _, a := range e.out {
		list = append(list, a)
	}
	clear(e.out)
	slices.SortFunc(list, func(a, b flow.Alert) int {
		return cmp.Or(a.Start.Compare(b.Start), strings.Compare(a.ID, b.ID))
	})
	return list
}

// tellIfDue puts an alert among the changes where something worth telling has happened; an ended one is let go.
func (e *Engine) tellIfDue(h *hot, c *cell) {
	a, k := h.alert, &e.kinds[c.vector]
	sources, end := e.sourcesOf(c, a)
	now := telling{
		state: a.state, step: tellingStep(e.ticked - a.detected), outcome: a.verdict.outcome,
		label: e.severity(h, a, k) / 20, magnitude: int(math.Log10(float64(max(1, sources)))),
	}
	if now.dueAfter(a) {
		a.told = now
		e.out[a.id] = e.snapshot(h, a, k, sources, end)
	}
	if a.state == flow.AlertEnded {
		h.alert, h.begin = nil, h.next
	}
}

func (t *telling) dueAfter(a *alert) bool {
	was := &a.told
	switch {
	case t.state != was.state:
		calm := a.recurring && was.state != "" && a.open() && was.state != flow.AlertWatching
		return !calm
	case !a.open():
		return false
	}
	return t.step > was.step || t.label > was.label || t.outcome != was.outcome || t.magnitude > was.magnitude
}

func tellingStep(age int64) (step int) {
	for _, after := range retell {
		if age >= after {
			step++
		}
	}
	return step + int(age/hourNs)
}

// sourcesOf returns how many hosts have sent within the minutes of an alert, and the latest end of a record there.
func (e *Engine) sourcesOf(c *cell, a *alert) (n uint64, end int64) {
	e.union, end = a.sources, a.evidenceEnd
	for number := a.harvested; number <= a.last/pageBins; number++ {
		if pg := e.pageOf(c, number); pg != nil {
			e.mergeSources(&e.union, pg)
			end = max(end, pg.end)
		}
	}
	n = e.union.Count()
	if a.earlier != nil {
		n = max(n, a.earlier.ActorsTotal)
	}
	return n, end
}

// snapshot returns an alert as of now.
func (e *Engine) snapshot(h *hot, a *alert, k *kind, sources uint64, evidenceEnd int64) flow.Alert {
	d := k.describe(e, h, a)
	start, last := a.first*binWidth, (a.last+1)*binWidth
	severity := e.severity(h, a, k)
	victim := a.dst.String()
	out := flow.Alert{
		ID: a.id, Detector: a.identity.detector, Key: a.key, State: a.state,
		Severity: severity, SeverityLabel: flow.SeverityLabel(severity), Confidence: h.confidence(a, k),
		Title: title(&d, a, victim, sources),
		Start: utc(start), Last: utc(last), DetectedAt: utc(a.detected),
		Actors: e.actors(h, a), ActorsTotal: sources, Victims: []string{victim}, VictimsTotal: 1, Groups: e.groupsOf(h.groups),
		Service:  d.service,
		Measured: flow.Measure{Name: units[a.peak.unit].name, Value: math.Round(a.peak.value), Unit: units[a.peak.unit].unit}, Threshold: a.peak.limit,
		Techniques: d.techniques, Sampling: strings.TrimSpace(h.samplingText(a) + " " + d.caveat),
		Evidence:  flow.Evidence{Filter: evidenceFilter(a.dst, d.filter), From: utc(start), To: utc(max(last, (evidenceEnd/second+1)*second))},
		Exporters: e.exportersOf(h), Interfaces: e.interfacesOf(h),
		DoS: &flow.DoS{
			Vectors: []flow.Vector{{
				Name: d.vector, Start: utc(start), End: utc(last), Waves: a.waves, PeakBPS: math.Round(a.peakBPS), PeakPPS: math.Round(a.peakPPS),
			}},
			SourcesTotal: sources, PeakBPS: math.Round(a.peakBPS), PeakPPS: math.Round(a.peakPPS), Bystanders: []string{},
		},
		Pivots: []flow.AlertPivot{},
	}
	if !a.open() {
		end := utc(a.end)
		out.End = &end
	}
	return out
}

func title(d *description, a *alert, victim string, sources uint64) string {
	t := d.what + " on " + victim + ": " + rateText(&a.peak) + " from " + plural(sources, "source")
	if a.verdict.outcome == surge {
		t += ", looks legitimate"
	}
	if a.recurring {
		t += " (recurring)"
	}
	return t
}

// evidenceFilter selects the flows to a victim; IPv6 addresses hold colons and are quoted.
func evidenceFilter(dst flow.Addr, more string) string {
	f := "destination.ip : " + dst.String()
	if !dst.Is4() {
		f = `destination.ip : "` + dst.String() + `"`
	}
	if more != "" {
		f += " and " + more
	}
	return f
}

// actors returns the heaviest senders.
func (e *Engine) actors(h *hot, a *alert) []string {
	e.items = h.sources.AppendTop(e.items[:0])
	list := make([]string, 0, min(len(e.items), flow.MaxAlertEntities))
	for _, it := range e.items[:min(len(e.items), flow.MaxAlertEntities)] {
		list = append(list, flow.AddrFromWords(it.Hi, it.Lo).String())
	}
	if len(list) == 0 && a.earlier != nil {
		return a.earlier.Actors
	}
	return list
}

func (e *Engine) exportersOf(h *hot) []string {
	list := make([]string, 0, h.nexporters)
	for _, s := range h.exporters[:h.nexporters] {
		list = append(list, e.streams.list[s].key.Exporter.String())
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (e *Engine) interfacesOf(h *hot) []flow.Interface {
	list := make([]flow.Interface, 0, h.ninterfaces)
	for _, i := range h.interfaces[:h.ninterfaces] {
		list = append(list, flow.Interface{Exporter: i.exporter.String(), ID: i.id, Name: e.deps.Symbols.Text(i.name)})
	}
	slices.SortFunc(list, func(a, b flow.Interface) int {
		return cmp.Or(strings.Compare(a.Exporter, b.Exporter), cmp.Compare(a.ID, b.ID))
	})
	return list
}

func utc(ns int64) time.Time { return time.Unix(0, ns).UTC() }
