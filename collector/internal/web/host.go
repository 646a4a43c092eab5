package web

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pivot/link"
	"github.com/weirflow/weir/shared/query"
)

const (
	hostWindow  = time.Hour            // shown where no time is given
	hostAround  = 15 * time.Minute     // shown before and after a moment
	hostLongest = 366 * 24 * time.Hour // that a host's page covers
	maxSessions = 50
	maxPeers    = 10
)

// hostData is what a host's page shows.
type hostData struct {
	IP             string
	From, To       time.Time
	Before, After  string // addresses of the same length of time before and after
	Flows          string
	Alerts         []alertRow
	Hidden         int
	Since          *since // nil: nothing is stored, or it was not asked for
	Chart          *chart
	Peers          []peer
	HasSessions    bool
	Sessions       []sessionRow
	Skip           int    // sessions before those shown
	Earlier, Later string // addresses of other sessions of the time shown; "": there are none
	Pivots         []flow.AlertPivot
	Loss           query.Loss
}

// peer is a host that talked to the one shown.
type peer struct {
	Host     named
	From, To any    // bytes, by direction
	Share    string // of the bytes of the largest peer, in percent
}

// goToHost leads from the form's address to the host's.
func (s *Site) goToHost(w http.ResponseWriter, r *http.Request) {
	ip, err := parseHost(r.URL.Query().Get("ip"))
	if err != nil {
		s.Fail(w, r, err)
		return
	}
	protect(w.Header())
	w.Header().Set("Location", "host/"+ip.String()) // relative, as all links
	w.WriteHeader(http.StatusSeeOther)
}

func parseHost(text string) (netip.Addr, error) {
	ip, err := netip.ParseAddr(strings.Trim(strings.TrimSpace(text), "[]"))
	if err != nil || ip.Zone() != "" {
		return ip, &query.Error{Part: "host", Text: fmt.Sprintf("%.100q is not an address", text)}
	}
	return ip.Unmap(), nil
}

// host shows one host in a time.
func (s *Site) host(r *http.Request) (view, error) {
	ip, err := parseHost(r.PathValue("ip"))
	if err != nil {
		return view{}, err
	}
	from, to, err := s.window(r.URL.Query())
	if err != nil {
		return view{}, err
	}
	d := &hostData{IP: ip.String(), From: from, To: to, HasSessions: s.deps.Sessions != nil}
	if d.Skip, err = skipOf(r.URL.Query()); err != nil {
		return view{}, err
	}
	length := to.Sub(from)
	d.Before, d.After = hostPath(ip, from.Add(-length), from), hostPath(ip, to, to.Add(length))
	d.Flows = queryPath(fmt.Sprintf("related.ip : %q", d.IP), "source.ip,destination.ip,destination.port", from, to)
	for _, fill := range []func(context.Context, *hostData) error{s.fillSince, s.fillChart, s.fillPeers, s.fillSessions, s.fillPivots} {
		if err := fill(r.Context(), d); err != nil {
			return view{}, err
		}
	}
	if d.Alerts, d.Hidden, err = s.alertRows(r, query.AlertQuestion{Host: d.IP, From: from, To: to, Bare: true}); err != nil {
		return view{}, err
	}
	return view{file: "host.html", title: "Host " + d.IP, section: "host", data: d}, nil
}

// window reads the time of a host's page: from and to, either of them with an hour beside it, or the minutes around a moment.
func (s *Site) window(values url.Values) (from, to time.Time, err error) {
	now := s.deps.Now().UTC()
	if text := values.Get("at"); text != "" {
		at, err := link.ParseTime(text, now, false)
		if err != nil {
			return from, to, &query.Error{Part: "at", Text: err.Error()}
		}
		values.Set("from", iso(at.Add(-hostAround)))
		values.Set("to", iso(at.Add(hostAround)))
	}
	q, err := link.ParseAlerts(url.Values{"from": values["from"], "to": values["to"]}, now)
	if err != nil {
		return from, to, err
	}
	from, to = q.From, q.To
	switch {
	case from.IsZero() && to.IsZero():
		from, to = now.Add(-hostWindow), now
	case from.IsZero():
		from = to.Add(-hostWindow)
	case to.IsZero():
		to = from.Add(hostWindow)
	}
	if to.Sub(from) > hostLongest {
		return from, to, &query.Error{Part: "from", Text: "a host's page covers 366 days at most: choose less time"}
	}
	return from, to, nil
}

// fillPeers asks who sent most to the host and was sent most by it.
func (s *Site) fillPeers(ctx context.Context, d *hostData) error {
	// Of both directions those meant are on the side of the first field of By: the peers.
	res, err := s.aggregate(ctx, query.Question{
		Filter: fmt.Sprintf("destination.ip : %q", d.IP), From: d.From, To: d.To, By: []string{"source.ip"}, Measure: query.Bytes,
		Direction: query.DirectionBoth, Limit: maxPeers,
	})
	if err != nil {
		return err
	}
	d.Loss = res.Loss
	most := 0.0
	for _, row := range res.Rows {
		if len(row) == 3 {
			d.Peers = append(d.Peers, peer{Host: hostName(cell(row[0]), d.From, d.To), From: row[1], To: row[2]})
			most = max(most, both(row))
		}
	}
	for i := range d.Peers {
		d.Peers[i].Share = share(both(res.Rows[i]), most)
	}
	return nil
}

// both adds the bytes of both directions of a peer's row.
func both(row []any) float64 {
	from, _ := number(row[1])
	to, _ := number(row[2])
	return from + to
}

// fillPivots asks for the host's links into other tools.
func (s *Site) fillPivots(ctx context.Context, d *hostData) (err error) {
	if s.deps.Pivots != nil {
		d.Pivots, err = s.deps.Pivots.Pivots(ctx, query.PivotQuestion{Subject: d.IP, From: d.From, To: d.To})
	}
	for i := range d.Pivots {
		d.Pivots[i].Title = strings.TrimSuffix(d.Pivots[i].Title, ": "+d.IP) // the whole page is about it
	}
	return err
}

func (s *Site) aggregate(ctx context.Context, q query.Question) (query.Result, error) {
	if err := s.deps.Afford(q); err != nil {
		return query.Result{}, err
	}
	return s.deps.Engine.Aggregate(ctx, q)
}
