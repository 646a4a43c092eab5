package query_test

import (
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

func TestAlertsOfHost(t *testing.T) {
	at := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	alert := func(id string, actors, victims, exporters []string) flow.Alert {
		return flow.Alert{ID: id, State: flow.AlertActive, Start: at, Last: at, Actors: actors, Victims: victims, Exporters: exporters}
	}
	all := []flow.Alert{
		alert("actor", []string{"10.1.2.3"}, []string{"10.9.9.9"}, []string{"192.0.2.1"}),
		alert("exporter", nil, nil, []string{"192.0.2.1"}),
		alert("other", []string{"10.1.2.33"}, []string{"not an address"}, nil),
		alert("prefix", nil, []string{"10.1.0.0/16"}, nil),
		alert("six", []string{"2001:db8::1"}, nil, nil),
		alert("victim", []string{"10.9.9.9"}, []string{"10.0.0.1", "10.1.2.3"}, nil),
	}
	for host, want := range map[string]string{
		"": "actor exporter other prefix six victim", "10.1.2.3": "actor prefix victim", "::ffff:10.1.2.3": "actor prefix victim", "192.0.2.1": "exporter",
		"2001:DB8:0::1": "six", "10.1.2.33": "other prefix", "203.0.113.1": "",
	} {
		q := query.AlertQuestion{Host: host}
		var ids []string
		for _, a := range query.SelectAlerts(all, q) {
			ids = append(ids, a.ID)
		}
		if got := strings.Join(ids, " "); got != want || q.Check() != nil {
			t.Errorf("%q: %s, wanted %s (%v)", host, got, want, q.Check())
		}
	}
	if (query.AlertQuestion{Host: "router"}).Check() == nil {
		t.Error("a name passes for an address")
	}
}
