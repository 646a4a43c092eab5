package seen

// Sizes of a filter's layers: 16 bits a key and 6 probes give one "perhaps" in about 2,000 for a key that was never added.
const (
	firstLayerKeys = 1 << 14
	bitsPerKey     = 16
	probes         = 6
)

// Filter is a Bloom filter over keys (Bloom 1970) that grows by layers, each twice the last (Almeida et al. 2007, "Scalable
// Bloom Filters"). A key that was added is always found. Reading and adding take no lock: it is used by one goroutine.
type Filter struct {
	layers []layer
}

type layer struct {
	words []uint64
	keys  int // added
	limit int
}

// NewFilter returns an empty filter with room for about n keys before it grows.
func NewFilter(n int) *Filter {
	f := &Filter{}
	f.grow(max(n, firstLayerKeys))
	return f
}

func (f *Filter) grow(keys int) {
	size := 1
	for size < keys {
		size *= 2
	}
	f.layers = append(f.layers, layer{words: make([]uint64, size*bitsPerKey/64), limit: size})
}

// Add adds a key.
func (f *Filter) Add(k Key) {
	l := &f.layers[len(f.layers)-1]
	if l.keys == l.limit {
		f.grow(l.limit * 2)
		l = &f.layers[len(f.layers)-1]
	}
	l.keys++
	step := k.Hi | 1
	for i, at := 0, k.Lo; i < probes; i, at = i+1, at+step {
		word, bit := l.at(at)
		l.words[word] |= bit
	}
}

// Perhaps tells whether the key may have been added.
func (f *Filter) Perhaps(k Key) bool {
	for i := range f.layers {
		if f.layers[i].perhaps(k) {
			return true
		}
	}
	return false
}

func (l *layer) perhaps(k Key) bool {
	step := k.Hi | 1
	for i, at := 0, k.Lo; i < probes; i, at = i+1, at+step {
		word, bit := l.at(at)
		if l.words[word]&bit == 0 {
			return false
		}
	}
	return true
}

// at returns where the bit of a position is: the number of words is a power of two, and keys are hashes.
func (l *layer) at(position uint64) (word int, bit uint64) {
	position ^= position >> 29
	return int(position >> 6 & uint64(len(l.words)-1)), 1 << (position & 63)
}

// Bytes returns the memory of the filter.
func (f *Filter) Bytes() (n int) {
	for i := range f.layers {
		n += len(f.layers[i].words) * 8
	}
	return n
}
