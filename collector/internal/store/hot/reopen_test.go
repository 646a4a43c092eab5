package hot_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/weirflow/weir/collector/internal/store/hot"
)

// What was written but not committed is gone when the file is opened, and written over.
func TestOpenCutsOff(t *testing.T) {
	f := create(t)
	keep(t, f, a)
	rows := f.Rows()
	add(t, f, c, c)
	doSync(t, f)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := hot.Open(f.Path(), rows, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if err := checkView(f.View(hot.All), a); err != nil {
		t.Error(err)
	}
	keep(t, f, b)
	checkKept(t, f, a, b)
}

func TestOpenReadOnly(t *testing.T) {
	f := create(t)
	keep(t, f, a)
	only := open(t, f.Path(), f.Rows())
	add(t, only, b)
	if err := only.Flush(); err == nil {
		t.Error("rows were written to a file that is only read")
	}
	only.Rollback()
	checkKept(t, only, a)
}

func TestCreateAndRemove(t *testing.T) {
	f := create(t)
	keep(t, f, a, b)
	anew, err := hot.Create(f.Path())
	if err != nil {
		t.Fatal(err)
	}
	checkKept(t, anew)
	keep(t, anew, c)
	checkKept(t, anew, c)
	if err := anew.Remove(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(anew.Path()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file should be gone: %v", err)
	}
	if err := f.Remove(); err != nil {
		t.Errorf("a file that is gone: %v", err)
	}
	if _, err := hot.Create(filepath.Dir(f.Path())); err == nil {
		t.Error("a folder was made a file")
	}
}

// What fails to be made durable must be tried again, not taken for done.
func TestSyncAfterFailedSync(t *testing.T) {
	f := create(t)
	add(t, f, a)
	folder := filepath.Dir(f.Path())
	if err := os.Rename(folder, folder+".away"); err != nil {
		t.Skip(err) // not every system lets a folder with an open file be renamed
	}
	for range 2 {
		if err := f.Sync(); err == nil {
			t.Error("the name cannot be durable")
		}
	}
	if err := os.Rename(folder+".away", folder); err != nil {
		t.Fatal(err)
	}
	doSync(t, f)
	f.Commit()
	checkKept(t, f, a)
}

// A commit without a flush keeps only what was written by itself: it is the flush that counts.
func TestCommitBeforeFlush(t *testing.T) {
	f := create(t)
	add(t, f, a)
	f.Commit()
	checkKept(t, f)
	flush(t, f)
	f.Commit()
	checkKept(t, f, a)
}
