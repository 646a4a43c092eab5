package sink_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirflow/weir/elastic/sink"
	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/interfaces"
	"github.com/weirflow/weir/shared/query"
)

// TestSums: sums by the minute have what their records have together, whatever ephemeral ports those had, and all are settled.
func TestSums(t *testing.T) {
	f, w := newFake(t), newTraffic()
	cfg := settings(t)
	cfg.Flows, cfg.EventTime = sink.FlowsAggregated, true
	s := start(t, cfg, sink.Deps{Server: f})
	b := w.batch(1000)
	minute := int64(1772438520e9)
	bytes, packets := uint64(0), uint64(0)
	for i := range b.Records {
		r := &b.Records[i]
		*r = flow.Record{
			Present: flow.HasSourceIP | flow.HasDestinationIP | flow.HasSourcePort | flow.HasDestinationPort | flow.HasProtocol | flow.HasBytes | flow.HasPackets | flow.HasTCPFlags | flow.HasStart | flow.HasEnd,
			ID:      r.ID, IPProtocol: 6, SamplingInterval: 1, TCPFlags: 1 << (i % 3), Start: minute - 1e9, End: minute + int64(i%2)*60e9 + int64(i),
		}
		r.Source.IP, r.Destination.IP = flow.AddrFrom4(0x0a000001), flow.AddrFrom4(0x0a000002)
		r.Source.Port, r.Destination.Port = uint16(40000+i), 443
		r.Source.Bytes, r.Source.Packets, r.Bytes, r.Packets = uint64(i), 1, uint64(i), 1
		bytes, packets = bytes+r.Bytes, packets+1
	}
	if err := s.WriteBatch(context.Background(), b); err != nil {
		t.Fatal(err)
	}
	drain(t, s)
	docs := f.of(flows)
	if len(docs) != 2 {
		t.Fatalf("%d documents: %v", len(docs), docs)
	}
	gotBytes, gotPackets, records := 0.0, 0.0, 0.0
	for _, d := range docs {
		gotBytes, gotPackets, records = gotBytes+d["network.bytes"].(float64), gotPackets+d["network.packets"].(float64), records+d["weir.aggregate.records"].(float64)
		if d["source.port"] != nil || d["destination.port"] != 443.0 || len(d["weir.tcp.flags"].([]any)) != 3 || d["event.start"] != "2026-03-02T08:01:59Z" {
			t.Errorf("%v", d)
		}
	}
	if gotBytes != float64(bytes) || gotPackets != float64(packets) || records != 1000 {
		t.Errorf("bytes %g of %d, packets %g of %d, records %g", gotBytes, bytes, gotPackets, packets, records)
	}
	if w.stream.Stored.Load() != 1000 || len(s.Marks()) != 1 {
		t.Errorf("stored %d, %d marks", w.stream.Stored.Load(), len(s.Marks()))
	}
}

// TestSumsOfLateRecords: what comes when a minute has been told of makes a further document.
func TestSumsOfLateRecords(t *testing.T) {
	f, w := newFake(t), newTraffic()
	cfg := settings(t)
	cfg.Flows = sink.FlowsAggregated
	s := start(t, cfg, sink.Deps{Server: f})
	for range 2 {
		b := w.batch(1)
		r := &b.Records[0]
		*r = flow.Record{Present: flow.HasBytes | flow.HasEnd, ID: r.ID, SamplingInterval: 1, End: 1772438520e9, Bytes: 5}
		if err := s.WriteBatch(context.Background(), b); err != nil {
			t.Fatal(err)
		}
		drain(t, s)
	}
	if docs := f.of(flows); len(docs) != 2 {
		t.Errorf("%v", docs)
	}
}

// TestOneDocumentASession: a session that is told of several times has one document, that of its end or what was known at the process's.
func TestOneDocumentASession(t *testing.T) {
	f := newFake(t)
	s := start(t, settings(t), sink.Deps{Server: f})
	told := filtertest.LastStates(filtertest.RandomSessions(rand.New(rand.NewPCG(1, 2)), 40))
	ids := map[flow.SessionID]bool{}
	for i := range told.Sessions {
		ids[told.Sessions[i].ID] = true
		told.Sessions[i].Told, told.Sessions[i].Open = 0, true
	}
	write := func() {
		if err := s.WriteSessions(context.Background(), told); err != nil {
			t.Fatal(err)
		}
	}
	write()
	for i := range told.Sessions {
		told.Sessions[i].Told, told.Sessions[i].Open = 1, i%2 == 0
	}
	write()
	drain(t, s)
	docs := f.of("logs-weir.session-default")
	if len(docs) != len(ids) {
		t.Fatalf("%d documents of %d sessions", len(docs), len(ids))
	}
	for id, d := range docs {
		if d["weir.session.told"] != 1.0 {
			t.Errorf("%s: %v", id, d["weir.session.told"])
		}
	}
}

