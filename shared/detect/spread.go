package detect

import "math/bits"

// spread says which bins a record touches: those between its start and its end, or one where it is shorter than a bin.
type spread struct {
	start, length int64  // ns; length 0: all in one bin
	first, last   int64  // bins
	phase         uint64 // below length
}

// newSpread returns the bins of a record. The seed decides where within its time the units fall that do not divide evenly: with
// one rule for all, the few packets of many flows that began together would fall into the same bins.
func newSpread(start, end int64, seed uint32) spread {
	if end-start < binWidth {
		b := binOf(start + (end-start)/2)
		return spread{start: start, first: b, last: b}
	}
	phase, _ := bits.Mul64(uint64(seed)<<32, uint64(end-start))
	return spread{start: start, length: end - start, first: binOf(start), last: binOf(end - 1), phase: phase}
}

// share deals out a quantity over the bins of a spread, evenly over its time. What is due at the end of a bin is the total times
// the time up to there plus the phase, rounded down (Bresenham's line), so that the parts always sum up to the total.
type share struct {
	total, given uint64
	head         uint64 // what is due at the end of the bin that comes next
	step, rest   uint64 // of a whole bin: quotient and remainder
	carry, over  uint64 // running remainder, divisor
	left         int64  // bins that follow
}

// from prepares dealing out from bin on, which lies within the spread; what would have fallen before is left out.
func (s *spread) from(total uint64, bin int64) share {
	if s.length == 0 || total == 0 {
		return share{total: total, left: 0}
	}
	d := share{total: total, over: uint64(s.length), left: s.last - bin}
	if bin > s.first {
		d.given, _ = d.due(s, bin*binWidth)
	}
	if d.left > 0 {
		d.head, d.carry = d.due(s, (bin+1)*binWidth)
	}
	if d.left > 1 {
		d.step, d.rest = mulDiv(total, uint64(binWidth), d.over)
	}
	return d
}

// due returns what is due at a time within the spread, and the remainder.
func (d *share) due(s *spread, at int64) (quotient, rest uint64) {
	quotient, rest = mulDiv(d.total, uint64(at-s.start), d.over)
	if rest += s.phase; rest >= d.over {
		quotient, rest = quotient+1, rest-d.over
	}
	return quotient, rest
}

// next returns the part of the next bin.
func (d *share) next() (part uint64) {
	if d.left <= 0 {
		part = d.total - d.given
		d.given = d.total
		return part
	}
	part = d.head - d.given
	d.given = d.head
	d.head += d.step
	if d.carry += d.rest; d.carry >= d.over {
		d.carry -= d.over
		d.head++
	}
	d.left--
	return part
}

// mulDiv returns a*b/c and the remainder for b <= c.
func mulDiv(a, b, c uint64) (quotient, rest uint64) {
	hi, lo := bits.Mul64(a, b)
	if hi >= c { // only where b > c
		return a, 0
	}
	return bits.Div64(hi, lo, c)
}
