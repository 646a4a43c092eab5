package element_test

import (
	"testing"

	"github.com/weirflow/weir/shared/decode/element"
	"github.com/weirflow/weir/shared/flow"
)

func TestLookup(t *testing.T) {
	cases := []struct {
		pen  uint32
		id   uint16
		name string
		typ  element.Type
	}{
		{element.IANA, 1, "octetDeltaCount", element.Unsigned},
		{element.IANA, 259, "exportSctpStreamId", element.Unsigned},
		{element.IANA, 260, "maxExportSeconds", element.Seconds},
		{element.IANA, 291, "basicList", element.List},
		{element.IANA, 311, "samplingProbability", element.Float},
		{element.IANA, 434, "mibObjectValueInteger", element.Signed},
		{element.IANA, 33002, "firewallExtendedEvent", element.Unsigned},
		{element.Reverse, 1, "reverse octetDeltaCount", element.Unsigned},
		{element.Cisco, 4315, "tcpWindowSizeMin", element.Unsigned},
		{element.VMware, 881, "tenantSourceIPv4", element.IPv4},
		{element.PaloAlto, 56701, "panAppId", element.String},
	}
	for _, c := range cases {
		if info, ok := element.Lookup(c.pen, c.id); !ok || info.Name != c.name || info.Type != c.typ {
			t.Errorf("%d/%d: %+v, want %s", c.pen, c.id, info, c.name)
		}
	}
	for _, c := range [][2]uint32{{0, 0}, {0, 65}, {0, 20001}, {0, 65535}, {element.H3C, 1}, {element.Reverse, 65}, {12345, 1}} {
		if info, ok := element.Lookup(c[0], uint16(c[1])); ok {
			t.Errorf("%v is known as %s", c, info.Name)
		}
	}
}

// TestTablesAreOrdered: look-up searches by halves, so a table out of order would lose rows.
func TestTablesAreOrdered(t *testing.T) {
	known := 0
	for _, pen := range []uint32{element.IANA, element.Cisco, element.Juniper, element.CERT, element.VMware, element.Barracuda, element.PaloAlto, element.Ntop, element.Viptela} {
		for id := range 1 << 16 {
			if info, ok := element.Lookup(pen, uint16(id)); ok {
				known++
				if info.ID != uint16(id) || info.Name == "" {
					t.Errorf("%d/%d gives %+v", pen, id, info)
				}
			}
		}
	}
	if known != element.Rows() {
		t.Errorf("%d of %d rows are found", known, element.Rows())
	}
}

func TestKindOf(t *testing.T) {
	cases := []struct {
		typ  element.Type
		n    int
		want flow.ElementKind
	}{
		{element.Unsigned, 3, flow.ElementUint},
		{element.Unsigned, 9, flow.ElementBytes},
		{element.Milliseconds, 8, flow.ElementUint},
		{element.Signed, 4, flow.ElementInt},
		{element.Float, 4, flow.ElementFloat},
		{element.Float, 2, flow.ElementBytes},
		{element.IPv4, 4, flow.ElementAddr},
		{element.IPv4, 2, flow.ElementBytes},
		{element.MAC, 6, flow.ElementMAC},
		{element.String, 0, flow.ElementString},
		{element.List, 20, flow.ElementBytes},
	}
	for _, c := range cases {
		if got := c.typ.KindOf(c.n); got != c.want {
			t.Errorf("type %d in %d bytes: %d, want %d", c.typ, c.n, got, c.want)
		}
	}
}
