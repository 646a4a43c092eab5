//go:build cgo

package duckdb_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/duckdb"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// tornConfig commits when told to.
func tornConfig(dir string) store.Config {
	return store.Config{Dir: dir, CommitEvery: time.Hour, CommitRows: 1 << 20}
}

// TestTornLog: what hot files have of a transaction whose end is missing from the log does not count.
func TestTornLog(t *testing.T) {
	const datagrams, records = 3000, 3000 * recordsPerDatagram
	dir, torn := t.TempDir(), t.TempDir()
	m := newMix(1, flow.NewAccount())
	s := open(t, tornConfig(dir), store.Deps{Account: m.account})
	for range 2 {
		writeMix(t, s, m, datagrams)
	}
	copyFolder(t, dir, torn)
	cutLast(t, filepath.Join(torn, store.FileName+".wal"))

	for round := 1; round <= 3; round++ {
		m.account = flow.NewAccount()
		s, err := duckdb.Open(t.Context(), tornConfig(torn), store.Deps{Account: m.account})
		if err != nil {
			t.Fatal(err)
		}
		agree(t, s, uint64(round*records))
		writeMix(t, s, m, datagrams)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// agree wants so many records, and accounts that know of as many.
func agree(t *testing.T, s *duckdb.Store, want uint64) {
	t.Helper()
	r, err := s.Aggregate(t.Context(), query.Question{Measure: query.Flows})
	if err != nil {
		t.Fatal(err)
	}
	exporters, err := s.Exporters(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	stored := uint64(0)
	for _, e := range exporters {
		stored += e.Stored
	}
	if got := r.Rows[0][0].(uint64); got != want || stored != want {
		t.Errorf("%d records, accounts of %d, want %d", got, stored, want)
	}
}

func writeMix(t *testing.T, s *duckdb.Store, m *mix, datagrams int) {
	t.Helper()
	b := flow.NewBatch(0, m.symbols)
	m.fill(b, datagrams, noon.UnixNano())
	if err := s.WriteBatch(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func copyFolder(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

// cutLast takes the last byte off a file, and so the log's last entry: that which ends the transaction.
func cutLast(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, info.Size()-1); err != nil {
		t.Fatal(err)
	}
}
