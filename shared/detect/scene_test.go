package detect

import (
	"cmp"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/enrich"
	"github.com/weirflow/weir/shared/flow"
)

// t0 is a bin edge and a full minute.
var t0 = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC).UnixNano()

// secs turns seconds into ns.
func secs(s float64) int64 { return int64(s * 1e9) }

func addr(s string) flow.Addr { return flow.AddrFromNetip(netip.MustParseAddr(s)) }

func outside(i int) flow.Addr { return flow.AddrFrom4(0xCB000000 + uint32(i)) } // 203.0.0.0

var victim = addr("10.0.0.5")

// stream of packets from src to dst, as a network sees it: what an exporter makes records of.
type traffic struct {
	src, dst     flow.Addr
	sport, dport uint16
	protocol     uint8
	flags        uint16
	start, end   int64 // ns
	bps          float64
	size         float64 // bytes a packet
	packets      uint64  // instead of bps
}

// exporter cuts traffic into records as routers do and sends each when it has expired.
type exporter struct {
	ip               flow.Addr
	active, inactive int64
	interval         float64
	oneWay           bool // leaves out what inside hosts send
	jitter           int64
	rng              *rand.Rand
	records          []sent
}

type sent struct {
	flow.Record
	exported int64
}

func newExporter(active, inactive float64) *exporter {
	return &exporter{ip: addr("192.0.2.1"), active: secs(active), inactive: secs(inactive), interval: 1, rng: rand.New(rand.NewPCG(1, 2))}
}

// see adds traffic. A flow is cut when it has lasted for the active timeout; its last piece waits for the inactive timeout.
func (x *exporter) see(list ...traffic) *exporter {
	for _, t := range list {
		if x.oneWay && isInside(t.src) {
			continue
		}
		if t.end < t.start {
			t.end = t.start
		}
		for from := t.start; ; from += x.active {
			to := min(from+x.active, t.end)
			last := to == t.end
			x.emit(t, from, to, last)
			if last {
				break
			}
		}
	}
	return x
}

func (x *exporter) emit(t traffic, from, to int64, last bool) {
	r := flow.Record{
		Present:  flow.HasSourceIP | flow.HasDestinationIP | flow.HasSourcePort | flow.HasDestinationPort | flow.HasProtocol | flow.HasBytes | flow.HasPackets | flow.HasTCPFlags | flow.HasInIf,
		Exporter: x.ip, Protocol: flow.NetFlow9, IPProtocol: t.protocol, TCPFlags: t.flags, InIf: 3,
		SamplingInterval: x.interval, SamplingSource: flow.SamplingOptions,
		Start: from, End: to,
	}
	bytes := t.bps / 8 * float64(to-from) / 1e9
	packets := uint64(bytes/t.size + 0.5)
	if t.packets > 0 {
		packets = t.packets
		bytes = float64(packets) * t.size
	}
	if x.interval > 1 {
		raw := sampleOf(float64(packets)/x.interval, x.rng)
		r.RawPackets, r.RawBytes = raw, uint64(float64(raw)*t.size)
		packets = uint64(float64(raw) * x.interval)
		bytes = float64(packets) * t.size
	} else {
		r.RawPackets, r.RawBytes = packets, uint64(bytes)
	}
	if packets == 0 {
		return
	}
	r.Source = flow.Endpoint{IP: t.src, Port: t.sport, Bytes: uint64(bytes), Packets: packets}
	r.Destination = flow.Endpoint{IP: t.dst, Port: t.dport}
	r.Bytes, r.Packets = r.Source.Bytes, r.Source.Packets
	r.Direction = directionOf(t.src, t.dst)
	at := to + x.inactive
	if !last {
		at = from + x.active
	}
	at = min(at, from+x.active)
	at = max(at, to)
	if x.jitter > 0 {
		at += x.rng.Int64N(x.jitter)
	}
	r.Created = at + secs(0.02)
	x.records = append(x.records, sent{r, at})
}

func sampleOf(mean float64, rng *rand.Rand) uint64 {
	n := uint64(mean)
	if rng.Float64() < mean-float64(n) {
		n++
	}
	return n
}

func isInside(a flow.Addr) bool { return a.Is4() && a.V4()>>24 == 10 }

func directionOf(src, dst flow.Addr) flow.Direction {
	switch from, to := isInside(src), isInside(dst); {
	case from && to:
		return flow.Internal
	case from:
		return flow.Outbound
	case to:
		return flow.Inbound
	}
	return flow.External
}

// play is a run of an engine over what exporters sent.
type play struct {
	cfg       Config
	roles     *enrich.Roles
	secret    byte
	log       *slog.Logger
	batch     int // records a batch
	shuffle   *rand.Rand
	stopAt    int64 // records received later are left out
	engine    *Engine
	symbols   *flow.Symbols
	history   []flow.Alert
	byID      map[string]flow.Alert
	unfinised bool
}

