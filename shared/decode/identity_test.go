package decode_test

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/weirflow/weir/shared/decode"
	"github.com/weirflow/weir/shared/flow"
)

// tells is an options template and a record of it that tell the exporter's address.
func tells(id, length uint16, address ...any) []byte {
	return put(set(3, uint16(400), uint16(2), uint16(1), fieldSpec(149, 4), fieldSpec(id, length)), set(400, append([]any{uint32(7)}, address...)...))
}

// from decodes datagrams that come from a port of the tests' exporter.
func (l *lab) from(port uint16, datagrams ...[]byte) {
	for _, d := range datagrams {
		_ = l.Decode(d, netip.AddrPortFrom(exporterPort.Addr(), port), receivedAt, l.batch)
	}
}

// exporters lists observer.ip of the batch's records.
func (l *lab) exporters() (list []string) {
	for i := range l.batch.Records {
		list = append(list, l.batch.Records[i].Exporter.String())
	}
	return list
}

var tplIPFIX = set(2, definition(256, 1, 4))

func TestWhoTheExporterIs(t *testing.T) {
	source := exporterPort.Addr().String()
	six := put(uint32(0x20010db8), uint32(0), uint32(0), uint32(9))
	cases := []struct {
		name      string
		datagrams [][]byte
		want      []string
	}{
		{"told by nobody", [][]byte{ipfix(0, tplIPFIX, dataOf1)}, []string{source}},
		{"options after data, then for the data that follows", [][]byte{ipfix(0, tplIPFIX, dataOf1), ipfix(1, tells(130, 4, ip("10.9.9.9"))), ipfix(2, dataOf1)}, []string{source, "10.9.9.9"}},
		{"options and data in one datagram", [][]byte{ipfix(0, tplIPFIX, dataOf1, tells(130, 4, ip("10.9.9.9")))}, []string{"10.9.9.9"}},
		{"IPv6", [][]byte{ipfix(0, tells(131, 16, six), tplIPFIX, dataOf1)}, []string{"2001:db8::9"}},
		{"an unspecified address tells nothing", [][]byte{ipfix(0, tells(130, 4, uint32(0)), tplIPFIX, dataOf1)}, []string{source}},
		{"in the record", [][]byte{ipfix(0, set(2, definition(256, 130, 4, 1, 4)), set(256, ip("10.8.8.8"), uint32(1), uint32(0), uint32(2)))}, []string{"10.8.8.8", source}},
		{"the record's own address before that of options", [][]byte{ipfix(0, tells(130, 4, ip("10.9.9.9")), set(2, definition(256, 130, 4, 1, 4)), set(256, ip("10.8.8.8"), uint32(1)))}, []string{"10.8.8.8"}},
		{"the original exporter before the mediator", [][]byte{ipfix(0, set(2, definition(256, 130, 4, 403, 4)), set(256, ip("10.8.8.8"), ip("10.7.7.7")))}, []string{"10.7.7.7"}},
		{"both families, IPv4 counts", [][]byte{ipfix(0, set(2, definition(256, 130, 4, 131, 16)), set(256, ip("10.8.8.8"), six))}, []string{"10.8.8.8"}},
		{"IPv6 where IPv4 is unspecified", [][]byte{ipfix(0, set(2, definition(256, 130, 4, 131, 16)), set(256, uint32(0), six))}, []string{"2001:db8::9"}},
		{"options of a mediator about several", [][]byte{ipfix(0, tells(130, 4, ip("10.9.9.9"), uint32(7), ip("10.9.9.8")), tplIPFIX, dataOf1)}, []string{source}},
		{"a new address counts once it is told three times", [][]byte{
			ipfix(0, tells(130, 4, ip("10.9.9.9")), tplIPFIX), ipfix(1, tells(130, 4, ip("10.9.9.8")), dataOf1), ipfix(3, tells(130, 4, ip("10.9.9.8"))), ipfix(4, tells(130, 4, ip("10.9.9.8"))), ipfix(5, dataOf1),
		}, []string{"10.9.9.9", "10.9.9.8"}},
		{"a waiting set's records", [][]byte{ipfix(0, dataOf1), ipfix(1, tells(130, 4, ip("10.9.9.9"))), ipfix(2, tplIPFIX)}, []string{"10.9.9.9"}},
		{"v9", [][]byte{v9(1, set(1, uint16(400), uint16(4), uint16(4), uint16(1), uint16(4), fieldSpec(130, 4)), set(400, uint32(0), ip("10.9.9.9")), oneCounter, dataOf1)}, []string{"10.9.9.9"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(decode.Config{})
			l.give(c.datagrams...)
			checkIdentities(t, l.account)
			got := l.exporters()
			if len(got) != len(c.want) {
				t.Fatalf("records from %v, want %v", got, c.want)
			}
			for i := range got {
				if got[i] != c.want[i] {
					t.Errorf("record %d is from %s, want %s", i, got[i], c.want[i])
				}
			}
			if key := l.stream(t).Key; key.Exporter != flow.AddrFromNetip(exporterPort.Addr()) {
				t.Errorf("the account is of %s", key.Exporter)
			}
		})
	}
}

