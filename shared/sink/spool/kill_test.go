package spool_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/sink/spool"
)

// childDir in the environment makes the test a process that puts and reads until it is killed.
const childDir = "WEIR_TEST_SPOOL"

func childConfig(dir string) spool.Config {
	return spool.Config{Dir: dir, MaxBytes: 64 << 20, SegmentBytes: 5000}
}

// runChild puts entries without end, and tells of each batch once it is read and acknowledged.
func runChild(dir string) error {
	s, err := spool.New(childConfig(dir), spool.Deps{})
	if err != nil {
		return err
	}
	if err := s.Start(); err != nil {
		return err
	}
	for n := s.Stats().Waiting + 1; ; {
		for range 10 {
			s.Put(fmt.Appendf(nil, "entry %d %s", n, strings.Repeat("x", int(n%97))))
			n++
		}
		list, err := s.Next(context.Background(), 3)
		if err != nil {
			return err
		}
		s.Ack(list[len(list)-1].Sequence)
		fmt.Println(list[len(list)-1].Sequence)
	}
}

// TestKill: a process is killed while it writes. What is left is whole and in order, nothing from between is missing, and at most what was
// acknowledged shortly before is given again.
func TestKill(t *testing.T) {
	for round := range 3 {
		dir := t.TempDir()
		cmd := exec.Command(os.Args[0], "-test.run=^$")
		cmd.Env = append(os.Environ(), childDir+"="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines, acked := bufio.NewScanner(out), uint64(0)
		for n := 0; n < 50*(round+1) || onDisk(t, dir) < 20_000; n++ {
			if !lines.Scan() {
				t.Fatal("the child has ended")
			}
			if _, err := fmt.Sscan(lines.Text(), &acked); err != nil {
				t.Fatal(err)
			}
		}
		_ = cmd.Process.Kill()
		for lines.Scan() {
			_, _ = fmt.Sscan(lines.Text(), &acked) // what it said until it died; such short lines come whole
		}
		_ = cmd.Wait()
		checkLeft(t, dir, acked)
	}
}

// onDisk returns how many bytes the files of a spool have: what is only in memory does not outlive its process. Segments that go
// while they are listed are left out.
func onDisk(t *testing.T, dir string) (size int64) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if info, err := os.Stat(f); err == nil {
			size += info.Size()
		}
	}
	return size
}

func checkLeft(t *testing.T, dir string, acked uint64) {
	t.Helper()
	s := open(t, childConfig(dir), spool.Deps{})
	waiting := s.Stats().Waiting
	if waiting == 0 {
		t.Fatal("nothing is left")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	last := uint64(0)
	for n := uint64(0); n < waiting; {
		list, err := s.Next(ctx, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			if !strings.HasPrefix(string(e.Data), fmt.Sprintf("entry %d ", e.Sequence)) {
				t.Fatalf("number %d is %q", e.Sequence, e.Data)
			}
			if last == 0 && e.Sequence > acked+1 || last > 0 && e.Sequence != last+1 {
				t.Fatalf("number %d after %d, %d were acknowledged", e.Sequence, last, acked)
			}
			last = e.Sequence
		}
		n += uint64(len(list))
	}
}
