package oracle

import (
	"encoding/binary"
	"net/netip"
)

// field is one of a made-up template.
type field struct {
	pen    uint32
	id     uint16
	length uint16 // 0xffff: variable
}

// choice is a field that may be chosen, with the lengths it may have; one field a slot, because which of several wins is a rule
// of Weir's own and tested with it.
type choice struct {
	slot    string
	id      uint16
	lengths []uint16
}

var choices = []choice{
	{"bytes", 1, []uint16{1, 2, 3, 4, 5, 8}}, {"bytes", 85, []uint16{4, 8}},
	{"packets", 2, []uint16{1, 4, 6, 8}}, {"packets", 86, []uint16{4, 8}},
	{"proto", 4, []uint16{1, 2}}, {"tos", 5, []uint16{1}}, {"flags", 6, []uint16{1, 2}}, {"sport", 7, []uint16{1, 2, 4}}, {"dport", 11, []uint16{2}},
	{"src", 8, []uint16{4}}, {"dst", 12, []uint16{4}}, {"src", 27, []uint16{16}}, {"dst", 28, []uint16{16}},
	{"in", 10, []uint16{1, 2, 3, 4, 8}}, {"out", 14, []uint16{2, 4}}, {"hop", 15, []uint16{4}}, {"hop", 62, []uint16{16}}, {"sas", 16, []uint16{2, 4}}, {"das", 17, []uint16{2, 4}},
	{"smac", 56, []uint16{6, 8}}, {"dmac", 80, []uint16{6}}, {"vlan", 58, []uint16{2}}, {"ttl", 192, []uint16{1}}, {"ttl", 52, []uint16{1}},
	{"end", 136, []uint16{1}}, {"fwd", 89, []uint16{1}}, {"fw", 233, []uint16{1}}, {"icmp", 32, []uint16{2}}, {"icmp", 139, []uint16{2}},
	{"snat", 225, []uint16{4}}, {"dnat", 226, []uint16{4}}, {"snatp", 227, []uint16{2}}, {"dnatp", 228, []uint16{2}}, {"interval", 34, []uint16{4}},
	{"e9", 9, []uint16{1}}, {"e13", 13, []uint16{1}}, {"e29", 29, []uint16{1}}, {"e31", 31, []uint16{3, 4}}, {"e25", 25, []uint16{2}}, {"e54", 54, []uint16{4}},
	{"e61", 61, []uint16{1}}, {"e60", 60, []uint16{1}}, {"e33", 33, []uint16{1}}, {"e83", 83, []uint16{5, 20}}, {"e94", 94, []uint16{12}}, {"e234", 234, []uint16{4}},
	{"e148", 148, []uint16{4, 8}}, {"e70", 70, []uint16{3}}, {"e71", 71, []uint16{3}}, {"e500", 500, []uint16{1, 7, 30}}, {"e33002", 33002, []uint16{2}},
	{"pad", 210, []uint16{1, 3}},
}

// times are the pairs of which a template has one.
var times = [][2]choice{
	{{"start", 22, []uint16{4}}, {"last", 21, []uint16{4}}},
	{{"start", 150, []uint16{4}}, {"last", 151, []uint16{4}}},
	{{"start", 152, []uint16{8}}, {"last", 153, []uint16{8}}},
	{{"start", 154, []uint16{8}}, {"last", 155, []uint16{8}}},
	{{"start", 156, []uint16{8}}, {"last", 157, []uint16{8}}},
	{{"start", 158, []uint16{4}}, {"last", 159, []uint16{4}}},
}

