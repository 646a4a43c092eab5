package geo

import (
	"net/netip"
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

func address(s string) flow.Addr { return flow.AddrFromNetip(netip.MustParseAddr(s)) }

func code(s string) (c [2]byte) { copy(c[:], s); return c }

type object = map[string]any

func TestPlaceOf(t *testing.T) {
	for _, c := range []struct {
		name   string
		record any
		want   Place
	}{
		{"GeoLite2 Country and City, DB-IP", object{"country": object{"iso_code": "CH"}, "registered_country": object{"iso_code": "US"}}, Place{Country: code("CH")}},
		{"only where the network is registered", object{"registered_country": object{"iso_code": "US"}}, Place{}},
		{"GeoLite2 ASN", object{"autonomous_system_number": uint64(64500), "autonomous_system_organization": "Example"}, Place{ASN: 64500}},
		{"GeoIP2 Enterprise", object{"country": object{"iso_code": "DE"}, "traits": object{"autonomous_system_number": uint64(64501)}}, Place{code("DE"), 64501}},
		{"IPinfo Lite", object{"asn": "AS13335", "as_name": "Example", "country": "Switzerland", "country_code": "CH"}, Place{code("CH"), 13335}},
		{"IPinfo country", object{"country": "CH", "country_name": "Switzerland"}, Place{Country: code("CH")}},
		{"a name of a country is no code", object{"country": "Chad"}, Place{}},
		{"small letters", object{"country_code": "ch", "asn": "as64500"}, Place{code("CH"), 64500}},
		{"number as a text", object{"asn": "64500"}, Place{ASN: 64500}},
		{"number in a text field of another writer", object{"autonomous_system_number": "AS4200000000"}, Place{ASN: 4200000000}},
		{"ZZ is unknown", object{"country_code": "ZZ"}, Place{}},
		{"code of one letter and a sign", object{"country_code": "A-"}, Place{}},
		{"AS 0", object{"asn": "AS0", "autonomous_system_number": uint64(0)}, Place{}},
		{"no AS number", object{"asn": "AS-EXAMPLE"}, Place{}},
		{"more than 32 bits", object{"asn": uint64(1) << 32, "autonomous_system_number": "AS4294967296"}, Place{}},
		{"below 0", object{"asn": int32(-1)}, Place{}},
		{"other types", object{"country": uint64(1), "country_code": object{}, "asn": []any{"AS1"}}, Place{}},
		{"no map", "CH", Place{}},
		{"nothing", nil, Place{}},
	} {
		if got := placeOf(c.record); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestPublic: the borders of the special networks of RFC 6890, with its neighbors.
func TestPublic(t *testing.T) {
	for _, c := range []struct {
		public  bool
		members []string
	}{
		{false, []string{
			"0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "127.0.0.1", "127.255.255.255", "100.64.0.0", "100.127.255.255",
			"169.254.0.0", "169.254.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.0", "192.168.255.255", "224.0.0.0",
			"239.255.255.255", "255.255.255.255", "::", "::1", "fc00::", "fdff::1", "fe80::", "febf::1", "ff02::1",
		}},
		{true, []string{
			"1.0.0.0", "9.255.255.255", "11.0.0.0", "126.255.255.255", "128.0.0.0", "100.63.255.255", "100.128.0.0", "169.253.255.255",
			"169.255.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "223.255.255.255", "::2", "2001:db8::1",
			"fbff::1", "fe00::1", "fec0::1", "2002::1",
		}},
	} {
		for _, m := range c.members {
			if Public(address(m)) != c.public {
				t.Errorf("%s: public is %v", m, !c.public)
			}
		}
	}
}
