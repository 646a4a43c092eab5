package normalize

import (
	"testing"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// exported is the export time of the tests: 2026-03-02T08:15:00Z.
const exported = int64(1772439300e9)

// at returns a time relative to the export time.
func at(d time.Duration) int64 { return exported + int64(d) }

// one returns a batch of one datagram and one record, received a second after its export.
func one(d flow.Datagram, r flow.Record) *flow.Batch {
	if d.Received == 0 {
		d.Received = at(time.Second)
	}
	d.Stream = &flow.Stream{}
	b := flow.NewBatch(1, flow.NewSymbols())
	b.Datagrams = append(b.Datagrams, d)
	*b.Grow() = r
	return b
}

func normalize(t *testing.T, cfg Config, b *flow.Batch) *flow.Record {
	t.Helper()
	n, err := New(cfg, Deps{})
	if err != nil {
		t.Fatal(err)
	}
	n.Batch(b)
	return &b.Records[0]
}

const uptimes = flow.HasFirstUptime | flow.HasLastUptime

// TestTimes: expectations are worked out by hand from export time, uptime and the rules of docs/clocks.md.
func TestTimes(t *testing.T) {
	const hour = 3600_000 // ms
	v5 := func(uptime uint32) flow.Datagram {
		return flow.Datagram{Protocol: flow.NetFlow5, Exported: exported, Uptime: uptime, HasUptime: true}
	}
	v9 := v5(hour)
	v9.Protocol = flow.NetFlow9
	for _, c := range []struct {
		name        string
		datagram    flow.Datagram
		record      flow.Record
		start, end  int64
		uncertainty int64
		repaired    flow.Reason
		invalid     flow.Reason
	}{
		{
			name: "v5: up an hour, the flow from 60 s to 15 s before", datagram: v5(hour),
			record: flow.Record{Present: uptimes, FirstUptime: hour - 60_000, LastUptime: hour - 15_000},
			start:  at(-60 * time.Second), end: at(-15 * time.Second),
		},
		{
			name: "v5: milliseconds and the header's nanoseconds are kept", datagram: flow.Datagram{Protocol: flow.NetFlow5, Exported: exported + 123_456_789, Uptime: hour, HasUptime: true},
			record: flow.Record{Present: uptimes, FirstUptime: hour - 1001, LastUptime: hour - 1},
			start:  exported + 123_456_789 - 1001_000_000, end: exported + 123_456_789 - 1_000_000,
		},
		{
			name: "v9: header in whole seconds is uncertain by one", datagram: v9,
			record: flow.Record{Present: uptimes, FirstUptime: hour - 1000, LastUptime: hour},
			start:  at(-time.Second), end: at(0), uncertainty: 1e9,
		},
		{
			name: "v9 with absolute times is not uncertain", datagram: v9,
			record: flow.Record{Present: flow.HasStart | flow.HasEnd, Start: at(-time.Minute), End: at(-time.Second)},
			start:  at(-time.Minute), end: at(-time.Second),
		},
		{
			name: "wrap: uptime is 5 s, the flow began 65 s before", datagram: v5(5000),
			record: flow.Record{Present: uptimes, FirstUptime: 1<<32 - 60_000, LastUptime: 1<<32 - 10_000},
			start:  at(-65 * time.Second), end: at(-15 * time.Second), repaired: flow.RepairedUptimeWrap,
		},
		{
			name: "wrap within the flow", datagram: v5(5000),
			record: flow.Record{Present: uptimes, FirstUptime: 1<<32 - 1000, LastUptime: 4000},
			start:  at(-6 * time.Second), end: at(-time.Second), repaired: flow.RepairedUptimeWrap,
		},
		{
			name: "last a little ahead of the header is no wrap", datagram: v5(hour),
			record: flow.Record{Present: uptimes, FirstUptime: hour - 1000, LastUptime: hour + 20},
			start:  at(-time.Second), end: at(20 * time.Millisecond),
		},
		{
			name: "uptimes far ahead of the header are of a wrong clock", datagram: v5(1000),
			record: flow.Record{Present: uptimes, FirstUptime: 500_000, LastUptime: 600_000},
			start:  at(499 * time.Second), end: at(599 * time.Second), invalid: flow.InvalidFuture,
		},
		{
			name: "end before start", datagram: v5(hour),
			record: flow.Record{Present: uptimes, FirstUptime: hour - 1000, LastUptime: hour - 2000},
			start:  at(-time.Second), end: at(-2 * time.Second), invalid: flow.InvalidEndBeforeStart,
		},
		{
			name: "only an end", datagram: flow.Datagram{Protocol: flow.IPFIX, Exported: exported},
			record: flow.Record{Present: flow.HasEnd, End: at(-time.Second)}, start: at(-time.Second), end: at(-time.Second),
		},
		{
			name: "only a start", datagram: flow.Datagram{Protocol: flow.IPFIX, Exported: exported},
			record: flow.Record{Present: flow.HasStart, Start: at(-time.Second)}, start: at(-time.Second), end: at(-time.Second),
		},
		{
			name: "no times: receipt", datagram: flow.Datagram{Protocol: flow.IPFIX, Exported: exported},
			start: at(time.Second), end: at(time.Second), repaired: flow.RepairedNoTime,
		},
		{
			name: "IPFIX with uptimes but without a boot time: receipt, and the duration", datagram: flow.Datagram{Protocol: flow.IPFIX, Exported: exported},
			record: flow.Record{Present: uptimes, FirstUptime: 1<<32 - 1000, LastUptime: 2000},
			start:  at(-2 * time.Second), end: at(time.Second), repaired: flow.RepairedNoTime,
		},
		{
			name: "header without export time", datagram: flow.Datagram{Protocol: flow.NetFlow9, Uptime: hour, HasUptime: true},
			record: flow.Record{Present: uptimes, FirstUptime: 1000, LastUptime: 2000},
			start:  at(0), end: at(time.Second), repaired: flow.RepairedNoTime,
		},
		{
			name: "sFlow: the decoder's receive time stays", datagram: flow.Datagram{Protocol: flow.SFlow5, Uptime: hour, HasUptime: true},
			record: flow.Record{Present: flow.HasStart | flow.HasEnd, Start: at(time.Second), End: at(time.Second)},
			start:  at(time.Second), end: at(time.Second),
		},
		{
			name: "export years before receipt is no fault", datagram: flow.Datagram{Protocol: flow.NetFlow5, Exported: exported, Received: exported + int64(10*365*24*time.Hour), Uptime: hour, HasUptime: true},
			record: flow.Record{Present: uptimes, FirstUptime: hour - 60_000, LastUptime: hour - 15_000},
			start:  at(-60 * time.Second), end: at(-15 * time.Second),
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := one(c.datagram, c.record)
			r := normalize(t, Config{}, b)
			if r.Start != c.start || r.End != c.end {
				t.Errorf("from %s to %s, want %s to %s", show(r.Start), show(r.End), show(c.start), show(c.end))
			}
			if !r.Present.Has(flow.HasStart | flow.HasEnd) {
				t.Error("times are not marked as present")
			}
			if r.ClockUncertainty != c.uncertainty || r.Present.Has(flow.HasClock) != (c.uncertainty != 0) {
				t.Errorf("uncertain by %d, want %d", r.ClockUncertainty, c.uncertainty)
			}
			if r.Invalid != c.invalid {
				t.Errorf("invalid %q, want %q", r.Invalid, c.invalid)
			}
			repaired := b.Datagrams[0].Stream.Repaired.Map()
			if c.repaired == 0 && len(repaired) > 0 || c.repaired != 0 && repaired[c.repaired.String()] == 0 {
				t.Errorf("repaired %v, want %q", repaired, c.repaired)
			}
			if r.Created != b.Datagrams[0].Received {
				t.Error("not created when received")
			}
		})
	}
}

