package geo

import (
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

func TestCounters(t *testing.T) {
	dir := folder(t, map[string][]byte{"c.mmdb": first})
	l := started(t, Config{Country: filepath.Join(dir, "c.mmdb")})
	for range 2 { // the second reader is the first again, with its cache
		r := l.Acquire()
		for _, ip := range []string{"192.0.2.1", "192.0.2.1", "203.0.113.1", "10.0.0.1", "fe80::1"} {
			r.Place(address(ip))
		}
		l.Release(r)
	}
	if got, want := l.Stats(), (Stats{Lookups: 6, Cached: 4, Found: 4, Missed: 2, CountryBuilt: 1_700_000_000}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// TestCacheProperty: with far more addresses than slots every answer is the file's.
func TestCacheProperty(t *testing.T) {
	path := testFile(t, "GeoLite2-ASN-Test.mmdb")
	l := started(t, Config{ASN: path})
	f, _, err := load(path)
	if err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	addrs := make([]flow.Addr, 4*CacheSlots)
	for i := range addrs {
		addrs[i] = flow.AddrFrom4(rnd.Uint32())
		if i%4 == 0 {
			addrs[i] = flow.AddrFromWords(0x2400<<48|rnd.Uint64()>>16, rnd.Uint64())
		}
	}
	r := l.Acquire()
	defer l.Release(r)
	for range 20 * CacheSlots {
		a := addrs[min(rnd.IntN(len(addrs)), rnd.IntN(len(addrs)))]
		if got, want := r.Place(a).ASN, f.place(a).ASN; got != want && Public(a) {
			t.Fatalf("%s: %d, want %d", a, got, want)
		}
	}
	if r.cached == 0 || r.cached == r.lookups {
		t.Errorf("%d of %d answered by the cache", r.cached, r.lookups)
	}
}

// spread returns public addresses, twice as many as slots, so that most look-ups walk the tree.
func spread() []flow.Addr {
	rnd := rand.New(rand.NewPCG(7, 7))
	addrs := make([]flow.Addr, 2*CacheSlots)
	for i := range addrs {
		addrs[i] = flow.AddrFrom4(1<<24 + rnd.Uint32()%(8<<24))
		if i%5 == 0 {
			addrs[i] = flow.AddrFromWords(0x2001<<48|rnd.Uint64()>>16, rnd.Uint64())
		}
	}
	return addrs
}

func TestPlaceAllocatesNothing(t *testing.T) {
	dir := folder(t, map[string][]byte{"b.mmdb": both, "c4.mmdb": build(4, network{"1.0.0.0/8", object{"country_code": "CH"}})})
	l := started(t, Config{Country: filepath.Join(dir, "c4.mmdb"), ASN: filepath.Join(dir, "b.mmdb")})
	addrs := spread()
	ask(l, "192.0.2.1")
	if n := testing.AllocsPerRun(5, func() {
		r := l.Acquire()
		for _, a := range addrs {
			r.Place(a)
		}
		l.Release(r)
	}); n != 0 {
		t.Errorf("%v allocations in %d look-ups", n, len(addrs))
	}
}

func BenchmarkPlace(b *testing.B) {
	l := started(b, Config{Country: testFile(b, "GeoLite2-City-Test.mmdb"), ASN: testFile(b, "GeoLite2-ASN-Test.mmdb")})
	for name, addrs := range map[string][]flow.Addr{"cached": spread()[:64], "walked": spread()} {
		b.Run(name, func(b *testing.B) {
			r := l.Acquire()
			defer l.Release(r)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				r.Place(addrs[i%len(addrs)])
			}
		})
	}
}
