package session

import (
	"encoding/binary"
	"math/bits"

	"github.com/weirflow/weir/shared/flow"
	"github.com/zeebo/xxh3"
)

// IANA protocol numbers.
const (
	protoICMP   = 1
	protoTCP    = 6
	protoICMPv6 = 58
)

// endpoint is an address, as two words, with a port; for ICMP the port is the class of the message, the same at both ends.
type endpoint struct {
	hi, lo uint64
	port   uint16
}

func endpointOf(ip *flow.Addr, port uint16) endpoint {
	hi, lo := ip.Words()
	return endpoint{hi, lo, port}
}

func (e *endpoint) ip() flow.Addr { return flow.AddrFromWords(e.hi, e.lo) }

func (e *endpoint) after(o *endpoint) bool {
	if e.hi != o.hi {
		return e.hi > o.hi
	}
	if e.lo != o.lo {
		return e.lo > o.lo
	}
	return e.port > o.port
}

// key names a conversation: its protocol and its endpoints, the lesser first.
type key struct {
	a, b  endpoint
	proto uint8
}

// keyOf returns the key of two endpoints, and whether from is its second.
func keyOf(from, to endpoint, proto uint8) (k key, flipped bool) {
	flipped = k.set(&from, &to, proto)
	return k, flipped
}

// set makes it the key of two endpoints, as keyOf does, without copies of them on the way.
func (k *key) set(from, to *endpoint, proto uint8) (flipped bool) {
	k.proto = proto
	if from.after(to) {
		k.a, k.b = *to, *from
		return true
	}
	k.a, k.b = *from, *to
	return false
}

// hash is keyed: it is for tables in memory alone. Words are folded by 128-bit products, as in wyhash.
func (k *key) hash(seed uint64) uint64 {
	h := fold(k.a.hi^seed, k.a.lo^0x9e3779b97f4a7c15)
	h = fold(h^k.b.hi, k.b.lo^0xbf58476d1ce4e5b9^seed)
	return fold(h^uint64(k.a.port)<<24^uint64(k.b.port)<<8^uint64(k.proto), seed^0x94d049bb133111eb)
}

func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// id returns the id of the session that began with a piece that started at start: the same everywhere and always.
func (k *key) id(start int64) flow.SessionID {
	var b [45]byte
	binary.BigEndian.PutUint64(b[:], k.a.hi)
	binary.BigEndian.PutUint64(b[8:], k.a.lo)
	binary.BigEndian.PutUint64(b[16:], k.b.hi)
	binary.BigEndian.PutUint64(b[24:], k.b.lo)
	binary.BigEndian.PutUint16(b[32:], k.a.port)
	binary.BigEndian.PutUint16(b[34:], k.b.port)
	b[36] = k.proto
	binary.BigEndian.PutUint64(b[37:], uint64(start))
	h := xxh3.Hash128(b[:])
	return flow.SessionID{Hi: h.Hi, Lo: h.Lo}
}
