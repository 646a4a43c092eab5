//go:build cgo

package duckdb

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// TestWriteOutOfMemory: what a write which ran out of memory had is dropped and counted; what was committed before stays, and the store
// goes on, with the questions that are asked meanwhile.
func TestWriteOutOfMemory(t *testing.T) {
	s, account, symbols := openInternal(t, store.Config{}, store.Deps{}), flow.NewAccount(), flow.NewSymbols()
	const many = 82_020
	datagram := uint64(0)
	write := func() error {
		datagram++
		if err := s.WriteBatch(t.Context(), applications(account, symbols, datagram, many)); err != nil {
			return err
		}
		return s.Flush(t.Context())
	}
	for range 2 {
		if err := write(); err != nil {
			t.Fatal(err)
		}
	}
	stream := account.Streams()[0]
	for _, limit := range []int{2, 3, 4, 5, 6, 8, 256} { // MB: fails early in an append, or late
		limitMemory(t, s, limit)
		err := write()
		if err != nil && !errors.Is(err, store.ErrMemory) && !errors.Is(err, store.ErrReopened) {
			t.Errorf("%d MB: %v", limit, err)
		}
	}
	if err := write(); err != nil {
		t.Fatal(err)
	}
	dropped, stored := stream.Dropped[flow.DroppedStore].Load(), stream.Stored.Load()
	if st := s.Stats(); dropped == 0 || dropped+stored != datagram*many || stream.InFlight.Load() != 0 || st.Reopened == 0 {
		t.Errorf("dropped %d, stored %d of %d, in flight %d, %+v", dropped, stored, datagram*many, stream.InFlight.Load(), st)
	}
	if n := flows(t, s, ""); n != stored {
		t.Errorf("%d records are there, %d were stored", n, stored)
	}
	if err := s.SealAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := flows(t, s, fmt.Sprintf(`network.application : "application 7 of datagram %d"`, datagram)); n != 1 {
		t.Errorf("the last write's record is found %d times", n)
	}
}

// limitMemory lowers what DuckDB may use, until the database is opened again.
func limitMemory(t *testing.T, s *Store, mb int) {
	t.Helper()
	if err := s.writer.enter(); err != nil { // not while it is being opened
		t.Fatal(err)
	}
	defer s.writer.mu.Unlock()
	if err := s.writer.side.exec(t.Context(), fmt.Sprintf("SET GLOBAL memory_limit = '%dMB'", mb)); err != nil {
		t.Log(err)
	}
}

// TestQuestionsWhileReopened end with an answer or with store.ErrReopened.
func TestQuestionsWhileReopened(t *testing.T) {
	s, account, symbols := openInternal(t, store.Config{}, store.Deps{}), flow.NewAccount(), flow.NewSymbols()
	if err := s.WriteBatch(t.Context(), applications(account, symbols, 1, 1000)); err != nil {
		t.Fatal(err)
	}
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 50 {
				r, err := s.Aggregate(t.Context(), query.Question{Measure: query.Flows, By: []string{"network.application"}})
				if err == nil && r.Rows[0][1].(uint64) != 1 || err != nil && !errors.Is(err, store.ErrReopened) {
					t.Error(r, err)
				}
			}
		})
	}
	for range 5 {
		s.distrust()
		if err := s.WriteAlerts(t.Context(), []flow.Alert{{ID: "a", State: flow.AlertActive}}); err != nil { // waits for it
			t.Error(err)
		}
	}
	all.Wait()
	if n := s.Stats().Reopened; n == 0 {
		t.Error("never opened again")
	}
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if alerts, err := s.Alerts(t.Context(), query.AlertQuestion{}); err != nil || len(alerts) != 1 {
		t.Errorf("%v, %v", alerts, err)
	}
}

// TestSealWithLittleMemory: dictionaries are smaller where there is no room for large ones.
func TestSealWithLittleMemory(t *testing.T) {
	s, account, symbols := openInternal(t, store.Config{MemoryLimit: 40 << 20}, store.Deps{}), flow.NewAccount(), flow.NewSymbols()
	for datagram := range uint64(3) {
		if err := s.WriteBatch(t.Context(), applications(account, symbols, datagram+1, 50_000)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.SealAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if st := s.Stats(); st.SealedRows != 150_000 {
		t.Errorf("%+v", st)
	}
}
