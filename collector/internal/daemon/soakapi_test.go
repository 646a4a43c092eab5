//go:build cgo

package daemon_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/daemon"
	"github.com/weirflow/weir/shared/query"
)

// TestSoakAPI: 50 clients ask all kinds of questions for ten minutes, a tenth of them hanging up early.
// Afterwards there are no more goroutines and open files than before, and not much more memory. WEIR_SOAK_API=30s shortens it.
func TestSoakAPI(t *testing.T) {
	if !soaking() {
		t.Skip("a long run: make soak")
	}
	length := 10 * time.Minute
	if d, err := time.ParseDuration(os.Getenv("WEIR_SOAK_API")); err == nil {
		length = d
	}
	cfg := testConfig(t.TempDir(), anyPort)
	cfg.API.Listen = freePort(t).String()
	cfg.API.Limits.PerToken = cfg.API.Limits.Concurrent
	d := start(t, cfg)
	feed(t, d, benchDatagrams(t, 500))
	if err := d.Store().Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	clients(t, cfg, 5*time.Second) // what is made once and kept
	before := settledState()
	asked := clients(t, cfg, length)
	after := settledState()
	slices.Sort(asked)
	t.Logf("50 clients for %s: %d questions answered, median %s, p95 %s, worst %s", length, len(asked), at(asked, 0.5), at(asked, 0.95), at(asked, 1))
	t.Logf("before: %s", before)
	t.Logf("after:  %s", after)
	if after.goroutines > before.goroutines+5 || after.files > before.files+5 || after.heap > before.heap+before.heap/2+(8<<20) {
		t.Error("something is left behind")
	}
}

// at returns the time within which a part of the sorted answers came.
func at(sorted []time.Duration, part float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(part*float64(len(sorted))), len(sorted)-1)].Round(100 * time.Microsecond)
}

// clients asks for a time and returns how long each question took that was answered.
func clients(t *testing.T, cfg daemon.Config, length time.Duration) (asked []time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), length)
	defer cancel()
	var all sync.WaitGroup
	var adding sync.Mutex
	for i := range 50 {
		all.Go(func() {
			where := query.ClientConfig{URL: "http://" + cfg.API.Listen, HTTP: &http.Client{Transport: &http.Transport{}}}
			if i%5 == 0 {
				where = query.ClientConfig{Socket: filepath.Join(cfg.Data, daemon.SocketName)}
			}
			c, err := query.NewClient(where)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			random := rand.New(rand.NewPCG(1, uint64(i)))
			var took []time.Duration
			defer func() {
				adding.Lock()
				defer adding.Unlock()
				asked = append(asked, took...)
			}()
			for ctx.Err() == nil {
				begun := time.Now()
				if err := askSomething(ctx, c, random); err == nil {
					took = append(took, time.Since(begun))
				} else if ctx.Err() == nil && !errors.Is(err, context.DeadlineExceeded) {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	return asked
}

// askSomething asks a question, and hangs up on a tenth of them.
func askSomething(ctx context.Context, c *query.Client, random *rand.Rand) error {
	if random.IntN(10) == 0 {
		short, cancel := context.WithTimeout(ctx, time.Duration(random.IntN(5000))*time.Microsecond)
		defer cancel()
		ctx = short
	}
	var err error
	switch random.IntN(5) {
	case 0:
		_, err = c.Aggregate(ctx, query.Question{By: []string{"source.ip", "destination.ip"}, AllCopies: true})
	case 1:
		_, err = c.Records(ctx, query.Question{Limit: 1000, AllCopies: true})
	case 2:
		_, err = c.Sessions(ctx, query.Question{Limit: 1000})
	case 3:
		_, err = c.Alerts(ctx, query.AlertQuestion{})
	case 4:
		_, err = c.Exporters(ctx)
	}
	return err
}

// state is what a process holds.
type state struct {
	goroutines, files int
	heap, resident    uint64
}

// String describes the state in a line.
func (s state) String() string {
	return fmt.Sprintf("%d goroutines, %d open files, heap %d KiB, resident %d KiB", s.goroutines, s.files, s.heap>>10, s.resident>>10)
}

// settledState returns what is held once connections that are closed have been noticed. Files and resident memory are known on Linux only.
func settledState() state {
	s := state{goroutines: 1 << 30, files: 1 << 30}
	for range 50 {
		runtime.GC()
		s.goroutines = min(s.goroutines, runtime.NumGoroutine())
		open, _ := os.ReadDir("/proc/self/fd")
		s.files = min(s.files, len(open))
		time.Sleep(20 * time.Millisecond)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	s.heap = m.HeapAlloc
	if text, err := os.ReadFile("/proc/self/statm"); err == nil {
		var size, resident uint64
		if _, err := fmt.Sscan(string(text), &size, &resident); err == nil {
			s.resident = resident * uint64(os.Getpagesize())
		}
	}
	return s
}
