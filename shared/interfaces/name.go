package interfaces

import "github.com/weirflow/weir/shared/flow"

// news is how many names of records are learned from one batch; further ones come again with the next.
const news = 64

// naming names the interfaces of a batch's records.
type naming struct {
	t        *Table
	exporter flow.Addr // whose the next two are
	any      bool
	static   map[uint32]Facts
	device   *device

	named uint64
	fresh [news]struct {
		exporter flow.Addr
		index    uint32
		name     flow.Symbol
	}
	count int
}

// Batch names the interfaces of all records of b in place. What the user says replaces a name that the exporter sent; what SNMP and
// sFlow say fills in for one that it did not send. Names that exporters send are remembered.
func (t *Table) Batch(b *flow.Batch) {
	n := naming{t: t}
	t.mu.RLock()
	for i := range b.Records {
		r := &b.Records[i]
		hasIn, hasOut := r.Present.Has(flow.HasInIf), r.Present.Has(flow.HasOutIf)
		if !hasIn && !hasOut {
			continue
		}
		n.of(r.Exporter)
		if hasIn {
			n.name(r.InIf, &r.InIfName)
		}
		if hasOut {
			n.name(r.OutIf, &r.OutIfName)
		}
	}
	t.mu.RUnlock()
	t.named.Add(n.named)
	for _, f := range n.fresh[:n.count] {
		t.Learn(f.exporter, f.index, FromExporter, Facts{Name: f.name})
	}
}

// of looks up the exporter that the next records come from.
func (n *naming) of(exporter flow.Addr) {
	if n.any && n.exporter == exporter {
		return
	}
	n.any, n.exporter, n.static, n.device = true, exporter, n.t.static(exporter), n.t.devices[exporter]
}

func (n *naming) name(index uint32, at *flow.Symbol) {
	if index == 0 { // the exporter itself
		return
	}
	var l *learned
	if n.device != nil {
		l = n.device.interfaces[index]
	}
	if *at != 0 && (l == nil || l[FromExporter].Name != *at) && n.count < news {
		f := &n.fresh[n.count]
		f.exporter, f.index, f.name = n.exporter, index, *at
		n.count++
	}
	switch name := n.static[index].Name; {
	case name != 0:
		*at = name
	case *at != 0 || l == nil:
		return
	default:
		for origin := FromExporter; origin > FromNowhere && *at == 0; origin-- {
			*at = l[origin].Name
		}
	}
	if *at != 0 {
		n.named++
	}
}
