package decode_test

import (
	"bytes"
	"net/netip"
	"slices"
	"testing"

	"github.com/weirflow/weir/shared/decode"
	"github.com/weirflow/weir/shared/decode/template"
)

// event is an event of a firewall's connection: kind, its time in s after the first, and bytes of initiator and responder.
type event struct {
	kind               uint8
	at                 uint64
	initiator, respond uint32
}

const (
	created  = 1
	deleted  = 2
	denied   = 3
	anUpdate = 5
)

// nsel are datagrams with an event each: connection 77 with flow id, event, event time, creation time and byte counters.
func nsel(events ...event) (list [][]byte) {
	list = append(list, v9(1, set(0, definition(263, 148, 4, 233, 1, 323, 8, 152, 8, 231, 4, 232, 4))))
	for i, e := range events {
		ms := uint64(headerSeconds) * 1000
		list = append(list, v9(uint32(2+i), set(263, uint32(77), e.kind, ms-60_000+e.at*1000, ms-60_000, e.initiator, e.respond)))
	}
	return list
}

// TestFirewallCounters: the bytes of all events of a connection add up to its traffic.
func TestFirewallCounters(t *testing.T) {
	totals := template.Firewall{UpdatesTotal: true}
	deltas := template.Firewall{TeardownDelta: true}
	cases := []struct {
		name     string
		firewall template.Firewall
		events   []event
		want     []uint64 // initiator's bytes of each record
	}{
		{"a short connection", template.Firewall{}, []event{{created, 0, 0, 0}, {deleted, 5, 700, 900}}, []uint64{0, 700}},
		{"updates are deltas, the teardown is the total", template.Firewall{}, []event{{created, 0, 0, 0}, {anUpdate, 20, 100, 1}, {anUpdate, 40, 30, 1}, {anUpdate, 50, 7, 0}, {deleted, 50, 137, 2}}, []uint64{0, 100, 30, 7, 0}},
		{"the last interval has no update", template.Firewall{}, []event{{anUpdate, 20, 100, 1}, {deleted, 50, 150, 2}}, []uint64{100, 50}},
		{"a teardown that tells less is a delta", template.Firewall{}, []event{{anUpdate, 20, 100, 1}, {deleted, 50, 40, 2}}, []uint64{100, 40}},
		{"a total of 4 bytes that has wrapped", template.Firewall{}, []event{{anUpdate, 20, 4_000_000_000, 1}, {anUpdate, 40, 294_967_296, 1}, {deleted, 50, 5000, 2}}, []uint64{4_000_000_000, 294_967_296, 5000}},
		{"an update behind its teardown", template.Firewall{}, []event{{anUpdate, 20, 100, 1}, {deleted, 50, 130, 2}, {anUpdate, 50, 30, 1}}, []uint64{100, 30, 0}},
		{"the id is used anew", template.Firewall{}, []event{{anUpdate, 10, 100, 1}, {deleted, 20, 100, 2}, {created, 30, 0, 0}, {anUpdate, 40, 5, 1}, {deleted, 50, 8, 2}}, []uint64{100, 0, 0, 5, 3}},
		{"denied", template.Firewall{}, []event{{denied, 0, 0, 0}}, []uint64{0}},
		{"updates are totals", totals, []event{{created, 0, 0, 0}, {anUpdate, 20, 100, 1}, {anUpdate, 40, 130, 1}, {deleted, 50, 137, 2}}, []uint64{0, 100, 30, 7}},
		{"totals in another order", totals, []event{{anUpdate, 40, 130, 1}, {anUpdate, 20, 100, 1}, {deleted, 50, 137, 2}}, []uint64{130, 0, 7}},
		{"all are deltas", deltas, []event{{anUpdate, 20, 100, 1}, {anUpdate, 40, 30, 1}, {deleted, 50, 200, 2}}, []uint64{100, 30, 200}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(decode.Config{Exporters: []decode.Exporter{{Match: netip.MustParsePrefix("192.0.2.0/24"), Firewall: c.firewall}}})
			if err := l.give(nsel(c.events...)...); err != nil {
				t.Fatal(err)
			}
			if got := l.bytesOf(); !slices.Equal(got, c.want) {
				t.Errorf("bytes %v, want %v", got, c.want)
			}
		})
	}
}

// TestConnectionsCap: connections beyond the cap count as they are told, and those that are told of again keep their place.
func TestConnectionsCap(t *testing.T) {
	l := newLab(decode.Config{MaxConnections: 2})
	l.give(v9(1, set(0, definition(263, 148, 4, 233, 1, 323, 8, 231, 4, 232, 4))))
	ms := uint64(headerSeconds) * 1000
	for id := range uint32(3) {
		l.give(v9(2+id, set(263, id+1, uint8(anUpdate), ms, uint32(100), uint32(0))))
	}
	for id := range uint32(3) {
		l.give(v9(5+id, set(263, id+1, uint8(deleted), ms+1, uint32(150), uint32(0))))
	}
	if got, want := l.bytesOf(), []uint64{100, 100, 100, 50, 50, 150}; !slices.Equal(got, want) {
		t.Errorf("bytes %v, want %v", got, want)
	}
}

// TestFirewallCountersAfterARestart: of a connection from before a restart of the program only what updates tell since then counts.
func TestFirewallCountersAfterARestart(t *testing.T) {
	first := newLab(decode.Config{})
	first.give(nsel(event{anUpdate, 10, 100, 1})...)
	var saved bytes.Buffer
	if err := first.Save(&saved); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name     string
		firewall template.Firewall
		events   []event
		want     []uint64
	}{
		{"updates are deltas", template.Firewall{}, []event{{anUpdate, 70, 30, 1}, {deleted, 80, 137, 2}}, []uint64{30, 0}},
		{"updates are totals", template.Firewall{UpdatesTotal: true}, []event{{anUpdate, 70, 130, 1}, {deleted, 80, 137, 2}}, []uint64{0, 7}},
		{"no updates", template.Firewall{}, []event{{deleted, 80, 137, 2}}, []uint64{137}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(decode.Config{Exporters: []decode.Exporter{{Match: netip.MustParsePrefix("192.0.2.0/24"), Firewall: c.firewall}}})
			if err := l.Load(bytes.NewReader(saved.Bytes())); err != nil {
				t.Fatal(err)
			}
			if l.give(nsel(c.events...)...); !slices.Equal(l.bytesOf(), c.want) {
				t.Errorf("bytes %v, want %v", l.bytesOf(), c.want)
			}
		})
	}
}