func TestSessionsAreAChoice(t *testing.T) {
	for _, c := range []struct {
		flows           sink.Flows
		records, allSes bool
	}{{sink.FlowsAll, true, true}, {sink.FlowsSessions, false, true}, {sink.FlowsNone, false, false}} {
		f, w := newFake(t), newTraffic()
		cfg := settings(t)
		cfg.Flows = c.flows
		s := start(t, cfg, sink.Deps{Server: f})
		w.write(t, s, 1, 10)
		if err := s.WriteSessions(context.Background(), filtertest.LastStates(filtertest.RandomSessions(rand.New(rand.NewPCG(1, 2)), 10))); err != nil {
			t.Fatal(err)
		}
		drain(t, s)
		if records, sessions := len(f.of(flows)) > 0, len(f.of("logs-weir.session-default")) > 0; records != c.records || sessions != c.allSes {
			t.Errorf("%s: records %v, sessions %v", c.flows, records, sessions)
		}
		if w.stream.InFlight.Load() != 0 {
			t.Errorf("%s: %d in flight", c.flows, w.stream.InFlight.Load())
		}
	}
}

// TestLifeOfAnAlert: the alert's document is its last state, and each change that says something new is an event.
func TestLifeOfAnAlert(t *testing.T) {
	f := newFake(t)
	s := start(t, settings(t), sink.Deps{Server: f})
	at := time.Date(2026, 3, 2, 8, 15, 0, 0, time.UTC)
	for i, state := range []flow.AlertState{flow.AlertPending, flow.AlertActive, flow.AlertActive, flow.AlertClearing, flow.AlertEnded} {
		a := flow.Alert{ID: `odd "id"`, Detector: "dos", State: state, Severity: 60, Start: at, DetectedAt: at, Last: at.Add(time.Duration(i) * time.Second), Measured: flow.Measure{Value: 5e6}}
		if err := s.WriteAlerts(context.Background(), []flow.Alert{a}); err != nil {
			t.Fatal(err)
		}
	}
	drain(t, s)
	if docs := f.of("weir-alerts-default"); len(docs) != 1 || docs[`odd "id"`]["weir.alert.state"] != "ended" {
		t.Errorf("%v", docs)
	}
	changes := map[string]int{}
	for _, d := range f.of("logs-weir.alert-default") {
		changes[fmt.Sprint(d["weir.alert.change"])]++
	}
	if fmt.Sprint(changes) != "map[changed:1 ended:1 raised:1]" {
		t.Errorf("%v", changes)
	}
}

// TestLaterStatesWin: an earlier state that comes late does not replace a later one.
func TestLaterStatesWin(t *testing.T) {
	f := newFake(t)
	var fails atomic.Int64
	f.refuse = func(_, id string, attempt int) int { return pick(attempt == 1 && fails.Add(1) == 1, 503) }
	s := start(t, settings(t), sink.Deps{Server: f})
	for i := range 3 {
		if err := s.WriteAlerts(context.Background(), []flow.Alert{{ID: "x", State: flow.AlertActive, Severity: i}}); err != nil {
			t.Fatal(err)
		}
		drain(t, s)
	}
	if d := f.of("weir-alerts-default")["x"]; d["event.severity"] != 2.0 {
		t.Errorf("%v", d)
	}
}

// TestMinutesAddUp: a minute is told of when it is over; what changes later is a further document, and together they are the minute.
func TestMinutesAddUp(t *testing.T) {
	f := newFake(t)
	var now atomic.Int64
	now.Store(1772438520e9)
	s := start(t, settings(t), sink.Deps{Server: f, Now: func() time.Time { return time.Unix(0, now.Load()) }})
	m := interfaces.Minute{Exporter: flow.AddrFrom4(1), Index: 3, At: 1772438520e9, Source: interfaces.SNMP, Run: 9, Seconds: 20}
	m.In = interfaces.Amounts{Octets: 100, Unicast: 1, Multicast: -1, Broadcast: -1, Discards: -1, Errors: -1}
	m.Out = m.In
	write := func(octets float64) {
		m.In.Octets, m.Out.Octets, m.Seconds = octets, octets, octets/10
		if err := s.WriteInterfaces(context.Background(), []interfaces.Minute{m}); err != nil {
			t.Fatal(err)
		}
	}
	const index = "metrics-weir.interface-default"
	write(100)
	write(300)
	now.Add(4 * 60e9)
	for len(f.of(index)) == 0 {
		now.Add(1e9) // pieces wait by the same clock
		time.Sleep(10 * time.Millisecond)
	}
	write(450)
	drain(t, s)
	sum, seconds := 0.0, 0.0
	docs := f.of(index)
	for id, d := range docs {
		sum, seconds = sum+d["weir.interface.in.octets"].(float64), seconds+d["weir.interface.seconds"].(float64)
		if d["event.id"] != id {
			t.Errorf("%s: %v", id, d)
		}
	}
	if len(docs) != 2 || sum != 450 || seconds != 45 {
		t.Errorf("%d documents of %g octets in %g s", len(docs), sum, seconds)
	}
}

