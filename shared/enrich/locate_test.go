package enrich

import (
	"sync"
	"testing"

	"github.com/weirflow/weir/shared/enrich/geo"
	"github.com/weirflow/weir/shared/flow"
)

// located is an enricher with the small file of geo's tests for both countries and AS numbers.
func located(t testing.TB, cfg Config) (*Enricher, *geo.Locator, *flow.Symbols) {
	t.Helper()
	const lite = "geo/testdata/lite.mmdb"
	l, err := geo.New(geo.Config{Country: lite, ASN: lite}, geo.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	symbols := flow.NewSymbols()
	e, err := New(cfg, Deps{Symbols: symbols, Geo: l})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Stop() })
	return e, l, symbols
}

func TestCountryAndASN(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Inside = append(cfg.Inside, prefixes("192.0.2.128/25")...)
	e, _, symbols := located(t, cfg)
	for _, c := range []struct {
		name, ip    string
		asn         uint32 // of the record
		country     string
		wantASN     uint32
		wantCountry string
	}{
		{"both from the file", "192.0.2.1", 0, "", 64500, "CH"},
		{"IPv6", "2001:db8::1", 0, "", 64503, "AT"},
		{"the exporter's AS number wins", "198.51.100.1", 65000, "", 65000, "DE"},
		{"a country that is there stays", "198.51.100.1", 0, "FR", 64501, "FR"},
		{"AS number alone", "203.0.113.1", 0, "", 64502, ""},
		{"not in the file", "8.8.8.8", 0, "", 0, ""},
		{"private", "10.0.0.1", 0, "", 0, ""},
		{"inside, though public", "192.0.2.200", 0, "", 0, ""},
		{"inside, the exporter's AS number stays", "192.0.2.200", 65000, "", 65000, ""},
		{"multicast", "ff02::1", 0, "", 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, side := range []string{"source", "destination", "neither"} {
				b := record(symbols, func(r *flow.Record) {
					r.Present = map[string]flow.Presence{"source": flow.HasSourceIP, "destination": flow.HasDestinationIP}[side]
					for _, end := range []*flow.Endpoint{&r.Source, &r.Destination} {
						end.IP, end.ASN = address(c.ip), c.asn
						copy(end.Country[:], c.country)
					}
				})
				e.Batch(b)
				got, other := b.Records[0].Source, b.Records[0].Destination
				if side == "destination" {
					got, other = other, got
				}
				var given, want [2]byte
				copy(given[:], c.country)
				copy(want[:], c.wantCountry)
				if other.ASN != c.asn || other.Country != given {
					t.Errorf("%s: the side without an address has AS %d, country %q", side, other.ASN, other.Country)
				}
				if side != "neither" && (got.ASN != c.wantASN || got.Country != want) {
					t.Errorf("%s: AS %d, country %q, want %d, %q", side, got.ASN, got.Country, c.wantASN, want)
				}
			}
		})
	}
}

// locatedBatch has public addresses at one side of each record, each of which comes twice.
func locatedBatch(symbols *flow.Symbols) *flow.Batch {
	b := flow.NewBatch(2048, symbols)
	for i := range uint32(2048) {
		r := b.Grow()
		r.Present = flow.HasSourceIP | flow.HasDestinationIP
		r.Source.IP, r.Destination.IP = flow.AddrFrom4(0xc6336400|i%256), flow.AddrFrom4(0x0a000000|i)
		if i%2 == 1 {
			r.Source.IP = flow.AddrFrom4(0x08000000 | i<<8)
		}
	}
	return b
}

// clean takes out what enriching fills in.
func clean(b *flow.Batch) {
	for i := range b.Records {
		b.Records[i].Source.ASN, b.Records[i].Source.Country = 0, [2]byte{}
	}
}

func TestLocatedBatchAllocatesNothing(t *testing.T) {
	e, _, symbols := located(t, DefaultConfig())
	b := locatedBatch(symbols)
	if n := testing.AllocsPerRun(20, func() { clean(b); e.Batch(b) }); n != 0 {
		t.Errorf("%v allocations a batch", n)
	}
}

// TestConcurrentBatches is for the race detector: several workers enrich while the files are looked at.
func TestConcurrentBatches(t *testing.T) {
	e, l, symbols := located(t, DefaultConfig())
	const workers, rounds = 4, 20
	var wg sync.WaitGroup
	for range workers {
		b := locatedBatch(symbols)
		wg.Go(func() {
			for range rounds {
				clean(b)
				e.Batch(b)
			}
			for i := range b.Records {
				if got := b.Records[i].Source.ASN == 64501; got != (i%2 == 0) {
					t.Errorf("record %d: AS %d", i, b.Records[i].Source.ASN)
					return
				}
			}
		})
	}
	for range rounds {
		if err := l.Reload(); err != nil {
			t.Error(err)
		}
		_ = l.Stats()
	}
	wg.Wait()
	if st := l.Stats(); st.Lookups != workers*rounds*2048 || st.Found != st.Lookups/2 || st.Missed != st.Lookups/2 {
		t.Errorf("%+v", st)
	}
}

func BenchmarkLocatedBatch(b *testing.B) {
	e, _, symbols := located(b, DefaultConfig())
	batch := locatedBatch(symbols)
	b.ReportAllocs()
	for b.Loop() {
		clean(batch)
		e.Batch(batch)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(batch.Records)), "ns/record")
}
