//go:build cgo

package duckdb

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// said is a log that a test reads.
type said struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *said) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *said) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *said) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

// Chunks of a hot file of these tests, and the rows of each.
const chunksOfHour, rowsOfChunk = 5, 1000

// hourFile makes a folder whose hot file of records has some chunks of one datagram each, and returns the file's path.
func hourFile(t *testing.T) (dir, path string) {
	t.Helper()
	dir = t.TempDir()
	s := openInternal(t, store.Config{Dir: dir}, store.Deps{Now: upgradeNow})
	account, symbols := flow.NewAccount(), flow.NewSymbols()
	for datagram := range uint64(chunksOfHour) {
		writeApplications(t, s, applications(account, symbols, datagram+1, rowsOfChunk))
	}
	path = s.files.hot[0].file.Path()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir, path
}

func writeApplications(t *testing.T, s *Store, b *flow.Batch) {
	t.Helper()
	if err := errors.Join(s.WriteBatch(t.Context(), b), s.Flush(t.Context())); err != nil {
		t.Fatal(err)
	}
}

// flip changes the byte of a file at an offset.
func flip(t *testing.T, path string, offset int64) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	var b [1]byte
	_, err = f.ReadAt(b[:], offset)
	b[0] ^= 0xff
	_, errWrite := f.WriteAt(b[:], offset)
	if err := errors.Join(err, errWrite, f.Close()); err != nil {
		t.Fatal(err)
	}
}

// chunkAt returns where a chunk of a hot file begins and where it ends.
func chunkAt(t *testing.T, path string, chunk int) (begin, end int64) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := int64(0); ; chunk-- {
		size := int64(data[at+8]) | int64(data[at+9])<<8 | int64(data[at+10])<<16
		if chunk == 0 {
			return at, at + size
		}
		at += size
	}
}

// TestDamagedHotFiles: of a file that is damaged or missing the rest goes on, what is left out is counted and said, and nothing is deleted that
// was not sealed.
func TestDamagedHotFiles(t *testing.T) {
	tests := []struct {
		name  string
		do    func(t *testing.T, path string)
		left  int    // rows that can be read
		aside string // what stays of the file when it has been sealed
		said  string
	}{
		{"a block is damaged", func(t *testing.T, path string) { _, end := chunkAt(t, path, 2); flip(t, path, end-1) }, 4 * rowsOfChunk, store.DamagedSuffix, "cannot be read"},
		{"blocks of two chunks are damaged", func(t *testing.T, path string) {
			for _, chunk := range []int{0, 4} {
				_, end := chunkAt(t, path, chunk)
				flip(t, path, end-1)
			}
		}, 3 * rowsOfChunk, store.DamagedSuffix, "cannot be read"},
		{"a block of each chunk is damaged", func(t *testing.T, path string) {
			for chunk := range chunksOfHour {
				_, end := chunkAt(t, path, chunk)
				flip(t, path, end-1)
			}
		}, 0, store.DamagedSuffix, "cannot be read"},
		{"a head is damaged", func(t *testing.T, path string) { begin, _ := chunkAt(t, path, 3); flip(t, path, begin+30) }, 3 * rowsOfChunk, store.DamagedSuffix, "damaged"},
		{"the first head is damaged", func(t *testing.T, path string) { flip(t, path, 0) }, 0, store.DamagedSuffix, "damaged"},
		{"it is cut off", func(t *testing.T, path string) {
			begin, _ := chunkAt(t, path, 4)
			if err := os.Truncate(path, begin+100); err != nil {
				t.Fatal(err)
			}
		}, 4 * rowsOfChunk, store.DamagedSuffix, "damaged"},
		{"it is empty", func(t *testing.T, path string) {
			if err := os.Truncate(path, 0); err != nil {
				t.Fatal(err)
			}
		}, 0, store.DamagedSuffix, "damaged"},
		{"it is missing", func(t *testing.T, path string) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}, 0, "", "put their file right"},
		{"it is a folder", func(t *testing.T, path string) {
			if err := errors.Join(os.Remove(path), os.Mkdir(path, 0o755)); err != nil {
				t.Fatal(err)
			}
		}, 0, store.HotSuffix, "put their file right"},
		{"it is longer than what was committed", func(t *testing.T, path string) {
			data, err := os.ReadFile(path)
			if err == nil {
				err = os.WriteFile(path, append(data, data[:len(data)-10]...), 0o644)
			}
			if err != nil {
				t.Fatal(err)
			}
		}, 5 * rowsOfChunk, "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir, path := hourFile(t)
			test.do(t, path)
			goesOn(t, dir, path, test.left, test.said)
			staysAside(t, dir, path, test.aside)
		})
	}
}

