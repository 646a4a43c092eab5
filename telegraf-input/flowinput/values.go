package flowinput

import (
	"math/rand/v2"

	"github.com/weirflow/weir/shared/flow"
)

// Numbers of values in a [values] that are none of its own.
const (
	valueNone  uint16 = iota // the record has none
	valueOther               // beyond the limit
	firstValue
)

// maxValues is the most values that a dimension can have, by the size of their numbers.
const maxValues = 1<<16 - int(firstValue)

// values numbers the values of a dimension, up to a limit; what comes beyond it is one value, [Other]. A value keeps its
// number as long as it is in use.
type values struct {
	of     dimension
	limit  int
	texts  []string // by number
	index  probe
	keys   []value
	free   []uint16 // numbers that are to be given again
	last   value    // of the last record
	number uint16
	over   uint64 // records of values beyond the limit
}

func newValues(of dimension, limit int) *values {
	return &values{
		of: of, limit: limit, texts: []string{valueNone: "", valueOther: Other}, keys: make([]value, firstValue), index: newProbe(limit),
	}
}

// numberOf returns the number of a record's value.
func (t *values) numberOf(r *flow.Record, symbols *flow.Symbols) uint16 {
	v := t.of.of(r)
	if v == (value{}) {
		return valueNone
	}
	if v == t.last && t.number != valueOther {
		return t.number
	}
	t.last = v
	t.number = t.find(v, symbols)
	return t.number
}

func (t *values) find(v value, symbols *flow.Symbols) uint16 {
	slot := t.index.start(v.hi, v.lo)
	for ; t.index.slots[slot] != 0; slot = t.index.next(slot) {
		if n := t.index.slots[slot]; t.keys[n] == v {
			return uint16(n)
		}
	}
	if t.known() >= t.limit {
		t.over++
		return valueOther
	}
	text := t.of.text(v, symbols)
	if text == Other {
		text += "_" // a group of that name stays apart
	}
	n := uint16(len(t.keys))
	if free := len(t.free); free > 0 {
		n = t.free[free-1]
		t.free = t.free[:free-1]
		t.keys[n], t.texts[n] = v, text
	} else {
		t.keys, t.texts = append(t.keys, v), append(t.texts, text)
	}
	t.index.slots[slot] = uint32(n)
	return n
}

// known is how many values have a number.
func (t *values) known() int { return len(t.keys) - int(firstValue) - len(t.free) }

// probe is an open-addressed index of numbers other than 0, at most half full. It never loses an entry.
type probe struct {
	slots []uint32
	mask  uint64
	seed  uint64 // so that nobody outside can choose names that share a slot
}

func newProbe(limit int) probe {
	n := 16
	for n < 2*(limit+1) {
		n *= 2
	}
	return probe{slots: make([]uint32, n), mask: uint64(n - 1), seed: rand.Uint64()}
}

// start returns the first slot to look at for a key of two words.
func (p *probe) start(a, b uint64) uint64 {
	h := (a^p.seed)*0x9e3779b97f4a7c15 ^ (b+p.seed)*0xc2b2ae3d27d4eb4f
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	return (h ^ h>>29) & p.mask
}

func (p *probe) next(slot uint64) uint64 { return (slot + 1) & p.mask }
