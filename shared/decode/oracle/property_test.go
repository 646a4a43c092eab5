package oracle

import (
	"net/netip"
	"testing"
	"time"

	"github.com/netsampler/goflow2/v2/decoders/netflow"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/traffic/encode"
)

// TestRoundTrip: random templates and records, written by the encoder of these tests, come out as they went in: the expected rows
// are made of the values that were written, without another decoder. Fields are of reduced size, of variable length, of enterprises
// and of the reverse direction.
func TestRoundTrip(t *testing.T) {
	for _, version := range []uint16{9, 10} {
		for seed := range uint64(1000) {
			e := newExporter(1_000_000+seed, version)
			list, want := e.told()
			got, account := weir(t, list)
			compare(t, got, want, noExcuse)
			if n := total(account, func(s *flow.Stream) uint64 { return s.Errors.Sum() }); n != 0 {
				t.Errorf("%d faults", n)
			}
			if t.Failed() {
				t.Fatalf("version %d, seed %d", version, seed)
			}
		}
	}
}

// told is a stream of data sets with the rows that their records are.
func (e *exporter) told() (list []datagram, rows []keyed) {
	sets, count := e.definitions()
	for n := range 3 {
		for id, fields := range e.templates {
			var body []byte
			for range 1 + e.IntN(6) {
				b, values := e.recordValues(fields)
				body = append(body, b...)
				rows = append(rows, keyed{n, elementsRow(set{version: e.version, exported: e.exported}, values)})
				count++
			}
			sets = append(sets, e.set(id, body, false))
		}
		list = append(list, datagram{payload: e.message(sets, count), source: e.source})
		sets, count = nil, 0
		e.sequence++
		e.exported++
		e.uptime += 1000
	}
	return list, rows
}

// recordValues makes up a record with its values apart.
func (e *exporter) recordValues(fields []field) (b []byte, values []netflow.DataField) {
	for _, f := range fields {
		one := e.record([]field{f})
		b = append(b, one...)
		switch {
		case f.length != 0xffff:
		case one[0] == 255:
			one = one[3:]
		default:
			one = one[1:]
		}
		values = append(values, netflow.DataField{PenProvided: f.pen != 0, Pen: f.pen, Type: f.id, Value: one})
	}
	return b, values
}

// fillable are the elements that the generator's encoder fills, with their widths.
var fillable = []choice{
	{"", 1, []uint16{4, 5, 8}}, {"", 2, []uint16{3, 4, 8}}, {"", 4, []uint16{1}}, {"", 5, []uint16{1}}, {"", 6, []uint16{1, 2}}, {"", 7, []uint16{2}}, {"", 11, []uint16{2}},
	{"", 10, []uint16{2, 3, 4}}, {"", 14, []uint16{2, 4}}, {"", 16, []uint16{4}}, {"", 17, []uint16{4}}, {"", 58, []uint16{2}}, {"", 61, []uint16{1}}, {"", 136, []uint16{1}},
}

// TestGeneratorRoundTrip: flows that the traffic generator's encoder writes, with random layouts, come out as they went in.
func TestGeneratorRoundTrip(t *testing.T) {
	for _, protocol := range []encode.Protocol{encode.NetFlow9, encode.IPFIX} {
		for seed := range uint64(300) {
			m := newMaker(seed)
			at := time.Unix(1_700_000_000, 0)
			e, err := encode.New(encode.Config{Protocol: protocol, Boot: at.Add(-time.Hour), V4: m.layout(8, 12, 4), V6: m.layout(27, 28, 16)})
			if err != nil {
				t.Fatal(err)
			}
			flows := m.flows(at)
			payloads, err := e.Datagrams(at, flows)
			if err != nil {
				t.Fatal(err)
			}
			var list []datagram
			for _, p := range payloads {
				list = append(list, datagram{payload: p, source: netip.MustParseAddrPort("192.0.2.1:2055")})
			}
			got, _ := weir(t, list)
			compareFlows(t, got, flows)
			if t.Failed() {
				t.Fatalf("%v, seed %d", protocol, seed)
			}
		}
	}
}

func (m maker) layout(src, dst, size uint16) encode.Layout {
	l := encode.Layout{{ID: src, Len: size}, {ID: dst, Len: size}, {ID: 152, Len: 8}, {ID: 153, Len: 8}}
	for _, c := range fillable {
		l = append(l, encode.Field{ID: c.id, Len: c.lengths[m.IntN(len(c.lengths))]})
	}
	m.Shuffle(len(l), func(i, j int) { l[i], l[j] = l[j], l[i] })
	return l
}

func (m maker) flows(at time.Time) (flows []encode.Flow) {
	for i := range 1 + m.IntN(60) {
		f := encode.Flow{
			SrcPort: uint16(m.Uint32()), DstPort: uint16(m.Uint32()), Protocol: 6, TCPFlags: uint8(m.Uint32()), TOS: uint8(m.Uint32()),
			In: m.Uint32N(1 << 16), Out: m.Uint32N(1 << 16), SrcAS: m.Uint32(), DstAS: m.Uint32(), Packets: m.Uint64N(1 << 24), Bytes: m.Uint64N(1 << 32),
			Start: at.Add(-time.Minute), End: at.Add(-time.Duration(m.IntN(60_000)) * time.Millisecond), EndReason: uint8(1 + m.IntN(3)), VLAN: uint16(1 + m.IntN(4000)),
		}
		v4 := i%2 == 0
		f.Src, f.Dst = m.addr(v4), m.addr(v4)
		flows = append(flows, f)
	}
	return flows
}

func (m maker) addr(v4 bool) netip.Addr {
	n := 16
	if v4 {
		n = 4
	}
	b := m.bytes(n)
	b[0] = 0x20
	a, _ := netip.AddrFromSlice(b)
	return a
}

// compareFlows holds rows against flows; a datagram has the flows of either family together, so the port pairs order them.
func compareFlows(t *testing.T, got []keyed, flows []encode.Flow) {
	t.Helper()
	if len(got) != len(flows) {
		t.Fatalf("%d records of %d flows", len(got), len(flows))
	}
	byKey := map[string]row{}
	for _, g := range got {
		byKey[g.row[kSrc]+g.row[kSrcPort]+g.row[kDst]] = g.row
	}
	for _, f := range flows {
		r := byKey[f.Src.String()+number(f.SrcPort)+f.Dst.String()]
		want := row{
			kSrc: f.Src.String(), kDst: f.Dst.String(), kSrcPort: number(f.SrcPort), kDstPort: number(f.DstPort), kProtocol: "6", kFlags: number(f.TCPFlags),
			kToS: number(f.TOS), kIn: number(f.In), kOut: number(f.Out), kSrcAS: number(f.SrcAS), kDstAS: number(f.DstAS), kPackets: number(f.Packets),
			kBytes: number(f.Bytes), kStart: number(f.Start.UnixNano()), kEnd: number(f.End.UnixNano()), kEndReason: number(f.EndReason), kVLAN: number(f.VLAN),
		}
		for name, v := range want {
			if r[name] != v {
				t.Errorf("%s is %q, the flow has %q", name, r[name], v)
			}
		}
	}
}
