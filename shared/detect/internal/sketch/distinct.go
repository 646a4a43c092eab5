package sketch

import "math"

// ExactLimit is how many distinct hashes a [Distinct] counts exactly.
const ExactLimit = 64

const distinctPrecision = 10

// Distinct counts distinct 32-bit hashes: exactly up to [ExactLimit], beyond that by HyperLogLog of precision 10 (standard
// error 3.3 %). It is a plain value without pointers; the zero value is empty.
type Distinct struct {
	n     uint16
	dense bool
	exact [ExactLimit]uint32
	reg   [1 << distinctPrecision]uint8
}

// Add counts a hash.
func (d *Distinct) Add(hash uint32) {
	if d.dense {
		addRegister(d.reg[:], distinctPrecision, hash)
		return
	}
	for _, h := range d.exact[:d.n] {
		if h == hash {
			return
		}
	}
	if d.n < ExactLimit {
		d.exact[d.n] = hash
		d.n++
		return
	}
	d.thicken()
	addRegister(d.reg[:], distinctPrecision, hash)
}

func (d *Distinct) thicken() {
	for _, h := range d.exact[:d.n] {
		addRegister(d.reg[:], distinctPrecision, h)
	}
	d.dense, d.n = true, 0
}

// Merge adds what o has counted.
func (d *Distinct) Merge(o *Distinct) {
	if !o.dense {
		for _, h := range o.exact[:o.n] {
			d.Add(h)
		}
		return
	}
	if !d.dense {
		d.thicken()
	}
	mergeRegisters(d.reg[:], o.reg[:])
}

// Count returns the number of distinct hashes, rounded.
func (d *Distinct) Count() uint64 {
	if !d.dense {
		return uint64(d.n)
	}
	return max(ExactLimit+1, uint64(math.Round(estimate(d.reg[:], distinctPrecision))))
}
