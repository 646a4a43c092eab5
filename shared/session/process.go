package session

import "github.com/weirflow/weir/shared/flow"

// process gives a piece to its session, or makes one.
func (t *Table) process(p *piece) {
	var k key
	flipped := k.set(&p.from, &p.to, p.proto)
	n := t.find(&k, p.hash)
	if p.nat != 0 {
		t.processNAT(p, &k, n)
		return
	}
	if n != 0 {
		if s := t.sessions.at(n); s.key != k { // found by its alias
			flipped = s.flips(p, nat{p.from, p.to})
		}
	}
	t.give(p, &k, p.hash, n, flipped)
}

// processNAT is for pieces with two keys: that of the addresses before translation, by which n is found, and that after it.
func (t *Table) processNAT(p *piece, before *key, n uint32) {
	after := *t.held.nats.at(p.nat)
	k, _ := keyOf(after.from, after.to, p.proto)
	hash := k.hash(t.seed)
	if n == 0 {
		n = t.find(&k, hash)
	}
	swapped := p.from.after(&p.to) != after.from.after(&after.to)
	flipped := p.from.after(&p.to)
	if n != 0 {
		flipped = t.sessions.at(n).flips(p, after)
	}
	n = t.give(p, before, p.hash, n, flipped)
	t.addAlias(n, alias{key: k, hash: hash, session: n, swapped: swapped})
	t.addAlias(n, alias{key: *before, hash: p.hash, session: n, swapped: swapped})
}

// flips tells whether a piece comes from the second endpoint of a session that was found by another key than its own. One of the
// endpoints is usually not translated.
func (s *entry) flips(p *piece, after nat) bool {
	a, b := s.key.a, s.key.b
	switch {
	case p.from == a || after.from == a:
		return false
	case p.from == b || after.from == b:
		return true
	}
	return p.to == a || after.to == a
}

// give adds a piece to session n where it belongs to it, else to a new one with the key, and returns that one's number: 0 where the
// piece is alone.
func (t *Table) give(p *piece, k *key, hash uint64, n uint32, flipped bool) uint32 {
	if n != 0 {
		switch t.judge(t.sessions.at(n), p, flipped) {
		case fitEarlier:
			t.alone(p, k)
			return 0
		case fitNot:
			t.finish(n, false)
			n = 0
		}
	}
	if n == 0 {
		n = t.create(k, hash, p)
		flipped = p.from != k.a
	}
	t.add(n, p, flipped)
	return n
}

func (t *Table) find(k *key, hash uint64) uint32 {
	x := &t.index
	tag := tagOf(hash)
	for i := x.home(tag); x.slots[i].number != 0; i = x.next(i) {
		if x.slots[i].tag != tag {
			continue
		}
		n := x.slots[i].number
		if n&aliasBit != 0 {
			if a := t.aliases.at(n &^ aliasBit); a.key == *k && t.sessions.at(a.session).key != deadKey {
				return a.session
			}
		} else if t.sessions.at(n).key == *k {
			return n
		}
	}
	return 0
}

// fit says whether a piece belongs to a session.
type fit uint8

const (
	fitYes fit = iota
	fitNot
	fitEarlier // it belongs to what was there long before
)

// judge decides whether a piece belongs to the session that has its key.
func (t *Table) judge(s *entry, p *piece, flipped bool) fit {
	from, to := s.from(flipped)
	pair := t.pairGap()
	switch {
	case p.end+pair < s.start:
		return fitEarlier
	case (from.owner == 0 || p.start > from.last+t.pieceGap()) && (to.owner == 0 || p.start > to.last+pair):
		return fitNot
	case t.reopens(s, from, p):
		t.counters.Reused++
		return fitNot
	}
	return fitYes
}

// skewSlack is how much later than the close another exporter's opening must start to be a new session: less may be a matter of
// clocks.
const skewSlack = 2 * second