func show(ns int64) string { return string(flow.AppendTime(nil, ns)) }

// fixedClock says that every exporter's clock is an hour slow.
type fixedClock struct{}

func (fixedClock) Observe(*flow.Datagram) flow.ClockCorrection {
	return flow.ClockCorrection{Uptime: int64(time.Hour), UptimeError: 25e6, Wall: int64(time.Minute), WallError: 30e6}
}

func TestClock(t *testing.T) {
	datagram := flow.Datagram{Protocol: flow.NetFlow9, Exported: exported, Uptime: 60_000, HasUptime: true, Received: at(time.Hour)}
	record := flow.Record{Present: uptimes, FirstUptime: 50_000, LastUptime: 60_000}
	for _, c := range []struct {
		name   string
		cfg    Config
		record flow.Record
		end    int64
		offset int64
	}{
		{"corrected", Config{}, record, at(time.Hour), int64(time.Hour)},
		{"shown as exported", Config{Show: true}, record, at(0), 0},
		{"time of receipt is ours", Config{}, flow.Record{}, at(time.Hour), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, err := New(c.cfg, Deps{Clock: fixedClock{}})
			if err != nil {
				t.Fatal(err)
			}
			b := one(datagram, c.record)
			n.Batch(b)
			if r := &b.Records[0]; r.End != c.end || r.ClockOffset != c.offset {
				t.Errorf("end %s offset %d, want %s %d", show(r.End), r.ClockOffset, show(c.end), c.offset)
			}
		})
	}
}

