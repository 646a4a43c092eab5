package query_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// TestPrefixesLoseNothing: what a prefix adds to the filter holds for every value that begins with it, and keeps most others away.
func TestPrefixesLoseNothing(t *testing.T) {
	reg, rng := flow.NewRegistry(), rand.New(rand.NewPCG(1, 1))
	at := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC).Format(time.RFC3339)
	line := func(field, value string) *flow.Batch {
		b := flow.NewBatch(1, flow.NewSymbols())
		text := fmt.Sprintf(`{"event.end":%q,%q:%s}`, at, field, value)
		if err := flow.ParseJSON([]byte(text), reg, b); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return b
	}
	holds := func(q query.ValuesQuestion, b *flow.Batch) bool {
		_, asked, err := q.Prepare(reg)
		if err != nil {
			t.Fatalf("%+v: %v", q, err)
		}
		n, err := filter.Parse(asked.Filter, reg)
		if err != nil {
			t.Fatalf("%s: %v", asked.Filter, err)
		}
		return filter.Predicate(n)(b, &b.Records[0])
	}
	for range 3000 {
		var field, value, text string
		switch rng.IntN(3) {
		case 0:
			field, text = "source.ip", randomAddress(rng)
			value = strconv.Quote(text)
		case 1:
			field, text = "destination.port", strconv.Itoa(rng.IntN(1<<16))
			value = text
		default:
			field, text = "network.bytes", strconv.FormatUint(rng.Uint64()>>rng.IntN(64), 10)
			value = text
		}
		prefix := text[:1+rng.IntN(len(text))]
		if b := line(field, value); !holds(query.ValuesQuestion{Field: field, Prefix: strings.ToUpper(prefix), Filter: "not network.vlan.id : 7"}, b) {
			t.Fatalf("%s : %s is lost with the prefix %s", field, text, prefix)
		}
	}
	for _, c := range [][3]string{{"source.ip", "10.1", "10.2.0.1"}, {"source.ip", "10.1.", "10.10.0.1"}, {"source.ip", "2001:db8:", "2001:db9::1"}, {"destination.port", "44", "454"}, {"destination.port", "0", "1"}} {
		value := c[2]
		if c[0] == "source.ip" {
			value = strconv.Quote(value)
		}
		if holds(query.ValuesQuestion{Field: c[0], Prefix: c[1]}, line(c[0], value)) {
			t.Errorf("%s %s is looked at for the prefix %s", c[0], c[2], c[1])
		}
	}
}

// randomAddress has short and missing groups, as real ones do.
func randomAddress(rng *rand.Rand) string {
	if rng.IntN(2) == 0 {
		return netip.AddrFrom4([4]byte{byte(rng.IntN(256)), byte(rng.IntN(30)), byte(rng.IntN(256)), byte(rng.IntN(3))}).String()
	}
	var a [16]byte
	for i := range a {
		if rng.IntN(3) > 0 {
			a[i] = byte(rng.IntN(256) >> rng.IntN(8))
		}
	}
	return netip.AddrFrom16(a).Unmap().String()
}
