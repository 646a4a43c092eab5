package session_test

import (
	"math/rand/v2"
	"testing"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/session"
)

// load makes batches of records as a collector gets them: most are of short connections with both directions, some are pieces of
// long ones. It moves on in time by 100 ms a batch of 1000, which is 10,000 records a second.
type load struct {
	rng   *rand.Rand
	batch *flow.Batch
	now   int64
}

func newLoad() *load {
	l := &load{rng: rand.New(rand.NewPCG(1, 1)), batch: flow.NewBatch(1000, nil), now: base}
	b := l.batch
	for i := range 1000 {
		r{from: "10.0.0.1:40000", to: "192.0.2.1:443", bytes: 500, packets: 5, flags: all}.put(b, i)
	}
	return l
}

func (l *load) next() *flow.Batch {
	l.now += sec / 10
	for i := 0; i < len(l.batch.Records); i += 2 {
		p, q := &l.batch.Records[i], &l.batch.Records[i+1]
		host, port := l.rng.Uint32N(1<<16), uint16(l.rng.Uint32())
		length := l.rng.Int64N(5 * sec)
		if i%10 == 0 { // of the long ones there are 8192
			host, port, length = l.rng.Uint32N(1<<13), 50000, 60*sec
		}
		p.Source.IP, p.Source.Port = flow.AddrFrom4(0x0a000000+host), port
		p.Destination.IP = flow.AddrFrom4(0xc0000200 + host%64)
		p.Created, p.End, p.Start = l.now, l.now-l.rng.Int64N(10*sec), l.now-10*sec-length
		p.ID.Datagram.Hi, q.ID.Datagram.Hi = l.rng.Uint64(), l.rng.Uint64()
		q.Source.IP, q.Source.Port, q.Destination.IP, q.Destination.Port = p.Destination.IP, p.Destination.Port, p.Source.IP, p.Source.Port
		q.Created, q.Start, q.End = p.Created, p.Start+sec/100, p.End
	}
	return l.batch
}

func BenchmarkTable(b *testing.B) {
	table, l := newTable(b, session.Config{}), newLoad()
	round := func() {
		table.Observe(l.next(), 0)
		_ = table.Changes()
	}
	for range 3000 { // five minutes: until as many sessions end as begin
		round()
	}
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		round()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/record")
	b.ReportMetric(float64(table.Stats().Sessions), "sessions")
}

// BenchmarkLoad is the cost of making the load alone, to be taken off the others.
func BenchmarkLoad(b *testing.B) {
	l := newLoad()
	for range b.N {
		l.next()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/record")
}

func BenchmarkDuplicates(b *testing.B) {
	d, l := newDuplicates(b, session.DuplicatesConfig{}), newLoad()
	for range 3000 {
		d.Mark(l.next())
	}
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		d.Mark(l.next())
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/record")
}

// TestAllocations: in steady state nothing is allocated.
func TestAllocations(t *testing.T) {
	table, l, d := newTable(t, session.Config{Sessions: 1 << 12, Held: 1 << 13, Servers: 1 << 10}), newLoad(), newDuplicates(t, session.DuplicatesConfig{Flows: 1 << 12})
	round := func() {
		b := l.next()
		for i := range b.Records {
			b.Records[i].Present &^= flow.HasDuplicateOf
		}
		d.Mark(b)
		table.Observe(b, 0)
		_ = table.Changes()
	}
	for range 150 {
		round()
	}
	// What is told of at once has room after some time; that slack of 1 is for a slice that still grows.
	if n := testing.AllocsPerRun(50, round); n > 1 {
		t.Errorf("%g allocations a batch of 1000", n)
	}
}

// FuzzTable: whatever the records are, each one is part of what is told or counted.
func FuzzTable(f *testing.F) {
	f.Add([]byte("0123456789abcdefghijklmnopqrstuvwxyz"), uint8(3))
	f.Add([]byte{0xff, 0, 0xff, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0}, uint8(1))
	f.Fuzz(func(t *testing.T, data []byte, limit uint8) {
		table := newTable(t, session.Config{Sessions: 1 + int(limit), Held: 1 + int(limit)})
		b := flow.NewBatch(16, nil)
		for i := 0; i+8 <= len(data); i += 8 {
			d := data[i : i+8]
			v := r{from: a, to: b2(d[0]), start: float64(d[1]) - float64(d[2]), end: float64(d[1]), wait: float64(d[3]), flags: uint16(d[4]),
				bytes: uint64(d[5]), packets: uint64(d[5]), back: uint64(d[6] & 1), proto: []uint8{0, 0, 17, 1, 58}[d[7]%5], icmp: d[4]}
			v.exporter = []string{"x", "y", "z"}[d[6]>>1%3]
			if d[7]&0x80 != 0 {
				v.natFrom = c
			}
			if d[7]&0x40 != 0 {
				v.from, v.to = v.to, v.from
			}
			v.put(b, i)
		}
		told := last(play(t, table, b, 3))
		var sum uint64
		for i := range told {
			sum += uint64(told[i].Records) + uint64(told[i].Copies)
		}
		if s := table.Stats(); s.Records != uint64(len(b.Records)) || s.Sessions != 0 || sum > s.Records {
			t.Errorf("%d records, %d in sessions, %+v", len(b.Records), sum, s)
		}
	})
}

func b2(n byte) string { return []string{b, c, high, a}[n%4] }
