//go:build linux

package bench

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/traffic"
)

// TestSettled: the warm-up ends with everything done, at first under load, then without, and only what is sent after it is measured.
func TestSettled(t *testing.T) {
	in, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var got atomic.Uint64
	go func() {
		for buffer := make([]byte, 1<<16); ; got.Add(1) {
			if _, err := in.Read(buffer); err != nil {
				return // it is closed
			}
		}
	}()
	load, err := NewLoad(traffic.BenchConfig{Seed: 1, Exporters: 1}, in.LocalAddr().(*net.UDPAddr).AddrPort())
	if err != nil {
		t.Fatal(err)
	}
	defer load.Close()
	p, err := startProcess(t.Context(), t.TempDir(), "sleep", "600")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := p.stop(); err != nil {
			t.Error(err)
		}
	}()
	cfg := Config{Rate: 2400, Warmup: 50 * time.Millisecond, Measure: 200 * time.Millisecond}
	calls := 0
	collector := &target{settle: func(ctx context.Context, dir string) error {
		if calls++; dir != p.cmd.Dir {
			t.Errorf("settles in %s", dir)
		}
		// Five more datagrams come while it is at work the first time; if none did, this would not end.
		for begun := got.Load(); calls == 1 && got.Load() < begun+5 && ctx.Err() == nil; {
			time.Sleep(time.Millisecond)
		}
		return ctx.Err()
	}}
	var f figure
	if err := f.run(t.Context(), cfg, collector, load, p); err != nil || calls != 2 {
		t.Fatalf("%v, settled %d times", err, calls)
	}
	if f.measured == 0 || f.sent < f.measured+4*24 {
		t.Errorf("%d records sent, %d of them measured", f.sent, f.measured)
	}
	collector.settle = func(context.Context, string) error { return errors.New("disk full") }
	if err := f.run(t.Context(), cfg, collector, load, p); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Error(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	collector.settle = func(ctx context.Context, _ string) error {
		cancel()
		<-ctx.Done()
		return nil
	}
	if err := f.run(gone, cfg, collector, load, p); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestFinishIsOfTheMeasuredMinute: what is done at the end of an hour counts by the records of the measured minute.
func TestFinishIsOfTheMeasuredMinute(t *testing.T) {
	f := figure{sent: 500, measured: 200}
	err := f.count(t.Context(), target{
		received: func(context.Context, string) (uint64, error) { return 500, nil },
		finish:   func(context.Context, string) (time.Duration, error) { return 400 * time.Microsecond, nil },
		stored:   func(context.Context, string) (int64, error) { return 5000, nil },
	}, "")
	if err != nil || f.finish != 2*time.Microsecond || f.bytes != 10 {
		t.Errorf("%+v, %v", f, err)
	}
}
