package session_test

import (
	"math/rand/v2"
	"testing"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/session"
)

const (
	a, b, c = "10.0.0.5:50000", "192.0.2.80:443", "10.0.0.6:50001"
	high    = "192.0.2.80:40000"
)

func uintElement(pen uint32, id uint16, v byte) []flow.Element {
	return []flow.Element{{PEN: pen, ID: id, Kind: flow.ElementUint, Value: []byte{v}}}
}

func uintElement16(id uint16, v uint16) []flow.Element {
	return []flow.Element{{ID: id, Kind: flow.ElementUint, Value: []byte{byte(v >> 8), byte(v)}}}
}

var quirks = []struct {
	name    string
	records []r
	want    []string
}{
	{"both directions of a connection", []r{
		{from: a, to: b, start: 0, end: 10, bytes: 1000, packets: 10, flags: all},
		{from: b, to: a, start: 0.05, end: 10, bytes: 5000, packets: 8, flags: all},
	}, []string{a + ">" + b + " 0-10 1000/5000 EST 0.85"}},
	{"pieces cut by the active timeout, the opening only in the first", []r{
		{from: a, to: b, start: 0, end: 60, bytes: 100, packets: 2, flags: syn | ack | psh},
		{from: a, to: b, start: 61, end: 120, bytes: 100, packets: 2, flags: ack | psh},
		{from: a, to: b, start: 136, end: 180, bytes: 100, packets: 2, flags: ack | psh | fin},
	}, []string{a + ">" + b + " 0-180 300/0 UNI 0.75"}},
	{"a gap longer than the inactive timeout and 2 s", []r{
		{from: a, to: b, start: 0, end: 60, bytes: 100, packets: 2, flags: syn | ack | psh},
		{from: a, to: b, start: 77.001, end: 90, bytes: 200, packets: 2, flags: ack | psh},
	}, []string{a + ">" + b + " 0-60 100/0 UNI 0.75", a + ">" + b + " 77.001-90 200/0 UNI 0.75"}},
	{"the gap of one side is bridged by the other", []r{
		{from: a, to: b, start: 0, end: 10, bytes: 100, packets: 2, flags: syn | ack | psh},
		{from: b, to: a, start: 0.1, end: 45, bytes: 900, packets: 2, flags: syn | ack | psh},
		{from: a, to: b, start: 50, end: 55, bytes: 200, packets: 2, flags: ack | psh | fin},
	}, []string{a + ">" + b + " 0-55 300/900 EST 0.85"}},
	{"ports used anew right after the close", []r{
		{from: a, to: b, start: 0, end: 1, bytes: 100, packets: 5, flags: all},
		{from: b, to: a, start: 0.1, end: 1, bytes: 700, packets: 5, flags: all},
		{from: a, to: b, start: 1.5, end: 3, bytes: 10, packets: 5, flags: all},
		{from: b, to: a, start: 1.6, end: 3, bytes: 70, packets: 5, flags: all},
	}, []string{a + ">" + b + " 0-1 100/700 EST 0.85", a + ">" + b + " 1.5-3 10/70 EST 0.85"}},
	{"a SYN sent again without a close stays", []r{
		{from: a, to: b, start: 0, end: 0, bytes: 60, packets: 1, flags: syn},
		{from: a, to: b, start: 3, end: 3, bytes: 60, packets: 1, flags: syn},
	}, []string{a + ">" + b + " 0-3 120/0 S0 0.95"}},
	{"a tail after the close stays", []r{
		{from: a, to: b, start: 0, end: 1, bytes: 100, packets: 5, flags: all},
		{from: a, to: b, start: 2, end: 2, bytes: 40, packets: 1, flags: ack},
	}, []string{a + ">" + b + " 0-2 140/0 UNI 0.75"}},
	{"refused", []r{
		{from: a, to: b, start: 0, end: 0, bytes: 60, packets: 1, flags: syn},
		{from: b, to: a, start: 0.001, end: 0.001, bytes: 40, packets: 1, flags: rst | ack},
	}, []string{a + ">" + b + " 0-0.001 60/40 REJ 0.95"}},
	{"handshake only", []r{
		{from: a, to: b, start: 0, end: 1, bytes: 164, packets: 3, flags: syn | ack | fin},
		{from: b, to: a, start: 0.1, end: 1, bytes: 112, packets: 2, flags: syn | ack | fin},
	}, []string{a + ">" + b + " 0-1 164/112 EST0 0.85"}},
	{"half open: a SYN answered, no more", []r{
		{from: a, to: b, start: 0, end: 0, bytes: 44, packets: 1, flags: syn},
		{from: b, to: a, start: 0.001, end: 0.001, bytes: 44, packets: 1, flags: syn | ack},
	}, []string{a + ">" + b + " 0-0.001 44/44 EST0 0.95"}},
	{"answers to what was never asked: SYN/ACK", []r{
		{from: b, to: a, start: 0, end: 0, bytes: 44, packets: 1, flags: syn | ack},
	}, []string{a + ">" + b + " 0-0 0/44 BSC 0.95"}},
	{"answers to what was never asked: RST", []r{
		{from: b, to: a, start: 0, end: 0, bytes: 44, packets: 1, flags: rst},
	}, []string{a + ">" + b + " 0-0 0/44 BSC 0.95"}},
	{"reverse direction only, in the middle", []r{
		{from: b, to: a, start: 0, end: 30, bytes: 900, packets: 3, flags: ack | psh},
	}, []string{a + ">" + b + " 0-30 0/900 UNI 0.75"}},
	{"no flags from hardware that loses them", []r{
		{from: a, to: b, start: 0, end: 30, bytes: 900, packets: 3},
		{from: b, to: a, start: 1, end: 30, bytes: 90, packets: 3},
	}, []string{a + ">" + b + " 0-30 900/90 MID 0.75"}},
	{"UDP with and without reply; who was first decides between high ports", []r{
		{from: high, to: a, start: 0, end: 1, bytes: 60, packets: 1, proto: 17},
		{from: a, to: high, start: 0.2, end: 1, bytes: 90, packets: 1, proto: 17},
		{from: c, to: high, start: 0.5, end: 1, bytes: 90, packets: 1, proto: 17},
	}, []string{high + ">" + a + " 0-1 60/90 QR 0.85", c + ">" + high + " 0.5-1 90/0 Q 0.55"}},
	{"times closer than three times the clock's error tell nothing", []r{
		{from: b, to: a, start: 0, end: 1, bytes: 60, packets: 1, proto: 17},
		{from: a, to: b, start: 0.002, end: 1, bytes: 90, packets: 1, proto: 17},
	}, []string{a + ">" + b + " 0-1 90/60 QR 0.75"}},
	{"times of two exporters are not compared", []r{
		{from: b, to: a, start: 0, end: 1, bytes: 60, packets: 1, proto: 17},
		{from: a, to: b, start: 0.5, end: 1, bytes: 90, packets: 1, proto: 17, exporter: "y"},
	}, []string{a + ">" + b + " 0-1 90/60 QR 0.75"}},
	{"a biflow is taken as it is, from the initiator's side", []r{
		{from: high, to: b, start: 0, end: 5, bytes: 60, packets: 4, back: 900, backPkts: 5, flags: all},
	}, []string{high + ">" + b + " 0-5 60/900 EST 0.95"}},
	{"biflowDirection: reverse initiator", []r{
		{from: b, to: a, start: 0, end: 5, bytes: 60, packets: 4, back: 900, backPkts: 5, flags: all, elements: uintElement(0, 239, 2)},
	}, []string{a + ">" + b + " 0-5 900/60 EST 1"}},
	{"reverse flags of a biflow (RFC 5103): refused", []r{
		{from: a, to: b, start: 0, end: 5, bytes: 60, packets: 1, back: 40, backPkts: 1, flags: syn, elements: uintElement(29305, 6, rst|ack)},
	}, []string{a + ">" + b + " 0-5 60/40 REJ 0.95"}},
	{"reverse flags of YAF: refused", []r{
		{from: a, to: b, start: 0, end: 5, bytes: 60, packets: 1, back: 40, backPkts: 1, flags: syn, elements: uintElement(6871, 14|0x4000, rst|ack)},
	}, []string{a + ">" + b + " 0-5 60/40 REJ 0.95"}},
	{"ICMP echo, the reply first", []r{
		{from: "192.0.2.80", to: "10.0.0.5", start: 0, end: 5, bytes: 84, packets: 1, proto: 1, icmp: 0},
		{from: "10.0.0.5", to: "192.0.2.80", start: 0, end: 5, bytes: 84, packets: 1, proto: 1, icmp: 8},
	}, []string{"10.0.0.5>192.0.2.80 0-5 84/84 QR 0.95"}},
	{"ICMP errors are no reply", []r{
		{from: "10.0.0.5", to: "192.0.2.80", start: 0, end: 5, bytes: 84, packets: 1, proto: 1, icmp: 8},
		{from: "192.0.2.80", to: "10.0.0.5", start: 1, end: 5, bytes: 56, packets: 1, proto: 1, icmp: 3},
	}, []string{"10.0.0.5>192.0.2.80 0-5 84/0 Q 0.95", "10.0.0.5>192.0.2.80 1-5 0/56 BSC 0.95"}},
	{"NAT: the reply is exported with the translated address", []r{
		{from: a, to: b, start: 0, end: 5, bytes: 100, packets: 4, flags: all, natFrom: "203.0.113.1:4000"},
		{from: b, to: "203.0.113.1:4000", start: 0.1, end: 5, bytes: 900, packets: 4, flags: all},
	}, []string{a + ">" + b + " 0-5 100/900 EST 0.85"}},
	{"NAT: the reply carries both addresses and comes first", []r{
		{from: b, to: "203.0.113.1:4000", natTo: a, start: 0.1, end: 4, bytes: 900, packets: 4, flags: all},
		{from: a, to: b, start: 0, end: 5, bytes: 100, packets: 4, flags: all, natFrom: "203.0.113.1:4000"},
	}, []string{"203.0.113.1:4000>" + b + " 0-5 100/900 EST 0.85"}},
	{"NAT of the destination: a forwarded port", []r{
		{from: "198.51.100.7:50000", to: "203.0.113.1:80", natTo: "10.0.0.9:8080", start: 0, end: 5, bytes: 100, packets: 4, flags: all},
		{from: "10.0.0.9:8080", to: "198.51.100.7:50000", natFrom: "203.0.113.1:80", start: 0.1, end: 5, bytes: 900, packets: 4, flags: all},
	}, []string{"198.51.100.7:50000>203.0.113.1:80 0-5 100/900 EST 0.85"}},
	{"a copy of another device behind the same address, told apart by port (exporterTransportPort)", []r{
		{from: a, to: b, start: 0, end: 60, bytes: 100, packets: 4, flags: all, elements: uintElement16(217, 40001)},
		{from: a, to: b, start: 0.1, end: 60.1, bytes: 100, packets: 4, flags: all, elements: uintElement16(217, 40002)},
	}, []string{a + ">" + b + " 0-60 100/0 UNI 0.75 copies=1 seen=2"}},
	{"another exporter's copies are seen, not summed", []r{
		{from: a, to: b, start: 0, end: 60, bytes: 100, packets: 4, flags: syn | ack | psh},
		{from: a, to: b, start: 0.1, end: 60.1, bytes: 100, packets: 4, flags: syn | ack | psh, exporter: "y"},
		{from: a, to: b, start: 60, end: 90, bytes: 50, packets: 4, flags: ack | psh | fin},
		{from: a, to: b, start: 30, end: 90.1, bytes: 70, packets: 4, flags: ack | psh | fin, exporter: "y"},
		{from: b, to: a, start: 1, end: 90, bytes: 30, packets: 4, flags: all, exporter: "y"},
	}, []string{a + ">" + b + " 0-90 150/30 EST 0.75 copies=2 seen=2"}},
	{"two interfaces of one exporter are no copies", []r{
		{from: a, to: b, start: 0, end: 60, bytes: 100, packets: 4, flags: all, inIf: 1},
		{from: a, to: b, start: 0, end: 60, bytes: 70, packets: 4, flags: all, inIf: 2},
	}, []string{a + ">" + b + " 0-60 170/0 UNI 0.75"}},
	{"egress metering of the same exporter is a copy of its ingress metering", []r{
		{from: a, to: b, start: 0, end: 60, bytes: 100, packets: 4, flags: all, elements: uintElement(0, 61, 0)},
		{from: a, to: b, start: 0, end: 60.001, bytes: 100, packets: 4, flags: all, elements: uintElement(0, 61, 1)},
	}, []string{a + ">" + b + " 0-60 100/0 UNI 0.75 copies=1 seen=1"}},
	{"the flow moves to another exporter", []r{
		{from: a, to: b, start: 0, end: 60, bytes: 100, packets: 4, flags: syn | ack | psh},
		{from: b, to: a, start: 0.1, end: 100, bytes: 30, packets: 4, flags: all},
		{from: a, to: b, start: 80, end: 110, bytes: 60, packets: 4, flags: ack | psh, exporter: "y"},
	}, []string{a + ">" + b + " 0-110 160/30 EST 0.75"}},
	{"sampled: REJ counts sampled packets", []r{
		{from: a, to: b, start: 0, end: 0, bytes: 60000, packets: 1000, flags: syn, sampling: 1000},
		{from: b, to: a, start: 0, end: 0, bytes: 40000, packets: 1000, flags: syn | rst | ack, sampling: 1000},
	}, []string{a + ">" + b + " 0-0 60000/40000 REJ 0.95"}},
	{"start after end", []r{
		{from: a, to: b, start: 5, end: 1, bytes: 60, packets: 1, flags: syn},
	}, []string{a + ">" + b + " 1-1 60/0 S0 0.95"}},
	{"a piece from long before what is open is a session of its own", []r{
		{from: a, to: b, start: 100, end: 110, bytes: 60, packets: 1, flags: ack | psh},
		{from: a, to: b, start: 20, end: 30, bytes: 10, packets: 1, flags: ack | psh, wait: 130},
	}, []string{a + ">" + b + " 20-30 10/0 UNI 0.75", a + ">" + b + " 100-110 60/0 UNI 0.75"}},
}

