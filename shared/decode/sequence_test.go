package decode_test

import (
	"net/netip"
	"testing"

	"github.com/weirflow/weir/shared/decode"
	"github.com/weirflow/weir/shared/flow"
)

// account is what the sequence numbers told.
type sequenceAccount struct{ gaps, reordered, restarts, repeated uint64 }

func sequenceOf(s *flow.Stream) sequenceAccount {
	return sequenceAccount{s.Gaps.Load(), s.Reordered.Load(), s.Restarts.Load(), s.Refused[flow.RefusedRepeated].Load()}
}

func TestSequence(t *testing.T) {
	tpl := set(0, definition(256, 1, 4))
	data := func(n int) []byte { return set(256, records(fields(1, 4), n)) }
	tplIPFIX := set(2, definition(256, 1, 4))
	options := set(3, uint16(257), uint16(1), uint16(1), fieldSpec(144, 4))
	rec := func(n int) (list [][]byte) {
		for range n {
			list = append(list, records(fields(0, 48), 1))
		}
		return list
	}
	const up, sec = headerUptime, headerSeconds
	cases := []struct {
		name      string
		datagrams [][]byte
		want      sequenceAccount
	}{
		{"v9 counts datagrams", [][]byte{v9(1, tpl), v9(2, data(5)), v9(3, data(5))}, sequenceAccount{}},
		{"v9 gap", [][]byte{v9(1, tpl), v9(5, data(5)), v9(6, data(5))}, sequenceAccount{gaps: 3}},
		{"v9 wrap", [][]byte{v9(0xffffffff, tpl), v9(0, data(5)), v9(2, data(1))}, sequenceAccount{gaps: 1}},
		{"v9 late datagram", [][]byte{v9(1, tpl), v9(3, data(5)), v9(2, data(4)), v9(4, data(5))}, sequenceAccount{gaps: 1, reordered: 1}},
		{"v9 repeated datagram", [][]byte{v9(1, tpl), v9(2, data(5)), v9(2, data(5)), v9(1, tpl), v9(3, data(5))}, sequenceAccount{repeated: 2}},
		{"v9 same number, other content", [][]byte{v9(1, tpl), v9(1, data(5)), v9(1, data(6))}, sequenceAccount{}},
		{"v9 restart", [][]byte{v9at(100, up, sec, tpl), v9at(1, 5000, sec+60, tpl), v9at(2, 6000, sec+61, data(1))}, sequenceAccount{restarts: 1}},
		{"v9 restart with a clock that lost its time", [][]byte{v9at(100, up, sec, tpl), v9at(1, 5000, 1000, tpl), v9at(2, 6000, 1001, data(1))}, sequenceAccount{restarts: 1}},
		{"v9 restart with a number ahead is no gap", [][]byte{v9at(100, up, sec, tpl), v9at(900, 5000, sec+60, tpl)}, sequenceAccount{restarts: 1}},
		{"v9 uptime wrap is no restart", [][]byte{v9at(100, 0xfffffff0, sec, tpl), v9at(101, 0x200, sec+1, data(1))}, sequenceAccount{}},
		{"v9 late datagram has a smaller uptime", [][]byte{v9at(100, up, sec, tpl), v9at(102, up+9000, sec+9, data(1)), v9at(101, up+1000, sec+1, data(1))}, sequenceAccount{gaps: 1, reordered: 1}},
		{"v9 count begins anew while the uptime goes on", [][]byte{v9at(50000, up, sec, tpl), v9at(1, up+60000, sec+60, data(1)), v9at(2, up+61000, sec+61, data(1))}, sequenceAccount{restarts: 1}},
		{"v9 jump that no exporter makes in a second", [][]byte{v9at(1, up, sec, tpl), v9at(60_000_000, up+1000, sec+1, data(1)), v9at(60_000_001, up+2000, sec+2, data(1))}, sequenceAccount{restarts: 1}},
		{"v9 after hours without a datagram", [][]byte{v9at(1, up, sec, tpl), v9at(60_000_001, up+3_600_000, sec+3600, data(1))}, sequenceAccount{gaps: 59_999_999}},
		{"v5 counts flows", [][]byte{v5(10, 0, rec(2)...), v5(12, 0, rec(3)...), v5(15, 0, rec(1)...)}, sequenceAccount{}},
		{"v5 gap", [][]byte{v5(10, 0, rec(2)...), v5(42, 0, rec(1)...)}, sequenceAccount{gaps: 30}},
		{"IPFIX counts data records with those of options", [][]byte{ipfix(0, tplIPFIX, data(3)), ipfix(3, options, set(257, uint32(1), uint32(2))), ipfix(5, data(1)), ipfix(6, data(1))}, sequenceAccount{}},
		{"IPFIX gap", [][]byte{ipfix(0, tplIPFIX, data(3)), ipfix(13, data(1))}, sequenceAccount{gaps: 10}},
		{"IPFIX after a set without template", [][]byte{ipfix(0, tplIPFIX, data(3)), ipfix(3, set(300, uint32(1))), ipfix(99, data(1)), ipfix(101, data(1))}, sequenceAccount{gaps: 1}},
		{"IPFIX data before its template in the datagram", [][]byte{ipfix(0, data(3), tplIPFIX), ipfix(3, data(1)), ipfix(5, data(1))}, sequenceAccount{gaps: 1}},
		{"IPFIX restart", [][]byte{ipfixAt(5000, sec, tplIPFIX, data(3)), ipfixAt(0, sec+60, tplIPFIX, data(3)), ipfixAt(3, sec+61, data(3))}, sequenceAccount{restarts: 1}},
		{"IPFIX exporter that counts datagrams", [][]byte{ipfixAt(1, sec, tplIPFIX, data(9)), ipfixAt(2, sec+1, data(9)), ipfixAt(3, sec+2, data(9))}, sequenceAccount{}},
		{"IPFIX exporter that does not count", [][]byte{ipfixAt(0, sec, tplIPFIX, data(9)), ipfixAt(0, sec+1, data(9)), ipfixAt(0, sec+2, data(9))}, sequenceAccount{}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(decode.Config{})
			l.give(c.datagrams...)
			checkIdentities(t, l.account)
			if got := sequenceOf(l.stream(t)); got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}

func TestMarks(t *testing.T) {
	tpl := set(2, definition(256, 1, 4))
	l := newLab(decode.Config{})
	l.give(ipfix(10, tpl, set(256, uint32(1), uint32(2))))
	m := l.batch.Datagrams[0].Mark
	want := flow.StreamMark{Key: l.stream(t).Key, Next: 12, Known: true, Order: int64(headerSeconds) * second}
	want.Counts = flow.Counts{Bytes: 16 + 12 + 12, Decoded: 1, SetsDecoded: 2, Definitions: 1}
	if m != want {
		t.Errorf("mark %+v, want %+v", m, want)
	}
	l.batch.Reset()
	l.give(ipfix(12, set(300, uint32(1))))
	m = l.batch.Datagrams[0].Mark
	if m.Known || m.Waiting != 1 || l.batch.Datagrams[0].Records != 0 {
		t.Errorf("after a set without template: %+v", m)
	}
}

func TestRestore(t *testing.T) {
	key := flow.StreamKey{Exporter: flow.AddrFromNetip(exporterPort.Addr()), Domain: 7, Protocol: flow.NetFlow9}
	mark := flow.StreamMark{Key: key, Next: 100, Known: true, Order: int64(headerSeconds) * second, Waiting: 3}
	tpl := set(0, definition(256, 1, 4))
	cases := []struct {
		name  string
		first []byte
		want  sequenceAccount
	}{
		{"nothing was in flight", v9(100, tpl), sequenceAccount{}},
		{"what was in flight is a gap", v9(107, tpl), sequenceAccount{gaps: 7}},
		{"the exporter restarted too", v9at(1, 1000, headerSeconds+60, tpl), sequenceAccount{restarts: 1}},
		{"the replay of an old capture", v9at(1, 1000, headerSeconds-60, tpl), sequenceAccount{}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(decode.Config{})
			l.Restore([]flow.StreamMark{mark})
			l.give(c.first)
			checkIdentities(t, l.account)
			s := l.stream(t)
			if got := sequenceOf(s); got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
			if n := s.SetsExpired[flow.ExpiredRestart].Load(); n != 3 {
				t.Errorf("%d sets expired by the restart, want 3", n)
			}
			if c.name == "the replay of an old capture" && l.batch.Datagrams[0].Mark.Order != mark.Order {
				t.Error("the order went back")
			}
		})
	}
}

func TestRepeatWindow(t *testing.T) {
	l := newLab(decode.Config{RepeatWindow: 4})
	v1 := func(i uint32) []byte { return put(uint16(1), uint16(0), i, headerSeconds, uint32(0)) } // no sequence numbers
	for i := range uint32(6) {
		l.give(v1(i))
	}
	if err := l.give(v1(2)); err == nil {
		t.Error("the fourth but last datagram is forgotten")
	}
	if err := l.give(v1(1)); err != nil {
		t.Errorf("the fifth but last datagram is remembered: %v", err)
	}
	if n := l.stream(t).Refused[flow.RefusedRepeated].Load(); n != 1 {
		t.Errorf("%d refused, want 1", n)
	}
	checkIdentities(t, l.account)
}

// TestIdentity: the identity depends on exporter, domain and content, and on nothing else.
func TestIdentity(t *testing.T) {
	d := v9(1, set(0, definition(256, 1, 4)), set(256, uint32(1)), set(256, uint32(2), uint32(3)))
	l := newLab(decode.Config{})
	l.give(d)
	for i, want := range []flow.EventID{{Set: 1}, {Set: 2}, {Set: 2, Record: 1}} {
		want.Datagram = l.batch.Datagrams[0].ID
		if got := l.batch.Records[i].ID; got != want {
			t.Errorf("record %d: %v, want %v", i, got, want)
		}
	}
	cfg := decode.Config{}
	id := func(give func(l *lab)) flow.DatagramID {
		l := newLab(cfg)
		give(l)
		return l.batch.Datagrams[0].ID
	}
	first := l.batch.Datagrams[0].ID
	if got := id(func(l *lab) { _ = l.Decode(d, exporterPort, 99, l.batch) }); got != first {
		t.Error("it depends on the time of receipt")
	}
	other := exporterPort.Addr().Next()
	if got := id(func(l *lab) { _ = l.Decode(d, netip.AddrPortFrom(other, 9995), 99, l.batch) }); got == first {
		t.Error("it does not depend on the exporter")
	}
	d[len(d)-1]++
	if got := id(func(l *lab) { l.give(d) }); got == first {
		t.Error("it does not depend on the last byte")
	}
}
