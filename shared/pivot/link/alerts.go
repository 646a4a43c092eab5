package link

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/query"
)

// PathAlerts is the path of the alerts on a host in a time, with the parameters host, from, to and limit: /alerts?host=10.1.2.3&from=now-1h.
const PathAlerts = "/alerts"

// Alerts returns the address of the alerts on a host; zero times are left out. base is where the collector's pages are.
func Alerts(base string, host netip.Addr, from, to time.Time) string {
	values := url.Values{"host": {host.String()}}
	for name, t := range map[string]time.Time{"from": from, "to": to} {
		if !t.IsZero() {
			values.Set(name, t.UTC().Format(time.RFC3339Nano))
		}
	}
	return strings.TrimRight(base, "/") + PathAlerts + "?" + values.Encode()
}

// moment is how long a range is whose ends are the same: a link from a single event.
const moment = time.Second

// ParseAlerts makes a question of the parameters of such an address. Times are as [ParseTime] reads them; other parameters are left to the
// page. Errors are *[query.Error].
func ParseAlerts(values url.Values, now time.Time) (q query.AlertQuestion, err error) {
	q.Host = strings.Trim(strings.TrimSpace(values.Get("host")), "[]")
	if q.From, err = timeOf(values, "from", now, false); err != nil {
		return q, err
	}
	if q.To, err = timeOf(values, "to", now, true); err != nil {
		return q, err
	}
	if !q.From.IsZero() && q.From.Equal(q.To) {
		q.To = q.To.Add(moment)
	}
	if text := values.Get("limit"); text != "" {
		if q.Limit, err = strconv.Atoi(text); err != nil {
			return q, &query.Error{Part: "limit", Text: fmt.Sprintf("%q is not a number", text)}
		}
	}
	return q, q.Check()
}

func timeOf(values url.Values, name string, now time.Time, end bool) (time.Time, error) {
	text := values.Get(name)
	if strings.TrimSpace(text) == "" {
		return time.Time{}, nil
	}
	t, err := ParseTime(text, now, end)
	switch {
	case err != nil:
		return t, &query.Error{Part: name, Text: err.Error()}
	case t.Year() < 1 || t.Year() > 9999: // RFC 3339 has no other years
		return t, &query.Error{Part: name, Text: fmt.Sprintf("%q is beyond all times", text)}
	}
	return t, nil
}
