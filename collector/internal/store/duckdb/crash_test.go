//go:build cgo

package duckdb_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/duckdb"
	"github.com/weirflow/weir/shared/flow"
)

// crashFolder tells a child process where to write until it is killed.
const crashFolder = "WEIR_TEST_CRASH_FOLDER"

// crashConfig seals often, so that many kills hit a seal.
func crashConfig(dir string) store.Config {
	return store.Config{Dir: dir, SealRows: 500, CommitEvery: 5 * time.Millisecond, CommitRows: 300, RecentSets: 64, RollupRows: 1}
}

// TestCrash kills a process that writes, seals and repeats itself, and looks whether what it said to be committed is there, once.
func TestCrash(t *testing.T) {
	if dir := os.Getenv(crashFolder); dir != "" {
		writeUntilKilled(t, dir)
		return
	}
	kills := 4
	if os.Getenv("WEIR_SOAK") != "" {
		kills = 20
	}
	dir, rng := t.TempDir(), rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	committed := 0
	for i := range kills {
		said := runAndKill(t, dir, 1+rng.IntN(80), time.Duration(rng.IntN(30))*time.Millisecond)
		committed = checkAfterKill(t, dir, max(said, committed), i%2 == 0)
	}
	t.Logf("%d datagrams after %d kills", committed, kills)
}

// writeUntilKilled writes the datagrams of a capture. Every other run begins with those that are there already.
func writeUntilKilled(t *testing.T, dir string) {
	clock := newClock(noon)
	s, err := duckdb.Open(t.Context(), crashConfig(dir), store.Deps{Now: clock.now})
	if err != nil {
		t.Fatal(err)
	}
	next := 0
	for _, m := range s.Marks() {
		next = int(m.Next)
	}
	clock.add(time.Duration(next) * time.Second) // commit time goes on where it was
	from := next
	if next/100%2 == 1 {
		from = 0
	}
	c := newCapture(0, flow.NetFlow9)
	c.taken = next
	for n := from; ; n += 10 {
		c.play(t, s, n, n+10, 1, 2)
		clock.add(10 * time.Second)
		fmt.Println("committed", max(n+10, next))
	}
}

// runAndKill runs a child until it has committed so often, and a little longer; it returns how many datagrams the child said to
// have committed.
func runAndKill(t *testing.T, dir string, commits int, longer time.Duration) (said int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	child := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestCrash$")
	child.Env = append(os.Environ(), crashFolder+"="+dir)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		text, ok := strings.CutPrefix(lines.Text(), "committed ")
		if !ok {
			t.Errorf("the child says %q", lines.Text())
			continue
		}
		if said, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
		if commits--; commits == 0 {
			time.AfterFunc(longer, func() { _ = child.Process.Kill() }) // it may have ended by itself, with an error that shows below
		}
	}
	_ = child.Wait() // killed: that is no error here
	return said
}

// checkAfterKill wants the first datagrams whole and once, at least as many as were said to be committed, and mark and account to
// say as many. It returns their number.
func checkAfterKill(t *testing.T, dir string, said int, readOnly bool) int {
	t.Helper()
	cfg := crashConfig(dir)
	cfg.ReadOnly = readOnly
	s, err := duckdb.Open(t.Context(), cfg, store.Deps{Now: newClock(noon).now})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	marks := s.Marks()
	if len(marks) != 1 {
		t.Fatalf("%d marks", len(marks))
	}
	n := int(marks[0].Next)
	if n < said {
		t.Errorf("%d datagrams were committed, the mark says %d", said, n)
	}
	holds(t, s, n*setsPerDatagram*recordsPerSet)
	exporters, err := s.Exporters(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if e := exporters[0]; e.Stored != uint64(n*setsPerDatagram*recordsPerSet) || e.Records != e.Stored+e.AlreadyStored || e.InFlight != 0 {
		t.Errorf("account after the kill: %d records, %d stored, %d already stored, %d in flight; %d are there", e.Records, e.Stored, e.AlreadyStored, e.InFlight, n*setsPerDatagram*recordsPerSet)
	}
	return n
}