// goesOn opens a folder, asks it, stores more, seals all, and wants so many rows of those that were there.
func goesOn(t *testing.T, dir, path string, left int, text string) {
	t.Helper()
	var log said
	s := openInternal(t, store.Config{Dir: dir}, store.Deps{Now: upgradeNow, Log: log.logger()})
	// A question that reads all columns comes first.
	b, err := s.Records(t.Context(), query.Question{Limit: query.MaxLimit})
	if err != nil || len(b.Records) != left {
		t.Errorf("%d records are there, should be %d: %v", len(b.Records), left, err)
	}
	writeApplications(t, s, applications(flow.NewAccount(), flow.NewSymbols(), 100, 10))
	// What cannot be read is stored again when it comes again.
	writeApplications(t, s, applications(flow.NewAccount(), flow.NewSymbols(), 3, rowsOfChunk))
	want := uint64(left + 10)
	if n := flows(t, s, `network.application : "application 7 of datagram 3"`); n != 1 {
		t.Errorf("what came again is there %d times", n)
	}
	if n := flows(t, s, ""); n != want && n != want+rowsOfChunk {
		t.Errorf("%d records, should be %d", n, want)
	} else {
		want = n
	}
	lost := int64(chunksOfHour*rowsOfChunk - left)
	if st := s.Stats(); st.LostRows != lost {
		t.Errorf("%d rows count as lost, should be %d", st.LostRows, lost)
	}
	if err := s.SealAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := flows(t, s, ""); n != want {
		t.Errorf("%d records when sealed, were %d", n, want)
	}
	if st := s.Stats(); st.HotFiles > 0 || st.SealErrors > 0 || st.SealedRows != int64(want) {
		t.Errorf("%+v", st)
	}
	if got := log.String(); text == "" && got != "" || !strings.Contains(got, text) || text != "" && !strings.Contains(got, path) || strings.Count(got, "ERROR") > chunksOfHour {
		t.Errorf("the log says %s", got)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	log = said{}
	s = openInternal(t, store.Config{Dir: dir}, store.Deps{Now: upgradeNow, Log: log.logger()})
	if n := flows(t, s, ""); n != want {
		t.Errorf("%d records after a restart, were %d", n, want)
	}
	if got := log.String(); got != "" && s.Stats().Missing == 0 {
		t.Errorf("after a restart the log says %s", got)
	}
}

func staysAside(t *testing.T, dir, path, suffix string) {
	t.Helper()
	files, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 && suffix == "" {
		return
	}
	if len(files) != 1 || !strings.HasSuffix(files[0].Name(), suffix) || suffix == "" {
		t.Errorf("of hot files %v are left in %s", files, dir)
	}
}

// TestAHotFileIsPutBack: it is read again, and its name was not given to another.
func TestAHotFileIsPutBack(t *testing.T) {
	dir, path := hourFile(t)
	away := filepath.Join(dir, "away")
	if err := os.Rename(path, away); err != nil {
		t.Fatal(err)
	}
	s := openInternal(t, store.Config{Dir: dir}, store.Deps{Now: upgradeNow})
	writeApplications(t, s, applications(flow.NewAccount(), flow.NewSymbols(), 100, 10))
	if st := s.Stats(); st.Missing != 1 || st.HotRows != 10 {
		t.Errorf("%+v", st)
	}
	if err := errors.Join(s.Close(), os.Rename(away, path)); err != nil {
		t.Fatal(err)
	}
	s = openInternal(t, store.Config{Dir: dir}, store.Deps{Now: upgradeNow})
	if n := flows(t, s, ""); n != chunksOfHour*rowsOfChunk+10 {
		t.Errorf("%d records", n)
	}
}

// TestHotFilesWithoutTheirDatabase are not taken for leftovers.
func TestHotFilesWithoutTheirDatabase(t *testing.T) {
	dir, path := hourFile(t)
	if err := os.Remove(filepath.Join(dir, store.FileName)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), store.Config{Dir: dir}, store.Deps{}); !errors.Is(err, store.ErrOrphans) {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

// TestStrayHotFiles: files to which nothing was committed go, others stay.
func TestStrayHotFiles(t *testing.T) {
	dir, path := hourFile(t)
	stray, other := filepath.Join(filepath.Dir(path), "flows_2026030212_2.hot"), filepath.Join(filepath.Dir(path), "notes.hot")
	for _, name := range []string{stray, other} {
		if err := os.WriteFile(name, []byte("WHOT"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s := openInternal(t, store.Config{Dir: dir}, store.Deps{Now: upgradeNow})
	if n := flows(t, s, ""); n != chunksOfHour*rowsOfChunk {
		t.Errorf("%d records", n)
	}
	if _, err := os.Stat(stray); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(other); err != nil {
		t.Error(err)
	}
}

// TestOnePartCannotBeSealed: the others are, retention goes on, and it is tried again later.
func TestOnePartCannotBeSealed(t *testing.T) {
	var later atomic.Int64
	var log said
	dir := t.TempDir()
	s := openInternal(t, store.Config{Dir: dir, Retention: 5 * time.Hour}, store.Deps{Log: log.logger(), Now: func() time.Time { return upgradeNow().Add(time.Duration(later.Load())) }})
	writeApplications(t, s, applications(flow.NewAccount(), flow.NewSymbols(), 1, 10))
	if err := s.SealAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	later.Store(int64(3 * time.Hour))
	writeApplications(t, s, applications(flow.NewAccount(), flow.NewSymbols(), 2, 50))
	if err := errors.Join(s.WriteSessions(t.Context(), lookupsOfHour(20)), s.Flush(t.Context())); err != nil {
		t.Fatal(err)
	}
	// Where the sealed file of the records should be is a folder that is not empty.
	in := filepath.Join(dir, "flows/date=2026-03-02/hour=15/part-1.parquet/x")
	if err := os.MkdirAll(in, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := s.SealAll(t.Context()); err == nil || !strings.Contains(err.Error(), "flows_2026030215_1") {
		t.Errorf("%v", err)
	}
	if st := s.Stats(); st.HotFiles != 1 || st.SealedFiles != 2 || st.SessionRows != 20 {
		t.Errorf("%+v", st)
	}
	later.Store(int64(6 * time.Hour)) // the housekeeper seals
	Until(t, "the first part is deleted by retention", func() bool { return s.Stats().Expired == 1 && s.Stats().SealErrors == 1 })
	if n := flows(t, s, ""); n != 50 {
		t.Errorf("%d records", n)
	}
	if err := os.RemoveAll(filepath.Dir(in)); err != nil {
		t.Fatal(err)
	}
	if err := s.SealAll(t.Context()); err != nil {
		t.Error(err)
	}
	if st := s.Stats(); st.HotFiles != 0 || st.SealErrors != 1 || strings.Count(log.String(), "level=ERROR") != 1 {
		t.Errorf("%+v; the log says %s", st, log.String())
	}
}

// Until waits for what happens in the background.
func Until(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	for !done() {
		select {
		case <-deadline:
			t.Fatal("never: " + what)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func lookupsOfHour(n int) *flow.SessionBatch {
	b := &flow.SessionBatch{Symbols: flow.NewSymbols()}
	for i := range n {
		s := flow.Session{Start: upgradeNow().UnixNano() + int64(i), Transport: 17, Records: 1}
		s.End, s.Born = s.Start+1e9, s.Start
		s.Client.IP, s.Server.IP = flow.AddrFrom4(uint32(i)), flow.AddrFrom4(1)
		b.Sessions = append(b.Sessions, s)
	}
	return b
}
