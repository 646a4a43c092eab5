package web

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pivot/link"
	"github.com/weirflow/weir/shared/query"
)

const (
	maxAlerts   = 500 // rows of a page
	maxEntities = 3   // hosts named in a row
	// around is what a host's page shows before and after an alert.
	around = 5 * time.Minute
)

// alertsData is what the alerts' page shows.
type alertsData struct {
	Path           string // of the form
	Host, From, To string // as given
	Open           []count
	Rows           []alertRow
	Hidden         int  // older ones, for which there is no room
	Older          bool // there are none of the last day: these are the ones before
}

// alertRow is an alert.
type alertRow struct {
	URL              string // of its page
	Severity         int
	Label            string
	Title, Detector  string
	State            string
	Open             bool
	Since            time.Time
	Until            time.Time
	Length           string
	Victims, Actors  []named
	MoreVics, MoreAc uint64
	Flows            string // address of the flows behind it
}

// count is how many alerts of a severity are open.
type count struct {
	Label string
	N     int
}

// openOf counts the open alerts among rows, the most severe first.
func openOf(rows []alertRow) (list []count) {
	for _, label := range []string{"critical", "high", "medium", "low", "info"} {
		n := 0
		for i := range rows {
			if rows[i].Open && rows[i].Label == label {
				n++
			}
		}
		if n > 0 {
			list = append(list, count{Label: label, N: n})
		}
	}
	return list
}

// overview shows the last day's alerts, where there are none those before.
func (s *Site) overview(r *http.Request) (view, error) {
	values := r.URL.Query()
	if values.Get("from") != "" || values.Get("to") != "" {
		return s.alertView(r, "/", values)
	}
	values.Set("from", "now-24h")
	v, err := s.alertView(r, "/", values)
	if d, ok := v.data.(alertsData); err == nil && ok && len(d.Rows) == 0 {
		values.Del("from")
		if v, err = s.alertView(r, "/", values); err != nil {
			return view{}, err
		}
		d = v.data.(alertsData)
		d.Older = len(d.Rows) > 0
		v.data = d
	}
	return v, err
}

// alerts shows the alerts that a link asks for.
func (s *Site) alerts(r *http.Request) (view, error) {
	return s.alertView(r, link.PathAlerts, r.URL.Query())
}

func (s *Site) alertView(r *http.Request, path string, values url.Values) (view, error) {
	q, err := link.ParseAlerts(values, s.deps.Now())
	if err != nil {
		return view{}, err
	}
	q.Bare = true
	rows, hidden, err := s.alertRows(r, q)
	if err != nil {
		return view{}, err
	}
	asked := r.URL.Query()
	data := alertsData{Path: path, Host: asked.Get("host"), From: asked.Get("from"), To: asked.Get("to"), Open: openOf(rows), Rows: rows, Hidden: hidden}
	return view{file: "alerts.html", title: "Alerts", section: "alerts", data: data}, nil
}

// alertRows returns the latest alerts, newest first, and how many there are besides.
func (s *Site) alertRows(r *http.Request, q query.AlertQuestion) (rows []alertRow, hidden int, err error) {
	list, err := s.deps.Alerts.Alerts(r.Context(), q)
	if err != nil {
		return nil, 0, err
	}
	hidden = max(0, len(list)-maxAlerts)
	for i := range list[hidden:] {
		rows = append(rows, rowOf(&list[hidden+i]))
	}
	slices.Reverse(rows)
	return rows, hidden, nil
}

func rowOf(a *flow.Alert) alertRow {
	from, to := spanOf(a)
	row := alertRow{
		URL: alertPath(a.ID), Severity: a.Severity, Label: flow.SeverityLabel(a.Severity), Title: a.Title, Detector: a.Detector, State: string(a.State),
		Open: a.State != flow.AlertEnded, Since: a.Start, Until: to, Length: lengthText(to.Sub(from)),
	}
	from, to = minutesAround(from, to)
	row.Victims, row.MoreVics = hosts(a.Victims, a.VictimsTotal, maxEntities, from, to)
	row.Actors, row.MoreAc = hosts(a.Actors, a.ActorsTotal, maxEntities, from, to)
	if a.Evidence.Filter != "" {
		row.Flows = queryPath(a.Evidence.Filter, "source.ip,destination.ip", a.Evidence.From, a.Evidence.To)
	}
	return row
}

func alertPath(id string) string { return "alert/" + url.PathEscape(id) }

// spanOf is the time in which an alert was seen.
func spanOf(a *flow.Alert) (from, to time.Time) {
	if a.End != nil {
		return a.Start, *a.End
	}
	return a.Start, a.Last
}

// minutesAround adds what a host's page shows before and after an alert, in whole seconds.
func minutesAround(from, to time.Time) (wideFrom, wideTo time.Time) {
	if whole := to.Truncate(time.Second); whole.Before(to) {
		to = whole.Add(time.Second)
	}
	return from.Truncate(time.Second).Add(-around), to.Add(around)
}

// hosts names the first of a list, and says how many there are besides.
func hosts(list []string, total uint64, most int, from, to time.Time) (names []named, more uint64) {
	for _, h := range list[:min(len(list), most)] {
		names = append(names, hostName(h, from, to))
	}
	return names, max(total, uint64(len(list))) - uint64(len(names))
}