func TestQuirks(t *testing.T) {
	for _, q := range quirks {
		t.Run(q.name, func(t *testing.T) {
			records := batchOf(q.records)
			got := last(play(t, newTable(t, session.Config{}), records, 1))
			check(t, got, q.want...)
			rng := rand.New(rand.NewPCG(1, 2))
			for range 5 {
				again := last(play(t, newTable(t, session.Config{}), shuffled(records, rng), 2))
				check(t, again, q.want...)
				for i := range min(len(again), len(got)) {
					if again[i].ID != got[i].ID {
						t.Errorf("session %d has another id", i)
					}
				}
			}
		})
	}
}

// TestUnknownSampling: a session of which one record's interval is not known has an unknown interval, not the other's.
func TestUnknownSampling(t *testing.T) {
	records := batchOf([]r{
		{from: a, to: b, start: 0, end: 5, bytes: 100, packets: 4, flags: all, sampling: 100},
		{from: b, to: a, start: 0, end: 5, bytes: 900, packets: 4, flags: all},
	})
	for want, source := range map[float64]flow.SamplingSource{0: flow.SamplingUnknown, 100: flow.SamplingAssumed} {
		records.Records[1].SamplingSource = source
		got := last(play(t, newTable(t, session.Config{}), records, 1))
		if len(got) != 1 || got[0].SamplingInterval != want {
			t.Errorf("%v: %d sessions, interval %v, want %v", source, len(got), got[0].SamplingInterval, want)
		}
	}
}
