package pipeline_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/listen"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/traffic/encode"
)

// clocked is an exporter of NetFlow v9 with a clock that is off. It sends a datagram every half to whole second, of flows of half a
// second that began up to two seconds before; the network delays each.
type clocked struct {
	t        *testing.T
	r        *rand.Rand
	address  netip.AddrPort
	offset   time.Duration
	ppm      float64
	off, on  time.Duration
	enc      *encode.Exporter
	least    time.Duration
	queue    float64 // mean, ns
	datagram []listen.Datagram
}

var clocksBegin = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// own is the exporter's clock at a true time.
func (x *clocked) own(at time.Time) time.Time {
	return at.Add(x.offset + time.Duration(float64(at.Sub(clocksBegin))*x.ppm/1e6))
}

func (x *clocked) start(boot time.Time) {
	var err error
	if x.enc, err = encode.New(encode.Config{Protocol: encode.NetFlow9, Domain: 1, Boot: boot, TemplateRefresh: 20 * time.Second}); err != nil {
		x.t.Fatal(err)
	}
}

// truth is when a connection began, by its client's port and address.
type truth map[netip.AddrPort]time.Time

// run sends for a while. Connections of the list begin when they say; all others are made up.
func (x *clocked) run(length time.Duration, planned []time.Time, known truth) {
	up, began := true, clocksBegin
	for at := clocksBegin; at.Before(clocksBegin.Add(length)); at = at.Add(time.Duration(500+x.r.IntN(500)) * time.Millisecond) {
		if since := at.Sub(clocksBegin); x.on > 0 && since > x.off {
			if since < x.on {
				up = false
				continue
			}
			if !up {
				up, began = true, at
				x.start(x.own(at))
				continue
			}
		}
		starts := []time.Time{at.Add(-time.Duration(600+x.r.IntN(1400)) * time.Millisecond)}
		for len(planned) > 0 && !planned[0].Add(time.Second).After(at) {
			starts, planned = append(starts, planned[0]), planned[1:]
		}
		x.send(at, starts, began, known)
	}
}

func (x *clocked) send(at time.Time, starts []time.Time, began time.Time, known truth) {
	var flows []encode.Flow
	for _, s := range starts {
		if s.Before(began) && x.on > 0 && began != clocksBegin {
			continue // before it was on
		}
		client := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, x.address.Addr().As4()[3], byte(len(known) >> 14), 1}), uint16(1024+len(known)%(1<<14)))
		known[client] = s
		flows = append(flows, encode.Flow{
			Src: client.Addr(), Dst: netip.AddrFrom4([4]byte{203, 0, 113, 9}), SrcPort: client.Port(), DstPort: 22, Protocol: encode.TCP, TCPFlags: encode.SYN | encode.ACK | encode.FIN,
			Packets: 10, Bytes: 1000, Start: x.own(s), End: x.own(s.Add(500 * time.Millisecond)),
		})
	}
	for len(flows) > 0 {
		d, used, err := x.enc.Next(nil, x.own(at), flows)
		if err != nil {
			x.t.Fatal(err)
		}
		flows = flows[used:]
		delay := x.least + time.Duration(x.r.ExpFloat64()*x.queue)
		if x.r.IntN(30) == 0 {
			delay += time.Duration(x.r.IntN(1e9))
		}
		x.datagram = append(x.datagram, listen.Datagram{Payload: d, Source: x.address, Received: at.Add(delay).UnixNano()})
	}
}

// sessionList keeps the last state of each session.
type sessionList map[flow.SessionID]flow.Session

func (l sessionList) WriteSessions(_ context.Context, b *flow.SessionBatch) error {
	for _, s := range b.Sessions {
		l[s.ID] = s
	}
	return nil
}

