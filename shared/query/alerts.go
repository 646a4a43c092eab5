package query

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"github.com/weirflow/weir/shared/flow"
)

// Check refuses what makes no sense. Errors are *[Error].
func (q AlertQuestion) Check() error {
	if q.Limit < 0 || q.Limit > MaxLimit {
		return &Error{Part: "limit", Text: fmt.Sprintf("%d is not between 0 and %d", q.Limit, MaxLimit)}
	}
	if !q.From.IsZero() && !q.To.IsZero() && !q.From.Before(q.To) {
		return &Error{Part: "from", Text: "is not before to"}
	}
	if _, err := netip.ParseAddr(q.Host); q.Host != "" && err != nil {
		return &Error{Part: "host", Text: fmt.Sprintf("%q is not an address", q.Host)}
	}
	return nil
}

// Selects tells whether an alert is asked for: it is not pending, its time (start to end, or to its last evidence while it
// is open) overlaps the range, and it is of the id and the host.
func (q AlertQuestion) Selects(a *flow.Alert) bool {
	end := a.Last
	if a.End != nil {
		end = *a.End
	}
	return a.State != flow.AlertPending && (q.ID == "" || a.ID == q.ID) && (q.To.IsZero() || a.Start.Before(q.To)) && (q.From.IsZero() || !end.Before(q.From)) && q.ofHost(a)
}

// ofHost tells whether an alert lists the host. One about an exporter has neither actors nor victims.
func (q AlertQuestion) ofHost(a *flow.Alert) bool {
	host, err := netip.ParseAddr(q.Host)
	if err != nil {
		return q.Host == ""
	}
	host = host.Unmap()
	is := func(name string) bool {
		if ip, err := netip.ParseAddr(name); err == nil {
			return ip.Unmap() == host
		}
		p, err := netip.ParsePrefix(name)
		return err == nil && p.Contains(host)
	}
	if len(a.Actors)+len(a.Victims) == 0 {
		return slices.ContainsFunc(a.Exporters, is)
	}
	return slices.ContainsFunc(a.Actors, is) || slices.ContainsFunc(a.Victims, is)
}

// SelectAlerts returns the alerts that are asked for, sorted by (start, id) and cut to the limit. It sorts a copy.
func SelectAlerts(all []flow.Alert, q AlertQuestion) []flow.Alert {
	list := make([]flow.Alert, 0, len(all))
	for i := range all {
		if q.Selects(&all[i]) {
			list = append(list, all[i])
		}
	}
	slices.SortFunc(list, func(a, b flow.Alert) int { return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.ID, b.ID)) })
	limit := MaxLimit
	if q.Limit > 0 {
		limit = q.Limit
	}
	return list[:min(limit, len(list))]
}
