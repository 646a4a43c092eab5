package hostindex

import (
	"encoding/binary"
	"math/bits"
)

// lowBits is how many bits of a fingerprint are kept as they are: one address in 1<<lowBits is taken for another.
const lowBits = 8

// fingerprint is the number that a key has in a set of n of a bucket: rest is the key without the bits of the bucket, moved up.
func fingerprint(rest uint64, n int) uint64 {
	v, _ := bits.Mul64(rest, uint64(n)<<lowBits)
	return v
}

// rest returns the bits of a key below those that name its bucket.
func rest(k Key, bucketBits uint8) uint64 { return uint64(k) << bucketBits }

// bucketOf returns the bucket of a key.
func bucketOf(k Key, bucketBits uint8) int {
	return int(uint64(k) >> 1 >> (63 - bucketBits)) // a shift by 64 would do, but that is easily misread
}

// appendSet appends the set of sorted keys of a bucket.
func appendSet(dst []byte, keys []Key, bucketBits uint8) []byte {
	n := len(keys)
	dst = binary.AppendUvarint(dst, uint64(n))
	if n == 0 {
		return dst
	}
	low := len(dst)
	high := low + n
	dst = append(dst, make([]byte, n+unaryBytes(n))...)
	for i, k := range keys {
		v := fingerprint(rest(k, bucketBits), n)
		dst[low+i] = byte(v)
		at := int(v>>lowBits) + i
		dst[high+at/8] |= 1 << (at % 8)
	}
	return dst
}

// unaryBytes is the room of the unary part of n fingerprints.
func unaryBytes(n int) int { return (2*n + 7) / 8 }

// cutSet splits the first set off; ok is false where the bytes are not of sets.
func cutSet(b []byte) (s fanoSet, tail []byte, ok bool) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > uint64(len(b)) {
		return s, nil, false
	}
	b = b[size:]
	whole := int(n) + unaryBytes(int(n))
	if whole > len(b) {
		return s, nil, false
	}
	return fanoSet{low: b[:n], high: b[n:whole]}, b[whole:], true
}

// fanoSet is a set as it lies in a bucket.
type fanoSet struct{ low, high []byte }

// has tells whether a key of the bucket may be in the set.
func (s fanoSet) has(rest uint64) bool {
	n := len(s.low)
	if n == 0 {
		return false
	}
	v := fingerprint(rest, n)
	at := s.after(int(v >> lowBits))
	for i := at - int(v>>lowBits); i >= 0 && i < n && at < 8*len(s.high) && s.high[at/8]>>(at%8)&1 != 0; i, at = i+1, at+1 {
		if s.low[i] == byte(v) {
			return true
		}
	}
	return false
}

// after returns the bit that follows the first zeros of the unary part: there begin the fingerprints with that many zeros before.
func (s fanoSet) after(zeros int) int {
	at := 0
	for i := 0; zeros > 0 && i < len(s.high); i++ {
		free := 8 - bits.OnesCount8(s.high[i])
		if free < zeros {
			zeros -= free
			at += 8
			continue
		}
		for b := s.high[i]; zeros > 0; b >>= 1 {
			if b&1 == 0 {
				zeros--
			}
			at++
		}
	}
	return at
}
