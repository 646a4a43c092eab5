package traffic

import (
	"context"
	"fmt"
	"math"
	"net/netip"
	"time"

	"github.com/weirflow/weir/shared/traffic/encode"
)

// slot is the step of the virtual clock in ms: sources make the runs of a slot,
// then the devices export what is due in it.
const slot = 10_000

// source is something that makes traffic. advance emits every run that starts
// before until (ms) and has not been emitted yet; it is called with ever later
// times. A source draws from its own stream only.
type source interface {
	advance(until int64, em *emitter)
}

// emitter takes the runs of the sources.
type emitter struct {
	cache *flowCache
	outer *flowCache   // of the second router on the way out, nil without one
	queue *packetQueue // of all devices in place of the caches, where packets are sampled
	twice bool         // the second router is there
	end   int64        // no packet is sent from here on
	ipv6  bool         // whether the devices can export IPv6
	// tap takes the runs instead of the cache, where it is set.
	tap    func(r *run)
	tapped run
}

// emit puts a run into the flow cache; r may be reused.
func (em *emitter) emit(r *run) {
	if r.packets == 0 || !em.ipv6 && !r.src.Is4() || !r.cut(em.end) {
		return
	}
	if em.tap != nil {
		em.tapped = *r // so that r stays on its stack
		em.tap(&em.tapped)
		return
	}
	r.path = pathOf(r.src, r.dst)
	em.add(r, em.cache)
	if em.twice && r.path.device == border {
		r.path = path{outer, min(r.path.in, ifInside), min(r.path.out, ifInside)}
		em.add(r, em.outer)
	}
}

func (em *emitter) add(r *run, cache *flowCache) {
	if em.queue != nil {
		em.queue.add(r)
		return
	}
	cache.add(r)
}

// Result says what was generated.
type Result struct {
	Truth     []Truth
	Inside    []netip.Prefix // what the traffic calls inside
	Groups    []Group        // named parts of it
	Roles     []Role         // what hosts of it do
	Dark      []netip.Prefix // parts of it without hosts
	Records   uint64         // flow records on the wire, lost ones too; of sFlow flow samples
	Datagrams uint64         // that arrive
	Lost      uint64         // datagrams that do not
	Bytes     uint64         // of the flows, as the records say; of sFlow the sampled frames'
	Start     time.Time
	End       time.Time // no packet of a flow is later
}

// generator carries one run of Generate.
type generator struct {
	cfg     Config
	w       *world
	sink    Sink
	cache   *flowCache
	outer   *flowCache // of the second router on the way out
	queue   *packetQueue
	devices []*device
	last    time.Time // of the latest datagram
	res     Result
}

// Generate plays the scenario cfg names and gives its datagrams to sink in time
// order. It ends early when ctx is canceled or the sink fails.
func Generate(ctx context.Context, cfg Config, sink Sink) (*Result, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("generate: %w", err)
	}
	g := newGenerator(cfg, sink)
	var err error
	if g.devices, err = newDevices(cfg); err != nil {
		return nil, fmt.Errorf("generate: %w", err)
	}
	sc, _ := findScenario(cfg.Scenario)
	p, err := sc.plan(g.w)
	if err != nil {
		return nil, fmt.Errorf("generate %s: %w", cfg.Scenario, err)
	}
	if err := g.play(ctx, p); err != nil {
		return nil, fmt.Errorf("generate %s: %w", cfg.Scenario, err)
	}
	g.res.Truth, g.res.Inside, g.res.Groups = p.truth, inside(), g.w.groups()
	g.res.Roles, g.res.Dark = g.w.roles(), darkSpace()
	g.res.Start, g.res.End = time.UnixMilli(p.start).UTC(), time.UnixMilli(p.end).UTC()
	return &g.res, nil
}

func newGenerator(cfg Config, sink Sink) *generator {
	g := &generator{cfg: cfg, w: newWorld(cfg), sink: sink, cache: newFlowCache(cfg)}
	if cfg.Protocol == encode.SFlow5 {
		g.queue = &packetQueue{n: cfg.Sampling}
	}
	if cfg.Effects.Duplicates {
		g.outer = newFlowCache(cfg)
		g.outer.active += g.outer.active / 2 // cuts where the first does not
	}
	return g
}

