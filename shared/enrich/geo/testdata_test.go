package geo

import (
	"bytes"
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write testdata anew")

const liteFile = "testdata/lite.mmdb"

// TestLiteFile holds the small file that tests of other packages use to its listing: networks kept free for documentation (RFC
// 5737, RFC 3849) and AS numbers of the same kind (RFC 5398).
func TestLiteFile(t *testing.T) {
	want := build(6,
		network{"192.0.2.0/24", object{"country_code": "CH", "asn": "AS64500"}},
		network{"198.51.100.0/24", object{"country_code": "DE", "asn": "AS64501"}},
		network{"203.0.113.0/24", object{"asn": "AS64502"}},
		network{"10.0.0.0/8", object{"country_code": "US", "asn": "AS64510"}}, // must never show
		network{"2001:db8::/32", object{"country_code": "AT", "asn": "AS64503"}},
	)
	if *update {
		if err := os.WriteFile(liteFile, want, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(liteFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is stale: run with -update", liteFile)
	}
}
