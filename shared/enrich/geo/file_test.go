package geo

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

// databases holds MaxMind's test files, beside the repository.
const databases = "../../../../shared/mmdb"

func testFile(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(databases, name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("SKIPPED: no test databases of MaxMind: %v", err)
	}
	return path
}

// TestMaxMindFiles: every network of the test files tells what MaxMind's own listing beside it says, at both ends.
func TestMaxMindFiles(t *testing.T) {
	for _, name := range []string{"GeoLite2-Country-Test", "GeoLite2-City-Test", "GeoLite2-ASN-Test"} {
		t.Run(name, func(t *testing.T) {
			f, _, err := load(testFile(t, name+".mmdb"))
			if err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(testFile(t, name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			var listing []map[string]struct {
				Country struct {
					Code string `json:"iso_code"`
				}
				ASN uint32 `json:"autonomous_system_number"`
			}
			if err := json.Unmarshal(text, &listing); err != nil {
				t.Fatal(err)
			}
			told := 0
			for _, entry := range listing {
				for network, record := range entry {
					p := netip.MustParsePrefix(network)
					want := Place{Country: code(record.Country.Code), ASN: record.ASN}
					for _, ip := range []netip.Addr{p.Addr(), lastOf(p)} {
						if got := f.place(flow.AddrFromNetip(ip)); got != want {
							t.Errorf("%s of %s: %v, want %v", ip, network, got, want)
						}
					}
					if want != (Place{}) {
						told++
					}
				}
			}
			if told < 50 {
				t.Errorf("%d networks with a place: the listing was not read", told)
			}
		})
	}
}

func lastOf(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 1 << (7 - i%8)
	}
	ip, _ := netip.AddrFromSlice(b)
	return ip
}

func TestBuiltFiles(t *testing.T) {
	lite := object{"asn": "AS64500", "country_code": "CH"}
	for _, c := range []struct {
		name    string
		content []byte
		want    map[string]Place
	}{
		{"IPv4 and IPv6 in one tree", build(6, network{"192.0.2.0/24", lite}, network{"2001:db8::/33", object{"asn": "AS64501"}}), map[string]Place{
			"192.0.2.0": {code("CH"), 64500}, "192.0.2.255": {code("CH"), 64500}, "192.0.3.0": {}, "2001:db8::1": {ASN: 64501}, "2001:db8:8000::": {},
		}},
		{"a tree of IPv4 alone is not asked of IPv6", build(4, network{"198.51.100.128/25", lite}), map[string]Place{
			"198.51.100.128": {code("CH"), 64500}, "198.51.100.127": {}, "2001:db8::1": {}, "::198.51.100.128": {},
		}},
		{"a record of nothing that is known", build(4, network{"198.51.100.0/24", object{"city": "Example"}}), map[string]Place{"198.51.100.1": {}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := parse(c.content)
			if err != nil {
				t.Fatal(err)
			}
			for ip, want := range c.want {
				if got := f.place(address(ip)); got != want {
					t.Errorf("%s: %v, want %v", ip, got, want)
				}
			}
		})
	}
}

func TestBrokenFiles(t *testing.T) {
	good := build(6, network{"192.0.2.0/24", object{"country_code": "CH"}})
	beyond := build(4, network{"192.0.2.0/24", object{"country_code": "CH"}})
	beyond[23*6] = 0xff // the last node's left side points behind the end
	dag := make([][2]int, 128)
	for i := range 127 {
		dag[i] = [2]int{i + 1, i + 1}
	}
	for _, c := range []struct {
		name    string
		content []byte
		want    error
	}{
		{"empty", nil, ErrFormat},
		{"a web page", []byte("<html>Please log in</html>"), ErrFormat},
		{"packed", append([]byte("\x1f\x8b\x08\x00"), good[:40]...), ErrFormat},
		{"cut short", good[:len(good)-200], ErrFormat},
		{"start missing", good[100:], ErrFormat},
		{"a pointer beyond the end", beyond, ErrBroken},
		{"a node that is its own child", assemble(6, [][2]int{{0, 1}, {1, 1}}, nil), ErrBroken},
		{"more paths than a walk can see", assemble(6, dag, nil), ErrBroken},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := parse(c.content); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

func TestMaxMindBrokenFiles(t *testing.T) {
	for _, name := range []string{"MaxMind-DB-test-broken-pointers-24.mmdb", "MaxMind-DB-test-broken-search-tree-24.mmdb"} {
		err := Check(Config{Country: testFile(t, name)})
		if !errors.Is(err, ErrBroken) && !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && !strings.Contains(err.Error(), name) {
			t.Errorf("%v does not name the file", err)
		}
	}
}

// TestDamagedFiles: whatever bytes are damaged, a file is refused or all its addresses can be asked.
func TestDamagedFiles(t *testing.T) {
	contents := [][]byte{build(6, network{"192.0.2.0/24", object{"country_code": "CH"}}, network{"2001:db8::/32", object{"asn": "AS1"}})}
	if text, err := os.ReadFile(filepath.Join(databases, "GeoLite2-ASN-Test.mmdb")); err == nil {
		contents = append(contents, text)
	}
	rnd := rand.New(rand.NewPCG(5, 6))
	for _, content := range contents {
		for range 200 {
			damaged := append([]byte(nil), content...)
			for range 1 + rnd.IntN(4) {
				damaged[rnd.IntN(len(damaged))] = byte(rnd.Uint32())
			}
			f, err := parse(damaged[:len(damaged)-rnd.IntN(2)*rnd.IntN(64)])
			if err != nil {
				continue
			}
			for range 500 {
				f.place(flow.AddrFrom4(rnd.Uint32()))
				f.place(flow.AddrFromWords(0x20010db8<<32|rnd.Uint64()>>32, rnd.Uint64()))
			}
		}
	}
}
