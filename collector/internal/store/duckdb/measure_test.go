//go:build cgo && unix

package duckdb_test

import (
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/duckdb"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// TestMeasure appends WEIR_MEASURE records (millions) of the bench mix at full speed and prints what appending, sealing, storing and
// asking cost. It is for people: without the variable it is left out.
func TestMeasure(t *testing.T) {
	millions, _ := strconv.Atoi(os.Getenv("WEIR_MEASURE"))
	if millions == 0 {
		t.Skip("prints measurements; set WEIR_MEASURE to millions of records")
	}
	cfg := store.Config{CommitEvery: 700 * time.Millisecond, Dir: t.TempDir()}
	s := open(t, cfg, store.Deps{})
	n := time.Duration(appendMix(t, s, millions*1_000_000))
	st := s.Stats()
	t.Logf("%d commits, %s each; database %.1f B/record", st.Commits, time.Duration(st.CommitNanos/st.Commits), float64(st.DatabaseBytes)/float64(n))
	resident(t, "after appending")
	ask(t, s, "hot")
	resident(t, "after asking hot files")
	again(t, cfg, &s)
	used, begun := processor(), time.Now()
	if err := s.SealAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Logf("seal: %s CPU/record, %s", (processor()-used)/n, time.Since(begun))
	resident(t, "after sealing")
	st = s.Stats()
	t.Logf("sealed: %d files, %.2f B/record", st.SealedFiles, float64(st.SealedBytes)/float64(st.SealedRows))
	ask(t, s, "sealed")
	again(t, cfg, &s)
	resident(t, "after all")
}

// resident logs the greatest resident size yet.
func resident(t *testing.T, when string) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	t.Logf("resident %s: at most %d MiB", when, u.Maxrss>>10)
}

// again opens the store anew and appends a million records that are there already.
func again(t *testing.T, cfg store.Config, s **duckdb.Store) {
	begun := time.Now()
	if err := (*s).Close(); err != nil {
		t.Fatal(err)
	}
	closed := time.Now()
	*s = open(t, cfg, store.Deps{})
	t.Logf("close %s, open %s; the same again:", closed.Sub(begun), time.Since(closed))
	appendMix(t, *s, 1_000_000)
	if st := (*s).Stats(); st.Appended > 0 {
		t.Errorf("%d records were stored twice", st.Appended)
	}
}

func appendMix(t *testing.T, s *duckdb.Store, records int) int {
	m := newMix(1, flow.NewAccount())
	b := flow.NewBatch(4096, nil)
	var used, took time.Duration
	n := 0
	for n < records {
		m.fill(b, 170, noon.UnixNano()+int64(m.datagrams)*250_000) // 96,000 records a second
		before, begun := processor(), time.Now()
		if err := s.WriteBatch(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		used += processor() - before
		took += time.Since(begun)
		n += len(b.Records)
	}
	before, begun := processor(), time.Now()
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	used += processor() - before
	took += time.Since(begun)
	t.Logf("append: %s CPU/record, %.0f records/s", used/time.Duration(n), float64(n)/took.Seconds())
	return n
}

func ask(t *testing.T, e query.Engine, where string) {
	for _, q := range []query.Question{
		{By: []string{"source.ip"}}, {By: []string{"destination.ip"}}, {By: []string{"network.protocol"}}, {},
		{From: noon.Add(30 * time.Second), To: noon.Add(31 * time.Second), By: []string{"source.ip"}},
		{Filter: "related.ip : 10.1.0.7", By: []string{"source.ip"}}, {Filter: `network.protocol : dns`, By: []string{"destination.ip"}},
	} {
		begun := time.Now()
		used := processor()
		if _, err := e.Aggregate(t.Context(), q); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: top %v %s %v: %s (%s CPU)", where, q.By, q.Filter, !q.From.IsZero(), time.Since(begun), processor()-used)
	}
	begun := time.Now()
	if _, err := e.Records(t.Context(), query.Question{Filter: "source.ip : 81.0.0.1"}); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: records of a source: %s", where, time.Since(begun))
}

// processor returns the CPU time of the process.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
