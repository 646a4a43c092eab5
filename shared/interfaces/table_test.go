package interfaces

import (
	"net/netip"
	"sync"
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

var router = flow.AddrFromNetip(netip.MustParseAddr("192.0.2.1"))

func newTestTable(max int, static ...Static) (*Table, *flow.Symbols) {
	symbols := flow.NewSymbols()
	return NewTable(TableConfig{Static: static, Max: max}, symbols), symbols
}

// named returns the name that a record of the router gets for its input interface.
func named(t *Table, symbols *flow.Symbols, exporter flow.Addr, index uint32, sent string) string {
	b := flow.NewBatch(1, symbols)
	r := b.Grow()
	r.Exporter, r.InIf, r.InIfName, r.Present = exporter, index, symbols.Intern(sent), flow.HasInIf
	t.Batch(b)
	return symbols.Text(b.Records[0].InIfName)
}

// TestOrder: config beats what the exporter sends, that beats SNMP, that sFlow.
func TestOrder(t *testing.T) {
	static := Static{Exporters: netip.MustParsePrefix("192.0.2.1/32"), Interfaces: map[uint32]StaticInterface{1: {Name: "static"}, 4: {Speed: 5}}}
	wide := Static{Exporters: netip.MustParsePrefix("192.0.2.0/24"), Interfaces: map[uint32]StaticInterface{2: {Name: "wide"}}}
	table, symbols := newTestTable(0, wide, static)
	learn := func(index uint32, from Origin, name string, speed uint64) {
		table.Learn(router, index, from, Facts{Name: symbols.Intern(name), Speed: speed})
	}
	for _, index := range []uint32{1, 2, 3, 4} {
		learn(index, FromSFlow, "sflow", 100)
	}
	learn(1, FromSNMP, "snmp", 200)
	learn(3, FromSNMP, "snmp", 200)
	learn(4, FromSNMP, "", 300)
	for _, c := range []struct {
		name  string
		index uint32
		sent  string
		want  string
	}{
		{"the user's name replaces the exporter's", 1, "sent", "static"},
		{"the longest prefix alone counts", 2, "", "sflow"},
		{"SNMP before sFlow", 3, "", "snmp"},
		{"the exporter's own name stays", 3, "sent", "sent"},
		{"and is remembered for records without", 3, "", "sent"},
		{"a name that SNMP does not tell", 4, "", "sflow"},
		{"nothing is known", 9, "", ""},
		{"the exporter itself has none", 0, "", ""},
	} {
		if got := named(table, symbols, router, c.index, c.sent); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if got := table.Facts(router, 4); got.Speed != 5 || symbols.Text(got.Name) != "sflow" {
		t.Errorf("facts are taken one by one: %+v", got)
	}
	other := flow.AddrFromNetip(netip.MustParseAddr("192.0.2.77"))
	if got := named(table, symbols, other, 2, ""); got != "wide" {
		t.Errorf("another exporter of the prefix: %q", got)
	}
}

// TestTableFull: at its cap the table learns nothing new, says so, and still learns of what it has.
func TestTableFull(t *testing.T) {
	table, symbols := newTestTable(2)
	for i := range uint32(5) {
		table.Learn(router, i+1, FromSNMP, Facts{Speed: 7})
	}
	table.Learn(router, 1, FromSNMP, Facts{Name: symbols.Intern("one")})
	if s := table.Stats(); s.Known != 2 || s.Full != 3 {
		t.Errorf("%+v", s)
	}
	if got := table.Facts(router, 1); got.Speed != 7 || symbols.Text(got.Name) != "one" {
		t.Errorf("%+v", got)
	}
}

// TestNamingAllocates: naming records takes no memory.
func TestNamingAllocates(t *testing.T) {
	table, symbols := newTestTable(0, Static{Exporters: netip.MustParsePrefix("0.0.0.0/0"), Interfaces: map[uint32]StaticInterface{7: {Name: "static"}}})
	table.Learn(router, 3, FromSNMP, Facts{Name: symbols.Intern("three")})
	b := flow.NewBatch(100, symbols)
	for i := range uint32(100) {
		r := b.Grow()
		r.Exporter, r.InIf, r.OutIf, r.Present = router, i%5, 7, flow.HasInIf|flow.HasOutIf
		if i%3 == 0 {
			r.InIfName = symbols.Intern("sent")
		}
	}
	table.Batch(b)
	if n := testing.AllocsPerRun(100, func() { table.Batch(b) }); n != 0 {
		t.Errorf("%v allocations a batch", n)
	}
}

// TestTableConcurrent is for the race detector.
func TestTableConcurrent(t *testing.T) {
	table, symbols := newTestTable(0)
	var wg sync.WaitGroup
	for g := range uint32(4) {
		wg.Go(func() {
			for i := range uint32(200) {
				table.Learn(router, i%20, FromSNMP, Facts{Name: symbols.Intern("snmp")})
				if got := named(table, symbols, router, i%20+1, ""); got != "" && got != "snmp" {
					t.Errorf("goroutine %d: %q", g, got)
				}
				table.Facts(router, i)
			}
		})
	}
	wg.Wait()
}
