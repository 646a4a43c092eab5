package session

// slot is a place of an index: the number of an entry, and part of its hash so that most strangers are told apart without a
// look at them.
type slot struct {
	tag    uint32
	number uint32 // 0: free
}

// index finds entries by hash: open addressing with linear probing, doubled when half full.
type index struct {
	slots []slot
	used  int
}

func newIndex() index { return index{slots: make([]slot, minSlots)} }

func tagOf(hash uint64) uint32 { return uint32(hash >> 32) }

// home returns where an entry would be. It is made of the tag alone, so that entries can be moved without a look at them.
func (x *index) home(tag uint32) uint32 { return tag & uint32(len(x.slots)-1) }

// next returns the place after i.
func (x *index) next(i uint32) uint32 { return (i + 1) & uint32(len(x.slots)-1) }

func (x *index) insert(hash uint64, number uint32) {
	if 2*(x.used+1) > len(x.slots) {
		old := x.slots
		x.slots = make([]slot, 2*len(old))
		for _, s := range old {
			if s.number != 0 {
				x.place(s)
			}
		}
	}
	x.used++
	x.place(slot{tagOf(hash), number})
}

func (x *index) place(s slot) {
	i := x.home(s.tag)
	for x.slots[i].number != 0 {
		i = x.next(i)
	}
	x.slots[i] = s
}

// remove takes an entry out and closes the gap, so that later entries stay reachable.
func (x *index) remove(hash uint64, number uint32) {
	mask := uint32(len(x.slots) - 1)
	gap := x.home(tagOf(hash))
	for x.slots[gap].number != number {
		if x.slots[gap].number == 0 {
			return
		}
		gap = x.next(gap)
	}
	for i := x.next(gap); x.slots[i].number != 0; i = x.next(i) {
		home := x.home(x.slots[i].tag)
		if (i-home)&mask >= (i-gap)&mask {
			x.slots[gap], gap = x.slots[i], i
		}
	}
	x.slots[gap] = slot{}
	x.used--
}