// playClocks replays datagrams by their times of receipt.
func playClocks(t *testing.T, list []listen.Datagram) (*pipeline.Core, *memory, []flow.Session) {
	t.Helper()
	slices.SortStableFunc(list, func(a, b listen.Datagram) int { return cmp.Compare(a.Received, b.Received) })
	m, sessions := newMemory(), sessionList{}
	core, err := pipeline.Assemble(defaultConfig(), discard())
	if err != nil {
		t.Fatal(err)
	}
	p, err := core.Pipeline(replaying(), pipeline.Sinks{Records: m, Sessions: sessions}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	for i := range list {
		p.Handle(0, list[i:i+1])
	}
	if err := p.Finish(context.Background()); err != nil {
		t.Fatal(err)
	}
	var sorted []flow.Session
	for _, s := range sessions {
		sorted = append(sorted, s)
	}
	slices.SortFunc(sorted, func(a, b flow.Session) int { return cmp.Compare(a.Start, b.Start) })
	return core, m, sorted
}

func exportersOf(core *pipeline.Core) (list []query.Exporter) {
	for _, s := range core.Account.Streams() {
		list = append(list, query.ExporterOf(s))
	}
	return list
}

// TestTwoWrongClocks: one exporter is 37 s ahead, gains 80 ppm, wraps its uptime and starts anew; another is 0.7 s behind. From five
// minutes on the times of both are right, and connections 200 ms apart across them come in their order.
func TestTwoWrongClocks(t *testing.T) {
	const length = 25 * time.Minute
	for seed := range uint64(8) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 5))
			a := &clocked{
				t: t, r: r, address: netip.MustParseAddrPort("198.51.100.1:2055"), offset: 37 * time.Second, ppm: 80,
				off: 14 * time.Minute, on: 16 * time.Minute,
			}
			a.start(a.own(clocksBegin).Add(-(1<<32)*time.Millisecond + 8*time.Minute))
			b := &clocked{t: t, r: r, address: netip.MustParseAddrPort("198.51.100.2:2055"), offset: -700 * time.Millisecond}
			b.start(b.own(clocksBegin).Add(-50 * time.Hour))
			for _, x := range []*clocked{a, b} {
				x.least, x.queue = time.Duration(1+r.IntN(25))*time.Millisecond, float64(5+r.IntN(25))*1e6
			}
			var ofA, ofB []time.Time // three connections, 200 ms apart: of a, of b, of a
			for at := 5 * time.Minute; at < length; at += 20 * time.Second {
				first := clocksBegin.Add(at + time.Duration(r.IntN(1000))*time.Millisecond)
				ofA, ofB = append(ofA, first, first.Add(400*time.Millisecond)), append(ofB, first.Add(200*time.Millisecond))
			}
			known := truth{}
			a.run(length, ofA, known)
			b.run(length, ofB, known)
			core, m, sessions := playClocks(t, slices.Concat(a.datagram, b.datagram))
			checkTimes(t, m, known)
			checkOrder(t, core, sessions, known)
		})
	}
}

// checkTimes holds the error of all times from five minutes on, and that what was added can be taken off again.
func checkTimes(t *testing.T, m *memory, known truth) {
	t.Helper()
	worst, beyond := time.Duration(0), 0
	for i := range m.records {
		r := &m.records[i]
		began := known[netip.AddrPortFrom(r.Source.IP.Netip(), r.Source.Port)]
		if r.End-r.Start < 499e6 || r.End-r.Start > 501e6 {
			t.Fatalf("lasts %s", time.Duration(r.End-r.Start))
		}
		if began.Before(clocksBegin.Add(5 * time.Minute)) {
			continue
		}
		off := time.Unix(0, r.Start).Sub(began).Abs()
		worst = max(worst, off)
		if off > time.Duration(r.ClockUncertainty) {
			beyond++
		}
		if off > 100*time.Millisecond {
			t.Errorf("%s of %s: off by %s, uncertain by %s", r.Source.IP.String(), began, off, time.Duration(r.ClockUncertainty))
		}
	}
	t.Logf("%d records, off by at most %s, %d by more than their uncertainty", len(m.records), worst, beyond)
	if beyond*50 > len(m.records) {
		t.Errorf("%d of %d records are off by more than their uncertainty", beyond, len(m.records))
	}
}

// checkOrder: neighbors 200 ms apart and more, of different exporters, are in their order and said to be.
func checkOrder(t *testing.T, core *pipeline.Core, sessions []flow.Session, known truth) {
	t.Helper()
	query.AddClocks(sessions, exportersOf(core))
	pairs := 0
	for i := 1; i < len(sessions); i++ {
		x, y := &sessions[i-1], &sessions[i]
		before, after := known[netip.AddrPortFrom(x.Client.IP.Netip(), x.Client.Port)], known[netip.AddrPortFrom(y.Client.IP.Netip(), y.Client.Port)]
		if before.Before(clocksBegin.Add(5*time.Minute)) || x.Exporters[0] == y.Exporters[0] {
			continue
		}
		switch apart := after.Sub(before); {
		case apart <= -200*time.Millisecond:
			t.Errorf("%s and %s came in the wrong order", before, after)
		case apart >= 200*time.Millisecond:
			if pairs++; y.OrderInDoubt {
				t.Errorf("%s and %s: not decidable", before, after)
			}
		case apart < 0 && !y.OrderInDoubt:
			t.Errorf("%s and %s are in the wrong order without a doubt", before, after)
		}
	}
	if pairs < 50 {
		t.Errorf("%d pairs, too few to tell", pairs)
	}
}