func exporters() []query.Exporter {
	return []query.Exporter{{IP: "192.0.2.1", Protocol: "ipfix", Datagrams: 5}}
}

// writeKinds writes sessions, the life of an alert, and a minute of an interface.
func writeKinds(t *testing.T, s *sink.Sink) {
	t.Helper()
	ctx, at := context.Background(), time.Date(2026, 3, 2, 8, 15, 0, 0, time.UTC)
	errs := []error{
		s.WriteSessions(ctx, filtertest.LastStates(filtertest.RandomSessions(rand.New(rand.NewPCG(1, 2)), 40))),
		s.WriteInterfaces(ctx, []interfaces.Minute{{Exporter: flow.AddrFrom4(1), Index: 3, At: at.UnixNano(), Source: interfaces.SNMP, Seconds: 60}}),
	}
	for _, state := range []flow.AlertState{flow.AlertActive, flow.AlertClearing, flow.AlertEnded} {
		errs = append(errs, s.WriteAlerts(ctx, []flow.Alert{{
			ID: "one", Detector: "brute.ssh", Title: "Password guessing", State: state, Severity: 60, Start: at, DetectedAt: at, Last: at,
			Actors: []string{"203.0.113.7", "example.net"}, Techniques: []flow.Technique{{ID: "T1110.001", Name: "Password Guessing"}},
		}}))
	}
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// stopped is a clock that stands still. With the wall clock a minute that begins in a test has exporters told of once more.
func stopped() func() time.Time {
	now := time.Now()
	return func() time.Time { return now }
}

func TestExporters(t *testing.T) {
	f := newFake(t)
	s := start(t, settings(t), sink.Deps{Server: f, Exporters: exporters, Now: stopped()})
	drain(t, s)
	if docs := f.of("metrics-weir.exporter-default"); len(docs) != 1 {
		t.Errorf("%v", docs)
	}
	if st := s.Stats(); st.Made["exporter"] != 1 {
		t.Errorf("%+v", st)
	}
}

// TestReplayedSums: the same records, sent again by another process, make the same documents.
func TestReplayedSums(t *testing.T) {
	f := newFake(t)
	for range 2 {
		w, cfg := newTraffic(), settings(t)
		cfg.Flows, cfg.EventTime, cfg.Run = sink.FlowsAggregated, true, 5
		s := start(t, cfg, sink.Deps{Server: f})
		for i := range 20 {
			b := w.batch(50)
			b.Datagrams[0].Received += int64(i) * 40e9
			for k := range b.Records {
				r := &b.Records[k]
				*r = flow.Record{Present: flow.HasBytes | flow.HasEnd, ID: r.ID, SamplingInterval: 1, End: b.Datagrams[0].Received - int64(k)*1e9, Bytes: 5}
				r.Source.Bytes = 5
			}
			m := interfaces.Minute{Exporter: flow.AddrFrom4(1), At: b.Datagrams[0].Received / 60e9 * 60e9, Source: interfaces.SNMP, Run: 5, Seconds: float64(i)}
			if err := errors.Join(s.WriteBatch(context.Background(), b), s.WriteInterfaces(context.Background(), []interfaces.Minute{m})); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Duration(i%3) * time.Millisecond) // whatever the wall clock does
		}
		drain(t, s)
	}
	records := 0.0
	for _, d := range f.of(flows) {
		records += d["weir.aggregate.records"].(float64)
	}
	if records != 1000 {
		t.Errorf("%g records in %d documents", records, len(f.of(flows)))
	}
	if n := len(f.of("metrics-weir.interface-default")); n != 14 {
		t.Errorf("%d documents of minutes", n)
	}
}