func (g *generator) play(ctx context.Context, p plan) error {
	em := &emitter{cache: g.cache, outer: g.outer, queue: g.queue, twice: g.outer != nil, end: p.end, ipv6: g.cfg.Protocol.IPv6()}
	if g.cfg.Effects.Restart {
		g.devices[border].restart(p.start + (p.end-p.start)/2)
	}
	for at := p.start; at < p.end; at += slot {
		if err := ctx.Err(); err != nil {
			return err
		}
		until := min(at+slot, p.end)
		for _, s := range p.sources {
			s.advance(until, em)
		}
		if err := g.export(until); err != nil {
			return err
		}
		if g.cfg.Progress != nil {
			g.cfg.Progress(float64(until-p.start) / float64(p.end-p.start))
		}
	}
	if err := g.finish(); err != nil {
		return err
	}
	return g.flush(math.MaxInt64)
}

// finish exports what is still in the caches, or the last counters.
func (g *generator) finish() error {
	if g.queue != nil {
		return g.lastPolls()
	}
	return g.export(math.MaxInt64)
}

// export lets the devices take all flows that leave their caches before a time.
func (g *generator) export(before int64) error {
	if g.queue != nil {
		return g.samplePackets(before)
	}
	for {
		cache := g.cache
		if g.outer != nil && g.outer.due() < cache.due() {
			cache = g.outer
		}
		f, ok := cache.next(before)
		if !ok {
			return nil
		}
		if err := g.flush(f.at); err != nil {
			return err
		}
		full, err := g.meter(f)
		if err != nil {
			return err
		}
		d := g.devices[f.run.path.device]
		cache.release(f)
		if full {
			if err := d.send(f.at, g); err != nil {
				return err
			}
		}
	}
}

// meter gives a flow to its device as the device has seen it, if it has, and
// reports whether that fills a datagram.
func (g *generator) meter(f flow) (full bool, err error) {
	d := g.devices[f.run.path.device]
	if err := d.wake(f.at); err != nil {
		return false, err
	}
	if d.dead(f.at) || !d.off.survives(&f) {
		return false, nil
	}
	s, seen := sample(f, g.cfg.Sampling)
	if !seen {
		return false, nil
	}
	rec := g.record(f, s)
	g.res.Records++
	g.res.Bytes += s.bytes
	return d.add(&rec, f.at), nil
}

// flush sends what has waited long enough by a time, the longest waiting first.
func (g *generator) flush(now int64) error {
	for {
		var next *device
		first := now
		for _, d := range g.devices {
			if due, ok := d.due(); ok && due <= first {
				if next == nil || due < first {
					next, first = d, due
				}
			}
		}
		if next == nil {
			return nil
		}
		if err := next.send(first, g); err != nil {
			return err
		}
	}
}

// record is the exported form of a flow.
func (g *generator) record(f flow, s sampled) encode.Flow {
	r, skew := f.run, g.devices[f.run.path.device].skew
	rec := encode.Flow{
		Src: r.src, Dst: r.dst, SrcPort: r.sport, DstPort: r.dport,
		Protocol: r.proto, TCPFlags: s.flags, TOS: r.tos, ICMPType: r.icmpType, ICMPCode: r.icmpCode,
		In: uint32(r.path.in), Out: uint32(r.path.out),
		Packets: s.packets, Bytes: s.bytes,
		Start: time.UnixMilli(s.start + skew), End: time.UnixMilli(s.end + skew), EndReason: f.why,
	}
	if g.cfg.Effects.NoFlags {
		rec.TCPFlags = 0
	}
	rec.SrcAS, rec.SrcMask = g.origin(r.src, r.path.in)
	rec.DstAS, rec.DstMask = g.origin(r.dst, r.path.out)
	return rec
}

// origin is the autonomous system and prefix length of an address behind an
// interface.
func (g *generator) origin(a netip.Addr, iface uint8) (as uint32, mask uint8) {
	v6 := !a.Is4()
	switch {
	case iface == ifUplink && v6:
		return g.w.out.asOf(a), 48
	case iface == ifUplink:
		return g.w.out.asOf(a), 16
	case v6:
		return 0, 64
	}
	return 0, 24
}

// put gives a datagram to the sink. Devices differ by less than a millisecond in
// delay; the wire still has an order.
func (g *generator) put(d *device, at time.Time, payload []byte) error {
	if at.Before(g.last) {
		at = g.last
	}
	if d.loss.lost() {
		g.res.Lost++
		return nil
	}
	g.last = at
	g.res.Datagrams++
	return g.sink.WriteDatagram(Datagram{Time: at, Exporter: d.addr, Collector: d.collector, Payload: payload})
}
