package detect

import (
	"math"
	"slices"

	"github.com/weirflow/weir/shared/detect/internal/sketch"
	"github.com/weirflow/weir/shared/flow"
)

// Engine runs the detectors. Its methods are called by one goroutine, but for [Engine.Stats].
type Engine struct {
	cfg      Config
	deps     Deps
	services []service
	kinds    []kind    // by vector
	limits   []limits  // by vector
	ports    []portKey // by vector
	udp      []vector  // by source port
	other    map[portKey]vector

	hasher  sketch.Hasher
	table   table
	pages   arena[page]
	sets    arena[sketch.Distinct]
	hots    hotPool
	streams streams
	asked   asked
	recent  *sketch.CountMin // weight of destinations that found no place, this minute

	clock     int64 // processing time: the latest receive time, or Advance
	ticked    int64 // the last whole second that has been judged
	watermark int64
	swept     uint32

	part     part // of the record in hand
	ahead    ahead
	datagram int64
	stream   uint16
	exported int64
	items    []sketch.Item // scratch
	union    sketch.Distinct

	restored map[string]*restored
	out      map[string]flow.Alert // changes not yet taken, by id
	count    counters
}

// recentBits is the width of the sketch of destinations without a place: 1 MiB.
const recentBits = 16

// New returns an engine without any state.
func New(cfg Config, deps Deps) (*Engine, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if deps, err = deps.withDefaults(); err != nil {
		return nil, err
	}
	services, err := parseServices(serviceTable)
	if err != nil {
		return nil, err
	}
	if err := applyConfig(services, cfg); err != nil {
		return nil, err
	}
	b := cfg.Budget
	e := &Engine{
		cfg: cfg, deps: deps, services: services, udp: make([]vector, 1<<16), other: map[portKey]vector{},
		hasher: sketch.NewHasher(deps.Secret), table: newTable(b.Cells), pages: newArena[page](b.Pages),
		sets: newArena[sketch.Distinct](b.Sets), hots: hotPool{limit: b.Hot}, streams: newStreams(cfg), asked: newAsked(b),
		recent: sketch.NewCountMin(recentBits), restored: map[string]*restored{}, out: map[string]flow.Alert{},
	}
	if err := cfg.checkDisabled(append(e.Detectors(), cfg.Others...)); err != nil {
		return nil, err
	}
	e.addKinds()
	return e, nil
}

// addKinds gives every detector and every service port its vector.
func (e *Engine) addKinds() {
	e.addKind(volumetricKind(), e.unless(volumetricName, volumetricLimits(e.cfg.Floor)), portKey{})
	e.addKind(unlistedKind(), e.unless(unlistedName, unlistedLimits(e.cfg.UnknownBPS)), portKey{protocol: protoUDP})
	for p := range e.udp {
		e.udp[p] = vectorUnlisted
	}
	for _, g := range byPort(e.services) {
		rows := slices.DeleteFunc(g.rows, func(s service) bool { return e.cfg.disabled(reflectionPrefix + s.name) })
		v := e.addKind(reflectionKind(rows), reflectionLimits(rows), g.key)
		if g.key.protocol == protoUDP {
			e.udp[g.key.port] = v
		} else {
			e.other[g.key] = v
		}
	}
}

// unless returns limits that nothing reaches for a detector that is disabled. Its vector stays, so that what it would look at does
// not fall to another.
func (e *Engine) unless(name string, l limits) limits {
	if e.cfg.disabled(name) {
		return limits{bytes: math.Inf(1), packets: math.Inf(1), flows: math.Inf(1)}
	}
	return l
}

func (e *Engine) addKind(k kind, l limits, key portKey) vector {
	e.kinds, e.limits, e.ports = append(e.kinds, k), append(e.limits, l), append(e.ports, key)
	return vector(len(e.kinds) - 1)
}

// vectorOf returns the vector of what comes from a port; vectorHost for none of its own.
func (e *Engine) vectorOf(protocol uint8, port uint16) vector {
	switch protocol {
	case protoUDP:
		return e.udp[port]
	case protoTCP, protoICMP, protoICMPv6:
		return vectorHost
	}
	return e.other[portKey{protocol: protocol}]
}

func (e *Engine) portOf(h *hot) uint16 { return e.ports[e.table.cells.at(h.cell).vector].port }

// maxGap is from which length a time without records is skipped, once everything has ended.
const maxGap = 2 * 3600 * second

// Advance lets processing time pass up to now without records: exporters fall silent, bins become final, alerts end. It must
// not run ahead of the receive times of records that are still to be observed.
func (e *Engine) Advance(now int64) {
	e.passTo(now)
	e.publish()
}

// passTo moves the clock and judges at every whole second that has passed since. The clock never goes back.
func (e *Engine) passTo(now int64) {
	if now <= e.clock {
		return
	}
	if e.clock == 0 {
		e.ticked = now - now%second
	}
	last := now - now%second
	for e.ticked < last {
		if last-e.ticked > maxGap && e.idle() {
			e.ticked = last - second
		}
		e.ticked += second
		e.clock = max(e.clock, e.ticked)
		e.tick()
	}
	e.clock = now
}

// idle tells whether nothing is left that the passing of time would change.
func (e *Engine) idle() bool {
	return e.hots.used() == 0 && len(e.restored) == 0 && e.asked.n == 0
}

// tick judges everything at a whole second of the clock.
func (e *Engine) tick() {
	e.settle(e.ticked)
	if e.ticked >= e.asked.rotate {
		e.rotateAsked()
	}
	e.watermark = max(e.watermark, e.streams.watermark(e.ticked))
	e.hots.full = 0
	for i, h := range e.hots.list {
		if h.cell != 0 {
			e.judge(uint32(i+1), h)
		}
	}
	e.endRestored()
	e.sweep()
	if e.ticked/second%60 == 0 {
		e.recent.Reset()
		e.warnOfCaps()
	}
	if e.ticked/second%forgetEvery == 0 {
		for i := range e.streams.list {
			e.streams.list[i].forget()
		}
	}
}

// Finish ends a replay: time passes without records until everything open has ended.
func (e *Engine) Finish(now int64) {
	e.passTo(now)
	for until := e.clock + 2*maxGap; !e.idle() && e.clock < until; {
		e.passTo(e.clock - e.clock%second + second)
	}
	e.publish()
}

func (e *Engine) publish() {
	c := &e.count.mine
	c[gaugeCells], c[gaugePages], c[gaugeSets] = uint64(e.table.cells.used()), uint64(e.pages.used()), uint64(e.sets.used())
	c[gaugeHot], c[gaugeStreams] = uint64(e.hots.used()), uint64(len(e.streams.list))
	c[gaugeAsked], c[gaugeWaiting] = uint64(e.asked.set.Len()), uint64(e.asked.n)
	c[gaugeLateness], c[gaugeWatermark] = uint64(e.streams.longest()), uint64(max(0, e.watermark))
	c[gaugeOpen] = uint64(len(e.restored))
	for _, h := range e.hots.list {
		if h.alert != nil {
			c[gaugeOpen]++
		}
	}
	e.count.publish()
}

// confidence and severity are rounded to what they are worth.
func round2(x float64) float64 { return math.Round(x*100) / 100 }
