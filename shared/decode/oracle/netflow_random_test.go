package oracle

import (
	"encoding/binary"
	"maps"
	"slices"
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

// stream makes up a few datagrams: the templates come in the second as often as in the first, so that sets wait for them.
func (e *exporter) stream() (list []datagram) {
	announced := e.IntN(2)
	for n := range 2 + e.IntN(4) {
		var sets [][]byte
		count, records := 0, 0
		if n == announced {
			s, k := e.definitions()
			sets, count = append(sets, s...), k
		}
		for range 1 + e.IntN(3) {
			s, k := e.data()
			sets = append(sets, s)
			records += k
		}
		list = append(list, datagram{payload: e.message(sets, count+records), source: e.source})
		e.sequence++
		if e.version == 10 {
			e.sequence += uint32(records) - 1
		}
		e.exported++
		e.uptime += 1000
	}
	return list
}

// definitions are a template set and, where there are options, an options template set.
func (e *exporter) definitions() (sets [][]byte, templates int) {
	var body []byte
	for _, id := range slices.Sorted(maps.Keys(e.templates)) {
		fields := e.templates[id]
		body = binary.BigEndian.AppendUint16(body, id)
		body = binary.BigEndian.AppendUint16(body, uint16(len(fields)))
		for _, f := range fields {
			body = append(body, e.definition(f)...)
		}
	}
	sets = append(sets, e.set(map[uint16]uint16{9: 0, 10: 2}[e.version], body, false))
	for _, id := range slices.Sorted(maps.Keys(e.options)) {
		fields := e.options[id]
		body := binary.BigEndian.AppendUint16(nil, id)
		if e.version == 9 { // bytes of scope and of options
			body = binary.BigEndian.AppendUint32(body, uint32(4<<16|4*(len(fields)-1)))
		} else { // fields, and scope fields among them
			body = binary.BigEndian.AppendUint32(body, uint32(len(fields)<<16|1))
		}
		for _, f := range fields {
			body = append(body, e.definition(f)...)
		}
		sets = append(sets, e.set(map[uint16]uint16{9: 1, 10: 3}[e.version], body, e.version == 9))
	}
	return sets, len(e.templates) + len(e.options)
}

// data is a set of one template or options template; it is padded where the padding cannot be taken for a record.
func (e *exporter) data() ([]byte, int) {
	all := maps.Clone(e.templates)
	maps.Copy(all, e.options)
	id := slices.Sorted(maps.Keys(all))[e.IntN(len(all))]
	var body []byte
	n, least := 1+e.IntN(5), 0
	for _, f := range all[id] {
		least++
		if f.length != 0xffff {
			least += int(f.length) - 1
		}
	}
	for range n {
		body = append(body, e.record(all[id])...)
	}
	return e.set(id, body, least > 3 && e.IntN(2) == 0), n
}

func (e *exporter) message(sets [][]byte, count int) []byte {
	body := slices.Concat(sets...)
	b := binary.BigEndian.AppendUint16(nil, e.version)
	if e.version == 9 {
		b = binary.BigEndian.AppendUint16(b, uint16(count))
		return append(append(b, words(e.uptime, e.exported, e.sequence, e.domain)...), body...)
	}
	b = binary.BigEndian.AppendUint16(b, uint16(16+len(body)))
	return append(append(b, words(e.exported, e.sequence, e.domain)...), body...)
}

// TestNetFlow9Random and TestIPFIXRandom compare streams of random templates and records with goflow2.
func TestNetFlow9Random(t *testing.T) { randomStreams(t, 9) }

func TestIPFIXRandom(t *testing.T) { randomStreams(t, 10) }

func randomStreams(t *testing.T, version uint16) {
	records := 0
	for seed := range uint64(1500) {
		list := newExporter(seed, version).stream()
		oracle := newGoflow()
		for i, d := range list {
			oracle.feed(i, d)
		}
		got, account := weir(t, list)
		want := oracle.result()
		compare(t, got, want, noExcuse)
		if n := total(account, func(s *flow.Stream) uint64 { return s.OptionsRecords.Load() }); n != oracle.options {
			t.Errorf("%d options records, the oracle has %d", n, oracle.options)
		}
		if n := total(account, func(s *flow.Stream) uint64 { return s.Errors.Sum() }); n != 0 || oracle.refused != 0 {
			t.Errorf("%d faults, the oracle refuses %d sets", n, oracle.refused)
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
		records += len(want)
	}
	t.Logf("%d records compared", records)
}

// TestNetFlow5Random does the same for NetFlow v5.
func TestNetFlow5Random(t *testing.T) {
	for seed := range uint64(500) {
		m := newMaker(seed)
		n := 1 + m.IntN(30)
		b := words(5<<16|uint32(n), m.Uint32(), 1_700_000_000, m.Uint32N(1e9), m.Uint32(), m.Uint32())
		for range n {
			b = append(b, m.bytes(48)...)
		}
		list := []datagram{{payload: b, source: newExporter(seed, 9).source}}
		oracle := newGoflow()
		oracle.feed(0, list[0])
		got, _ := weir(t, list)
		compare(t, got, oracle.result(), noExcuse)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}
