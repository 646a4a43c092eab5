package decode_test

import (
	"math/rand/v2"
	"net/netip"
	"runtime"
	"testing"

	"github.com/weirflow/weir/shared/decode"
	"github.com/weirflow/weir/shared/flow"
)

// noise makes datagrams of any content behind a header that leads to each of the decoders.
type noise struct{ *rand.Rand }

func (n noise) bytes(size int) []byte {
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(n.Uint32())
	}
	return b
}

func (n noise) datagram(sequence uint32) []byte {
	domain := n.Uint32N(4)
	switch n.IntN(6) {
	case 0:
		return n.bytes(n.IntN(200))
	case 1:
		return put(uint16(5), uint16(n.IntN(40)), headerUptime, headerSeconds, uint32(0), sequence, uint16(domain), uint16(n.Uint32()), n.bytes(n.IntN(1400)))
	case 2:
		return put(uint32(5), uint32(1), ip("192.0.2.9"), domain, sequence, headerUptime, uint32(n.IntN(4)), n.bytes(n.IntN(1400)))
	case 3:
		return put(uint16(9), uint16(n.IntN(40)), headerUptime, headerSeconds, sequence, domain, n.sets(0))
	default:
		body := n.sets(2)
		return put(uint16(10), uint16(16+len(body)), headerSeconds, sequence, domain, body)
	}
}

// sets are templates, options templates and data of few and of many ids.
func (n noise) sets(templates uint16) (b []byte) {
	for range 1 + n.IntN(5) {
		id := uint16(256 + n.IntN(1<<n.IntN(15)))
		switch n.IntN(4) {
		case 0:
			b = append(b, set(id, n.bytes(n.IntN(300)))...)
		case 1:
			b = append(b, set(templates+1, put(id, uint16(2), uint16(1)), fieldSpec(302, 2), fieldSpec(uint16(82+n.IntN(14)), 8))...)
		case 2:
			b = append(b, set(templates+uint16(n.IntN(2)), n.bytes(4*n.IntN(40)))...)
		default:
			pairs := make([]uint16, 0, 40)
			for range 1 + n.IntN(20) {
				pairs = append(pairs, uint16(n.IntN(500)), []uint16{0, 1, 2, 4, 8, 16, 65535}[n.IntN(7)])
			}
			b = append(b, set(templates, definition(id, pairs...))...)
		}
	}
	return b
}

// TestNoiseIsBounded: whatever datagrams come, a decoder with full tables takes no more memory than before, and keeps its accounts.
func TestNoiseIsBounded(t *testing.T) {
	const datagrams, most = 30_000, 4 << 20
	account, symbols := flow.NewAccount(), flow.NewSymbols()
	d := decode.New(fuzzCaps, decode.Deps{Account: account, Symbols: symbols})
	b := flow.NewBatch(64, symbols)
	n := noise{rand.New(rand.NewPCG(1, 2))}
	var before uint64
	for i := range uint32(datagrams) {
		b.Reset()
		from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(n.IntN(3))}), 2055)
		_ = d.Decode(n.datagram(i), from, int64(i)*1e6, b)
		if i == datagrams/3 {
			before = heap()
		}
	}
	if after := heap(); after > before+most {
		t.Errorf("%d bytes after two thirds of the datagrams, %d at their end", before, after)
	}
	runtime.KeepAlive(d)
	for _, s := range account.Streams() {
		if in, out := s.Sets.Load(), s.SetsDecoded.Load()+uint64(s.Waiting.Load())+s.SetsExpired.Sum(); in != out {
			t.Errorf("%v: %d sets, %d decoded, waiting or expired", s.Key, in, out)
		}
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
