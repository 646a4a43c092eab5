package template

import (
	"encoding/binary"

	"github.com/weirflow/weir/shared/decode/element"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/wire"
)

// instruction moves the value of one field: the bytes that end at offset end of the record, size of them.
type instruction struct {
	mask uint64 // of a number
	end  uint16
	size uint16
	op   op
}

// elementCopy moves the value of a field into the image of the record's elements.
type elementCopy struct {
	mask   uint64 // of a value of up to 8 bytes
	header uint64 // the bytes of the image that lie before such a value in the word that ends with it
	to     uint32 // end of the value in the image
	end    uint16 // and in the record
	size   uint16
}

// tailField is a field behind the first one of variable length: where it lies is known in each record only.
type tailField struct {
	Field
	typ  element.Type
	rule rule // op opNone: kept as an element only
	keep bool // kept as an element
}

// program fills records of one template. The fields before the first of variable length are the head; they are run by code and
// copies. Those from it on are the tail.
type program struct {
	head    int // size of the head
	least   int // smallest size of a record; the size where there is no tail
	present flow.Presence
	code    []instruction
	image   []byte // encoded elements of the head, values 0
	copies  []elementCopy
	tail    []tailField
	post    post
}

// compile makes the program of a template of flow records.
func compile(d *Definition) *program {
	p := &program{}
	p.least, _ = d.size()
	plan := choose(d.Fields)
	offset, inTail := 0, false
	for i, f := range d.Fields {
		inTail = inTail || f.Length == VariableLength
		r := plan[i]
		if inTail {
			p.addTail(f, r)
			continue
		}
		offset += int(f.Length)
		p.addHead(f, r, offset)
	}
	p.head = offset
	for i := range p.copies {
		c := &p.copies[i]
		c.header = binary.BigEndian.Uint64(p.image[c.to-8:])
	}
	return p
}

// choose returns the rule of each field; op opNone where the field has none or another one won its slot.
func choose(fields []Field) []rule {
	plan := make([]rule, len(fields))
	winner := map[op]int{}
	names := 0
	for i, f := range fields {
		r, ok := ruleOf(f, names)
		if f.PEN == element.IANA && f.ID == idInterfaceName {
			names++
		}
		if !ok || (f.Length != VariableLength && !r.takes(int(f.Length))) {
			continue
		}
		if w, taken := winner[r.slot]; taken {
			if plan[w].rank <= r.rank {
				continue
			}
			plan[w] = rule{}
		}
		winner[r.slot], plan[i] = i, r
	}
	settle(fields, plan, winner)
	return plan
}

// settle resolves what depends on several slots.
func settle(fields []Field, plan []rule, winner map[op]int) {
	either := func(v4, v6, either op) {
		a, okA := winner[v4]
		b, okB := winner[v6]
		if okA && okB {
			plan[a].op, plan[b].op = either, either+1
			plan[a].present, plan[b].present = 0, 0
		}
	}
	either(opSourceIPv4, opSourceIPv6, opEitherSourceIPv4)
	either(opDestinationIPv4, opDestinationIPv6, opEitherDestinationIPv4)
	// Ports of one protocol yield to those of any.
	yield := func(to op, ops ...op) {
		for _, o := range ops {
			_, taken := winner[to]
			if i, ok := winner[o]; ok && taken {
				plan[i] = rule{}
			}
		}
	}
	yield(opSourcePort, opUDPSourcePort, opTCPSourcePort)
	yield(opDestinationPort, opUDPDestinationPort, opTCPDestinationPort)
	// Responder counters are the reverse of initiator counters, not of a counter that may hold both directions.
	responder := func(forward, reverse op, initiator uint16) {
		f, okF := winner[forward]
		r, okR := winner[reverse]
		if okF && okR && fields[r].ID == initiator+1 && fields[r].PEN == element.IANA && fields[f].ID != initiator {
			plan[r] = rule{}
		}
	}
	responder(opBytes, opReverseBytes, idInitiatorOctets)
	responder(opPackets, opReversePackets, idInitiatorPackets)
	settleBothWays(fields, plan, winner)
	settleFirewall(fields, plan, winner)
	settleObserved(plan, winner)
}

