//go:build cgo

package duckdb_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/duckdb"
	"github.com/weirflow/weir/shared/flow"
)

func TestAFolderHasOneWriter(t *testing.T) {
	dir := t.TempDir()
	s := open(t, store.Config{Dir: dir}, store.Deps{})
	for _, readOnly := range []bool{false, true} {
		if _, err := duckdb.Open(t.Context(), store.Config{Dir: dir, ReadOnly: readOnly}, store.Deps{}); !errors.Is(err, store.ErrLocked) {
			t.Errorf("read only %v: %v", readOnly, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	one := open(t, store.Config{Dir: dir, ReadOnly: true}, store.Deps{})
	open(t, store.Config{Dir: dir, ReadOnly: true}, store.Deps{})
	if _, err := duckdb.Open(t.Context(), store.Config{Dir: dir}, store.Deps{}); !errors.Is(err, store.ErrLocked) {
		t.Errorf("writing beside readers: %v", err)
	}
	b := flow.NewBatch(0, flow.NewSymbols())
	newCapture(1, flow.NetFlow9).datagram(b, 0, 1)
	if err := one.WriteBatch(t.Context(), b); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("write to a store open for reading: %v", err)
	}
}

func TestNoStore(t *testing.T) {
	dir := t.TempDir()
	if _, err := duckdb.Open(t.Context(), store.Config{Dir: dir, ReadOnly: true}, store.Deps{}); !errors.Is(err, store.ErrNoStore) {
		t.Errorf("%v", err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("asking made %v, %v", entries, err)
	}
}

// sealedStore returns a folder with two sealed files of 100 records and 50 records in a hot file.
func sealedStore(t *testing.T) (dir string, files []string, c *capture) {
	t.Helper()
	dir, c = t.TempDir(), newCapture(25, flow.NetFlow9)
	s := open(t, store.Config{Dir: dir}, store.Deps{Now: newClock(noon).now})
	for i := range 2 {
		c.play(t, s, i*10, (i+1)*10, 1, 2)
		if err := s.SealAll(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	c.play(t, s, 20, 25, 1, 2)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir, sealedFiles(t, dir), c
}

func TestLeftoversOfACrash(t *testing.T) {
	dir, files, c := sealedStore(t)
	// The hot file is the third part: a file of its name was written and not entered in the manifest.
	leftovers := []string{"flows/date=2026-03-02/hour=12/part-3.parquet", "flows/date=2026-03-02/hour=12/part-4.parquet.tmp"}
	strange := []string{"flows/date=2026-03-02/hour=11/part-1.parquet", "flows/notes.txt"}
	for _, name := range append(leftovers, strange...) {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte("?"), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, store.Config{Dir: dir}, store.Deps{Now: newClock(noon).now})
	holds(t, s, c.records())
	for _, name := range leftovers {
		if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is still there: %v", name, err)
		}
	}
	for _, name := range append(files, strange...) {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Errorf("%s should have stayed: %v", name, err)
		}
	}
	if err := s.SealAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	holds(t, s, c.records())
}

func TestAMissingFileIsLeftOut(t *testing.T) {
	dir, files, c := sealedStore(t)
	if err := os.Rename(filepath.Join(dir, files[0]), filepath.Join(dir, "aside")); err != nil {
		t.Fatal(err)
	}
	s := open(t, store.Config{Dir: dir}, store.Deps{Now: newClock(noon).now})
	holds(t, s, c.records()-100)
	if st := s.Stats(); st.Missing != 1 {
		t.Errorf("%d files are missing", st.Missing)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "aside"), filepath.Join(dir, files[0])); err != nil {
		t.Fatal(err)
	}
	holds(t, open(t, store.Config{Dir: dir}, store.Deps{Now: newClock(noon).now}), c.records())
}

func TestSealedFilesWithoutTheirDatabase(t *testing.T) {
	dir, files, _ := sealedStore(t)
	if err := os.Remove(filepath.Join(dir, store.FileName)); err != nil {
		t.Fatal(err)
	}
	if _, err := duckdb.Open(t.Context(), store.Config{Dir: dir}, store.Deps{}); !errors.Is(err, store.ErrOrphans) {
		t.Errorf("%v", err)
	}
	if left := sealedFiles(t, dir); len(left) != len(files) {
		t.Errorf("of %d files %d are left", len(files), len(left))
	}
}
