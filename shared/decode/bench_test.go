package decode_test

import (
	"encoding/binary"
	"net/netip"
	"testing"

	"github.com/weirflow/weir/shared/decode"
	"github.com/weirflow/weir/shared/flow"
)

// twenty is a template of 20 fields as routers send it; 17 of them have a place in flow.Record.
var twenty = []uint16{8, 4, 12, 4, 15, 4, 10, 4, 14, 4, 2, 4, 1, 4, 22, 4, 21, 4, 7, 2, 11, 2, 6, 1, 4, 1, 5, 1, 16, 4, 17, 4, 9, 1, 13, 1, 61, 1, 136, 1}

// twentyIPFIX is the same with absolute times and the usual counters of 8 bytes.
var twentyIPFIX = []uint16{8, 4, 12, 4, 15, 4, 10, 4, 14, 4, 2, 8, 1, 8, 152, 8, 153, 8, 7, 2, 11, 2, 6, 2, 4, 1, 5, 1, 16, 4, 17, 4, 9, 1, 13, 1, 61, 1, 136, 1}

// record24 is 24 records of the fields with all bytes different from 0.
func records(fields []uint16, n int) []byte {
	size := 0
	for i := 1; i < len(fields); i += 2 {
		size += int(fields[i])
	}
	b := make([]byte, n*size)
	for i := range b {
		b[i] = byte(i*7 + 1)
	}
	return b
}

var exporterPort = netip.MustParseAddrPort("192.0.2.1:9995")

// feeder decodes the same datagram again and again with a new sequence number.
type feeder struct {
	d        *decode.Decoder
	b        *flow.Batch
	data     []byte
	sequence uint32
	at, step int // of the sequence number; its increment
}

func newFeeder(t testing.TB, template, data []byte, at, step int) *feeder {
	account, symbols := flow.NewAccount(), flow.NewSymbols()
	f := &feeder{d: decode.New(decode.Config{}, decode.Deps{Account: account, Symbols: symbols}), b: flow.NewBatch(64, symbols), data: data, at: at, step: step}
	if template != nil {
		if err := f.d.Decode(template, exporterPort, 1, f.b); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func (f *feeder) once(t testing.TB) {
	f.sequence += uint32(f.step)
	binary.BigEndian.PutUint32(f.data[f.at:], f.sequence)
	f.b.Reset()
	if err := f.d.Decode(f.data, exporterPort, 1, f.b); err != nil {
		t.Fatal(err)
	}
}

func feeders(t testing.TB) map[string]*feeder {
	v9template := v9(0, set(0, definition(256, twenty...)))
	ipfixTemplate := ipfix(0, set(2, definition(256, twentyIPFIX...)))
	withName := append(append([]uint16{}, twentyIPFIX...), 96, 65535)
	var variable []byte
	for range 24 {
		variable = put(variable, records(twentyIPFIX, 1), uint8(5), "https")
	}
	var fixed [][]byte
	for range 24 {
		fixed = append(fixed, records([]uint16{0, 48}, 1))
	}
	return map[string]*feeder{
		"v9":             newFeeder(t, v9template, v9(1, set(256, records(twenty, 24))), 12, 1),
		"ipfix":          newFeeder(t, ipfixTemplate, ipfix(0, set(256, records(twentyIPFIX, 24))), 8, 24),
		"ipfix variable": newFeeder(t, ipfix(0, set(2, definition(256, withName...))), ipfix(0, set(256, variable)), 8, 24),
		"v5":             newFeeder(t, nil, v5(0, 0, fixed...), 16, 24),
	}
}

func TestNoAllocations(t *testing.T) {
	for name, f := range feeders(t) {
		for range 2000 {
			f.once(t) // rings and batches grow to their size
		}
		if n := testing.AllocsPerRun(100, func() { f.once(t) }); n != 0 {
			t.Errorf("%s: %v allocations a datagram", name, n)
		}
		if len(f.b.Records) != 24 {
			t.Errorf("%s: %d records", name, len(f.b.Records))
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	for name, f := range feeders(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f.once(b)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/24, "ns/record")
		})
	}
}
