package detect

import "github.com/weirflow/weir/shared/flow"

// vector is what a cell counts of the traffic to a host: everything, UDP from unlisted ports, or one service.
type vector uint16

const (
	vectorHost     vector = iota // all traffic
	vectorUnlisted               // UDP whose source port is no service of the table
	firstService
)

// cell is the state of one destination and vector. Its bins are in pages, so that a quiet host takes little.
type cell struct {
	dst     flow.Addr
	hash    uint64
	touched int64  // processing clock of the last record
	hot     uint32 // its number among the hot; 0: it is not
	vector  vector
	pages   [ringSize]uint32 // by page number modulo ringSize
}

// table finds cells by destination and vector: open addressing over cells that do not move. It grows by doubling up to the
// size that its cap asks for.
type table struct {
	cells arena[cell]
	slots []uint32
	hand  uint32 // where the search for a cell to give up goes on
}

const minSlots = 1024

func newTable(limit int) table {
	return table{cells: newArena[cell](limit), slots: make([]uint32, minSlots)}
}

// find returns the number of a cell, or 0.
func (t *table) find(hash uint64, dst *flow.Addr, v vector) uint32 {
	mask := uint64(len(t.slots) - 1)
	for i := hash & mask; t.slots[i] != 0; i = (i + 1) & mask {
		if c := t.cells.at(t.slots[i]); c.hash == hash && c.vector == v && c.dst == *dst {
			return t.slots[i]
		}
	}
	return 0
}

// insert makes a cell that is not there yet and returns its number, or 0 at the cap.
func (t *table) insert(hash uint64, dst *flow.Addr, v vector) uint32 {
	n := t.cells.take()
	if n == 0 {
		return 0
	}
	c := t.cells.at(n)
	c.dst, c.hash, c.vector = *dst, hash, v
	if t.cells.used()*2 > len(t.slots) {
		t.grow()
	}
	t.place(hash, n)
	return n
}

func (t *table) place(hash uint64, n uint32) {
	mask := uint64(len(t.slots) - 1)
	i := hash & mask
	for t.slots[i] != 0 {
		i = (i + 1) & mask
	}
	t.slots[i] = n
}

func (t *table) grow() {
	old := t.slots
	t.slots = make([]uint32, 2*len(old))
	for _, n := range old {
		if n != 0 {
			t.place(t.cells.at(n).hash, n)
		}
	}
}

// remove takes a cell out, closing the gap so that later entries stay reachable.
func (t *table) remove(n uint32) {
	mask := uint64(len(t.slots) - 1)
	gap := t.cells.at(n).hash & mask
	for t.slots[gap] != n {
		gap = (gap + 1) & mask
	}
	for next := (gap + 1) & mask; t.slots[next] != 0; next = (next + 1) & mask {
		home := t.cells.at(t.slots[next]).hash & mask
		if (next-home)&mask >= (next-gap)&mask {
			t.slots[gap] = t.slots[next]
			gap = next
		}
	}
	t.slots[gap] = 0
	t.cells.give(n)
}
