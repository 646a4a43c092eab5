package session_test

import (
	"testing"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/session"
)

// TestNATAddresses: a session whose records have been translated shows the other endpoint of the side that was, on that side.
func TestNATAddresses(t *testing.T) {
	for _, c := range []struct {
		name           string
		records        []r
		client, server string
	}{
		{"source, seen from inside", []r{{from: a, to: b, start: 0, end: 5, bytes: 1, flags: all, natFrom: "203.0.113.1:4000"}}, "203.0.113.1:4000", ""},
		{"source, with the answer outside", []r{
			{from: a, to: b, start: 0, end: 5, bytes: 1, flags: all, natFrom: "203.0.113.1:4000"},
			{from: b, to: "203.0.113.1:4000", start: 0.1, end: 5, bytes: 9, flags: all},
		}, "203.0.113.1:4000", ""},
		{"destination", []r{{from: "198.51.100.7:50000", to: "203.0.113.1:80", natTo: "10.0.0.9:8080", start: 0, end: 5, bytes: 1, flags: all}}, "", "10.0.0.9:8080"},
		{"both", []r{{from: "10.9.9.9:50000", to: "203.0.113.1:80", natFrom: "192.0.2.1:50001", natTo: "10.0.0.9:8080", start: 0, end: 5, bytes: 1, flags: all}}, "192.0.2.1:50001", "10.0.0.9:8080"},
		{"none", []r{{from: a, to: b, start: 0, end: 5, bytes: 1, flags: all}}, "", ""},
	} {
		got := last(play(t, newTable(t, session.Config{}), batchOf(c.records), len(c.records)))
		if len(got) != 1 {
			t.Errorf("%s: %d sessions", c.name, len(got))
			continue
		}
		for side, want := range map[*flow.SessionSide]string{&got[0].Client: c.client, &got[0].Server: c.server} {
			ip, port := flow.Addr{}, uint16(0)
			if want != "" {
				ip, port = end(want)
			}
			if side.NAT != ip || side.NATPort != port {
				t.Errorf("%s: %v is shown as %v:%d, want %s", c.name, side.IP, side.NAT, side.NATPort, want)
			}
		}
	}
}

// TestNATEvents: events of a translator tell of mappings; the traffic is told of elsewhere. Those of a firewall that translates are its
// sessions.
func TestNATEvents(t *testing.T) {
	b := batchOf([]r{
		{from: a, to: b, start: 0, end: 0, natFrom: "203.0.113.1:4000", elements: uintElement(0, 230, 1)},
		{from: a, to: b, start: 0, end: 5, bytes: 100, packets: 4, flags: all, natFrom: "203.0.113.1:4000", elements: uintElement(0, 230, 1)},
	})
	b.Records[0].Present &^= flow.HasBytes | flow.HasPackets
	table := newTable(t, session.Config{})
	if got := last(play(t, table, b, 1)); len(got) != 1 || table.Stats().Skipped != 1 {
		t.Errorf("%d sessions, %d records left out; want one of each", len(got), table.Stats().Skipped)
	}
}
