package behavior

// table keeps values by key up to a cap. Its keys and values hold no pointers, so that the garbage collector does not scan it.
// Entries are visited in the order in which they were made, never in that of the index, which differs from run to run.
type table[K comparable, V any] struct {
	index index
	hash  func(K) uint64 // keyed, so that collisions cannot be crafted
	cells []cell[K, V]
	last  []int64 // of each cell the time of its last touch; 0: it is free
	free  []uint32
	limit int
	hand  int    // where the search for an entry to give up goes on
	given uint64 // entries given up at the cap
}

type cell[K comparable, V any] struct {
	key   K
	value V
}

// probes is how many entries are looked at for one to give up.
const probes = 16

func newTable[K comparable, V any](limit int, hash func(K) uint64) table[K, V] {
	return table[K, V]{index: newIndex(), hash: hash, limit: limit}
}

// len returns the number of entries.
func (t *table[K, V]) len() int { return t.index.used }

// find returns the place of a key in the index, and whether it is there.
func (t *table[K, V]) find(k K, tag uint32) (at uint32, found bool) {
	for at = t.index.home(tag); t.index.slots[at].number != 0; at = t.index.next(at) {
		if s := &t.index.slots[at]; s.tag == tag && t.cells[s.number-1].key == k {
			return at, true
		}
	}
	return at, false
}

// look reads memory that is needed for a key.
func (t *table[K, V]) look(k K) uint64 {
	return uint64(t.index.slots[t.index.home(tagOf(t.hash(k)))].number)
}

// get returns the value of a key, or nil. It is valid until the next call of touch.
func (t *table[K, V]) get(k K) *V {
	if at, found := t.find(k, tagOf(t.hash(k))); found {
		return &t.cells[t.index.slots[at].number-1].value
	}
	return nil
}

// touch returns the value of a key, made if it is not there, and notes that it was in use at a time after 0.
func (t *table[K, V]) touch(k K, now int64) *V {
	tag := tagOf(t.hash(k))
	at, found := t.find(k, tag)
	if found {
		i := t.index.slots[at].number - 1
		t.last[i] = max(t.last[i], now)
		return &t.cells[i].value
	}
	i := t.room()
	t.index.insert(tag, i+1)
	c := &t.cells[i]
	var zero V
	c.key, c.value = k, zero
	t.last[i] = max(1, now)
	return &c.value
}

func (t *table[K, V]) room() uint32 {
	if t.len() >= t.limit {
		t.giveUp()
	}
	if n := len(t.free); n > 0 {
		i := t.free[n-1]
		t.free = t.free[:n-1]
		return i
	}
	t.cells = append(t.cells, cell[K, V]{})
	t.last = append(t.last, 0)
	return uint32(len(t.cells) - 1)
}

// giveUp takes out the entry longest idle of the next few.
func (t *table[K, V]) giveUp() {
	least := -1
	for range probes {
		t.hand = (t.hand + 1) % len(t.cells)
		if last := t.last[t.hand]; last != 0 && (least < 0 || last < t.last[least]) {
			least = t.hand
		}
	}
	if least < 0 {
		least = t.anyUsed()
	}
	t.given++
	t.remove(uint32(least))
}

func (t *table[K, V]) anyUsed() int {
	for t.last[t.hand] == 0 {
		t.hand = (t.hand + 1) % len(t.cells)
	}
	return t.hand
}

func (t *table[K, V]) remove(i uint32) {
	if at, found := t.find(t.cells[i].key, tagOf(t.hash(t.cells[i].key))); found {
		t.index.remove(at)
	}
	t.last[i] = 0
	t.free = append(t.free, i)
}

// sweep takes out what was last in use before a time, looking at a part of the entries a call.
func (t *table[K, V]) sweep(before int64) {
	for range min(len(t.cells), max(probes, len(t.cells)/60)) {
		t.hand = (t.hand + 1) % len(t.cells)
		if last := t.last[t.hand]; last != 0 && last < before {
			t.remove(uint32(t.hand))
		}
	}
}
