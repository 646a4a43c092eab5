package cim_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/sink/cim"
	"github.com/weirflow/weir/shared/traffic/encode"
)

// feedOf returns a feed that has not started, with a clock to be set.
func feedOf(t *testing.T, cfg cim.FeedConfig, b *book) (*cim.Feed, *time.Time) {
	t.Helper()
	now := noon
	f, err := cim.NewFeed(cfg, cim.FeedDeps{
		Put: b, Now: func() time.Time { return now },
		Exporters: func() []query.Exporter {
			seen := now.Add(-time.Second)
			return []query.Exporter{{IP: "192.0.2.1", Protocol: "netflow9", LastSeen: &seen, Refused: map[string]uint64{"version": 3}}, {IP: "192.0.2.2", Protocol: "ipfix"}}
		},
		Status: func() cim.Report { return cim.Report{Component: "weir", State: "listening"} },
	})
	if err != nil {
		t.Fatal(err)
	}
	return f, &now
}

// number is a member of an event, 0 where it is not there. Reading the whole of every event would take longest of all.
func number(t *testing.T, raw []byte, name string) uint64 {
	t.Helper()
	_, rest, has := bytes.Cut(raw, []byte(`,"`+name+`":`))
	if !has {
		return 0
	}
	n, err := strconv.ParseUint(string(rest[:bytes.IndexAny(rest, ",}")]), 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// TestChoicesOfFlows: every choice tells of what it says, of the same traffic, and what it tells of adds up to the same.
func TestChoicesOfFlows(t *testing.T) {
	p, sums := flood(), map[cim.Kind]uint64{}
	if p.err != nil {
		t.Fatal(p.err)
	}
	r := p.result
	for flows, kinds := range map[cim.Flows][]cim.Kind{
		cim.FlowsNone: nil, cim.FlowsSessions: {cim.Session}, cim.FlowsAggregated: {cim.Traffic}, cim.FlowsAll: {cim.Flow, cim.Session},
	} {
		b := p.books[flows]
		for _, k := range cim.Kinds() {
			list := b.of(k)
			if want := !k.IsTraffic() || slices.Contains(kinds, k); want != (len(list) > 0) {
				t.Errorf("%s: %d events of %s", flows, len(list), k)
			}
			ids, sum, records := map[string]bool{}, uint64(0), uint64(0)
			for i := range list {
				ids[list[i].id] = true
				if k.IsTraffic() {
					sum += number(t, list[i].json, "bytes")
					records += number(t, list[i].json, "weir.aggregate.records")
				}
				if i%500 == 0 {
					known(t, k, list[i].json)
				}
			}
			if len(ids) != len(list) {
				t.Errorf("%s: %d events of %s have %d ids", flows, len(list), k, len(ids))
			}
			if was := sums[k]; was != 0 && sum != 0 && was != sum {
				t.Errorf("%s: %d bytes of %s, with another choice %d", flows, sum, k, was)
			}
			sums[k] = max(sums[k], sum)
			if k == cim.Traffic && len(list) > 0 && records != r.Records {
				t.Errorf("sums are of %d records, there were %d", records, r.Records)
			}
			if k == cim.Flow && len(list) > 0 && uint64(len(list)) != r.Records {
				t.Errorf("%d events of records, there were %d", len(list), r.Records)
			}
		}
	}
	if sums[cim.Flow] != sums[cim.Traffic] || sums[cim.Flow] != sums[cim.Session] || sums[cim.Flow] == 0 {
		t.Errorf("bytes by kind: %v", sums)
	}
}

// TestSameEvents: the same capture makes the same events, but for their order and when alerts were told of.
func TestSameEvents(t *testing.T) {
	events := func(b *book) []string {
		var list []string
		for _, ev := range b.of(cim.Traffic) {
			list = append(list, ev.id+" "+string(ev.json))
		}
		for _, ev := range b.of(cim.Alert) {
			list = append(list, ev.id)
		}
		slices.Sort(list)
		return list
	}
	again := newBook()
	if _, err := play(scene("flood", 3, encode.IPFIX), map[cim.Flows]*book{cim.FlowsAggregated: again}); err != nil || flood().err != nil {
		t.Fatal(err, flood().err)
	}
	if diff := cmp.Diff(events(flood().books[cim.FlowsAggregated]), events(again)); diff != "" {
		t.Error(diff)
	}
}

// TestSessionsAddUp: whatever sessions do and when they are told of, the sums over their events are what they came to.
func TestSessionsAddUp(t *testing.T) {
	rng := rand.New(rand.NewPCG(81, 82))
	for round := range 30 {
		b, want := newBook(), map[flow.SessionID]flow.Session{}
		f, _ := feedOf(t, cim.FeedConfig{Flows: cim.FlowsSessions}, b)
		if err := f.Start(nil); err != nil {
			t.Fatal(err)
		}
		for _, batch := range grownSessions(rng) {
			for _, s := range batch.Sessions {
				want[s.ID] = s
			}
			if err := f.WriteSessions(t.Context(), batch); err != nil {
				t.Fatal(err)
			}
		}
		if err := f.Stop(); err != nil {
			t.Fatal(err)
		}
		checkParts(t, b, want)
		if s := f.Stats(); s.OpenSessions != 0 || s.Kinds[cim.Session].Made != uint64(len(b.of(cim.Session))) {
			t.Errorf("round %d: %+v", round, s)
		}
	}
}

// grownSessions are sessions of up to five hours, told of now and then while they grow; some have no end.
func grownSessions(rng *rand.Rand) (list []*flow.SessionBatch) {
	symbols := flow.NewSymbols()
	for i := range 20 {
		s := flow.Session{ID: flow.SessionID{Lo: uint64(i + 1)}, Start: noon.UnixNano(), End: noon.UnixNano(), Transport: 6, Open: true, ExporterCount: 1}
		s.Client.IP, s.Server.IP, s.Exporters[0] = addr("10.1.2.3"), addr("192.0.2.80"), addr("192.0.2.1")
		states, ends := 1+rng.IntN(40), rng.IntN(4) > 0
		for k := range states {
			s.End += rng.Int64N(int64(15 * time.Minute))
			s.Client.Bytes += rng.Uint64N(1000)
			s.Server.Bytes += rng.Uint64N(1e6)
			s.Client.Packets++
			s.Records++
			s.Told = uint32(k)
			s.Open = !ends || k < states-1
			list = append(list, &flow.SessionBatch{Symbols: symbols, Sessions: []flow.Session{s}})
		}
	}
	return list
}

func checkParts(t *testing.T, b *book, want map[flow.SessionID]flow.Session) {
	t.Helper()
	type total struct{ out, in, packets, bytes, parts uint64 }
	sums, last := map[string]total{}, map[string]int64{}
	for _, ev := range b.of(cim.Session) {
		known(t, cim.Session, ev.json)
		id, _, _ := strings.Cut(ev.id, "-")
		s := sums[id]
		if n := number(t, ev.json, "weir.session.part"); n != s.parts {
			t.Errorf("%s: part %d, want %d", ev.id, n, s.parts)
		}
		s.out += number(t, ev.json, "bytes_out")
		s.in += number(t, ev.json, "bytes_in")
		s.packets += number(t, ev.json, "packets")
		s.bytes += number(t, ev.json, "bytes")
		s.parts++
		if n := number(t, ev.json, "weir.session.bytes"); n != 0 && n != s.bytes {
			t.Errorf("%s: %d bytes so far, the parts have %d", ev.id, n, s.bytes)
		}
		if was := last[id]; was > ev.time {
			t.Errorf("%s: goes back in time", ev.id)
		}
		sums[id], last[id] = s, ev.time
	}
	for id, s := range want {
		got := sums[id.String()]
		if got.out != s.Client.Bytes || got.in != s.Server.Bytes || got.packets != s.Client.Packets || got.bytes != s.Client.Bytes+s.Server.Bytes {
			t.Errorf("%v: events have %+v, the session %d and %d bytes, %d packets", id, got, s.Client.Bytes, s.Server.Bytes, s.Client.Packets)
		}
		if hours := uint64(s.Duration() / int64(time.Hour)); got.parts > hours+1 || got.parts == 0 {
			t.Errorf("%v: %d events for %v", id, got.parts, time.Duration(s.Duration()))
		}
	}
	if len(sums) != len(want) {
		t.Errorf("events of %d sessions, want %d", len(sums), len(want))
	}
}

// TestAlertsAreToldOfWhenTheyChange: not with every number, and not again after a restart.
func TestAlertsAreToldOfWhenTheyChange(t *testing.T) {
	b := newBook()
	f, now := feedOf(t, cim.FeedConfig{Flows: cim.FlowsNone, Host: "collector"}, b)
	alert := func(id string, state flow.AlertState, value float64) flow.Alert {
		return flow.Alert{ID: id, Detector: "scan.horizontal", Title: "x", State: state, Start: noon, Last: *now, Measured: flow.Measure{Value: value}}
	}
	if err := f.Start([]flow.Alert{alert("old", flow.AlertActive, 10)}); err != nil {
		t.Fatal(err)
	}
	for _, a := range []flow.Alert{
		alert("old", flow.AlertActive, 20), alert("new", flow.AlertPending, 1), alert("new", flow.AlertActive, 5), alert("new", flow.AlertActive, 7),
		alert("new", flow.AlertActive, 70), alert("new", flow.AlertEnded, 70), alert("old", flow.AlertEnded, 20), alert("short", flow.AlertEnded, 1),
	} {
		*now = now.Add(time.Second)
		if err := f.WriteAlerts(t.Context(), []flow.Alert{a}); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	last := uint64(noon.UnixMicro())
	for _, ev := range b.of(cim.Alert) {
		var a struct {
			ID, Change string
			Sequence   uint64
		}
		if err := json.Unmarshal(ev.json, &a); err != nil || ev.host != "collector" || !strings.HasPrefix(ev.id, a.ID+"-") {
			t.Fatal(err, ev)
		}
		if a.Sequence <= last || a.Sequence > 1<<53 {
			t.Errorf("sequence %d after %d", a.Sequence, last)
		}
		last = a.Sequence
		got = append(got, a.ID+" "+a.Change)
	}
	if diff := cmp.Diff([]string{"new raised", "new changed", "new ended", "old ended", "short raised"}, got); diff != "" {
		t.Error(diff)
	}
	if err := f.Stop(); err != nil {
		t.Fatal(err)
	}
}

// TestByTheMinute: exporters and what sends the events are told of each minute, and at the end; the sender at the beginning, too.
func TestByTheMinute(t *testing.T) {
	b := newBook()
	f, _ := feedOf(t, cim.FeedConfig{Flows: cim.FlowsNone}, b)
	for second := range 181 {
		f.Advance(t.Context(), noon.Add(time.Duration(second)*time.Second))
	}
	if x, s := b.of(cim.Exporter), b.of(cim.Status); len(x) != 6 || len(s) != 4 || s[0].time != noon.UnixNano() || x[0].host != "192.0.2.1" || x[0].time != noon.Add(time.Minute).UnixNano() || x[0].id == x[2].id {
		t.Errorf("%d of exporters, %d of the sender: %v", len(x), len(s), x)
	}
	for _, ev := range b.list {
		known(t, ev.kind, ev.json)
	}
	if text := string(b.of(cim.Exporter)[0].json); !strings.Contains(text, `"losses":["refused version 3"]`) || !strings.Contains(text, `"silence":`) || !strings.Contains(text, `"status":"ok"`) {
		t.Error(text)
	}
	if err := f.Start(nil); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Stop(), f.Stop()); err != nil {
		t.Error(err)
	}
	if n := len(b.of(cim.Exporter)); n != 8 {
		t.Errorf("%d of exporters after the end", n)
	}
}

// TestSettling: what was taken is stored, what was not is dropped, and whoever does not settle leaves the account alone.
func TestSettling(t *testing.T) {
	for _, c := range []struct {
		name                      string
		settle                    bool
		fail                      error
		stored, dropped, inFlight uint64
	}{
		{"taken", true, nil, 20, 0, 0}, {"not taken", true, errors.New("full"), 0, 20, 0}, {"another settles", false, nil, 0, 0, 20},
	} {
		b := newBook()
		b.fail = c.fail
		f, _ := feedOf(t, cim.FeedConfig{Flows: cim.FlowsAll, Settle: c.settle}, b)
		batch := filtertest.RandomBatch(rand.New(rand.NewPCG(91, 92)), 20)
		for i := range batch.Datagrams {
			batch.Datagrams[i].Stream.InFlight.Store(int64(batch.Datagrams[i].Records))
		}
		if err := f.WriteBatch(t.Context(), batch); !errors.Is(err, c.fail) {
			t.Errorf("%s: %v", c.name, err)
		}
		var stored, dropped, inFlight uint64
		for _, d := range batch.Datagrams {
			stored += d.Stream.Stored.Load() + d.Stream.SetAside.Sum()
			dropped += d.Stream.Dropped.Sum()
			inFlight += uint64(d.Stream.InFlight.Load())
		}
		if stored != c.stored || dropped != c.dropped || inFlight != c.inFlight {
			t.Errorf("%s: %d stored, %d dropped, %d in flight", c.name, stored, dropped, inFlight)
		}
		lost := uint64(0)
		if c.fail != nil {
			lost = 20
		}
		if s := f.Stats().Kinds[cim.Flow]; s.Made != 20 || s.Lost != lost {
			t.Errorf("%s: %+v", c.name, s)
		}
	}
}

func TestConfigIsChecked(t *testing.T) {
	for name, c := range map[string]struct {
		cfg  cim.FeedConfig
		deps cim.FeedDeps
	}{
		"no such choice": {cim.FeedConfig{Flows: "some"}, cim.FeedDeps{Put: newBook()}}, "nowhere to put": {cim.DefaultFeedConfig(), cim.FeedDeps{}},
	} {
		if _, err := cim.NewFeed(c.cfg, c.deps); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	f, err := cim.NewFeed(cim.DefaultFeedConfig(), cim.FeedDeps{Put: newBook()})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Stop(); err != nil {
		t.Error(err)
	}
	if err := f.Start(nil); err != nil {
		t.Error(err)
	}
	if f.Start(nil) == nil {
		t.Error("it started twice")
	}
	if err := f.Stop(); err != nil {
		t.Error(err)
	}
}

// slow is a Putter that looks at whether several events share memory at a time.
type slow struct{ book }

func (s *slow) Put(ctx context.Context, ev *cim.Event) error {
	before := string(ev.JSON)
	err := s.book.Put(ctx, ev)
	if before != string(ev.JSON) {
		return errors.New("it changed while it was put")
	}
	return err
}

// TestConcurrentUse: records, sessions, alerts and the clock at the same time.
func TestConcurrentUse(t *testing.T) {
	s := &slow{*newBook()}
	f, err := cim.NewFeed(cim.FeedConfig{Flows: cim.FlowsAll}, cim.FeedDeps{Put: s, Exporters: func() []query.Exporter { return []query.Exporter{{IP: "192.0.2.1"}} }})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Start(nil); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 4)
	run := func(do func(i int) error) {
		go func() {
			var failed error
			for i := range 50 {
				failed = errors.Join(failed, do(i))
			}
			done <- failed
		}()
	}
	batch := filtertest.RandomBatch(rand.New(rand.NewPCG(93, 94)), 20)
	sessions := filtertest.LastStates(filtertest.RandomSessions(rand.New(rand.NewPCG(95, 96)), 20))
	run(func(int) error { return f.WriteBatch(t.Context(), batch) })
	run(func(int) error { return f.WriteSessions(t.Context(), sessions) })
	run(func(i int) error {
		return f.WriteAlerts(t.Context(), []flow.Alert{{ID: string(rune('a' + i)), State: flow.AlertActive}})
	})
	run(func(i int) error {
		f.Advance(t.Context(), noon.Add(time.Duration(i)*time.Minute))
		return nil
	})
	for range 4 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if err := f.Stop(); err != nil {
		t.Error(err)
	}
	for k := range maps.Keys(f.Stats().Kinds) {
		if n := f.Stats().Kinds[k]; n.Made != uint64(len(s.of(k))) || n.Lost != 0 {
			t.Errorf("%s: %+v, %d put", k, n, len(s.of(k)))
		}
	}
}
