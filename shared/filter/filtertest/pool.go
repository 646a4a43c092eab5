package filtertest

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"

	"github.com/weirflow/weir/shared/flow"
)

// Start is the time around which all random records lie, in ns since the Unix epoch: 2026-03-02T08:00:00Z.
const Start = 1772438400 * int64(1e9)

// Span is the time over which the records' ends spread, in ns.
const Span = int64(10 * 60 * 1e9)

// The pools are small, so that random filters meet random records. Texts hold what translations trip over: quotes,
// backslashes, the wildcards of LIKE and of the language itself, operators and letters beyond ASCII.
var (
	addresses = []string{"10.0.0.1", "10.0.0.2", "10.0.1.1", "10.255.255.255", "9.255.255.255", "192.0.2.1", "203.0.113.7", "0.0.0.1", "255.255.255.255",
		"2001:db8::1", "2001:db8::2", "2001:db8:0:1::1", "fe80::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::1"}
	prefixLengths4 = []int{0, 1, 8, 16, 23, 24, 31}
	prefixLengths6 = []int{0, 1, 16, 32, 63, 64, 65, 96, 104, 127}
	texts          = []string{"ge-0/0/1", "ge-0/0/2", "ge-0/1/1", "xe-0", "dns", "https", "a b", `quo"te`, `back\slash`, "100%", "under_score", "star*", "and", "NOT", "cannot", "null", "(x)", "a:b",
		"größe", "日本", "tab\there", `\u0041`, ".*[x]", "*"}
	groups      = []string{"servers", "server", "users", "dmz", "dmz-1", "dmz-2", "a.b", "gäste", "100%", "x_y", "with space", `b\s`}
	macs        = []string{"00-1B-44-11-3A-B7", "00-1B-44-11-3A-B8", "FF-FF-FF-FF-FF-FF"}
	countries   = []string{"CH", "CN", "DE", "US"}
	unsigneds   = []uint64{0, 1, 2, 6, 17, 22, 53, 80, 200, 255, 443, 3389, 40000, 65535, 100000, 1<<20 - 1, 1<<32 - 1, 1 << 40, 1<<63 - 1}
	transport   = []uint64{1, 2, 6, 17, 41, 47, 58, 99, 200}
	intervals   = []float64{1, 2.5, 10, 1000, 0.5}
	confidences = []float64{1, 0.95, 0.85, 0.75, 0.55, 0.5}
	offsets     = []int64{-2500, -1, 0, 1, 30, 2500}
)

// maxSum keeps counters small enough that the sum over a batch fits 63 bits.
const maxSum = 1 << 40

func pick[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }

// chance is true once in n times.
func chance(rng *rand.Rand, n int) bool { return rng.IntN(n) == 0 }

func address(s string) flow.Addr { return flow.AddrFromNetip(netip.MustParseAddr(s)) }

// instant is mostly within Span after Start, often on a whole ms or beside it, where stores cut times in two.
func instant(rng *rand.Rand) int64 {
	ms := rng.Int64N(Span/1e6) * 1e6
	switch rng.IntN(4) {
	case 0:
		return Start + ms
	case 1:
		return Start + ms + 1
	case 2:
		return Start + ms - 1
	}
	return Start + ms + rng.Int64N(1e6)
}

// random returns a value of the field, from the pools.
func random(rng *rand.Rand, f *flow.Field) flow.Value {
	switch f.Kind {
	case flow.KindIP:
		return flow.IP(address(pick(rng, addresses)))
	case flow.KindMAC:
		m, _ := flow.ParseMAC(pick(rng, macs))
		return flow.MACValue(m)
	case flow.KindTime:
		return flow.Time(instant(rng))
	case flow.KindFloat:
		if f.Name == "weir.direction.confidence" {
			return flow.Float(pick(rng, confidences))
		}
		return flow.Float(pick(rng, intervals))
	case flow.KindInt:
		return flow.Int(pick(rng, offsets))
	case flow.KindKeyword:
		return flow.Keyword(randomText(rng, f))
	}
	if f.Name == "network.iana_number" {
		return flow.Uint(pick(rng, transport))
	}
	if f.Max == 0 {
		return flow.Uint(pick(rng, unsigneds))
	}
	fitting, _ := slices.BinarySearch(unsigneds, f.Max+1)
	return flow.Uint(pick(rng, unsigneds[:fitting]))
}

func randomText(rng *rand.Rand, f *flow.Field) string {
	switch {
	case f.Name == "event.id" || f.Name == "weir.duplicate_of":
		return eventID(rng.Uint64N(64)).String()
	case f.Name == "network.transport":
		return flow.TransportName(uint8(pick(rng, transport)))
	case strings.HasSuffix(f.Name, "country_iso_code"):
		return pick(rng, countries)
	case f.Values != nil:
		if f.Name == "weir.end_reason" && chance(rng, 8) {
			return pick(rng, []string{"0", "9"}) // exporters send values without a name
		}
		return pick(rng, f.Values)
	case f.List:
		return pick(rng, groups)
	}
	return pick(rng, texts)
}

// eventID is the identity of the nth record of a batch; the hashes use all 64 bits of both words.
func eventID(n uint64) flow.EventID {
	const golden = 0x9e3779b97f4a7c15
	datagram := n/recordsPerDatagram + 1
	return flow.EventID{Datagram: flow.DatagramID{Hi: datagram * golden, Lo: ^(datagram * golden)}, Set: uint16(n % 2), Record: uint32(n % recordsPerDatagram)}
}

// recordsPerDatagram is how many records of a random batch share a datagram.
const recordsPerDatagram = 8

// describe names a value in failures.
func describe(b *flow.Batch, r *flow.Record, f *flow.Field) string {
	var s []string
	for _, v := range f.Get(nil, b, r) {
		s = append(s, v.String())
	}
	return fmt.Sprintf("%s=%s", f.Name, slices.Clip(s))
}
