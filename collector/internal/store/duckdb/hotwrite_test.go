//go:build cgo

package duckdb

import (
	"errors"
	"testing"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/flow"
)

// writeAgain stores a datagram of records and returns the error of either call.
func writeAgain(t *testing.T, s *Store, account *flow.Account, symbols *flow.Symbols, datagram uint64, n int) error {
	t.Helper()
	if err := s.WriteBatch(t.Context(), applications(account, symbols, datagram, n)); err != nil {
		return err
	}
	return s.Flush(t.Context())
}

// TestACommitThatWasNotHeardOf: what the database has of it counts when it is opened again.
func TestACommitThatWasNotHeardOf(t *testing.T) {
	s := openInternal(t, store.Config{}, store.Deps{Now: upgradeNow})
	account, symbols := flow.NewAccount(), flow.NewSymbols()
	if err := writeAgain(t, s, account, symbols, 1, 50); err != nil {
		t.Fatal(err)
	}
	if err := s.WriteBatch(t.Context(), applications(account, symbols, 2, 50)); err != nil {
		t.Fatal(err)
	}
	w := s.writer
	w.mu.Lock()
	err := errors.Join(w.writeAll(t.Context()), w.fail(t.Context(), store.ErrReopened))
	w.mu.Unlock()
	if !errors.Is(err, store.ErrReopened) {
		t.Fatal(err)
	}
	if err := writeAgain(t, s, account, symbols, 3, 50); err != nil { // waits for it
		t.Fatal(err)
	}
	if st := s.Stats(); st.Reopened != 1 || st.HotRows != 150 || st.LostRows != 0 {
		t.Errorf("%+v", st)
	}
	for _, datagram := range []string{"1", "2", "3"} {
		if n := flows(t, s, `network.application : "application 7 of datagram `+datagram+`"`); n != 1 {
			t.Errorf("the name of datagram %s is found %d times", datagram, n)
		}
	}
}
