//go:build cgo

package daemon_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/daemon"
	"github.com/weirflow/weir/shared/query"
)

// TestSoakAPI: 50 clients ask all kinds of questions for ten minutes, a tenth of them hanging up early.
// Afterwards there are no more goroutines than before, and not much more memory. WEIR_SOAK_API shortens it.
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
	before, memory := settledState()
	asked := clients(t, cfg, length)
	after, later := settledState()
	t.Logf("%d questions; goroutines %d, then %d; heap %d KiB, then %d KiB", asked, before, after, memory>>10, later>>10)
	if after > before+5 || later > memory+memory/2+(8<<20) {
		t.Errorf("goroutines %d, then %d; heap %d KiB, then %d KiB", before, after, memory>>10, later>>10)
	}
}

// clients asks for a time and returns how many questions were answered.
func clients(t *testing.T, cfg daemon.Config, length time.Duration) uint64 {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), length)
	defer cancel()
	var all sync.WaitGroup
	var asked atomic.Uint64
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
			for ctx.Err() == nil {
				if err := askSomething(ctx, c, random); err == nil {
					asked.Add(1)
				} else if ctx.Err() == nil && !errors.Is(err, context.DeadlineExceeded) {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	return asked.Load()
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

// settledState returns the number of goroutines and the heap in use once connections that are closed have been noticed.
func settledState() (goroutines int, heap uint64) {
	least := 1 << 30
	for range 50 {
		runtime.GC()
		least = min(least, runtime.NumGoroutine())
		time.Sleep(20 * time.Millisecond)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return least, m.HeapAlloc
}
