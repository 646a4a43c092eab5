package detect

import (
	"math/rand/v2"
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

// benchMix is a minute of a busy network at 100,000 records/s, cut down: eight exporters, 24 records a datagram, sources
// Zipf(1.1) over two million, 5,000 inside destinations, ten services, flows that began up to a minute earlier. A third goes out.
type benchMix struct {
	rng   *rand.Rand
	zipf  *rand.Zipf
	clock int64
	batch *flow.Batch
}

const benchBatch = 2048

func newBenchMix(symbols *flow.Symbols) *benchMix {
	rng := rand.New(rand.NewPCG(1, 1))
	return &benchMix{rng: rng, zipf: rand.NewZipf(rng, 1.1, 1, 2_000_000), clock: t0, batch: flow.NewBatch(benchBatch, symbols)}
}

func (m *benchMix) fill() {
	m.batch.Reset()
	ports := [...]uint16{443, 443, 443, 80, 53, 53, 443, 123, 22, 25}
	for i := range benchBatch {
		m.clock += second / 100_000
		if i%24 == 0 {
			m.batch.Datagrams = append(m.batch.Datagrams, flow.Datagram{Received: m.clock, Exported: m.clock})
		}
		d := len(m.batch.Datagrams) - 1
		r := m.batch.Grow()
		port := ports[m.rng.IntN(len(ports))]
		client := flow.Endpoint{IP: flow.AddrFrom4(0x0A000000 + m.rng.Uint32N(5000)), Port: uint16(1024 + m.rng.IntN(60000))}
		server := flow.Endpoint{IP: outside(int(m.zipf.Uint64())), Port: port}
		*r = flow.Record{
			Present:  flow.HasSourceIP | flow.HasDestinationIP | flow.HasSourcePort | flow.HasDestinationPort | flow.HasBytes | flow.HasPackets | flow.HasInIf,
			Exporter: flow.AddrFrom4(0xC0000200 + uint32(d%8)), Protocol: flow.NetFlow9, IPProtocol: protoTCP, TCPFlags: 0x1b, SamplingInterval: 1,
			End: m.clock - m.rng.Int64N(second), Created: m.clock, Meta: uint32(d), Direction: flow.Inbound,
		}
		r.Start = r.End - m.rng.Int64N(60*second)
		if port == 53 || port == 123 || (port == 443 && i%3 == 0) {
			r.IPProtocol, r.TCPFlags = protoUDP, 0
		}
		r.Source, r.Destination = server, client
		if i%3 == 0 {
			r.Source, r.Destination, r.Direction = client, server, flow.Outbound
		}
		r.Source.Packets = 1 + m.rng.Uint64N(50)
		r.Source.Bytes = r.Source.Packets * (60 + m.rng.Uint64N(1400))
		r.Bytes, r.Packets = r.Source.Bytes, r.Source.Packets
	}
}

func benchEngine(b testing.TB) (*Engine, *flow.Symbols) {
	symbols := flow.NewSymbols()
	e, err := New(DefaultConfig(), Deps{Symbols: symbols, Secret: [16]byte{1}})
	if err != nil {
		b.Fatal(err)
	}
	return e, symbols
}

func BenchmarkMix(b *testing.B) {
	e, symbols := benchEngine(b)
	m := newBenchMix(symbols)
	for m.clock < t0+150*second {
		m.fill()
		e.Observe(m.batch, m.clock)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for n := 0; n < b.N; n += benchBatch {
		b.StopTimer()
		m.fill()
		b.StartTimer()
		e.Observe(m.batch, m.clock)
	}
	b.Logf("%+v", e.Stats())
}

// flood turns what goes in into a spoofed flood on one host.
func (m *benchMix) flood() {
	m.fill()
	for i := range m.batch.Records {
		r := &m.batch.Records[i]
		r.Direction, r.IPProtocol, r.TCPFlags = flow.Inbound, protoUDP, 0
		r.Source.IP, r.Source.Port = outside(m.rng.IntN(1_000_000)), uint16(m.rng.IntN(65536))
		r.Destination = flow.Endpoint{IP: victim, Port: 80}
		r.Start = r.End
	}
}

func BenchmarkFlood(b *testing.B) {
	e, symbols := benchEngine(b)
	m := newBenchMix(symbols)
	for m.clock < t0+20*second {
		m.flood()
		e.Observe(m.batch, m.clock)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for n := 0; n < b.N; n += benchBatch {
		b.StopTimer()
		m.flood()
		b.StartTimer()
		e.Observe(m.batch, m.clock)
	}
	b.Logf("%+v", e.Stats())
}
