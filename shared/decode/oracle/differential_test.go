package oracle

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/netsampler/goflow2/v2/decoders/netflow"
)

// soakTime is how long the differential test goes on with WEIR_SOAK=1; without, some cases must do.
const soakTime = 10 * time.Minute

// everydayCases are the cases of a run that is no soak.
const everydayCases = 2500

// TestSoakDifferential compares damaged datagrams with goflow2: those of the captures and made-up ones, with bits, lengths and ids
// changed, cut short, sets swapped, doubled and left out. Every record of every case must be the same, or the difference be one
// that has a name here.
func TestSoakDifferential(t *testing.T) {
	pool := sources(t)
	known := knownShapes(pool)
	end, cases, seed := time.Now().Add(soakTime), 0, uint64(0)
	soak := os.Getenv("WEIR_SOAK") != ""
	if soak {
		seed = uint64(time.Now().UnixNano())
	}
	d := &differential{t: t, known: known}
	for ; cases < everydayCases || soak && time.Now().Before(end); cases++ {
		m := newMaker(seed + uint64(cases))
		if cases%10 == 0 { // sFlow: undamaged ones, of which goflow2 gives up the whole at the first fault
			compareSamples(t, m.sflowDatagram(t))
		}
		list := pool[m.IntN(len(pool))]
		if m.IntN(2) == 0 {
			list = newExporter(m.Uint64(), uint16(9+m.IntN(2))).stream()
		}
		damaged := m.mutate(list)
		if d.compare(damaged); t.Failed() {
			for i, dg := range damaged {
				t.Logf("datagram %d: %x", i, dg.payload)
			}
			t.Fatalf("seed %d, case %d", seed, cases)
		}
	}
	t.Logf("from seed %d: %d cases, %d records the same, %d by number only, %d cases left out", seed, cases, d.records, d.byNumber, d.left)
}

// sources are the captures of v5, v9 and IPFIX, long ones not whole.
func sources(t *testing.T) (pool [][]datagram) {
	if _, err := os.Stat(capturesFolder); err != nil {
		t.Logf("SKIPPED in part: no captures at %s, made-up datagrams only", capturesFolder)
		return [][]datagram{newExporter(1, 9).stream(), newExporter(2, 10).stream()}
	}
	for _, c := range captures(t) {
		list := c.datagrams(t)
		known := slices.ContainsFunc(list, func(d datagram) bool { return slices.Contains([]byte{5, 9, 10}, d.payload[1]) })
		if c.sflowFlows+c.sflowCounters == 0 && known {
			pool = append(pool, list[:min(len(list), 12)])
		}
	}
	return pool
}

// knownShapes are the templates of undamaged datagrams: those are compared by value elsewhere.
func knownShapes(pool [][]datagram) map[string]bool {
	g := newGoflow()
	for i, list := range pool {
		for _, d := range list {
			g.feed(i, d)
		}
	}
	return g.shapes
}

// differential counts what has been compared.
type differential struct {
	t                       *testing.T
	known                   map[string]bool
	records, byNumber, left int
}

func (d *differential) compare(list []datagram) {
	d.t.Helper()
	oracle := newGoflow()
	oracle.doubtful = func(shape string, fields []netflow.Field) bool { return !d.known[shape] && !plain(fields) }
	for i, dg := range list {
		oracle.feed(i, dg)
	}
	if oracle.lost() { // what goflow2 cannot read is named where lost is set
		d.left++
		return
	}
	got, _ := weir(d.t, list)
	want := oracle.result()
	for _, k := range want {
		d.records++
		if k.row[inDoubt] != "" {
			d.records--
			d.byNumber++
		}
	}
	joins := joined(oracle.options)
	compare(d.t, got, want, func(name, g, w string, theirs row) bool {
		uptime := name == kStart || name == kEnd || name == kFirst || name == kLast
		return theirs[inDoubt] != "" || joins(name, g, w, theirs) || uptime && len(oracle.boots) > 0 // a damaged init time
	})
}

// plain tells whether a template is one of which the oracle knows for sure which of its fields wins.
func plain(fields []netflow.Field) bool {
	taken := map[string]bool{}
	for _, f := range fields {
		slot := fmt.Sprint(f.Pen, "/", f.Type)
		if f.Pen == 0 {
			natural, known := plainSlots[f.Type]
			if !known && contested[f.Type] || natural.length != 0 && f.Length != natural.length {
				return false
			}
			if known {
				slot = natural.slot
			}
		}
		if f.Pen == 29305 && f.Type != 1 && f.Type != 2 && f.Type != 6 || taken[slot] {
			return false
		}
		taken[slot] = true
	}
	return true
}

// plainSlot is what a field competes for, and the only length that is plain, 0 for any.
type plainSlot struct {
	slot   string
	length uint16
}

// plainSlots are those of the elements that templates are made up of.
var plainSlots = func() map[uint16]plainSlot {
	m := map[uint16]plainSlot{}
	for _, c := range choices {
		m[c.id] = plainSlot{slot: c.slot}
	}
	for _, pair := range times {
		for _, c := range pair {
			m[c.id] = plainSlot{c.slot, c.lengths[0]}
		}
	}
	m[32], m[139] = plainSlot{"icmp", 2}, plainSlot{"icmp", 2}
	return m
}()

// contested are elements that may win or lose against another one, or that change what others mean.
var contested = func() map[uint16]bool {
	m := map[uint16]bool{}
	for id := range readings {
		m[id] = true
	}
	for _, id := range []uint16{48, 50, 82, 95, 96, 130, 131, 403, 404, 160, 161, 162, 176, 177, 178, 179, 180, 181, 182, 183, 281, 282, 302, 305, 306, 309, 310, 311, 322, 323, 324, 325, 352, 430, 56701} {
		m[id] = true
	}
	return m
}()
