//go:build cgo && linux

package duckdb

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/flow"
)

// TestADiskThatIsFull: a file without rows goes, and the next one is written when there is room.
func TestADiskThatIsFull(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, store.HotDir, "flows_2026030212_1"+store.HotSuffix)
	s := openInternal(t, store.Config{Dir: dir}, store.Deps{Now: upgradeNow})
	if err := errors.Join(os.Mkdir(filepath.Dir(path), 0o755), os.Symlink("/dev/full", path)); err != nil {
		t.Fatal(err)
	}
	account, symbols := flow.NewAccount(), flow.NewSymbols()
	if err := writeAgain(t, s, account, symbols, 1, 50); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("%v", err)
	}
	if err := writeAgain(t, s, account, symbols, 2, 50); err != nil {
		t.Error(err)
	}
	stream := account.Streams()[0]
	if dropped, stored := stream.Dropped[flow.DroppedStore].Load(), stream.Stored.Load(); dropped != 50 || stored != 50 || flows(t, s, "") != 50 {
		t.Errorf("dropped %d, stored %d", dropped, stored)
	}
}

// TestAHotFileThatCannotBeWritten: the records of the transaction count as dropped, later ones are stored, in another file, and all that was
// committed is sealed.
func TestAHotFileThatCannotBeWritten(t *testing.T) {
	for name, before := range map[string]int{"with rows": 1, "without any": 0} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := openInternal(t, store.Config{Dir: dir}, store.Deps{Now: upgradeNow})
			account, symbols := flow.NewAccount(), flow.NewSymbols()
			for range before {
				if err := writeAgain(t, s, account, symbols, 1, 50); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.WriteBatch(t.Context(), applications(account, symbols, 2, 50)); err != nil {
				t.Fatal(err)
			}
			s.writer.mu.Lock()
			file := s.writer.flows.hot.file
			onlyRead(t, file.Path())
			s.writer.mu.Unlock()
			err := s.Flush(t.Context())
			if err == nil || !strings.Contains(err.Error(), file.Path()) {
				t.Errorf("the error should name the file: %v", err)
			}
			for _, datagram := range []uint64{2, 3, 2} {
				if err := writeAgain(t, s, account, symbols, datagram, 50); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.SealAll(t.Context()); err != nil {
				t.Error(err)
			}
			stream, stored := account.Streams()[0], uint64(100+50*before)
			if dropped := stream.Dropped[flow.DroppedStore].Load(); dropped != 50 || stream.Stored.Load() != stored || stream.AlreadyStored.Load() != 50 || stream.InFlight.Load() != 0 {
				t.Errorf("dropped %d, stored %d, before %d, in flight %d", dropped, stream.Stored.Load(), stream.AlreadyStored.Load(), stream.InFlight.Load())
			}
			if st := s.Stats(); st.SealedRows != int64(stored) || st.SealErrors > 0 || st.LostRows > 0 {
				t.Errorf("%+v", st)
			}
		})
	}
}

// onlyRead makes writing fail in a file that this process has open.
func onlyRead(t *testing.T, path string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range open {
		to, _ := os.Readlink("/proc/self/fd/" + e.Name()) // some are closed meanwhile
		if fd, err := strconv.Atoi(e.Name()); err == nil && to == path && fd != int(f.Fd()) {
			if err := syscall.Dup3(int(f.Fd()), fd, syscall.O_CLOEXEC); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// limitedFolder tells a child process where to write while files may not grow.
const limitedFolder = "WEIR_TEST_LIMITED_FOLDER"

// TestFilesThatMustNotGrow: while a limit of the system keeps hot files from growing, records count as dropped; afterwards they are stored,
// and a restart finds all that was.
func TestFilesThatMustNotGrow(t *testing.T) {
	if dir := os.Getenv(limitedFolder); dir != "" {
		writeWithinLimit(t, dir)
		return
	}
	dir := t.TempDir()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFilesThatMustNotGrow$")
	child.Env = append(os.Environ(), limitedFolder+"="+dir)
	if out, err := child.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	s := openInternal(t, store.Config{Dir: dir}, store.Deps{Now: upgradeNow})
	if n := flows(t, s, ""); n != 2*limitedRows {
		t.Errorf("%d records are there after a restart", n)
	}
}

const limitedRows = 40_000

func writeWithinLimit(t *testing.T, dir string) {
	signal.Ignore(syscall.SIGXFSZ)
	s := openInternal(t, store.Config{Dir: dir, SealRows: 1 << 30}, store.Deps{Now: upgradeNow})
	account, symbols := flow.NewAccount(), flow.NewSymbols()
	var was syscall.Rlimit
	if err := errors.Join(writeAgain(t, s, account, symbols, 1, limitedRows), syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was)); err != nil {
		t.Fatal(err)
	}
	s.writer.mu.Lock()
	size := s.writer.flows.hot.file.Size()
	s.writer.mu.Unlock()
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: uint64(size) / 2, Max: was.Max}); err != nil {
		t.Fatal(err)
	}
	for datagram := range uint64(3) {
		err := writeAgain(t, s, account, symbols, 2+datagram, limitedRows) // nil where the house, which looks after the file, committed before
		if dropped := account.Streams()[0].Dropped[flow.DroppedStore].Load(); dropped != (datagram+1)*limitedRows {
			t.Errorf("dropped %d after %d writes beyond the limit: %v", dropped, datagram+1, err)
		}
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		t.Fatal(err)
	}
	if err := writeAgain(t, s, account, symbols, 9, limitedRows); err != nil {
		t.Error(err)
	}
	stream := account.Streams()[0]
	if dropped, stored := stream.Dropped[flow.DroppedStore].Load(), stream.Stored.Load(); dropped != 3*limitedRows || stored != 2*limitedRows || stream.InFlight.Load() != 0 {
		t.Errorf("dropped %d, stored %d, in flight %d", dropped, stored, stream.InFlight.Load())
	}
	if n := flows(t, s, ""); n != 2*limitedRows {
		t.Errorf("%d records are there", n)
	}
}
