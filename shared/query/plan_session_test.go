package query_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

func TestPrepareSessions(t *testing.T) {
	reg := flow.NewRegistry()
	p, err := query.Question{Measure: "octets", Field: "x", By: []string{"y"}, Filter: "client.ip : 10.0.0.1"}.PrepareSessions(reg)
	if err != nil || p.Limit != query.DefaultRecords || p.Measure != query.Sessions || p.Groups != nil || p.Of != nil || p.Node.String() != "client.ip : 10.0.0.1" {
		t.Errorf("%+v, %v", p, err)
	}
	p, err = query.Question{Measure: query.Sessions, By: []string{"client.ip", "source.port", "weir.tcp.state"}}.Prepare(reg)
	if err != nil || p.Limit != query.DefaultRows || len(p.Groups) != 3 {
		t.Errorf("%+v, %v", p, err)
	}
	want := []query.Column{{Name: "client.ip", Type: "ip"}, {Name: "source.port", Type: "unsigned"}, {Name: "weir.tcp.state", Type: "keyword"}, {Name: "sessions", Type: "unsigned", Unit: "sessions"}}
	if got := p.Columns(); !slices.Equal(got, want) {
		t.Errorf("columns %+v", got)
	}
}

func TestSelectsSession(t *testing.T) {
	from, to := time.Unix(0, 100), time.Unix(0, 200)
	for _, c := range []struct {
		name string
		q    query.Question
		end  int64
		want bool
	}{
		{"no bounds", query.Question{}, -5, true},
		{"on from", query.Question{From: from}, 100, true},
		{"before from", query.Question{From: from}, 99, false},
		{"before to", query.Question{To: to}, 199, true},
		{"on to", query.Question{To: to}, 200, false},
		{"between", query.Question{From: from, To: to}, 150, true},
	} {
		p, err := c.q.PrepareSessions(flow.NewRegistry())
		if err != nil {
			t.Fatal(err)
		}
		if got := p.SelectsSession(&flow.Session{Start: 1000, End: c.end}); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestCompareSessions(t *testing.T) {
	at := func(start int64, client, server uint32, port uint16) flow.Session {
		return flow.Session{Start: start, Client: flow.SessionSide{IP: flow.AddrFrom4(client), Port: port}, Server: flow.SessionSide{IP: flow.AddrFrom4(server)}}
	}
	icmp, later, udp := at(1, 1, 2, 8), at(1, 1, 2, 8), at(1, 1, 2, 8)
	icmp.ICMPType, later.Born, udp.Transport = 8, 1, 17
	want := []flow.Session{at(1, 1, 2, 7), at(1, 1, 2, 8), icmp, later, udp, at(1, 1, 3, 8), at(1, 1<<31, 1, 0), at(2, 0, 0, 0)}
	list := slices.Clone(want)
	slices.Reverse(list)
	slices.SortFunc(list, func(a, b flow.Session) int { return query.CompareSessions(&a, &b) })
	if diff := cmp.Diff(want, list); diff != "" {
		t.Error(diff)
	}
}

// TestParseMeasureOfSessions: it is written like the others.
func TestParseMeasureOfSessions(t *testing.T) {
	if m, field, err := query.ParseMeasure(" Sessions"); m != query.Sessions || field != "" || err != nil {
		t.Errorf("%s %s %v", m, field, err)
	}
}
