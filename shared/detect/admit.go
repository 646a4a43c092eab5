package detect

import "github.com/weirflow/weir/shared/flow"

const (
	// weightUnit is the weight of traffic that fills a bin up to the threshold.
	weightUnit = 1 << 16
	// admitWeight is what a destination must have drawn within a minute to displace another: one bin at 1/16 of the threshold.
	admitWeight = weightUnit / 16
	// probes is how many cells are looked at in search of one to give up.
	probes = 16
	// idleTime is after how long without records a cell may go.
	idleTime = 2 * 60 * second
)

// cellFor returns the number of the cell of a destination, made where there is none. With the table full only a destination
// that has been heavy lately gets in, in place of a light or idle one; others get 0.
func (e *Engine) cellFor(hash uint64, v vector, p *part) uint32 {
	dst := &p.dst
	n := e.table.find(hash, dst, v)
	switch {
	case n != 0:
	case !e.table.cells.full():
		n = e.table.insert(hash, dst, v)
	default:
		e.count.mine[capCells]++
		if weight := e.recent.Add(hash, e.limits[v].weight(p)); weight >= admitWeight && e.displace(weight) {
			n = e.table.insert(hash, dst, v)
		}
	}
	if n != 0 {
		e.table.cells.at(n).touched = e.clock
	}
	return n
}

func (e *Engine) cellHash(dst *flow.Addr, v vector) uint64 {
	hi, lo := dst.Words()
	return e.hasher.Sum(hi, lo, uint64(v))
}

// weight returns a record's size in weightUnits, at least 1.
func (l *limits) weight(p *part) uint32 {
	w := float64(p.bytes)/l.bytes + float64(p.packets)/l.packets
	return uint32(max(1, min(w*weightUnit, 1<<31)))
}

// displace gives up an idle cell, or the lightest of a few where that is lighter than weight.
func (e *Engine) displace(weight uint32) bool {
	lightest, least := uint32(0), float64(weight)
	for range probes {
		n := e.nextCell()
		c := e.table.cells.at(n)
		if c.hot != 0 {
			continue
		}
		w := 0.0
		if e.clock-c.touched < idleTime {
			w = e.weigh(c)
		}
		if w < least {
			lightest, least = n, w
		}
	}
	if lightest == 0 {
		return false
	}
	e.drop(lightest)
	return true
}

// nextCell goes round the cells in use.
func (e *Engine) nextCell() uint32 {
	t := &e.table
	for {
		if t.hand++; t.hand > t.cells.next {
			t.hand = 1
		}
		if t.cells.at(t.hand).touched != 0 {
			return t.hand
		}
	}
}

// weigh returns what a cell has drawn in the minutes that it still holds, in weightUnits.
func (e *Engine) weigh(c *cell) (w float64) {
	l := &e.limits[c.vector]
	for _, n := range c.pages {
		if n == 0 {
			continue
		}
		for i := range e.pages.at(n).bins {
			b := &e.pages.at(n).bins[i]
			w += float64(b.bytes)/l.bytes + float64(b.packets)/l.packets
		}
	}
	return w * weightUnit
}

// drop removes a cell with all it holds.
func (e *Engine) drop(n uint32) {
	c := e.table.cells.at(n)
	for slot := range c.pages {
		e.dropPage(c, slot)
	}
	e.table.remove(n)
}

func (e *Engine) dropPage(c *cell, slot int) {
	n := c.pages[slot]
	if n == 0 {
		return
	}
	if set := e.pages.at(n).set; set != 0 {
		e.sets.give(set)
	}
	e.pages.give(n)
	c.pages[slot] = 0
}

// pageOf returns a page of a cell that is there, or nil.
func (e *Engine) pageOf(c *cell, number int64) *page {
	if n := c.pages[number%ringSize]; n != 0 {
		if p := e.pages.at(n); p.number == number {
			return p
		}
	}
	return nil
}

// makePage returns a page of a cell, made where there is none; nil where there is no room, or the ring has gone on.
func (e *Engine) makePage(c *cell, number int64, p *part) *page {
	slot := int(number % ringSize)
	if n := c.pages[slot]; n != 0 {
		pg := e.pages.at(n)
		if pg.number == number {
			return pg
		}
		if pg.number > number {
			return nil
		}
		e.dropPage(c, slot)
	}
	if e.pages.full() {
		e.count.mine[capPages]++
		if !e.freePage(c, p) {
			return nil
		}
	}
	n := e.pages.take()
	pg := e.pages.at(n)
	pg.number = number
	c.pages[slot] = n
	return pg
}

// freePage gives up the lightest old page of a few cells, where that is lighter than the record that needs room.
func (e *Engine) freePage(mine *cell, p *part) bool {
	var from *cell
	slot, least := 0, p.bytes
	for range probes {
		c := e.table.cells.at(e.nextCell())
		if c.hot != 0 || c == mine {
			continue
		}
		for s, n := range c.pages {
			if n == 0 {
				continue
			}
			if w := e.pages.at(n).bytes(); w < least {
				from, slot, least = c, s, w
			}
		}
	}
	if from == nil {
		return false
	}
	e.dropPage(from, slot)
	return true
}

func (p *page) bytes() (sum uint64) {
	for i := range p.bins {
		sum += p.bins[i].bytes
	}
	return sum
}

// sweep looks at a part of the cells each second: it frees the pages that are final and removes cells that are idle.
func (e *Engine) sweep() {
	const parts = 32
	final := e.watermark/binWidth - historyBins
	for range e.table.cells.next/parts + 1 {
		if e.swept++; e.swept > e.table.cells.next {
			e.swept = 0
			return
		}
		c := e.table.cells.at(e.swept)
		if c.touched == 0 || c.hot != 0 {
			continue // not in use, or cared for by judge
		}
		if held := e.freeFinal(c, final); !held && e.clock-c.touched >= idleTime {
			e.drop(e.swept)
		}
	}
}

// freeFinal frees the pages of a cell that end before a bin and tells whether any is left.
func (e *Engine) freeFinal(c *cell, before int64) (held bool) {
	for slot, n := range c.pages {
		if n == 0 {
			continue
		}
		if (e.pages.at(n).number+1)*pageBins <= before {
			e.dropPage(c, slot)
			continue
		}
		held = true
	}
	return held
}
