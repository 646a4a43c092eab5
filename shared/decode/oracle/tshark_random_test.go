package oracle

import (
	"net/netip"
	"os"
	"testing"
	"time"
)

// TestSoakTshark gives tshark batches of random templates and records: one of either version, with WEIR_SOAK=1 many.
func TestSoakTshark(t *testing.T) {
	rounds, seed := uint64(1), uint64(2_000_000)
	if os.Getenv("WEIR_SOAK") != "" {
		rounds, seed = 20, uint64(time.Now().UnixNano())
	}
	records := 0
	for round := range rounds {
		for _, version := range []uint16{9, 10} {
			records += compareBatch(t, version, seed+round*streamsOfBatch)
			if t.Failed() {
				t.Fatalf("version %d, seed %d", version, seed+round*streamsOfBatch)
			}
		}
	}
	t.Logf("%d records the same, from seed %d", records, seed)
}

// streamsOfBatch is how many streams tshark is given at once, each from an address of its own.
const streamsOfBatch = 120

func compareBatch(t *testing.T, version uint16, seed uint64) (records int) {
	t.Helper()
	var list []datagram
	for i := range uint64(streamsOfBatch) {
		e := newExporter(seed+i, version)
		e.source = netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 51, 100, byte(1 + i)}), 2055)
		forTshark(e.templates)
		datagrams, _ := e.told()
		list = append(list, datagrams...)
	}
	got, _ := weir(t, list)
	want := dissect(t, pdml(t, writeCapture(t, list)))
	compare(t, withoutEnterprise(got), want.rows, excuseOf(tsharkDiffers, ""))
	return len(want.rows)
}

// forTshark narrows fields that tshark does not read at the width that they have.
func forTshark(templates map[uint16][]field) {
	for _, fields := range templates {
		for i, f := range fields {
			switch {
			case f.pen != 0 && f.pen != 29305: // told apart by the number alone
				fields[i].id = 1000 + uint16(i)
			case f.pen != 0:
			case f.id == 56 || f.id == 80:
				fields[i].length = 6
			case f.length == 8 && (f.id == 10 || f.id == 14):
				fields[i].length = 4
			}
		}
	}
}