// TestIdentityOfRecordsIsOfTheSource: what is told later must not change the id, or records would be stored twice.
func TestIdentityOfRecordsIsOfTheSource(t *testing.T) {
	data := ipfix(7, dataOf1)
	first, later := newLab(decode.Config{}), newLab(decode.Config{})
	first.give(ipfix(0, tplIPFIX), data)
	later.give(ipfix(0, tplIPFIX, tells(130, 4, ip("10.9.9.9"))), data)
	if a, b := first.batch.Records[0], later.batch.Records[0]; a.ID != b.ID || a.Exporter == b.Exporter {
		t.Errorf("ids %v and %v, from %s and %s", a.ID, b.ID, a.Exporter, b.Exporter)
	}
}

// TestSplitByPort: two devices behind one address, with the same template ids and domain, and counts of their own.
func TestSplitByPort(t *testing.T) {
	l := newLab(decode.Config{Exporters: []decode.Exporter{
		{Match: netip.MustParsePrefix("0.0.0.0/0")}, {Match: netip.PrefixFrom(exporterPort.Addr(), 32), SplitByPort: true},
	}})
	l.from(1000, v9(1, oneCounter))
	l.from(2000, v9(7000, set(0, definition(256, 2, 4))))
	for i := range uint32(5) {
		l.from(1000, v9(2+i, dataOf1))
		l.from(2000, v9(7001+i, dataOf1))
	}
	checkIdentities(t, l.account)
	if n := len(l.account.Streams()); n != 2 {
		t.Fatalf("%d streams, want 2", n)
	}
	for i, s := range l.account.Streams() {
		if got := sequenceOf(s); got != (sequenceAccount{}) || s.Clashes.Load() != 0 || s.Key.Port != uint16(1000*(1+i)) {
			t.Errorf("%s: %+v, %d clashes", s.Key.Source(), got, s.Clashes.Load())
		}
	}
	registry := flow.NewRegistry()
	a, b := row(registry, l.batch, &l.batch.Records[0]), row(registry, l.batch, &l.batch.Records[1])
	if a["source.bytes"] != "1" || b["source.packets"] != "1" || a["0/217"] != "03e8" || b["0/217"] != "07d0" {
		t.Errorf("records %v and %v", a, b)
	}
}

