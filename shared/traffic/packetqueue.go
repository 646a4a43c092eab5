package traffic

import "math"

// packetQueue is what devices that sample packets (sFlow) have in place of a flow cache: it holds the runs that are alive and gives
// out the packets that are sampled, in the order of time. Each packet is picked 1:n, independently; which ones depends on the run alone,
// so other traffic does not change it.
type packetQueue struct {
	n     uint32
	picks timeHeap[pick]
	free  []*run
}

// pick waits to be sent: packet i of a run is the next to be sampled, or its last one, which is only counted.
type pick struct {
	at      int64
	run     *run
	i       uint64
	sampled bool
}

// due is the time of the next packet, the end of time where there is none.
func (q *packetQueue) due() int64 { return q.picks.due() }

// add puts a copy of the run into the queue.
func (q *packetQueue) add(r *run) {
	var p *run
	if n := len(q.free); n > 0 {
		p, q.free = q.free[n-1], q.free[:n-1]
	} else {
		p = new(run)
	}
	*p = *r
	q.schedule(p, 0)
}

// take returns the pick that is due. The run stays valid until the pick is given back.
func (q *packetQueue) take() pick { return q.picks.pop() }

// give says that a pick has been dealt with; the rest of its run goes on.
func (q *packetQueue) give(p pick) {
	if p.i+1 < p.run.packets {
		q.schedule(p.run, p.i+1)
		return
	}
	q.free = append(q.free, p.run)
}

// schedule finds the next packet of a run that is sampled, from packet i on. The gaps between picks are geometric.
func (q *packetQueue) schedule(r *run, i uint64) {
	p := pick{run: r, i: r.packets - 1}
	gap := 0.0
	if q.n > 1 {
		u := unit(mix(r.salt ^ mix(i+1) ^ uint64(r.path.device)<<32)) // devices pick independently
		gap = math.Floor(math.Log1p(-u) / math.Log1p(-1/float64(q.n)))
	}
	if gap < float64(r.packets-i) {
		p.i, p.sampled = i+uint64(gap), true
	}
	p.at = r.packetAt(p.i)
	q.picks.push(p.at, p)
}

// each calls f with every run that is alive.
func (q *packetQueue) each(f func(r *run)) {
	for i := range q.picks.list {
		f(q.picks.list[i].of.run)
	}
}

// sentBefore is how many packets of the run are sent before a time.
func (r *run) sentBefore(t int64) uint64 {
	if r.start >= t {
		return 0
	}
	return r.lastBefore(t, 0) + 1
}
