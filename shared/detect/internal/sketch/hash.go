package sketch

import (
	"encoding/binary"
	"math/bits"
)

// Hasher is a keyed hash of a few words: without the key, collisions in a table cannot be crafted. It multiplies and folds
// to 128 bits, as wyhash does.
type Hasher struct{ k [4]uint64 }

// NewHasher returns the hasher of a secret.
func NewHasher(secret [16]byte) Hasher {
	a, b := binary.LittleEndian.Uint64(secret[:8]), binary.LittleEndian.Uint64(secret[8:])
	// Odd constants without structure keep the products from collapsing where the secret has zero words.
	return Hasher{k: [4]uint64{a ^ 0xa0761d6478bd642f, b ^ 0xe7037ed1a0b428db, a ^ 0x8ebc6af09c88c6e3, b ^ 0x589965cc75374cc3}}
}

// Sum returns the hash of three words.
func (h *Hasher) Sum(a, b, c uint64) uint64 {
	return fold(fold(a^h.k[0], b^h.k[1])^h.k[2], c^h.k[3])
}

// Sum5 returns the hash of five words.
func (h *Hasher) Sum5(a, b, c, d, e uint64) uint64 {
	return h.Sum(h.Sum(a, b, c), d, e)
}

func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// Public is a hash of two words without a key, for counts that must come out the same on every node and in every replay.
func Public(a, b uint64) uint32 {
	x := fold(a^0x2d358dccaa6c78a5, b^0x8bb84b93962eacc9)
	return uint32(fold(x^0x4b33a62ed433d4a3, x+0x4d5a2da51de1aa47) >> 32)
}
