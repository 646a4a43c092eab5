package behavior

// slot is a place of an [index]: the number of an entry, 0 where it is free, and a part of its key's hash, so that most other keys
// are told apart without a look at the entry.
type slot struct{ tag, number uint32 }

// index finds numbers of entries by a part of their keys' hash: open addressing, at most three quarters full.
type index struct {
	slots []slot
	used  int
}

// leastSlots is the size of an empty index.
const leastSlots = 16

func newIndex() index { return index{slots: make([]slot, leastSlots)} }

// tagOf is the part of a hash that an index works with.
func tagOf(hash uint64) uint32 { return uint32(hash >> 32) }

func (x *index) home(tag uint32) uint32 { return tag & uint32(len(x.slots)-1) }
func (x *index) next(at uint32) uint32  { return (at + 1) & uint32(len(x.slots)-1) }

// insert adds a number that is not there.
func (x *index) insert(tag, number uint32) {
	if 4*(x.used+1) > 3*len(x.slots) {
		x.grow()
	}
	x.used++
	x.put(slot{tag, number})
}

func (x *index) put(s slot) {
	at := x.home(s.tag)
	for x.slots[at].number != 0 {
		at = x.next(at)
	}
	x.slots[at] = s
}

func (x *index) grow() {
	old := x.slots
	x.slots = make([]slot, 2*len(old))
	for _, s := range old {
		if s.number != 0 {
			x.put(s)
		}
	}
}

// remove takes out what is at a place, closing the gap so that later entries stay reachable.
func (x *index) remove(at uint32) {
	x.used--
	mask := uint32(len(x.slots) - 1)
	for next := x.next(at); x.slots[next].number != 0; next = x.next(next) {
		if home := x.home(x.slots[next].tag); (next-home)&mask >= (next-at)&mask {
			x.slots[at] = x.slots[next]
			at = next
		}
	}
	x.slots[at] = slot{}
}