// Ids of NetFlow v9 that nProbe uses for elements of its own ("Flow Information Elements" of its guide).
const firstNtop, lastNtop = 57472, 58999

// settleBothWays takes the outgoing counters (IE 23, 24) of nProbe as those from destination to source, which its guide says they are.
// With all others they are the same traffic once more.
func settleBothWays(fields []Field, plan []rule, winner map[op]int) {
	ntop := false
	for _, f := range fields {
		ntop = ntop || f.PEN == element.Ntop || f.PEN == element.IANA && f.ID >= firstNtop && f.ID <= lastNtop
	}
	if !ntop {
		return
	}
	take := func(id uint16, forward op, r rule) {
		_, reverse := winner[r.op]
		in, ok := winner[forward]
		for i, f := range fields {
			if ok && !reverse && fields[in].ID != id && f.PEN == element.IANA && f.ID == id && r.takes(int(f.Length)) {
				plan[i], reverse = r, true
			}
		}
	}
	take(idOutBytes, opBytes, rule{op: opReverseBytes, present: flow.HasReverseBytes})
	take(idOutPackets, opPackets, rule{op: opReversePackets, present: flow.HasReversePackets})
}

// settleFirewall takes the connection's id where the template tells of events with counters of initiator and responder.
func settleFirewall(fields []Field, plan []rule, winner map[op]int) {
	if _, ok := winner[opFirewallEvent]; !ok {
		return
	}
	b, ok := winner[opBytes]
	if !ok || fields[b].ID != idInitiatorOctets {
		return
	}
	for i, f := range fields {
		if f.PEN == element.IANA && f.ID == idFlow && f.Length <= 8 {
			plan[i] = rule{op: opConnection, keep: true, post: postFirewall}
			return
		}
	}
}

// settleObserved keeps the time of observation as an element where the record has start and end without it.
func settleObserved(plan []rule, winner map[op]int) {
	o, ok := winner[opObservedMilliseconds]
	if !ok {
		return
	}
	either := func(a, b op) bool {
		_, okA := winner[a]
		_, okB := winner[b]
		return okA || okB
	}
	if either(opStartMilliseconds, opFirstUptime) && either(opEndMilliseconds, opLastUptime) {
		plan[o].keep = true
	}
}

func (r rule) wantsElement(f Field) bool {
	if f.PEN == element.IANA && f.ID == idPadding {
		return false
	}
	return r.op == opNone || r.keep || (r.width != 0 && f.Length > uint16(r.width))
}

func (p *program) addHead(f Field, r rule, end int) {
	if f.Length == 0 {
		return // exporters name fields that they leave out (seen in NetFlow v9): absent
	}
	n := int(f.Length)
	if r.op != opNone {
		p.present |= r.present
		p.post |= r.post
		if r.op != opMPLS {
			p.code = append(p.code, instruction{mask: wire.Mask(n), end: uint16(end), size: f.Length, op: r.op})
		}
	}
	if !r.wantsElement(f) {
		return
	}
	kind := element.Of(f.PEN, f.ID).KindOf(n)
	p.image = flow.AppendElement(p.image, flow.Element{PEN: f.PEN, ID: f.ID, Kind: kind, Value: make([]byte, n)})
	c := elementCopy{to: uint32(len(p.image)), end: uint16(end), size: f.Length}
	if n <= 8 {
		c.mask = wire.Mask(n)
	}
	p.copies = append(p.copies, c)
}

func (p *program) addTail(f Field, r rule) {
	p.post |= r.post
	fixed := f
	if fixed.Length == VariableLength { // whether it is too wide shows in each record
		fixed.Length = 0
	}
	p.tail = append(p.tail, tailField{Field: f, typ: element.Of(f.PEN, f.ID), rule: r, keep: r.wantsElement(fixed)})
}
