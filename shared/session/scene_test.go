package session_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/session"
)

const sec = int64(time.Second)

// base is when the scenes begin.
const base = 1_700_000_000 * sec

const (
	syn, ack, psh, fin, rst = flow.SYN, flow.ACK, flow.PSH, flow.FIN, flow.RST
	all                     = syn | ack | psh | fin
)

// r describes a record: seconds from the base of the scene, endpoints as text, the counters of both directions.
type r struct {
	from, to       string
	start, end     float64
	bytes, packets uint64
	back, backPkts uint64 // reverse counters of biflows
	flags          uint16
	proto          uint8  // 0: TCP
	exporter       string // "": x
	natFrom, natTo string
	icmp           uint8
	inIf           uint32
	wait           float64 // seconds from end to arrival
	elements       []flow.Element
	sampling       float64
}

var exporters = map[string]uint32{"": 0xc0000201, "x": 0xc0000201, "y": 0xc0000202, "z": 0xc0000203}

func at(s float64) int64 { return base + int64(s*1e9) }

func end(s string) (flow.Addr, uint16) {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return flow.AddrFromNetip(ap.Addr()), ap.Port()
	}
	return flow.AddrFromNetip(netip.MustParseAddr(s)), 0
}

// put appends the record to a batch; number makes its identity.
func (d r) put(b *flow.Batch, number int) {
	x := b.Grow()
	x.ID = flow.EventID{Datagram: flow.DatagramID{Hi: uint64(number) * 7919, Lo: 5}, Record: uint32(number)}
	x.Source.IP, x.Source.Port = end(d.from)
	x.Destination.IP, x.Destination.Port = end(d.to)
	x.Start, x.End = at(d.start), at(d.end)
	x.Created = x.End + int64(d.wait*1e9)
	x.Exporter = flow.AddrFrom4(exporters[d.exporter])
	x.Source.Bytes, x.Source.Packets, x.Destination.Bytes, x.Destination.Packets = d.bytes, d.packets, d.back, d.backPkts
	x.Bytes, x.Packets = d.bytes+d.back, d.packets+d.backPkts
	x.SamplingInterval = max(d.sampling, 1)
	x.RawBytes, x.RawPackets = x.Bytes/uint64(x.SamplingInterval), x.Packets/uint64(x.SamplingInterval)
	x.TCPFlags, x.IPProtocol, x.InIf = d.flags, d.proto, d.inIf
	x.Present = flow.HasSourceIP | flow.HasDestinationIP | flow.HasBytes | flow.HasPackets | flow.HasProtocol | flow.HasStart | flow.HasEnd
	switch d.proto {
	case 0:
		x.IPProtocol = 6
		x.Present |= flow.HasTCPFlags | flow.HasSourcePort | flow.HasDestinationPort
	case 1, 58:
		x.ICMPType = d.icmp
		x.Present |= flow.HasICMP
	}
	if d.back > 0 {
		x.Present |= flow.HasReverseBytes | flow.HasReversePackets
	}
	if d.natFrom != "" {
		x.Source.NAT, x.Source.NATPort = end(d.natFrom)
		x.Present |= flow.HasSourceNATPort
	}
	if d.natTo != "" {
		x.Destination.NAT, x.Destination.NATPort = end(d.natTo)
		x.Present |= flow.HasDestinationNATPort
	}
	for _, e := range d.elements {
		b.AppendElement(x, e)
	}
}

func batchOf(records []r) *flow.Batch {
	b := flow.NewBatch(len(records), nil)
	for i, d := range records {
		d.put(b, i)
	}
	return b
}

func newTable(t testing.TB, cfg session.Config) *session.Table {
	t.Helper()
	table, err := session.New(cfg, session.Deps{Secret: [16]byte{1}})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// play gives records by arrival, a few at a time, and returns what was told.
func play(t testing.TB, table *session.Table, b *flow.Batch, size int) (told []flow.Session) {
	t.Helper()
	records := slices.Clone(b.Records)
	slices.SortStableFunc(records, func(p, q flow.Record) int { return int(min(1, max(-1, p.Created-q.Created))) })
	for part := range slices.Chunk(records, size) {
		table.Observe(&flow.Batch{Records: part, Elements: b.Elements}, 0)
		told = append(told, table.Changes()...)
	}
	table.Flush()
	return append(told, table.Changes()...)
}

// last returns the last state of each session, by start.
func last(told []flow.Session) []flow.Session {
	byID := map[flow.SessionID]flow.Session{}
	for _, s := range told {
		s.Told = 0 // how often is a matter of when time is told to pass
		byID[s.ID] = s
	}
	var list []flow.Session
	for _, s := range byID {
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b flow.Session) int {
		if a.Start != b.Start {
			return int(min(1, max(-1, a.Start-b.Start)))
		}
		return slices.Compare([]uint64{a.ID.Hi, a.ID.Lo}, []uint64{b.ID.Hi, b.ID.Lo})
	})
	return list
}

// line is a session in short.
func line(s *flow.Session) string {
	text := fmt.Sprintf("%s>%s %g-%g %d/%d %s %g", name(&s.Client, s.Transport), name(&s.Server, s.Transport), float64(s.Start-base)/1e9,
		float64(s.End-base)/1e9, s.Client.Bytes, s.Server.Bytes, s.State, s.Confidence)
	if s.Copies > 0 {
		text += fmt.Sprintf(" copies=%d seen=%d", s.Copies, s.ExporterCount)
	}
	if s.Truncated {
		text += " truncated"
	}
	if s.Open {
		text += " open"
	}
	return text
}

func name(s *flow.SessionSide, proto uint8) string {
	if proto == 1 || proto == 58 {
		return s.IP.String()
	}
	return netip.AddrPortFrom(s.IP.Netip(), s.Port).String()
}

func lines(list []flow.Session) (out []string) {
	for i := range list {
		out = append(out, line(&list[i]))
	}
	return out
}

// shuffled returns the batch with arrivals moved by up to ten seconds.
func shuffled(b *flow.Batch, rng *rand.Rand) *flow.Batch {
	c := &flow.Batch{Records: slices.Clone(b.Records), Elements: b.Elements}
	for i := range c.Records {
		c.Records[i].Created += rng.Int64N(10 * sec)
	}
	rng.Shuffle(len(c.Records), func(i, j int) { c.Records[i], c.Records[j] = c.Records[j], c.Records[i] })
	return c
}

func check(t *testing.T, got []flow.Session, want ...string) {
	t.Helper()
	if d := cmp.Diff(want, lines(got)); d != "" {
		t.Errorf("sessions (-want +got):\n%s", d)
	}
}
