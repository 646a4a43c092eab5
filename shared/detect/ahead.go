package detect

import "github.com/weirflow/weir/shared/flow"

// aheadOf is how many records are looked at before the first of them is taken.
const aheadOf = 16

// places is where a direction of a record will be looked up: the cell of its inside host, and what it asked for or answers.
type places struct {
	cell, pair uint64 // hashes
	known      bool
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
		switch e.direction(r) {
		case flow.Inbound, flow.Internal:
			a.to[i] = e.placesOf(&r.Destination, &r.Source, r.IPProtocol)
		case flow.Outbound:
			a.from[i] = e.placesOf(&r.Source, &r.Destination, r.IPProtocol)
		}
	}
	sum := uint64(0)
	for i := range records {
		if p := a.of(i); p.known {
			sum += uint64(e.table.slots[p.cell&uint64(len(e.table.slots)-1)]) + e.asked.set.Look(p.pair)
		}
	}
	for i := range records {
		if p := a.of(i); p.known {
			sum += e.lookAtCell(e.table.slots[p.cell&uint64(len(e.table.slots)-1)], &records[i])
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

func (e *Engine) placesOf(inside, outside *flow.Endpoint, protocol uint8) places {
	return places{
		cell: e.cellHash(&inside.IP, vectorHost), known: true,
		pair: e.pairKey((*[16]byte)(&inside.IP), (*[16]byte)(&outside.IP), outside.Port, protocol),
	}
}

// lookAtCell looks at a cell and at its page of the record's end. It is the record's cell unless hashes have met.
func (e *Engine) lookAtCell(n uint32, r *flow.Record) uint64 {
	if n == 0 {
		return 0
	}
	c := e.table.cells.at(n)
	at := binOf(r.End)
	page := c.pages[uint64(at/pageBins)%ringSize]
	if page == 0 {
		return c.hash
	}
	p := e.pages.at(page)
	return c.hash + uint64(p.nfew) + p.bins[uint64(at)%pageBins].bytes
}