// TestToldApart: devices behind one address that tell different addresses come apart by port without a setting, templates and all, and
// stay so when the program starts again.
func TestToldApart(t *testing.T) {
	l := newLab(decode.Config{})
	a, b := tells(130, 4, ip("10.0.0.1")), tells(130, 4, ip("10.0.0.2"))
	l.from(1000, ipfix(0, tplIPFIX, a))
	l.from(2000, ipfix(0, set(2, definition(257, 2, 4)), b))
	l.from(1000, ipfix(1, dataOf1))
	l.from(2000, ipfix(1, set(257, uint32(5))))
	if got := l.exporters(); len(got) != 2 || got[0] != "10.0.0.1" || got[1] != "10.0.0.2" {
		t.Fatalf("records from %v", got)
	}
	checkIdentities(t, l.account)
	streams := l.account.Streams()
	if len(streams) != 2 || streams[1].Key.Port != 2000 || streams[1].Exporter().String() != "10.0.0.2" || streams[0].Clashes.Load() != 0 {
		t.Errorf("%d streams", len(streams))
	}
	var saved bytes.Buffer
	if err := l.Save(&saved); err != nil {
		t.Fatal(err)
	}
	again := newLab(decode.Config{})
	if err := again.Load(&saved); err != nil {
		t.Fatal(err)
	}
	again.from(1000, ipfix(2, dataOf1))
	again.from(2000, ipfix(2, set(257, uint32(6))))
	if got := again.exporters(); len(got) != 2 || got[0] != "10.0.0.1" || got[1] != "10.0.0.2" {
		t.Errorf("after a start records are from %v", got)
	}
}

// TestClashes: where nothing tells devices apart, it is counted; what one device may do is not.
func TestClashes(t *testing.T) {
	other := set(0, definition(256, 2, 4))
	turns := func(n uint32, each func(i uint32) [][]byte) (list [][]byte) {
		for i := range n {
			list = append(list, each(i)...)
		}
		return list
	}
	cases := []struct {
		name      string
		datagrams [][]byte
		least     uint64 // 0: none at all
	}{
		{"templates defined in turn", turns(4, func(i uint32) [][]byte { return [][]byte{v9(1+2*i, oneCounter), v9(2+2*i, other)} }), 6},
		{"a template that changes", [][]byte{v9(1, oneCounter), v9(2, oneCounter), v9(3, other), v9(4, other)}, 0},
		{"two counts, the second ahead", turns(20, func(i uint32) [][]byte { return [][]byte{v9(1+i, oneCounter), v9(90_000+i, oneCounter)} }), 18},
		{"two counts with uptimes of their own", turns(20, func(i uint32) [][]byte {
			return [][]byte{v9at(1+i, 1_000_000+i*1000, headerSeconds+i, oneCounter), v9at(500+i, 9_000_000+i*1000, headerSeconds+i, oneCounter)}
		}), 30},
		{"two counts of IPFIX", turns(20, func(i uint32) [][]byte {
			return [][]byte{ipfixAt(2+i, headerSeconds+i, tplIPFIX, dataOf1), ipfixAt(90_000+i, headerSeconds+i, tplIPFIX, dataOf1)}
		}), 30},
		{"addresses told in turn from one port", turns(4, func(i uint32) [][]byte {
			return [][]byte{ipfix(2*i, tells(130, 4, ip("10.0.0.1"))), ipfix(2*i+1, tells(130, 4, ip("10.0.0.2")))}
		}), 3},
		{"datagrams that come late", [][]byte{v9(1, oneCounter), v9(3, oneCounter), v9(2, dataOf1), v9(4, dataOf1), v9(6, dataOf1), v9(5, dataOf1)}, 0},
		{"a run of late datagrams", append(append([][]byte{v9(1, oneCounter), v9(60, oneCounter)}, turns(58, func(i uint32) [][]byte { return [][]byte{v9(2+i, dataOf1)} })...), v9(61, dataOf1)), 0},
		{"losses", turns(50, func(i uint32) [][]byte { return [][]byte{v9(3*i, oneCounter), v9(3*i+1, oneCounter)} }), 0},
		{"a restart", [][]byte{v9at(100, headerUptime, headerSeconds, oneCounter), v9at(1, 5000, headerSeconds+60, oneCounter), v9at(2, 6000, headerSeconds+61, dataOf1)}, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(decode.Config{})
			l.give(c.datagrams...)
			checkIdentities(t, l.account)
			if n := l.stream(t).Clashes.Load(); n < c.least || (c.least == 0 && n != 0) {
				t.Errorf("%d clashes, want %d or more, and none for 0", n, c.least)
			}
		})
	}
}

