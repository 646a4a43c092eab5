//go:build cgo

package duckdb

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// TestSealNow: what was committed before the call is in files that another DuckDB reads, more comes while it goes on, and calls wait for each
// other.
func TestSealNow(t *testing.T) {
	s, account, symbols := openInternal(t, store.Config{RollupRows: 1}, store.Deps{}), flow.NewAccount(), flow.NewSymbols()
	const records = 5
	write := func(datagram uint64) {
		if err := s.WriteBatch(t.Context(), applications(account, symbols, datagram, records)); err != nil {
			t.Error(err)
		}
	}
	write(1)
	const calls = 4
	sealed, errs := make([]query.Sealed, calls), make(chan error, calls)
	for i := range calls {
		go func() {
			var err error
			sealed[i], err = s.Seal(t.Context())
			errs <- err
		}()
		write(uint64(2 + i))
	}
	for range calls {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	for i, got := range sealed {
		if got.Records < records || got.Files < 1 || got.Bytes == 0 {
			t.Errorf("call %d: %+v", i, got)
		}
	}
	if n := flows(t, s, ""); n != (1+calls)*records {
		t.Errorf("%d records", n)
	}
	got, err := s.Seal(t.Context())
	if err != nil || got.Records != (1+calls)*records || s.Stats().HotFiles != 0 {
		t.Errorf("%+v, %v, %d hot files", got, err, s.Stats().HotFiles)
	}
	n, err := one[int64](t.Context(), another(t), "SELECT count(*) FROM read_parquet("+quote(s.path("flows/*/*/*.parquet"))+")")
	if err != nil || n != got.Records {
		t.Errorf("another reads %d records, %v", n, err)
	}
}

// TestSealingIsGivenUp: wherever the context ends, all records can be read, and sealed by the next call, and no hot file stays that is sealed.
func TestSealingIsGivenUp(t *testing.T) {
	for name, during := range map[string]func(t *testing.T, s *Store, cancel context.CancelFunc) (release func()){
		"before": func(_ *testing.T, _ *Store, cancel context.CancelFunc) func() {
			cancel()
			return func() {}
		},
		"waiting for another": func(_ *testing.T, s *Store, cancel context.CancelFunc) func() {
			s.house <- struct{}{}
			cancel()
			return s.house.leave
		},
		"waiting for room": func(t *testing.T, s *Store, cancel context.CancelFunc) func() {
			leave, err := s.readers.room.take(t.Context(), weighsAll)
			if err != nil {
				t.Fatal(err)
			}
			cancel()
			return leave
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := openInternal(t, store.Config{}, store.Deps{})
			if err := s.WriteBatch(t.Context(), applications(flow.NewAccount(), flow.NewSymbols(), 1, 5)); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			release := during(t, s, cancel)
			if _, err := s.Seal(ctx); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
			release()
			if n := flows(t, s, ""); n != 5 {
				t.Errorf("%d records", n)
			}
			if got, err := s.Seal(t.Context()); err != nil || got.Records != 5 || got.Files != 1 {
				t.Errorf("the next one: %+v, %v", got, err)
			}
		})
	}
}

// TestSealingIsGivenUpTooLate: once a file is in the manifest, its hot file goes, though a question still reads it and who asked has gone.
func TestSealingIsGivenUpTooLate(t *testing.T) {
	s := openInternal(t, store.Config{}, store.Deps{})
	if err := s.WriteBatch(t.Context(), applications(flow.NewAccount(), flow.NewSymbols(), 1, 5)); err != nil {
		t.Fatal(err)
	}
	_, end, err := s.readers.take(t.Context()) // a question
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.SealAll(ctx) }()
	for s.Stats().SealedFiles == 0 && len(done) == 0 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	end()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if list, err := os.ReadDir(s.path(store.HotDir)); err != nil || len(list) > 0 {
		t.Errorf("hot files %v, %v", list, err)
	}
}
