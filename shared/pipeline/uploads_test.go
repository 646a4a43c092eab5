package pipeline_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pipeline"
)

// upload is a session of an external server with an outside host, at an even rate.
type upload struct {
	server, host         flow.Addr
	serverPort, hostPort uint16
	start, end           int64
	out, in              uint64
}

// uploadsOf draws sessions of a second to forty minutes within six hours, from 100 KB to 100 MB and many close to 10 MB; one in four is
// opened by the outside host.
func uploadsOf(rng *rand.Rand, n int) (list []upload) {
	day := time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC).UnixNano()
	for i := range n {
		u := upload{
			server: flow.AddrFrom4(0xac101400 + 1 + rng.Uint32N(60)), host: flow.AddrFrom4(0xcb007100 + rng.Uint32N(250)),
			serverPort: uint16(20_000 + i), hostPort: 443, start: day + rng.Int64N(int64(6*time.Hour)),
			out: uint64(1e5 * math.Pow(1000, rng.Float64())), in: 2000 + rng.Uint64N(50_000),
		}
		if rng.UintN(3) == 0 {
			u.out = 10_000_000 - 5 + rng.Uint64N(11)
		}
		if rng.UintN(4) == 0 {
			u.serverPort, u.hostPort = 443, uint16(20_000+i)
		}
		u.end = u.start + int64(float64(time.Second)*math.Pow(2400, rng.Float64()))
		list = append(list, u)
	}
	return list
}

// exported returns the records of one direction as an exporter makes them, cut by its active timeout from the session's start on.
func (u *upload) exported(exporter flow.Addr, active time.Duration, out bool) (list []flow.Record) {
	total, length := u.in, u.end-u.start
	if out {
		total = u.out
	}
	share := func(at int64) uint64 { return uint64(float64(total) * float64(at) / float64(length)) }
	for from := int64(0); from < length; from += int64(active) {
		to := min(from+int64(active), length)
		r := flow.Record{
			Present: flow.HasSourceIP | flow.HasDestinationIP | flow.HasSourcePort | flow.HasDestinationPort | flow.HasProtocol | flow.HasBytes |
				flow.HasPackets | flow.HasStart | flow.HasEnd,
			Start: u.start + from, End: u.start + to, IPProtocol: 6, Exporter: exporter, SamplingInterval: 1, Bytes: share(to) - share(from),
		}
		if to == length {
			r.Bytes = total - share(from)
		}
		r.Packets = r.Bytes/1000 + 1
		r.Source, r.Destination = flow.Endpoint{IP: u.host, Port: u.hostPort}, flow.Endpoint{IP: u.server, Port: u.serverPort}
		if out {
			r.Source, r.Destination = r.Destination, r.Source
		}
		r.Source.Bytes, r.Source.Packets = r.Bytes, r.Packets
		list = append(list, r)
	}
	return list
}

// TestPolicyOnPieces holds many long sessions, many of them within bytes of the limit, against the sum of their records.
func TestPolicyOnPieces(t *testing.T) {
	list := uploadsOf(rand.New(rand.NewPCG(7, 7)), 800)
	var first map[string]string
	cases := []struct {
		active time.Duration
		second time.Duration // active timeout of a second exporter; 0: there is none
	}{{12 * time.Hour, 0}, {time.Minute, 0}, {12 * time.Hour, 12 * time.Hour}, {time.Minute, time.Minute}, {time.Minute, 40 * time.Second}}
	if raceEnabled {
		cases = cases[len(cases)-1:]
	}
	for _, c := range cases {
		t.Run(fmt.Sprintf("active timeouts %v and %v", c.active, c.second), func(t *testing.T) {
			var records []flow.Record
			rng := rand.New(rand.NewPCG(8, 8))
			add := func(more []flow.Record, late int64) {
				for _, r := range more {
					r.Created = r.End + late + rng.Int64N(int64(5*time.Second))
					records = append(records, r)
				}
			}
			for i := range list {
				u := &list[i]
				add(u.exported(flow.AddrFrom4(1), c.active, true), 0)
				add(u.exported(flow.AddrFrom4(1), c.active, false), 0)
				if c.second > 0 {
					add(u.exported(flow.AddrFrom4(2), c.second, false), int64(2*time.Second))
					add(u.exported(flow.AddrFrom4(2), c.second, true), int64(2*time.Second))
				}
			}
			slices.SortStableFunc(records, func(a, b flow.Record) int { return cmp.Compare(a.Created, b.Created) })
			l := newLedger()
			l.feed(t, records)
			ids := l.check(t, 200)
			if first == nil {
				first = ids
			}
			if diff := gocmp.Diff(first, ids); diff != "" {
				t.Errorf("other alerts than before:\n%s", diff)
			}
		})
	}
}

// feed shows records to the detectors, and keeps them and the alerts.
func (l *ledger) feed(t *testing.T, records []flow.Record) {
	t.Helper()
	core, err := pipeline.Assemble(policed(t), discard())
	if err != nil {
		t.Fatal(err)
	}
	l.feedTo(t, core, records)
}

func (l *ledger) feedTo(t *testing.T, core *pipeline.Core, records []flow.Record) {
	t.Helper()
	d := core.Detectors
	group := core.Symbols.Intern("External Servers")
	keep := func() {
		if err := l.WriteAlerts(t.Context(), d.Changes()); err != nil {
			t.Fatal(err)
		}
	}
	for part := range slices.Chunk(records, 500) {
		b := flow.NewBatch(len(part), core.Symbols)
		for i := range part {
			r := b.Grow()
			*r = part[i]
			l.note(r)
			r.ID = flow.EventID{Datagram: flow.DatagramID{Hi: uint64(r.Exporter.V4()), Lo: uint64(r.Created)}, Record: uint32(i)}
			r.Direction = flow.Inbound
			if external.Contains(r.Source.IP.Netip()) {
				r.Direction, r.Source.Groups = flow.Outbound, group
			} else {
				r.Destination.Groups = group
			}
		}
		now := part[len(part)-1].Created
		d.Observe(b, now)
		d.Advance(now)
		keep()
	}
	d.Finish(records[len(records)-1].Created)
	keep()
}

// TestPolicyInTime: a session is reported when the record has come that takes it over the limit, not when it ends.
func TestPolicyInTime(t *testing.T) {
	start := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	u := upload{
		server: flow.AddrFromNetip(external.Addr().Next()), host: flow.AddrFrom4(0xcb007105), serverPort: 50_000, hostPort: 443,
		start: start.UnixNano(), end: start.Add(30 * time.Minute).UnixNano(), out: 90_000_000, in: 90_000,
	}
	records := u.exported(flow.AddrFrom4(1), time.Minute, true)
	for i := range records {
		records[i].Created = records[i].End + int64(time.Second)
	}
	l := newLedger()
	l.feed(t, records)
	for _, a := range l.alerts {
		// Of 3 MB a minute the fourth piece takes it over; it is taken half a minute after its end, which comes with the next.
		if a.Key[:5] == "10MB|" && a.DetectedAt.Sub(start) > 5*time.Minute+2*time.Second {
			t.Errorf("found after %v", a.DetectedAt.Sub(start))
		}
	}
	if len(l.alerted("10MB")) != 1 {
		t.Error("not found")
	}
}
