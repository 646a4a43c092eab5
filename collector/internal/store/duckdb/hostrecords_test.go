//go:build cgo

package duckdb

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// TestRecordsOfFewHosts: records of hosts that have few are read without DuckDB, and are those that it reads, with all they have.
func TestRecordsOfFewHosts(t *testing.T) {
	const rows = 12_000
	b := filtertest.RandomBatch(rand.New(rand.NewPCG(5, 6)), rows)
	for i := range b.Records {
		b.Records[i].Source.IP, b.Records[i].Source.NAT = flow.AddrFrom4(0x0a000000), flow.Addr{}
		b.Records[i].Destination.IP = flow.AddrFrom4(0x0b000000 + uint32(i%500))
		b.Records[i].Present |= flow.HasSourceIP | flow.HasDestinationIP
		b.Records[i].Created += int64(i)
	}
	b.Records[100].Source.NAT = flow.AddrFrom4(0x0c000000)
	cfg := store.DefaultConfig(t.TempDir())
	cfg.GroupRows = 2048
	s, err := Open(t.Context(), cfg, store.Deps{Symbols: b.Symbols})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	write := func(from, to int) {
		part := *b
		part.Records = b.Records[from:to]
		if err := s.WriteBatch(t.Context(), &part); err != nil {
			t.Fatal(err)
		}
		if err := s.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	write(0, rows/3)
	if err := s.SealAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	write(rows/3, 2*rows/3)
	if err := s.SealAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	write(2*rows/3, rows) // stays hot
	for _, c := range []struct {
		name, filter string
		few, finds   bool
	}{
		{"a host of few", "destination.ip : 11.0.0.7", true, true},
		{"on any side", "related.ip : 11.0.0.7", true, true},
		{"several", "related.ip : (11.0.0.7 or 11.0.0.8 or 99.0.0.1)", true, true},
		{"with what else is asked", "destination.ip : 11.0.0.7 and not network.transport : udp", true, true},
		{"after translation", "source.nat.ip : 12.0.0.0", true, true},
		{"impossible ones are left out", "destination.ip : 11.0.0.9 and weir.invalid : *", true, false},
		{"none", "destination.ip : 99.0.0.1", true, false},
		{"a host of very many", "source.ip : 10.0.0.0", false, true},
		{"no host", "network.transport : udp", false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, q := range []query.Question{{Filter: c.filter, Limit: 1000}, {Filter: c.filter, Limit: 5, Offset: 3}} {
				few, want := bothWays(t, s, q)
				if (few != nil) != c.few {
					t.Fatalf("%+v: read without DuckDB: %v", q, few != nil)
				}
				if few == nil {
					continue
				}
				if found := len(want.Records) > 0; q.Offset == 0 && found != c.finds {
					t.Fatalf("%+v: %d records", q, len(want.Records))
				}
				if diff := cmp.Diff(shown(want), shown(few)); diff != "" {
					t.Errorf("%+v: %s", q, diff)
				}
			}
		})
	}
}

// bothWays answers a question for records without DuckDB, nil where that is not for it, and with it.
func bothWays(t *testing.T, s *Store, q query.Question) (few, want *flow.Batch) {
	t.Helper()
	p, err := q.PrepareRecords(s.reg)
	if err != nil {
		t.Fatal(err)
	}
	where, args, err := condition(&p)
	if err != nil {
		t.Fatal(err)
	}
	want = flow.NewBatch(0, s.symbols())
	err = s.readers.read(t.Context(), weighsPages, func(c *conn) error {
		of := s.contents(store.Flows)
		pages, err := s.pager(t.Context(), c, &of, &wanted{from: q.From, to: q.To, hosts: neededHosts(p.Node, true)})
		if err != nil {
			return err
		}
		pages.limit = p.Limit
		out := flow.NewBatch(0, s.symbols())
		if h := pages.hostRecords(&p, out); h != nil {
			done, err := h.read(t.Context(), criterion{where, args})
			if err != nil {
				return err
			}
			if done {
				few = out
			}
		}
		return pages.records(t.Context(), &p, criterion{where, args}, want)
	})
	if err != nil {
		t.Fatal(err)
	}
	return few, want
}

// shownRecord is a record with its elements, wherever these lie.
type shownRecord struct {
	Record   flow.Record
	Elements string
}

func shown(b *flow.Batch) (list []shownRecord) {
	for i := range b.Records {
		r := b.Records[i]
		x := shownRecord{Elements: string(b.ElementsOf(&r))}
		r.ElementsOff = 0
		x.Record = r
		list = append(list, x)
	}
	return list
}
