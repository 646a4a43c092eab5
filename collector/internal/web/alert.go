package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pivot"
	"github.com/weirflow/weir/shared/query"
)

// alertData is what the page of an alert shows.
type alertData struct {
	alertRow
	Last, Detected time.Time
	Confidence     string
	Facts          []fact
	Techniques     []flow.Technique
	Evidence       string // filter
	From, To       time.Time
	Chart          *chart
	Elsewhere      []pivots
	Runbook        string
}

// pivots are links into other tools about one thing.
type pivots struct {
	About string // an address, a port, an AS; "": the alert
	Links []flow.AlertPivot
}

// pivotsOf sorts links by what they are about, which stands behind the name of the tool.
func pivotsOf(list []flow.AlertPivot) (groups []pivots) {
	for _, p := range list {
		about := ""
		if i := strings.LastIndex(p.Title, ": "); i >= 0 {
			if _, ok := pivot.ParseSubject(p.Title[i+2:]); ok {
				about, p.Title = p.Title[i+2:], p.Title[:i]
			}
		}
		at := slices.IndexFunc(groups, func(g pivots) bool { return g.About == about })
		if at < 0 {
			at, groups = len(groups), append(groups, pivots{About: about})
		}
		groups[at].Links = append(groups[at].Links, p)
	}
	return groups
}

// fact is a finding with its name.
type fact struct{ Name, Value string }

// notThere is an error with the status of things that do not exist.
type notThere struct{ what string }

func (e notThere) Error() string { return e.what }

// Status is the answer's.
func (notThere) Status() int { return http.StatusNotFound }

// alert shows one alert with its links into other tools.
func (s *Site) alert(r *http.Request) (view, error) {
	a, err := s.findAlert(r.Context(), r.PathValue("id"))
	if err != nil {
		return view{}, err
	}
	d := &alertData{
		alertRow: rowOf(&a), Last: a.Last, Detected: a.DetectedAt, Confidence: fmt.Sprintf("%.0f %%", a.Confidence*100), Facts: factsOf(&a), Techniques: a.Techniques,
		Evidence: a.Evidence.Filter, Runbook: a.RunbookURL, Elsewhere: pivotsOf(a.Pivots),
	}
	d.From, d.To = minutesAround(spanOf(&a))
	d.Victims, d.MoreVics = hosts(a.Victims, a.VictimsTotal, flow.MaxAlertEntities, d.From, d.To)
	d.Actors, d.MoreAc = hosts(a.Actors, a.ActorsTotal, flow.MaxAlertEntities, d.From, d.To)
	if d.Evidence != "" && d.To.Sub(d.From) <= hostLongest {
		if d.Chart, err = s.series(r.Context(), d.Evidence, d.From, d.To); err != nil {
			return view{}, err
		}
	}
	return view{file: "alert.html", title: a.Title, section: "alert", data: d}, nil
}

// findAlert returns the alert of an id, with its links.
func (s *Site) findAlert(ctx context.Context, id string) (flow.Alert, error) {
	list, err := s.deps.Alerts.Alerts(ctx, query.AlertQuestion{ID: id, Bare: true})
	if err != nil {
		return flow.Alert{}, err
	}
	for i := range list {
		if a := list[i]; a.ID == id {
			if s.deps.Pivots != nil {
				a.Pivots, err = s.deps.Pivots.Pivots(ctx, query.PivotQuestion{Subject: id})
			}
			return a, err
		}
	}
	return flow.Alert{}, notThere{fmt.Sprintf("There is no alert %.100q, or no longer.", id)}
}

// factsOf names what was measured.
func factsOf(a *flow.Alert) (list []fact) {
	add := func(name, value string) {
		if value != "" {
			list = append(list, fact{name, value})
		}
	}
	if a.Service != nil {
		add("Service", fmt.Sprintf("%s/%d", a.Service.Transport, a.Service.Port))
	}
	if a.Measured.Name != "" {
		name := ""
		if a.Measured.Name != a.Measured.Unit {
			name = " (" + a.Measured.Name + ")"
		}
		add("Measured", fmt.Sprintf("%s%s, reported from %s", amount(a.Measured.Value, a.Measured.Unit), name, amount(a.Threshold, a.Measured.Unit)))
	}
	if a.Baseline != nil {
		add("Usual", amount(*a.Baseline, a.Measured.Unit))
	}
	if d := a.DoS; d != nil {
		add("Peak", amount(d.PeakBPS, "bit/s")+", "+amount(d.PeakPPS, "packets/s"))
		add("Sources", human(d.SourcesTotal))
		add("Vectors", vectorsOf(d.Vectors))
		add("Also hit", strings.Join(d.Bystanders, ", "))
	}
	add("Groups", strings.Join(a.Groups, ", "))
	add("Sampling", a.Sampling)
	add("Seen by", strings.Join(a.Exporters, ", "))
	return list
}

func vectorsOf(list []flow.Vector) string {
	names := make([]string, len(list))
	for i := range list {
		names[i] = list[i].Name + " up to " + amount(list[i].PeakBPS, "bit/s")
	}
	return strings.Join(names, ", ")
}
