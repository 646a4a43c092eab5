package traffic

import (
	"math/bits"
	"net/netip"

	"github.com/weirflow/weir/shared/traffic/encode"
)

// run is the packets of one direction of one conversation, spread evenly from
// start to end (ms since the epoch) and all of about one size.
type run struct {
	src, dst         netip.Addr
	sport, dport     uint16
	proto, tos       uint8
	icmpType         uint8
	icmpCode         uint8
	first, mid, last uint8 // TCP flags of the first, the middle and the last packet
	start, end       int64
	packets, bytes   uint64
	salt             uint64 // drives what devices do at random with this run
	done             uint64 // packets that have left the flow cache already
	path             path
}

// path is where a run is metered: which device, in and out of which interface.
type path struct {
	device  uint8
	in, out uint8
}

// packetAt is the time of packet i.
func (r *run) packetAt(i uint64) int64 {
	if i == 0 || r.packets == 1 {
		return r.start
	}
	return r.start + mulDiv(r.end-r.start, i, r.packets-1)
}

// bytesUpTo is the size of the first n packets together.
func (r *run) bytesUpTo(n uint64) uint64 { return uint64(mulDiv(int64(r.bytes), n, r.packets)) }

// lastBefore is the last packet sent before t, at least packet from.
func (r *run) lastBefore(t int64, from uint64) uint64 {
	if r.end < t {
		return r.packets - 1
	}
	span := r.end - r.start
	if span == 0 || t <= r.start {
		return from
	}
	i := uint64(mulDiv(t-r.start, r.packets-1, uint64(span)))
	for i > from && r.packetAt(i) >= t {
		i--
	}
	return max(i, from)
}

// cut shortens the run so that no packet is sent at end or later. It reports
// false where nothing is left.
func (r *run) cut(end int64) bool {
	if r.start >= end {
		return false
	}
	if r.end < end {
		return true
	}
	n := r.lastBefore(end, 0) + 1
	last := r.packetAt(n - 1)
	r.bytes, r.packets, r.end, r.last = r.bytesUpTo(n), n, last, r.mid
	return true
}

// flags are the TCP flags of packets from to to, both included.
func (r *run) flags(from, to uint64) uint8 {
	var f uint8
	if from == 0 {
		f |= r.first
	}
	if to == r.packets-1 {
		f |= r.last
	}
	if to > from+1 || to > from && (from > 0 || to < r.packets-1) || from == to && from > 0 && to < r.packets-1 {
		f |= r.mid
	}
	return f
}

// closes reports whether the last packet makes a device end the flow at once.
func (r *run) closes() bool {
	return r.proto == encode.TCP && r.last&(encode.FIN|encode.RST) != 0
}

// mulDiv is a*b/c without overflow of the product; a is not negative.
func mulDiv(a int64, b, c uint64) int64 {
	hi, lo := bits.Mul64(uint64(a), b)
	if hi >= c {
		return 1<<63 - 1
	}
	q, _ := bits.Div64(hi, lo, c)
	return int64(q)
}
