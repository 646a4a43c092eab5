package detect

import (
	"math"

	"github.com/weirflow/weir/shared/detect/internal/sketch"
	"github.com/weirflow/weir/shared/flow"
)

const (
	hotSources = 256 // heaviest senders that are kept of a hot cell
	hotVectors = 32  // kinds of traffic
	hotSeen    = 8   // exporters, and interfaces
	coolAfter  = 12  // final bins far below the threshold after which a cell is hot no more
	decayEvery = 60  // seconds after which the weights of a cell without alert are halved
)

// sizeEdges are the bounds of the packet-size classes in bytes.
var sizeEdges = [...]uint64{64, 128, 256, 512, 1024, 1500}

// hot is what is kept of a cell near its threshold: who sends what through which exporter, which bins have been judged, and
// the alert if there is one.
type hot struct {
	cell  uint32
	next  int64 // first bin that is not yet final
	begin int64 // bins before belong to an earlier alert
	// unsettled are the first bins that records of the last ten seconds touch, and of the ten before: what was asked for is known
	// only after a grace, even where a bin is final when a record comes.
	unsettled [2]int64
	overSince int64 // processing time since when a bin raises, 0: none does
	cold      int   // final bins in a row far below the threshold
	peak      float64
	close     bool // a bin has come close to the threshold: from then on light records are taken note of, too

	sources     *sketch.SpaceSaving
	vectors     *sketch.SpaceSaving
	sizes       [len(sizeEdges) + 1]uint64 // bytes by packet size
	protocols   [len(protocolClasses) + 1]uint64
	established uint64 // bytes of TCP connections with data
	web         uint64 // bytes that look like answers of web servers
	bytes       uint64
	exporters   [hotSeen]uint16
	nexporters  int
	interfaces  [hotSeen]seenInterface
	ninterfaces int
	groups      flow.Symbol
	interval    float64
	unknown     bool
	alert       *alert
}

// protocolClasses are the protocols that are counted apart.
var protocolClasses = [...]uint8{protoTCP, protoUDP, protoICMP, protoICMPv6, 47, 50}

func protocolClass(protocol uint8) int {
	for i, p := range protocolClasses {
		if p == protocol {
			return i
		}
	}
	return len(protocolClasses)
}

type seenInterface struct {
	exporter flow.Addr
	id       uint32
	name     flow.Symbol
}

// hotPool holds the hot cells; numbers start at 1. Entries are reused with their memory.
type hotPool struct {
	list  []*hot
	free  []uint32
	limit int
	full  float64 // with all places taken: what a cell must be over to take one
}

func (h *hotPool) at(n uint32) *hot { return h.list[n-1] }

func (h *hotPool) used() int { return len(h.list) - len(h.free) }

func (h *hotPool) take() uint32 {
	if n := len(h.free); n > 0 {
		i := h.free[n-1]
		h.free = h.free[:n-1]
		return i
	}
	if len(h.list) == h.limit {
		return 0
	}
	h.list = append(h.list, &hot{sources: sketch.NewSpaceSaving(hotSources), vectors: sketch.NewSpaceSaving(hotVectors)})
	return uint32(len(h.list))
}

func (h *hotPool) give(n uint32) {
	o := h.at(n)
	o.sources.Reset()
	o.vectors.Reset()
	*o = hot{sources: o.sources, vectors: o.vectors}
	h.free = append(h.free, n)
}

// heat makes a cell hot. With all places taken it takes that of the least hot cell without alert, if it is hotter.
func (e *Engine) heat(n uint32, peak float64) {
	i := e.hots.take()
	if i == 0 {
		e.count.mine[capHot]++
		if i = e.leastHot(peak); i == 0 {
			return
		}
		e.cool(i)
		i = e.hots.take()
	}
	c, h := e.table.cells.at(n), e.hots.at(i)
	c.hot = i
	h.cell, h.peak = n, peak
	h.next = e.oldestBin(c)
	h.unsettled = [2]int64{h.next, h.next}
}

// oldestBin returns the first bin of a cell that is still held; those that are final already are judged all the same.
func (e *Engine) oldestBin(c *cell) int64 {
	oldest := e.clock/minuteNs + 1
	for _, n := range c.pages {
		if n != 0 {
			oldest = min(oldest, e.pages.at(n).number)
		}
	}
	return oldest * pageBins
}