func (p *play) make(t testing.TB) *Engine {
	t.Helper()
	if p.engine == nil {
		p.symbols = flow.NewSymbols()
		e, err := New(p.cfg, Deps{Registry: flow.NewRegistry(), Symbols: p.symbols, Log: p.log, Roles: p.roles, Secret: [16]byte{1, p.secret}})
		if err != nil {
			t.Fatal(err)
		}
		p.engine, p.byID = e, map[string]flow.Alert{}
	}
	return p.engine
}

// run plays the records in order of receipt and returns the last state of every alert.
func (p *play) run(t testing.TB, exporters ...*exporter) []flow.Alert {
	t.Helper()
	e := p.make(t)
	var all []sent
	for _, x := range exporters {
		all = append(all, x.records...)
	}
	slices.SortStableFunc(all, func(a, b sent) int { return cmp.Compare(a.Created, b.Created) })
	if p.shuffle != nil {
		shuffleSeconds(all, p.shuffle)
	}
	size := orDefault(p.batch, 100)
	b := flow.NewBatch(size, p.symbols)
	last := int64(0)
	for i := range all {
		if p.stopAt != 0 && all[i].Created > p.stopAt {
			break
		}
		addTo(b, &all[i])
		last = max(last, all[i].Created)
		if len(b.Records) == size {
			p.give(e, b, last)
		}
	}
	p.give(e, b, last)
	if !p.unfinised {
		e.Finish(last)
		p.take(e)
	}
	return p.alerts()
}

func addTo(b *flow.Batch, s *sent) {
	b.Datagrams = append(b.Datagrams, flow.Datagram{Exporter: s.Exporter, Received: s.Created, Exported: s.exported - s.exported%1e9})
	r := b.Grow()
	*r = s.Record
	r.Meta = uint32(len(b.Datagrams) - 1)
}

func (p *play) give(e *Engine, b *flow.Batch, now int64) {
	e.Observe(b, now)
	e.Advance(now)
	p.take(e)
	b.Reset()
}

func (p *play) take(e *Engine) {
	for _, a := range e.Changes() {
		p.history = append(p.history, a)
		p.byID[a.ID] = a
	}
}

func (p *play) alerts() (list []flow.Alert) {
	for _, a := range p.byID {
		list = append(list, a)
	}
	slices.SortFunc(list, func(a, b flow.Alert) int { return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.ID, b.ID)) })
	return list
}

// shuffleSeconds puts the records of each second of receipt in any order; each is received when the one whose place it takes was.
func shuffleSeconds(all []sent, rng *rand.Rand) {
	for i := 0; i < len(all); {
		j := i
		for j < len(all) && all[j].Created/second == all[i].Created/second {
			j++
		}
		part := all[i:j]
		rng.Shuffle(len(part), func(a, b int) { part[a], part[b] = part[b], part[a] })
		i = j
	}
}

// background is a little of everything that is not attack: web and DNS of a few inside hosts, both ways.
func background(from, to int64) (list []traffic) {
	rng := rand.New(rand.NewPCG(7, 7))
	for at := from; at < to; at += secs(2) {
		host := flow.AddrFrom4(0x0A000000 + 10 + uint32(rng.IntN(40)))
		server := outside(1_000_000 + rng.IntN(300))
		port := uint16(20000 + rng.IntN(40000))
		length := secs(0.5 + 20*rng.Float64())
		list = append(list,
			traffic{src: host, dst: server, sport: port, dport: 443, protocol: protoTCP, flags: 0x1b, start: at, end: at + length, bps: 40e3, size: 90},
			traffic{src: server, dst: host, sport: 443, dport: port, protocol: protoTCP, flags: 0x1b, start: at + 1e6, end: at + length, bps: 2e6, size: 1200},
			traffic{src: host, dst: outside(2_000_000), sport: port, dport: 53, protocol: protoUDP, start: at, packets: 1, size: 70},
			traffic{src: outside(2_000_000), dst: host, sport: 53, dport: port, protocol: protoUDP, start: at + 2e6, packets: 1, size: 300},
		)
	}
	return list
}

// reflectionOf is a flood of answers from n senders that nobody asked.
func reflectionOf(port uint16, n int, bps, size float64, from, to int64) (list []traffic) {
	for i := range n {
		list = append(list, traffic{
			src: outside(i), dst: victim, sport: port, dport: 40000, protocol: protoUDP,
			start: from + int64(i)*1e6%secs(1), end: to, bps: bps / float64(n), size: size,
		})
	}
	return list
}

// find returns the only alert of a detector.
func find(t *testing.T, alerts []flow.Alert, detector string) flow.Alert {
	t.Helper()
	var found []flow.Alert
	for _, a := range alerts {
		if a.Detector == detector {
			found = append(found, a)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d alerts of %s, want 1; all: %s", len(found), detector, titles(alerts))
	}
	return found[0]
}

func titles(alerts []flow.Alert) (s string) {
	for _, a := range alerts {
		s += "\n  " + a.Detector + ": " + a.Title + " [" + a.SeverityLabel + "]"
	}
	return s
}
