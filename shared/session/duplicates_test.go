package session_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/session"
)

func newDuplicates(t testing.TB, cfg session.DuplicatesConfig) *session.Duplicates {
	t.Helper()
	cfg.Secret = [16]byte{1}
	d, err := session.NewDuplicates(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDuplicates(t *testing.T) {
	piece := func(exporter string, start, end float64) r {
		return r{from: a, to: b, start: start, end: end, bytes: 100, packets: 2, exporter: exporter}
	}
	with := func(d r, change func(*r)) r {
		change(&d)
		return d
	}
	for _, test := range []struct {
		name    string
		records []r
		want    []int // of which record each is a copy; -1: of none
	}{
		{"the first exporter owns the flow", []r{piece("x", 0, 60), piece("y", 0.1, 60.1), piece("z", 0, 59)}, []int{-1, 0, 0}},
		{"for its life, however pieces are cut", []r{piece("x", 0, 60), piece("y", 30, 90), piece("x", 60, 120), piece("y", 90, 150)}, []int{-1, 0, -1, 2}},
		{"what came first in time but later by export is a copy", []r{piece("x", 30, 60), piece("y", 0, 60)}, []int{-1, 0}},
		{"each direction has its owner", []r{
			piece("x", 0, 60), with(piece("y", 0, 60), func(d *r) { d.from, d.to = b, a }), with(piece("x", 0, 60), func(d *r) { d.from, d.to = b, a }),
		}, []int{-1, -1, 1}},
		{"two interfaces of the owner are no copies, those of another exporter both", []r{
			piece("x", 0, 60), with(piece("x", 0, 60), func(d *r) { d.inIf = 7 }), piece("y", 0, 60), with(piece("y", 0, 60), func(d *r) { d.inIf = 7 }),
		}, []int{-1, -1, 1, 1}},
		{"egress metering beside ingress metering", []r{
			piece("x", 0, 60), with(piece("x", 0, 60), func(d *r) { d.elements = uintElement(0, 61, 1) }),
		}, []int{-1, 0}},
		{"egress metering alone", []r{with(piece("x", 0, 60), func(d *r) { d.elements = uintElement(0, 61, 1) })}, []int{-1}},
		{"the owner does not go on", []r{piece("x", 0, 60), piece("y", 78, 120), piece("x", 80, 130)}, []int{-1, -1, 1}},
		{"the same ports much later", []r{piece("x", 0, 1), piece("y", 200, 201)}, []int{-1, -1}},
		{"a straggler of another exporter from long before takes nothing over", []r{piece("x", 100, 160), piece("y", 0, 50), piece("y", 100, 160)}, []int{-1, -1, 0}},
		{"a biflow owns both directions", []r{
			with(piece("x", 0, 60), func(d *r) { d.back, d.backPkts = 50, 1 }), with(piece("y", 0, 60), func(d *r) { d.from, d.to = b, a }), piece("y", 0, 60),
		}, []int{-1, 0, 0}},
		{"other flows", []r{piece("x", 0, 60), with(piece("y", 0, 60), func(d *r) { d.from = c }), with(piece("y", 0, 60), func(d *r) { d.proto = 17 })}, []int{-1, -1, -1}},
		{"ICMP types are apart", []r{
			{from: "10.0.0.5", to: "192.0.2.80", proto: 1, icmp: 8}, {from: "10.0.0.5", to: "192.0.2.80", proto: 1, icmp: 8, exporter: "y"},
			{from: "10.0.0.5", to: "192.0.2.80", proto: 1, icmp: 3, exporter: "y"},
		}, []int{-1, 0, -1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, size := range []int{1, 2, 100} {
				b := batchOf(test.records)
				d := newDuplicates(t, session.DuplicatesConfig{})
				for part := range slices.Chunk(b.Records, size) {
					d.Mark(&flow.Batch{Records: part, Elements: b.Elements})
				}
				marked := uint64(0)
				for i, want := range test.want {
					x := &b.Records[i]
					switch has := x.Present.Has(flow.HasDuplicateOf); {
					case want < 0 && has:
						t.Errorf("record %d is a copy of %v", i, x.DuplicateOf)
					case want >= 0 && (!has || x.DuplicateOf != b.Records[want].ID):
						t.Errorf("record %d: got %v %v, want a copy of %d", i, has, x.DuplicateOf, want)
					}
					if want >= 0 {
						marked++
					}
				}
				if s := d.Stats(); s.Marked != marked {
					t.Errorf("counted %d of %d", s.Marked, marked)
				}
			}
		})
	}
}

// TestDuplicatesCap: beyond the cap the flow longest without a record is forgotten; what time has made forgotten gives way uncounted.
func TestDuplicatesCap(t *testing.T) {
	d := newDuplicates(t, session.DuplicatesConfig{Flows: 10})
	var records []r
	for i := range 100 {
		records = append(records, r{from: fmt.Sprintf("10.1.0.%d:99", i), to: b, start: 1, end: 2, bytes: 1, proto: 17})
	}
	d.Mark(batchOf(records))
	if s := d.Stats(); s.Flows != 8 || s.Evicted != 92 {
		t.Errorf("%+v", s)
	}
	d.Mark(batchOf([]r{{from: a, to: b, start: 500, end: 500, bytes: 1}}))
	if s := d.Stats(); s.Flows != 8 || s.Evicted != 92 {
		t.Errorf("%+v", s)
	}
	if _, err := session.NewDuplicates(session.DuplicatesConfig{Flows: -1}); err == nil {
		t.Error("a negative cap is taken")
	}
}
