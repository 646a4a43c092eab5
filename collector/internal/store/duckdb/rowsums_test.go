//go:build cgo

package duckdb

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/flow"
)

// TestRowSumsFind: an entry is found by its key, however many there are, and those with keys alike are not taken for each other.
func TestRowSumsFind(t *testing.T) {
	s, want := newRowSums(2, networkCounters), map[[3]uint64]uint64{}
	rng := rand.New(rand.NewPCG(1, 1))
	for range 100_000 {
		key := [3]uint64{rng.Uint64N(4), rng.Uint64N(100), rng.Uint64N(100) << 57}
		at := s.find(key[:], hashOf(key[:]), 5)
		s.words[at+s.key()+1]++
		want[key]++
	}
	if s.n() != len(want) {
		t.Errorf("%d entries of %d keys", s.n(), len(want))
	}
	for i := range s.n() {
		e := s.at(i)
		if key := [3]uint64(e[:3]); e[s.key()+1] != want[key] || e[s.key()] != 5 {
			t.Fatalf("%v has %d rows, the first ended at %d; want %d and 5", key, e[s.key()+1], e[s.key()], want[key])
		}
	}
}

// TestRowSumsInBlocks: where there is room for few sums, those of several blocks add up to the same.
func TestRowSumsInBlocks(t *testing.T) {
	symbols := flow.NewSymbols()
	s := openInternal(t, store.Config{}, store.Deps{Now: upgradeNow, Symbols: symbols})
	account := flow.NewAccount()
	for datagram := range uint64(3) {
		if err := s.WriteBatch(t.Context(), summed(account, symbols, datagram+1, 5000)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	hot, _ := s.files.snapshot()
	for name, columns := range map[string][]string{
		"nothing":   nil,
		"names":     {"network_direction", "network_protocol"},
		"addresses": {"source_ip_hi", "source_ip_lo", "destination_port"},
	} {
		t.Run(name, func(t *testing.T) {
			added := func(most int) (sums map[string][]uint64, blocks int) {
				view := hot[0].file.View(hot[0].rows.Load())
				a := newRowAdder(&view, columns, len(counters), time.Minute)
				sums = map[string][]uint64{}
				for {
					b, err := a.block(context.Background(), most)
					if err != nil {
						t.Fatal(err)
					}
					if b == nil {
						return sums, blocks
					}
					blocks++
					addBlock(sums, b)
				}
			}
			whole, _ := added(1 << 20)
			parts, blocks := added(1)
			if len(whole) == 0 || blocks < 3 {
				t.Errorf("%d sums, %d blocks", len(whole), blocks)
			}
			if !maps.EqualFunc(whole, parts, slices.Equal) {
				t.Errorf("%d sums in blocks, %d in one", len(parts), len(whole))
			}
		})
	}
}

// addBlock adds a block to sums by their keys.
func addBlock(sums map[string][]uint64, b *rowSums) {
	for i := range b.n() {
		e := b.at(i)
		key, rest := fmt.Sprint(e[:b.key()]), e[b.key():]
		sum, ok := sums[key]
		if !ok {
			sums[key] = slices.Clone(rest)
			continue
		}
		sum[0] = uint64(min(int64(sum[0]), int64(rest[0])))
		for k := 1; k < len(sum); k++ {
			addSum(&sum[k], rest[k])
		}
	}
}
