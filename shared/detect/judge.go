package detect

// historyBins is how many final bins are looked back on: two of three over the threshold raise.
const historyBins = 3

// strongRatio is how far over its threshold one bin alone raises.
const strongRatio = 3

// judge goes through the bins of a hot cell that have become final since the last second, and through the newer ones where a
// rate alone decides.
func (e *Engine) judge(i uint32, h *hot) {
	c := e.table.cells.at(h.cell)
	k := &e.kinds[c.vector]
	newest := e.lastBin() + 1
	if k.early && !h.alert.open() && e.settledOver(h, c, newest) {
		e.tryRaise(h, c, newest)
	}
	for final := h.settled(e.watermark/binWidth, e.ticked); h.next < final; {
		e.finish(h, c, h.next)
		h.next++
		if !k.early && !h.alert.open() {
			e.tryRaise(h, c, h.next)
		}
	}
	if a := h.alert; a != nil {
		e.follow(h, c, newest)
	} else if e.ticked/second%decayEvery == 0 {
		h.decay()
	}
	e.freeFinal(c, h.next-historyBins-coarseBins)
	if h.alert == nil && h.cold >= coolAfter {
		e.cool(i)
	}
}

// over tells whether a window raises, or helps to.
func (e *Engine) over(h *hot, c *cell, b int64) (level, bool) {
	v := e.levelAt(h, c, b)
	return v, v.ratio >= 1 && e.holds(h, c, &v, b)
}

func (e *Engine) holds(h *hot, c *cell, v *level, b int64) bool {
	k := &e.kinds[c.vector]
	if k.early {
		return true
	}
	pg := e.pageOf(c, b/pageBins)
	return pg != nil && k.holds(e, h, *v, e.countSources(pg))
}

// settledOver tells whether a bin has been found to raise for as long as records may come out of order.
func (e *Engine) settledOver(h *hot, c *cell, limit int64) bool {
	if _, _, ok := e.firstOver(h, c, limit); !ok {
		h.overSince = 0
		return false
	}
	if h.overSince == 0 {
		h.overSince = e.ticked
	}
	return e.ticked-h.overSince >= int64(e.cfg.Life.Settle)
}

// firstOver looks for the first bin before limit that is three times over the threshold, or over it with another of the two that
// follow.
func (e *Engine) firstOver(h *hot, c *cell, limit int64) (int64, level, bool) {
	for b := max(h.next-historyBins, h.begin); b < limit; b++ {
		v, ok := e.over(h, c, b)
		if ok && (v.ratio >= strongRatio || e.anyOver(h, c, b+1, min(b+historyBins, limit))) {
			return b, v, true
		}
	}
	return 0, level{}, false
}

// tryRaise raises with the first bin that does, where that is worth telling.
func (e *Engine) tryRaise(h *hot, c *cell, limit int64) {
	if b, v, ok := e.firstOver(h, c, limit); ok && e.worthTelling(h, c, &v) {
		e.raise(h, c, b, &v)
		h.overSince = 0
	}
}

// worthTelling tells whether a finding is more than packets which look legitimate: every download passes that floor, and so do
// the acknowledgments of every upload. It is asked again each second.
func (e *Engine) worthTelling(h *hot, c *cell, v *level) bool {
	if v.unit != unitPPS || v.bps*float64(binWidth/second)/8 >= e.limits[c.vector].bytes {
		return true
	}
	return e.kinds[c.vector].assess(e, h, spanOf(v)).outcome != surge
}

func (e *Engine) anyOver(h *hot, c *cell, from, to int64) bool {
	for b := from; b < to; b++ {
		if _, ok := e.over(h, c, b); ok {
			return true
		}
	}
	return false
}

// finish takes the last look at a bin: nothing more is expected to come for it.
func (e *Engine) finish(h *hot, c *cell, b int64) {
	v := e.levelAt(h, c, b)
	h.peak = max(h.peak, v.ratio)
	h.cold++
	if v.ratio >= nearPart {
		h.cold = 0
	}
	a := h.alert
	if a == nil {
		return
	}
	if a.open() {
		e.hear(h, c, b, &v)
	}
	if b%pageBins == pageBins-1 && a.last >= b-pageBins+1 {
		e.harvest(a, c, b/pageBins)
	}
	e.live(h, b)
}

// hear counts a final window towards an alert where it is loud: not below the part of the threshold that is quiet.
func (e *Engine) hear(h *hot, c *cell, b int64, v *level) {
	if v.ratio >= e.cfg.Life.Down && e.holds(h, c, v, b) {
		h.alert.loud(b, v)
		h.alert.sum.add(v)
		if e.limits[c.vector].unaskedOver(&v.window) {
			h.alert.sum.unasked++
		}
	}
}

// harvest takes over what a page tells about an alert before the page goes.
func (e *Engine) harvest(a *alert, c *cell, number int64) {
	if pg := e.pageOf(c, number); pg != nil && number >= a.harvested {
		e.mergeSources(&a.sources, pg)
		a.evidenceEnd = max(a.evidenceEnd, pg.end)
		a.harvested = number + 1
	}
}

// follow brings an alert up to date with bins that are not yet final, assesses it and tells of it when that is due.
func (e *Engine) follow(h *hot, c *cell, newest int64) {
	a, k := h.alert, &e.kinds[c.vector]
	sum := a.sum
	if a.open() && k.early {
		for b := max(h.next, a.first); b < newest; b++ {
			if v := e.levelAt(h, c, b); v.ratio >= e.cfg.Life.Down {
				a.loud(b, &v)
				sum.add(&v)
			}
		}
	}
	if a.open() {
		a.verdict = k.assess(e, h, sum).worse(a.before)
	}
	e.tellIfDue(h, c)
}
