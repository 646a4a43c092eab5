package detect

import "github.com/weirflow/weir/shared/flow"

// aheadOf is how many records are looked at before the first of them is taken.
const aheadOf = 32

// places is where a direction of a record will be looked up: the cell of its inside host, that of the service it comes from, and what it
// asked for or answers.
type places struct {
	cell, service, pair uint64 // hashes
	vector              vector // of the service; vectorHost: it comes from none
	known               bool
}

// come notes which service what is sent to a host comes from.
func (p *places) come(e *Engine, dst *flow.Addr, v vector) {
	if p.vector = v; v != vectorHost {
		p.service = e.cellHash(dst, v)
	}
}

// ahead is the places of the next records: at the host that receives, or else at the one that sends.
type ahead struct {
	to, from [aheadOf]places
	warmed   uint64 // keeps the compiler from leaving out the looks
}

// lookAhead finds out where records will be looked up, and looks there. Each look is likely to miss the caches of the processor,
// but together they wait for memory once, not one after the other.
func (e *Engine) lookAhead(records []flow.Record) {
	a := &e.ahead
	for i := range records {
		r := &records[i]
		a.to[i], a.from[i] = places{}, places{}
		if skipped(r) != 0 {
			continue
		}
		switch direction := e.direction(r); direction {
		case flow.Inbound, flow.Internal:
			a.to[i] = e.placesOf(&r.Destination, &r.Source, r.IPProtocol)
			if direction == flow.Inbound {
				a.to[i].come(e, &r.Destination.IP, e.vectorFrom(r.IPProtocol, r.Source.Port))
			}
		case flow.Outbound:
			a.from[i] = e.placesOf(&r.Source, &r.Destination, r.IPProtocol)
		}
	}
	sum := uint64(0)
	for i := range records {
		if p := a.of(i); p.known {
			sum += uint64(e.slot(p.cell)) + uint64(e.slot(p.service)) + e.asked.set.Look(p.pair)
		}
	}
	for i := range records {
		p := a.of(i)
		if !p.known {
			continue
		}
		sum += e.lookAtCell(e.slot(p.cell), &records[i])
		if p.vector != vectorHost {
			sum += e.lookAtCell(e.slot(p.service), &records[i])
		}
	}
	a.warmed = sum
}

func (a *ahead) of(i int) *places {
	if a.to[i].known {
		return &a.to[i]
	}
	return &a.from[i]
}

// slot is the first place where a cell is looked for.
func (e *Engine) slot(hash uint64) uint32 { return e.table.slots[hash&uint64(len(e.table.slots)-1)] }

func (e *Engine) placesOf(inside, outside *flow.Endpoint, protocol uint8) places {
	return places{
		cell: e.cellHash(&inside.IP, vectorHost), known: true,
		pair: e.pairKey((*[16]byte)(&inside.IP), (*[16]byte)(&outside.IP), outside.Port, protocol),
	}
}

// lookAtCell looks at a cell and at its pages of the record's end and start. It is the record's cell unless hashes have met.
func (e *Engine) lookAtCell(n uint32, r *flow.Record) uint64 {
	if n == 0 {
		return 0
	}
	c := e.table.cells.at(n)
	first, last := binOf(r.Start), binOf(r.End)
	sum := c.hash + e.lookAtPage(c, last)
	if first/pageBins != last/pageBins {
		sum += e.lookAtPage(c, first)
	}
	return sum
}

// lookAtPage looks at the page of a bin where it begins, and at the bin.
func (e *Engine) lookAtPage(c *cell, bin int64) uint64 {
	n := c.pages[uint64(bin/pageBins)%ringSize]
	if n == 0 {
		return 0
	}
	p := e.pages.at(n)
	return uint64(p.number) + p.bins[uint64(bin)%pageBins].bytes
}
