package session

import "github.com/weirflow/weir/shared/flow"

// marks are what the pieces of one side have shown.
type marks uint8

const (
	markSynOnly marks = 1 << iota // SYN without ACK
	markSynAck                    // a single SYN/ACK
	markQuery
	markReply
	markNegative
	markSaysClient // biflowDirection
	markBiflowSource
)

// side is what one endpoint sent.
type side struct {
	bytes, packets uint64
	first, last    int64 // start and end of its pieces that are summed
	asn            uint32
	groups         flow.Symbol
	owner          uint16 // the point whose records are summed; 0: nothing was sent
	country        [2]byte
	flags          uint8
	marks          marks
}

// class is the list that a session is in: each has its own time to live, and gives up sessions in turn.
type class uint8

const (
	classSlight class = iota // little traffic, or one way: what floods and scans leave
	classSolid
	classDone // closed by both sides, reset, or never answered
	numClasses
)

// entry is a session in the table. side 0 is that of the key's first endpoint.
type entry struct {
	key         key
	hash        uint64
	sides       [2]side
	start, end  int64
	born        int64 // start of the piece it was made from: part of its id
	closed      int64 // the latest end of a piece with FIN or RST
	touched     int64 // event clock at its latest piece: not a piece's own time, which may lie far ahead
	told        int64 // event clock
	toldBytes   uint64
	jitter      int64 // of its times against each other, ns
	interval    float64
	service     flow.Symbol
	app         flow.Symbol
	records     uint32
	copies      uint32
	toldRecords uint32
	toldTimes   uint32
	toldBoth    bool   // what was told had both directions
	alias       uint32 // its other key
	exporters   [flow.MaxSessionExporters]uint16
	seen        uint8
	direction   flow.Direction // from the first endpoint
	icmp        [2]uint8
	class       class
}

// alias is a second key of a session: that of the addresses after (or before) translation.
type alias struct {
	key     key
	hash    uint64
	session uint32
	swapped bool // its first endpoint is the session's second
}

// list is a doubly linked list of sessions, those longest without a packet first.
type list struct{ first, last uint32 }

// link is the place of a session in the list of its class. Links lie together, apart from the sessions, so that going along a list
// takes little memory.
type link struct{ prev, next uint32 }

func (t *Table) unlink(n uint32) {
	at, l := t.links[n], &t.lists[t.sessions.at(n).class]
	if at.prev != 0 {
		t.links[at.prev].next = at.next
	} else {
		l.first = at.next
	}
	if at.next != 0 {
		t.links[at.next].prev = at.prev
	} else {
		l.last = at.prev
	}
}

func (t *Table) link(n uint32, c class) {
	s, l := t.sessions.at(n), &t.lists[c]
	s.class, s.touched = c, t.now()
	if int(n) >= len(t.links) {
		t.links = append(t.links, make([]link, int(n)+1-len(t.links))...)
	}
	t.links[n] = link{prev: l.last}
	if l.last != 0 {
		t.links[l.last].next = n
	} else {
		l.first = n
	}
	l.last = n
}

// bothWays tells whether both sides have sent.
func (s *entry) bothWays() bool { return s.sides[0].owner != 0 && s.sides[1].owner != 0 }

// look reads something of every part of an entry, so that memory is waited for before it is needed.
func (s *entry) look() int64 {
	return int64(s.key.a.lo) + s.sides[0].last + s.sides[1].last + s.born + int64(s.seen)
}

// solidPackets is from how many packets on a session that was answered is worth more than those of a flood.
const solidPackets = 8

// unanswered tells whether there is only an opening without answer: no next piece of it is to be waited for, and whoever looks for
// scans wants to know soon.
func unanswered(from, to *side) bool {
	return from.owner != 0 && to.owner == 0 && from.flags == flow.SYN
}

func (s *entry) classify() class {
	a, b := &s.sides[0], &s.sides[1]
	rst := (a.flags | b.flags) & flow.RST
	switch {
	case rst != 0 || a.flags&b.flags&flow.FIN != 0, unanswered(a, b), unanswered(b, a):
		return classDone
	case a.owner != 0 && b.owner != 0 && a.packets+b.packets >= solidPackets:
		return classSolid
	}
	return classSlight
}
