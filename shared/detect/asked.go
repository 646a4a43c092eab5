package detect

import "github.com/weirflow/weir/shared/detect/internal/sketch"

// grace is how long an inbound record waits for a request that its exporter sends after it.
const grace = 10 * second

// asked remembers who was asked lately: (inside host, outside host, outside port, protocol) of what inside hosts sent, for one
// to two times the lateness of the exporters. Inbound records whose request has not shown up wait for it a while.
type asked struct {
	set     *sketch.Rotating
	rotate  int64 // processing time of the next rotation
	waiting []waiter
	head, n int
}

// waiter is an inbound record that nobody has asked for so far.
type waiter struct {
	key    uint64
	due    int64
	hash   [2]uint64 // of the cells, to notice that another has taken the place
	cells  [2]uint32 // of the host and of the service; 0: none
	bytes  uint64
	spread spread
	stream uint16
	probe  bool // counts for whether the exporter exports both ways
}

func newAsked(b Budget) asked {
	return asked{set: sketch.NewRotating(b.Asked), waiting: make([]waiter, b.Waiting)}
}

// pairKey is the hash by which a request and its answer meet.
func (e *Engine) pairKey(inside, outside *[16]byte, port uint16, protocol uint8) uint64 {
	a, b := words(inside)
	c, d := words(outside)
	return e.hasher.Sum5(a, b, c, d, uint64(port)<<8|uint64(protocol))
}

// requested takes note of what an inside host has sent. Refusals are no requests, nor are answers: while a host is under
// attack, only what it sends to a service port counts, so that its answers to forged senders do not fill the set.
func (e *Engine) requested(p *part, host *cell) {
	if p.refusal() {
		return
	}
	if host != nil && host.hot != 0 && e.hots.at(host.hot).underAttack() && p.dport >= 1024 && e.vectorOf(p.protocol, p.dport) < firstService {
		return
	}
	a := &e.asked
	key := p.from.pair
	if !p.from.known {
		key = e.pairKey((*[16]byte)(&p.src), (*[16]byte)(&p.dst), p.dport, p.protocol)
	}
	if a.set.Full() {
		e.count.mine[capAsked]++
		e.rotateAsked()
	}
	a.set.Add(key)
}

// solicited tells whether an inbound part was asked for. Where it was, the request is remembered anew: the exchange goes on.
func (e *Engine) solicited(p *part, key uint64) bool {
	if p.answered {
		return true
	}
	if !e.asked.set.Has(key) {
		return false
	}
	e.asked.set.Add(key)
	return true
}

func (e *Engine) rotateAsked() {
	e.asked.set.Rotate()
	e.asked.rotate = e.clock + max(minuteNs, e.streams.longest())
}

const minuteNs = 60 * second

// wait lets an unsolicited record wait. Where all places are taken the oldest is judged early; an attack takes at most half.
func (e *Engine) wait(w waiter, underAttack bool) {
	a := &e.asked
	if underAttack && a.n*2 >= len(a.waiting) {
		return
	}
	if a.n == len(a.waiting) {
		e.count.mine[capWaiting]++
		e.settleOldest()
	}
	a.waiting[(a.head+a.n)%len(a.waiting)] = w
	a.n++
}

// settle judges the waiters whose time is up.
func (e *Engine) settle(now int64) {
	for e.asked.n > 0 && e.asked.waiting[e.asked.head].due <= now {
		e.settleOldest()
	}
}

func (e *Engine) settleOldest() {
	a := &e.asked
	w := &a.waiting[a.head]
	a.head = (a.head + 1) % len(a.waiting)
	a.n--
	found := a.set.Has(w.key)
	if w.probe {
		e.probe(w.stream, found)
	}
	if !found {
		return
	}
	for i, n := range w.cells {
		if n == 0 {
			continue
		}
		if c := e.table.cells.at(n); c.hash == w.hash[i] && c.touched != 0 {
			e.addSolicited(c, w.spread, w.bytes)
		}
	}
}

// probe counts an established TCP record towards an inside host, and whether the other direction was seen.
func (e *Engine) probe(stream uint16, found bool) {
	s := &e.streams.list[stream]
	s.probed++
	if found {
		s.asked++
	}
}

// addSolicited adds bytes to the pages that are still there.
func (e *Engine) addSolicited(c *cell, s spread, bytes uint64) {
	d := s.from(bytes, s.first)
	for b := s.first; b <= s.last; b++ {
		v := d.next()
		if pg := e.pageOf(c, b/pageBins); pg != nil {
			pg.bins[b%pageBins].solicited += v
		}
	}
}
