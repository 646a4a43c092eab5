package enrich

import "github.com/weirflow/weir/shared/flow"

// places finds the place of an address. The prefixes of all groups and networks cut the addresses into ranges, in order and
// without holes, each with one place; a lookup finds the last range that starts at or before the address. For IPv4 a table of the
// upper 16 bits leaves only the few ranges that start within them, for IPv6 the search is over all.
type places struct {
	v4    []uint32 // starts of ranges; the first is 0
	at4   []*place
	index []uint32 // 65537 entries: the ranges that may hold addresses with the upper bits i are index[i] to index[i+1]

	v6  []words
	at6 []*place
}

// words is an address as two numbers that order as addresses do.
type words struct{ hi, lo uint64 }

func (w words) less(o words) bool { return w.hi < o.hi || (w.hi == o.hi && w.lo < o.lo) }

func (t *places) of(a flow.Addr) *place {
	if a.Is4() {
		return t.of4(a.V4())
	}
	hi, lo := a.Words()
	return t.of6(words{hi, lo})
}

func (t *places) of4(v uint32) *place {
	lo, hi := t.index[v>>16], t.index[v>>16+1]+1 // the range is in [lo, hi)
	for hi-lo > 1 {
		if m := (lo + hi) / 2; t.v4[m] <= v {
			lo = m
		} else {
			hi = m
		}
	}
	return t.at4[lo]
}

func (t *places) of6(w words) *place {
	lo, hi := 0, len(t.v6)
	for hi-lo > 1 {
		if m := int(uint(lo+hi) >> 1); !w.less(t.v6[m]) {
			lo = m
		} else {
			hi = m
		}
	}
	return t.at6[lo]
}

func newPlaces(cfg Config, symbols *flow.Symbols) *places {
	cut := cutter{cfg: cfg, symbols: symbols, known: map[string]*place{}}
	t := &places{}
	for _, r := range cut.ranges(false) {
		t.v4 = append(t.v4, uint32(r.start.lo))
		t.at4 = append(t.at4, r.place)
	}
	for _, r := range cut.ranges(true) {
		t.v6 = append(t.v6, r.start)
		t.at6 = append(t.at6, r.place)
	}
	t.index = make([]uint32, 1<<16+1)
	n := 0
	for i := range t.index {
		for n+1 < len(t.v4) && uint64(t.v4[n+1]) <= uint64(i)<<16 {
			n++
		}
		t.index[i] = uint32(n)
	}
	return t
}
