package health

import (
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

// TestVendorByInterface: names as devices show them, and some that only look alike.
func TestVendorByInterface(t *testing.T) {
	for name, want := range map[string]Vendor{
		"GigabitEthernet0/0/1": CiscoFlexible, "Gi0/1": CiscoFlexible, "TenGigE0/0/0/1": CiscoFlexible, "ge-0/0/1.0": Junos, "xe-1/0/0": Junos, "reth0": Junos,
		"GE1/0/1": Huawei, "XGE2/0/1": Huawei, "ether1": MikroTik, "sfp1": MikroTik, "port1": FortiOS, "wan1": FortiOS, "ethernet1/3": PANOS,
		"eth0": VendorUnknown, "uplink": VendorUnknown, "wanderer": VendorUnknown, "Gizmo": VendorUnknown, "portal": VendorUnknown, "": VendorUnknown,
	} {
		if got := byInterface(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestVendorOf(t *testing.T) {
	m, err := New(Config{}, Deps{Symbols: flow.NewSymbols()})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		record  flow.Record
		element flow.Element
		want    Vendor
	}{
		{name: "events over NetFlow v9", record: flow.Record{Present: flow.HasFirewallEvent, Protocol: flow.NetFlow9}, want: CiscoASA},
		{name: "events over IPFIX are of many", record: flow.Record{Present: flow.HasFirewallEvent, Protocol: flow.IPFIX}},
		{name: "enterprise element", element: flow.Element{PEN: 2636, ID: 1, Value: []byte{1}}, want: Junos},
		{name: "reverse element", element: flow.Element{PEN: 29305, ID: 1, Value: []byte{1}}},
		{name: "name", record: flow.Record{OutIfName: m.deps.Symbols.Intern("ether5")}, want: MikroTik},
	} {
		b := flow.NewBatch(1, m.deps.Symbols)
		r := b.Grow()
		*r = c.record
		if c.element.PEN != 0 {
			b.AppendElement(r, c.element)
		}
		if got := m.vendorOf(b, r); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	for v := range numVendors {
		if ParseVendor(v.String()) != v {
			t.Errorf("%d is %q", v, v)
		}
	}
}
