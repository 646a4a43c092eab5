package traffic

import (
	"encoding/binary"
	"math/rand/v2"

	"github.com/weirflow/weir/shared/traffic/encode"
)

// Sizes of the tables of draws: powers of two, so that an index wraps with a
// mask. Walking tables costs a fraction of drawing from a Zipf distribution.
const (
	benchSourceDraws = 1 << 21
	benchByteDraws   = 1 << 20
)

// benchService is one of the services of the mix; the weights add up to 64.
type benchService struct {
	proto  uint8
	flags  uint8
	port   uint16
	weight int
}

func benchServices() []benchService {
	const web = encode.SYN | encode.ACK | encode.PSH | encode.FIN
	return []benchService{
		{encode.TCP, web, 443, 24}, {encode.UDP, 0, 443, 10}, {encode.UDP, 0, 53, 10}, {encode.TCP, web, 80, 7},
		{encode.TCP, web, 25, 3}, {encode.TCP, web, 22, 2}, {encode.TCP, web, 993, 2}, {encode.TCP, web, 3389, 2},
		{encode.UDP, 0, 123, 2}, {encode.TCP, web, 8080, 2},
	}
}

// benchDraws holds the draws of a mix and where in a record they go. It does not
// change after newBenchDraws.
type benchDraws struct {
	ipfix    bool
	bootMs   int64
	size     int // of a record
	sources  []uint32
	bytes    []uint32
	services [64]benchService
	off      benchOffsets
}

// benchOffsets are the places of the fields that change.
type benchOffsets struct {
	src, dst, packets, bytes, first, last, sport, dport, flags, proto int
}

func newBenchDraws(cfg BenchConfig) *benchDraws {
	b := &benchDraws{ipfix: cfg.Protocol == encode.IPFIX, bootMs: cfg.Boot.UnixMilli()}
	b.offsets(benchLayout(cfg.Protocol))
	r := stream(cfg.Seed, "bench", 0)
	var blocks [32]uint32 // 32 * 65,536 addresses hold the 2 million sources
	for i := range blocks {
		blocks[i] = uint32(public16(r)) << 16
	}
	zipf := rand.NewZipf(r, benchZipf, 1, benchSources-1)
	b.sources = make([]uint32, benchSourceDraws)
	for i := range b.sources {
		rank := uint32(zipf.Uint64())
		if cfg.EvenSources > 0 {
			rank = uint32(i % cfg.EvenSources)
		}
		n := rank * 2654435761 % (1 << 21) // odd factor: ranks stay apart
		b.sources[i] = blocks[n>>16] | n&0xffff
	}
	tail := rand.NewZipf(r, 2, 1500, benchMaxBytes-100)
	b.bytes = make([]uint32, benchByteDraws)
	for i := range b.bytes {
		b.bytes[i] = 40 + uint32(tail.Uint64())
	}
	i := 0
	for _, s := range benchServices() {
		for range s.weight {
			b.services[i] = s
			i++
		}
	}
	return b
}

func (b *benchDraws) offsets(l encode.Layout) {
	at := func(id uint16) int {
		off, _, _ := l.Offset(id) // the layouts of the mix have them all
		return off
	}
	b.size = l.Size()
	b.off = benchOffsets{src: at(8), dst: at(12), packets: at(2), bytes: at(1), sport: at(7), dport: at(11), flags: at(6), proto: at(4)}
	b.off.first, b.off.last = at(22), at(21)
	if b.ipfix {
		b.off.first, b.off.last = at(152), at(153)
	}
}

// fill writes a new record into rec. The two tables have different lengths and
// are walked at different steps, so that pairs do not repeat.
func (b *benchDraws) fill(rec []byte, e *benchExporter, now int64) {
	be, x := binary.BigEndian, e.r.Uint64()
	e.at++
	bytes := b.bytes[(e.at*3+int(x>>58))&(benchByteDraws-1)]
	s := b.services[x&63]
	be.PutUint32(rec[b.off.src:], b.sources[(e.at+int(x>>40&0xff)*8191)&(benchSourceDraws-1)])
	d := uint32(x>>6&0x3ffffff) % benchDestinations
	be.PutUint32(rec[b.off.dst:], 10<<24|20<<16|d/250<<8|d%250+1)
	be.PutUint64(rec[b.off.bytes:], uint64(bytes))
	be.PutUint32(rec[b.off.packets:], 1+bytes/(400+uint32(x>>32&0x3ff)))
	be.PutUint16(rec[b.off.sport:], 1024+uint16(x>>16%64000))
	be.PutUint16(rec[b.off.dport:], s.port)
	rec[b.off.proto] = s.proto
	rec[b.off.flags] = s.flags
	// At least as long as 100 Mbit/s take, so that no record is impossible.
	b.times(rec, now, max(int64(x>>44)%benchSpan, int64(bytes/12_500)))
}

func (b *benchDraws) times(rec []byte, now, length int64) {
	be := binary.BigEndian
	if b.ipfix {
		be.PutUint64(rec[b.off.first:], uint64(now-length))
		be.PutUint64(rec[b.off.last:], uint64(now))
		return
	}
	be.PutUint32(rec[b.off.first:], uint32(now-length-b.bootMs))
	be.PutUint32(rec[b.off.last:], uint32(now-b.bootMs))
}