// template makes up a template; version 10 may have enterprise, reverse and variable-length fields.
func (m maker) template(version uint16) []field {
	var out []field
	taken := map[string]bool{}
	for range 4 + m.IntN(24) {
		c := choices[m.IntN(len(choices))]
		if taken[c.slot] || version == 10 && c.id >= 0x8000 {
			continue
		}
		taken[c.slot] = true
		f := field{id: c.id, length: c.lengths[m.IntN(len(c.lengths))]}
		if version == 10 && c.id >= 83 && c.id < 84 || version == 10 && c.id == 500 {
			f.length = []uint16{f.length, 0xffff}[m.IntN(2)]
		}
		out = append(out, f)
	}
	pair := times[m.IntN(len(times))]
	if version == 9 {
		pair = times[0]
	}
	for _, c := range pair {
		out = append(out, field{id: c.id, length: c.lengths[0]})
	}
	if version == 10 {
		out = append(out, m.enterprise()...)
	}
	m.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

func (m maker) enterprise() (out []field) {
	for i := range m.IntN(4) {
		out = append(out, field{pen: 64000 + uint32(i), id: uint16(m.IntN(1000)), length: []uint16{1, 4, 8, 11, 0xffff}[m.IntN(5)]})
	}
	if m.IntN(3) == 0 {
		out = append(out, field{pen: 29305, id: 1, length: 8}, field{pen: 29305, id: 2, length: 4}, field{pen: 29305, id: 6, length: 1})
	}
	return out
}

// record makes up the bytes of one record.
func (m maker) record(fields []field) (b []byte) {
	for _, f := range fields {
		n := int(f.length)
		if f.length == 0xffff {
			if n = m.IntN(40); m.IntN(8) == 0 {
				n = 255 + m.IntN(100)
			}
			if n < 255 && m.IntN(4) > 0 {
				b = append(b, byte(n))
			} else {
				b = append(b, 255, byte(n>>8), byte(n))
			}
		}
		b = append(b, m.value(f, n)...)
	}
	return b
}

func (m maker) value(f field, n int) []byte {
	b := m.bytes(n)
	switch {
	case f.pen != 0:
	case f.id >= 150 && f.id <= 157: // seconds, or NTP, that lie in this century
		if f.length == 8 && f.id <= 153 {
			binary.BigEndian.PutUint64(b, 1_700_000_000_000+m.Uint64N(1e9))
		} else if f.length == 8 {
			binary.BigEndian.PutUint32(b, 3_900_000_000+m.Uint32N(1e7))
		}
	case m.IntN(8) == 0 && n < 16:
		clear(b)
	}
	return b
}

// exporter makes datagrams of one stream.
type exporter struct {
	maker
	version   uint16
	domain    uint32
	sequence  uint32
	exported  uint32
	uptime    uint32
	source    netip.AddrPort
	templates map[uint16][]field
	options   map[uint16][]field // the first is the scope
}

func newExporter(seed uint64, version uint16) *exporter {
	e := &exporter{maker: newMaker(seed), version: version, exported: 1_700_000_000, uptime: 1_000_000, templates: map[uint16][]field{}, options: map[uint16][]field{}}
	e.domain = e.Uint32N(4)
	e.source = netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(1 + e.IntN(200))}), 2055)
	for i := range uint16(1 + e.IntN(3)) {
		e.templates[256+i] = e.template(version)
	}
	for i := range uint16(e.IntN(2)) {
		scope := field{id: 1, length: 4}
		if version == 10 {
			scope.id = 143
		}
		e.options[300+i] = []field{scope, {id: 42, length: 4}, {id: 41, length: 8}}
	}
	return e
}

func (e *exporter) definition(f field) []byte {
	b := binary.BigEndian.AppendUint16(nil, f.id)
	if f.pen != 0 {
		b[0] |= 0x80
	}
	b = binary.BigEndian.AppendUint16(b, f.length)
	if f.pen != 0 {
		b = binary.BigEndian.AppendUint32(b, f.pen)
	}
	return b
}

func (e *exporter) set(id uint16, body []byte, padding bool) []byte {
	if padding {
		body = append(body, make([]byte, -len(body)&3)...)
	}
	b := binary.BigEndian.AppendUint16(nil, id)
	b = binary.BigEndian.AppendUint16(b, uint16(4+len(body)))
	return append(b, body...)
}