// reopens tells whether a piece opens the ports anew: a SYN after a FIN or RST.
func (t *Table) reopens(s *entry, from *side, p *piece) bool {
	if s.closed == 0 || p.flags[0]&flow.SYN == 0 {
		return false
	}
	if from.owner == p.point {
		return p.start > s.closed
	}
	return p.start > s.closed+skewSlack
}

func (s *entry) from(flipped bool) (from, to *side) {
	if flipped {
		return &s.sides[1], &s.sides[0]
	}
	return &s.sides[0], &s.sides[1]
}

// create makes an entry for a piece; at the cap a session is truncated for it.
func (t *Table) create(k *key, hash uint64, p *piece) uint32 {
	n := t.sessions.take()
	if n == 0 {
		t.makeRoom()
		n = t.sessions.take()
	}
	s := t.sessions.at(n)
	s.begin(k, p)
	s.hash, s.told = hash, t.now()
	t.index.insert(hash, n)
	t.link(n, classSlight)
	return n
}

// begin makes it the session of a piece, without what that adds.
func (s *entry) begin(k *key, p *piece) {
	*s = entry{} // and no literal, which would be made elsewhere and copied
	s.key, s.start, s.end, s.born, s.icmp = *k, p.start, p.end, p.start, p.icmp
}

// makeRoom gives sessions up. Those whose place is only waiting to be free come first; then some at a time.
func (t *Table) makeRoom() {
	if len(t.ended) == 0 {
		for _, n := range t.victims(min(ahead, t.cfg.Sessions/64+1)) {
			t.finish(n, true)
		}
	}
	t.clear()
}

// victims returns the sessions to be given up: closed ones lose nothing, and slight ones, which floods and scans make, less than
// those with traffic.
func (t *Table) victims(count int) []uint32 {
	list := t.given[:0]
	for _, c := range [...]class{classDone, classSlight, classSolid} {
		for n := t.lists[c].first; n != 0 && len(list) < count; n = t.links[n].next {
			list = append(list, n)
		}
	}
	for _, n := range list {
		t.warmed += t.sessions.at(n).look()
	}
	t.given = list
	return list
}

func (t *Table) addAlias(n uint32, of alias) {
	if n == 0 {
		return
	}
	s := t.sessions.at(n)
	if s.alias != 0 || s.key == of.key || t.find(&of.key, of.hash) != 0 {
		return
	}
	a := t.aliases.take()
	if a == 0 {
		return
	}
	*t.aliases.at(a) = of
	t.index.insert(of.hash, a|aliasBit)
	s.alias = a
}

// finish tells of a session for the last time. Its place is free once some more have ended.
func (t *Table) finish(n uint32, truncated bool) {
	s := t.sessions.at(n)
	if truncated {
		t.counters.Truncated++
	} else {
		t.counters.Ended++
	}
	t.learn(s)
	t.emit(s, false, truncated)
	t.unlink(n)
	s.key = deadKey
	t.ended = append(t.ended, n)
	if len(t.ended) == ahead {
		t.clear()
	}
}

// deadKey is the key of sessions that have ended: no piece has it, as its endpoints are in the wrong order.
var deadKey = key{a: endpoint{hi: 1}, proto: 255}

// clear takes the sessions that have ended out of the index: several at a time, as each is likely to wait for memory.
func (t *Table) clear() {
	sum := uint32(0)
	for _, n := range t.ended {
		sum += t.index.slots[t.index.home(tagOf(t.sessions.at(n).hash))].tag
	}
	t.warmed = int64(sum)
	for _, n := range t.ended {
		s := t.sessions.at(n)
		t.index.remove(s.hash, n)
		if s.alias != 0 {
			t.index.remove(t.aliases.at(s.alias).hash, s.alias|aliasBit)
			t.aliases.give(s.alias)
		}
		t.sessions.give(n)
	}
	t.ended = t.ended[:0]
}