func (e *Engine) leastHot(peak float64) (least uint32) {
	if peak <= e.hots.full {
		return 0
	}
	lowest := peak
	for i, h := range e.hots.list {
		if h.cell != 0 && h.alert == nil && h.peak < lowest {
			least, lowest = uint32(i+1), h.peak
		}
	}
	if least == 0 {
		e.hots.full = peak // until the next second
	}
	return least
}

// cool gives a place up.
func (e *Engine) cool(i uint32) {
	e.table.cells.at(e.hots.at(i).cell).hot = 0
	e.hots.give(i)
}

// observe takes note of a part of the cell's traffic. While the host is under attack, new senders and ports get a place only
// where they are heavier than what has it.
func (h *hot) observe(e *Engine, p *part, first int64, underAttack bool) {
	h.unsettled[0] = min(h.unsettled[0], first)
	v := e.table.cells.at(h.cell).vector
	if !h.close && e.limits[v].light(p) {
		return
	}
	hi, lo := p.src.Words()
	h.sources.Add(uint32(e.hasher.Sum(hi, lo, 1)), hi, lo, p.bytes, underAttack)
	h.bytes += p.bytes
	h.interval, h.unknown = max(h.interval, p.interval), h.unknown || p.unknown
	if p.groups != 0 {
		h.groups = p.groups
	}
	h.see(e.streams.list[p.stream].key.Exporter, p)
	if v >= firstService {
		return
	}
	for kind, port := range [...]uint16{p.sport, p.dport} {
		k := vectorKey(kind, p.protocol, port)
		h.vectors.Add(uint32(e.hasher.Sum(k, 0, 2)), 0, k, p.bytes, underAttack)
	}
	if p.established() {
		h.established += p.bytes
	}
	if p.web() {
		h.web += p.bytes
	}
	h.sizes[sizeClass(p)] += p.bytes
	h.protocols[protocolClass(p.protocol)] += p.bytes
}

// Kinds of vector keys.
const (
	bySourcePort = iota
	byDestinationPort
)

func vectorKey(kind int, protocol uint8, port uint16) uint64 {
	return uint64(kind)<<32 | uint64(protocol)<<16 | uint64(port)
}

func sizeClass(p *part) int {
	mean := p.bytes / max(1, p.packets)
	for i, edge := range sizeEdges {
		if mean <= edge {
			return i
		}
	}
	return len(sizeEdges)
}

// see keeps the exporters and interfaces in the order in which they come.
func (h *hot) see(exporter flow.Addr, p *part) {
	known := false
	for _, s := range h.exporters[:h.nexporters] {
		known = known || s == p.stream
	}
	if !known && h.nexporters < hotSeen {
		h.exporters[h.nexporters] = p.stream
		h.nexporters++
	}
	if !p.hasIf {
		return
	}
	for i := range h.interfaces[:h.ninterfaces] {
		if s := &h.interfaces[i]; s.id == p.inIf && s.exporter == exporter {
			return
		}
	}
	if h.ninterfaces < hotSeen {
		h.interfaces[h.ninterfaces] = seenInterface{exporter, p.inIf, p.inIfName}
		h.ninterfaces++
	}
}

// underAttack tells whether the cell has an alert that is no mere surge.
func (h *hot) underAttack() bool {
	return h.alert != nil && h.alert.open() && h.alert.verdict.outcome != surge
}

// settled returns the bin before which nothing that may still turn is left, at most limit.
func (h *hot) settled(limit int64, now int64) int64 {
	limit = min(limit, h.unsettled[0], h.unsettled[1])
	if now%grace == 0 {
		h.unsettled = [2]int64{math.MaxInt64, h.unsettled[0]}
	}
	return limit
}

// decay lets what is old count less.
func (h *hot) decay() {
	h.sources.Halve()
	h.vectors.Halve()
	for i := range h.sizes {
		h.sizes[i] /= 2
	}
	for i := range h.protocols {
		h.protocols[i] /= 2
	}
	h.established, h.web, h.bytes = h.established/2, h.web/2, h.bytes/2
}

// judged tells whether the exporters that report on the cell export both ways, unsampled: whether it can be told what was
// asked for.
func (e *Engine) judged(h *hot) bool {
	if h.interval > 1 || h.unknown {
		return false
	}
	for _, s := range h.exporters[:h.nexporters] {
		if !e.streams.list[s].bothWays() {
			return false
		}
	}
	return h.nexporters > 0
}