// toldClock says what it is told to.
type toldClock flow.ClockCorrection

func (c toldClock) Observe(*flow.Datagram) flow.ClockCorrection { return flow.ClockCorrection(c) }

// TestCorrections: whatever is done to times can be taken back, and durations stay.
func TestCorrections(t *testing.T) {
	const ms = int64(time.Millisecond)
	absolute := flow.Record{Present: flow.HasStart | flow.HasEnd, Start: exported - 30*second + 123, End: exported - second + 456}
	uptime := flow.Record{Present: uptimes, FirstUptime: 50_000, LastUptime: 59_000}
	delta := absolute
	delta.Present |= flow.HasHeaderTimes
	k := flow.ClockCorrection{Uptime: -37000*ms + 400*ms, UptimeError: 45 * ms, Wall: -37000 * ms, WallError: 60 * ms, Seconds: true}
	bad := flow.ClockCorrection{Receipt: true, UptimeError: 30 * second, WallError: 30 * second}
	received := at(7 * time.Second)
	for _, c := range []struct {
		name        string
		clock       flow.ClockCorrection
		record      flow.Record
		offset      int64
		uncertainty int64
	}{
		{"times on the uptime clock", k, uptime, -36600 * ms, 45 * ms},
		{"times of day", k, absolute, -37000 * ms, 60 * ms},
		{"differences to a header of whole seconds", k, delta, -37000 * ms, 60*ms + second},
		{"a bad clock: the end is the receipt, to the ms", bad, uptime, received - (exported - second), 30 * second},
		{"a bad clock, times of day", bad, absolute, (received - absolute.End) / ms * ms, 30 * second},
		{"nothing is known", flow.UnknownClock(), absolute, 0, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := flow.Datagram{Protocol: flow.NetFlow9, Exported: exported, Uptime: 60_000, HasUptime: true, Received: received}
			shown := normalize(t, Config{Show: true}, one(d, c.record))
			n, err := New(Config{}, Deps{Clock: toldClock(c.clock)})
			if err != nil {
				t.Fatal(err)
			}
			b := one(d, c.record)
			n.Batch(b)
			r := &b.Records[0]
			if r.Present.Has(flow.HasClock) != (c.uncertainty >= 0) || r.ClockOffset != c.offset || r.ClockUncertainty != max(c.uncertainty, 0) {
				t.Errorf("offset %s, uncertainty %s", time.Duration(r.ClockOffset), time.Duration(r.ClockUncertainty))
			}
			if start, end := r.ExporterTimes(); start != shown.Start || end != shown.End || r.ClockOffset%ms != 0 {
				t.Errorf("taken back: from %s to %s, shown as %s to %s", show(start), show(end), show(shown.Start), show(shown.End))
			}
			if r.End-r.Start != shown.End-shown.Start {
				t.Errorf("lasts %s", time.Duration(r.End-r.Start))
			}
			if repaired := b.Datagrams[0].Stream.Repaired[flow.RepairedClock].Load(); (repaired > 0) != c.clock.Receipt {
				t.Errorf("%d repaired", repaired)
			}
		})
	}
}

func TestNormalizedIsLeftAlone(t *testing.T) {
	b := one(flow.Datagram{}, flow.Record{Bytes: 5})
	b.Normalized = true
	if r := normalize(t, Config{}, b); r.Bytes != 5 || r.End != 0 {
		t.Errorf("changed: %+v", r)
	}
}
