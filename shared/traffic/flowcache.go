package traffic

import (
	"github.com/weirflow/weir/shared/traffic/encode"
)

// flowCache is the flow table of the devices: it holds the runs that are alive
// and gives out their flows in the order of export. Cutting follows what
// routers do: a flow leaves when it has lasted for the active timeout, when no
// packet came for the inactive timeout, or at once after FIN or RST.
type flowCache struct {
	active, inactive int64 // ms
	maxBytes         uint64
	entries          timeHeap[entry]
	free             []*run
}

// entry waits for the export of the next flow of its run.
type entry struct {
	at  int64
	run *run
	to  uint64 // the last packet of that flow
	why uint8
}

// flow is a piece of a run that leaves the cache: packets from to to.
type flow struct {
	run      *run
	from, to uint64
	at       int64 // export time
	why      uint8 // end reason, IE 136
}

func newFlowCache(cfg Config) *flowCache {
	return &flowCache{active: cfg.Active.Milliseconds(), inactive: cfg.Inactive.Milliseconds(), maxBytes: cfg.Protocol.MaxBytes()}
}

// due is when the next flow leaves, the end of time where there is none.
func (c *flowCache) due() int64 { return c.entries.due() }

// add puts a copy of the run into the cache.
func (c *flowCache) add(r *run) {
	var p *run
	if n := len(c.free); n > 0 {
		p, c.free = c.free[n-1], c.free[:n-1]
	} else {
		p = new(run)
	}
	*p = *r
	c.schedule(p, r.start)
}

// next returns the flow that leaves first, if it does so before the time given.
// The flow's run stays valid until release.
func (c *flowCache) next(before int64) (flow, bool) {
	if c.due() >= before {
		return flow{}, false
	}
	e := c.entries.pop()
	return flow{run: e.run, from: e.run.done, to: e.to, at: e.at, why: e.why}, true
}

// release says that a flow has been dealt with; the rest of its run goes on.
func (c *flowCache) release(f flow) {
	if f.run.done = f.to + 1; f.run.done < f.run.packets {
		c.schedule(f.run, f.at)
		return
	}
	c.free = append(c.free, f.run)
}

// schedule finds the next flow of a run and when it leaves, not before now.
func (c *flowCache) schedule(r *run, now int64) {
	from := r.done
	begin := r.packetAt(from)
	to, full := c.lastPacket(r, from, begin)
	e := entry{run: r, to: to}
	last := r.packetAt(to)
	switch {
	case full:
		e.at, e.why = last, encode.EndActive
	case to == r.packets-1 && r.closes():
		e.at, e.why = nextScan(last), encode.EndSeen
	case (to == r.packets-1 || c.gap(r) > c.inactive) && last+c.inactive < begin+c.active:
		e.at, e.why = nextScan(last+c.inactive), encode.EndIdle
	default:
		e.at, e.why = nextScan(begin+c.active), encode.EndActive
	}
	e.at = max(e.at, now)
	c.entries.push(e.at, e)
}

// scanEvery is how often devices look through the table for flows that have
// timed out, ms. All flows found by one scan leave in the order they came in, so
// a question never leaves after its answer.
const scanEvery = 200

func nextScan(t int64) int64 { return (t + scanEvery - 1) / scanEvery * scanEvery }

// lastPacket is the last packet of the flow that begins with packet from. It
// reports whether the byte counter ends the flow: a device sends a flow before
// its counter overflows.
func (c *flowCache) lastPacket(r *run, from uint64, begin int64) (to uint64, full bool) {
	if c.gap(r) > c.inactive {
		return from, false
	}
	to = r.lastBefore(begin+c.active, from)
	if mean := r.bytes/r.packets + 1; (to-from+1)*mean > c.maxBytes && c.maxBytes/mean <= to-from {
		return from + c.maxBytes/mean - 1, true
	}
	return to, false
}

// gap is the time between two packets of a run.
func (c *flowCache) gap(r *run) int64 {
	if r.packets < 2 {
		return 0
	}
	return (r.end - r.start) / int64(r.packets-1)
}
