package netflow5_test

import (
	"encoding/binary"
	"testing"

	"github.com/weirflow/weir/shared/decode/netflow5"
	"github.com/weirflow/weir/shared/flow"
)

// datagram is of count announced records and some bytes for them.
func datagram(version, count uint16, sampling uint16, room int) []byte {
	b := make([]byte, map[uint16]int{1: 16, 5: 24, 7: 24}[version]+room)
	binary.BigEndian.PutUint16(b, version)
	binary.BigEndian.PutUint16(b[2:], count)
	binary.BigEndian.PutUint32(b[4:], 1000)
	binary.BigEndian.PutUint32(b[8:], 1_700_000_000)
	binary.BigEndian.PutUint32(b[12:], 5)
	if version == 5 {
		b[20], b[21] = 1, 2
		binary.BigEndian.PutUint16(b[22:], sampling)
	}
	return b
}

func TestHeader(t *testing.T) {
	h, ok := netflow5.ReadHeader(datagram(5, 3, 0x4064, 0))
	if !ok || h.Domain() != 0x0102 || h.Exported() != 1_700_000_000_000_000_005 || h.Protocol() != flow.NetFlow5 || !h.Sequences() {
		t.Errorf("%+v", h)
	}
	if h, ok := netflow5.ReadHeader(datagram(1, 3, 0, 0)); !ok || h.Sequences() || h.Domain() != 0 || h.Protocol() != flow.NetFlow1 {
		t.Errorf("%+v", h)
	}
	for _, bad := range [][]byte{nil, {0, 5}, datagram(5, 1, 0, 0)[:23], datagram(1, 1, 0, 0)[:15], datagram(6, 0, 0, 40)} {
		if _, ok := netflow5.ReadHeader(bad); ok {
			t.Errorf("%v is read", bad)
		}
	}
}

func TestRecords(t *testing.T) {
	cases := []struct {
		name           string
		version, count uint16
		room, n        int
		exact          bool
	}{
		{"exact", 5, 2, 96, 2, true},
		{"padding below a record", 5, 2, 98, 2, true},
		{"room for more: the header wins", 5, 2, 48 * 35, 2, false},
		{"room for fewer: what is there", 5, 55582, 48 * 30, 30, false},
		{"v1", 1, 2, 96, 2, true},
		{"v7", 7, 2, 104, 2, true},
		{"none", 5, 0, 0, 0, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			h, _ := netflow5.ReadHeader(datagram(c.version, c.count, 0, c.room))
			if n, exact := h.Records(datagram(c.version, c.count, 0, c.room)); n != c.n || exact != c.exact {
				t.Errorf("%d records, exact %v; want %d, %v", n, exact, c.n, c.exact)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	for _, version := range []uint16{1, 5, 7} {
		f.Add(datagram(version, 2, 100, 104))
		f.Add(datagram(version, 0xffff, 0, 60))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		h, ok := netflow5.ReadHeader(payload)
		if !ok {
			return
		}
		b := flow.NewBatch(4, flow.NewSymbols())
		b.Datagrams = append(b.Datagrams, flow.Datagram{Protocol: h.Protocol()})
		n, _ := h.Records(payload)
		netflow5.Decode(payload, &h, n, b, 0)
		if len(b.Records) != n || int(b.Datagrams[0].Records) != n {
			t.Fatalf("%d records, want %d", len(b.Records), n)
		}
	})
}
