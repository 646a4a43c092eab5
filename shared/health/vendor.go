package health

import (
	"strings"

	"github.com/weirflow/weir/shared/flow"
)

// Vendor is what made an exporter, as far as it shows.
type Vendor uint8

// Vendors whose commands the remedies have.
const (
	VendorUnknown Vendor = iota
	CiscoIOS
	CiscoFlexible // Flexible NetFlow: IOS 15 and later, IOS-XE, NX-OS alike
	CiscoASA
	Junos
	FortiOS
	MikroTik
	Huawei
	PANOS
	OpenVSwitch
	Softflowd
	SFlowAgent
	numVendors
)

var vendorNames = [numVendors]string{
	"", "IOS", "IOS-XE", "ASA", "Junos", "FortiOS", "MikroTik", "Huawei", "PAN-OS", "Open vSwitch", "softflowd", "sFlow agent",
}

// String returns the name that people use; "" for [VendorUnknown].
func (v Vendor) String() string { return vendorNames[min(v, numVendors-1)] }

// ParseVendor is the inverse of [Vendor.String]; unknown names are [VendorUnknown].
func ParseVendor(name string) Vendor {
	for v, n := range vendorNames {
		if n == name {
			return Vendor(v)
		}
	}
	return VendorUnknown
}

// enterprises are vendors by their IANA private enterprise number.
func byEnterprise(pen uint32) Vendor {
	switch pen {
	case 9:
		return CiscoFlexible
	case 2636:
		return Junos
	case 2011, 25506:
		return Huawei
	case 12356:
		return FortiOS
	case 14988:
		return MikroTik
	case 25461:
		return PANOS
	}
	return VendorUnknown
}

// prefixes of interface names that only one vendor uses.
var prefixes = []struct {
	prefix string
	vendor Vendor
}{
	{"GigabitEthernet", CiscoFlexible}, {"TenGigabitEthernet", CiscoFlexible}, {"TenGigE", CiscoFlexible}, {"Gi", CiscoFlexible}, {"Te", CiscoFlexible},
	{"ge-", Junos}, {"xe-", Junos}, {"et-", Junos}, {"reth", Junos}, {"irb.", Junos},
	{"XGE", Huawei}, {"GE", Huawei}, {"Eth-Trunk", Huawei}, {"ether", MikroTik}, {"sfp", MikroTik}, {"port", FortiOS}, {"wan", FortiOS}, {"ethernet1/", PANOS},
	{"ovs-", OpenVSwitch}, {"br-", OpenVSwitch},
}

func byInterface(name string) Vendor {
	for _, p := range prefixes {
		rest, ok := strings.CutPrefix(name, p.prefix)
		if !ok {
			continue
		}
		// "Gi0/1" but not "Gizmo": a number follows, except after the prefixes that end in a mark.
		if last := p.prefix[len(p.prefix)-1]; last == '-' || last == '/' || last == '.' || (rest != "" && rest[0] >= '0' && rest[0] <= '9') {
			return p.vendor
		}
	}
	return VendorUnknown
}

// lookEvery is for how many datagrams an exporter without a guess is left alone.
const lookEvery = 64

// guess looks at a record for signs of the exporter's vendor, now and then until there is one.
func (m *Monitor) guess(d *device, b *flow.Batch, r *flow.Record) {
	if d.vendor != VendorUnknown {
		return
	}
	if d.looked%lookEvery == 0 {
		d.vendor = m.vendorOf(b, r)
	}
	d.looked++
}

func (m *Monitor) vendorOf(b *flow.Batch, r *flow.Record) Vendor {
	if r.Present.Has(flow.HasFirewallEvent) && r.Protocol == flow.NetFlow9 {
		return CiscoASA
	}
	for list := b.ElementsOf(r); ; {
		e, rest, ok := flow.NextElement(list)
		if !ok {
			break
		}
		if v := byEnterprise(e.PEN); v != VendorUnknown {
			return v
		}
		list = rest
	}
	if m.deps.Symbols == nil {
		return VendorUnknown
	}
	for _, s := range [...]flow.Symbol{r.InIfName, r.OutIfName} {
		if s != 0 {
			if v := byInterface(m.deps.Symbols.Text(s)); v != VendorUnknown {
				return v
			}
		}
	}
	return VendorUnknown
}

// candidates are the vendors whose commands are given for an exporter of which nothing shows but its protocol: the most common ones.
func candidates(protocol flow.Protocol) []Vendor {
	switch protocol {
	case flow.NetFlow5, flow.NetFlow1, flow.NetFlow7:
		return []Vendor{CiscoIOS, Junos, Softflowd}
	case flow.NetFlow9:
		return []Vendor{CiscoIOS, CiscoFlexible, FortiOS}
	case flow.IPFIX:
		return []Vendor{CiscoFlexible, Junos, MikroTik}
	case flow.SFlow5:
		return []Vendor{SFlowAgent}
	}
	return []Vendor{CiscoIOS, CiscoFlexible, Junos}
}
