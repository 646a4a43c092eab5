package sketch

// Rotating is a set that forgets: two generations, of which the older is dropped at each [Rotating.Rotate]. An entry is held
// for one to two intervals between rotations.
type Rotating struct{ young, old *Cuckoo }

// NewRotating returns a set with room for n entries a generation.
func NewRotating(n int) *Rotating {
	return &Rotating{young: NewCuckoo(n), old: NewCuckoo(n)}
}

// Add puts a hash into the young generation and tells whether it found room; see [Rotating.Full].
func (r *Rotating) Add(hash uint64) bool { return r.young.Add(hash) }

// Has tells whether either generation holds the hash.
func (r *Rotating) Has(hash uint64) bool { return r.young.Has(hash) || r.old.Has(hash) }

// Full tells whether the young generation should be rotated before its time.
func (r *Rotating) Full() bool { return r.young.Full() }

// Len returns the number of entries of both generations.
func (r *Rotating) Len() int { return r.young.Len() + r.old.Len() }

// Rotate drops the old generation and begins a young one.
func (r *Rotating) Rotate() {
	r.young, r.old = r.old, r.young
	r.young.Reset()
}
