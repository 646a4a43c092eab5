//go:build cgo

package duckdb_test

import (
	"io"
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

// TestTornLog: DuckDB brings back the row groups of a transaction whose end is missing from the log, unlike its other changes.
func TestTornLog(t *testing.T) {
	const datagrams, records = 3000, 3000 * recordsPerDatagram // more than a row group
	dir, torn := t.TempDir(), t.TempDir()
	m := newMix(1, flow.NewAccount())
	s := open(t, tornConfig(dir), store.Deps{Account: m.account})
	for range 2 {
		writeMix(t, s, m, datagrams)
	}
	for _, name := range []string{store.FileName, store.FileName + ".wal"} {
		copyFile(t, filepath.Join(dir, name), filepath.Join(torn, name))
	}
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

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
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