// TestTurnsAreNoLoss: once two counts are known, their turns cost neither gaps nor restarts, and a loss of one counts.
func TestTurnsAreNoLoss(t *testing.T) {
	l := newLab(decode.Config{})
	turn := func(i uint32) {
		l.give(v9at(1+i, 1_000_000+i*1000, headerSeconds+i, oneCounter), v9at(500+i, 9_000_000+i*1000, headerSeconds+i, oneCounter))
	}
	for i := range uint32(10) {
		turn(i)
	}
	before := sequenceOf(l.stream(t))
	for i := range uint32(50) {
		turn(10 + i)
	}
	if got := sequenceOf(l.stream(t)); got != before {
		t.Errorf("%+v, before the turns %+v", got, before)
	}
	for i := range uint32(10) {
		turn(63 + i)
	}
	before.gaps += 6
	if got := sequenceOf(l.stream(t)); got != before {
		t.Errorf("%+v, want %+v", got, before)
	}
}

// TestConnectionsTellTheirOwn: transport sessions from one address that tell different addresses.
func TestConnectionsTellTheirOwn(t *testing.T) {
	l := newLab(decode.Config{})
	give := func(session uint64, d []byte) {
		if err := l.DecodeSession(session, d, exporterPort, receivedAt, l.batch); err != nil {
			t.Fatal(err)
		}
	}
	give(1, ipfix(0, tplIPFIX, tells(130, 4, ip("10.0.0.1"))))
	give(2, ipfix(0, tplIPFIX, tells(130, 4, ip("10.0.0.2"))))
	give(1, ipfix(1, dataOf1))
	give(2, ipfix(1, dataOf1))
	if got := l.exporters(); len(got) != 2 || got[0] != "10.0.0.1" || got[1] != "10.0.0.2" {
		t.Errorf("records from %v", got)
	}
	checkIdentities(t, l.account)
}

// TestIdsDoNotDependOnWhatTellsDevicesApart: whatever is configured or told, the same datagrams give records of the same ids, and the
// account adds up.
func TestIdsDoNotDependOnWhatTellsDevicesApart(t *testing.T) {
	for seed := range uint64(20) {
		ids := func(cfg decode.Config, telling bool) map[flow.EventID]int {
			rng := rand.New(rand.NewPCG(seed, 1))
			l := newLab(cfg)
			var sequence [3]uint32
			for range 60 {
				device := rng.IntN(3)
				sets := [][]byte{tplIPFIX, set(256, rng.Uint32())}
				if tell := rng.IntN(4) == 0; tell && telling {
					l.from(uint16(1000+device), ipfix(sequence[device], tells(130, 4, put(10<<24+uint32(device)+1))))
					sequence[device]++
				}
				l.from(uint16(1000+device), ipfix(9000+sequence[device], sets...))
				sequence[device]++
			}
			checkBatch(t, l)
			checkIdentities(t, l.account)
			found := map[flow.EventID]int{}
			for i := range l.batch.Records {
				found[l.batch.Records[i].ID]++
			}
			return found
		}
		split := decode.Config{Exporters: []decode.Exporter{{Match: netip.MustParsePrefix("192.0.2.0/24"), SplitByPort: true}}}
		if a, b := ids(decode.Config{}, false), ids(split, false); !maps.Equal(a, b) || len(a) == 0 {
			t.Errorf("seed %d: a setting changes ids", seed)
		}
		if a, b := ids(decode.Config{}, true), ids(split, true); !maps.Equal(a, b) || len(a) == 0 {
			t.Errorf("seed %d: a setting changes ids of records whose exporters tell their address", seed)
		}
	}
}
