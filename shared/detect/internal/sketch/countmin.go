package sketch

// countMinRows is the number of rows: an estimate is off by more than its bound with probability e^-4.
const countMinRows = 4

// CountMin estimates the weight of keys (Cormode and Muthukrishnan 2005): never too low, too high by at most e/width of the
// total with probability 98 %. Updates are conservative, so sketches of several nodes cannot be added.
type CountMin struct {
	cells []uint32
	mask  uint64
}

// NewCountMin returns a sketch of 4 rows of 2^bits counters: 2^(bits+4) bytes.
func NewCountMin(bits uint8) *CountMin {
	return &CountMin{cells: make([]uint32, countMinRows<<bits), mask: 1<<bits - 1}
}

// Add adds weight to a key given by its hash and returns the new estimate. Counters stay at their greatest value.
func (c *CountMin) Add(hash uint64, weight uint32) uint32 {
	var at [countMinRows]uint64
	least := ^uint32(0)
	for row := range at {
		at[row] = c.index(hash, uint64(row))
		least = min(least, c.cells[at[row]])
	}
	sum := least + weight
	if sum < least {
		sum = ^uint32(0)
	}
	for _, i := range at {
		c.cells[i] = max(c.cells[i], sum)
	}
	return sum
}

// Estimate returns the weight of a key.
func (c *CountMin) Estimate(hash uint64) uint32 {
	least := ^uint32(0)
	for row := range uint64(countMinRows) {
		least = min(least, c.cells[c.index(hash, row)])
	}
	return least
}

// index derives the row's hash from two halves (Kirsch and Mitzenmacher 2006).
func (c *CountMin) index(hash, row uint64) uint64 {
	return row*(c.mask+1) + (hash+row*(hash>>32|1))&c.mask
}

// Reset empties the sketch.
func (c *CountMin) Reset() { clear(c.cells) }
