package traffic_test

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/traffic"
)

// TestEvenSources: there are as many source addresses as asked for, about as often each.
func TestEvenSources(t *testing.T) {
	cfg := traffic.DefaultBenchConfig()
	cfg.EvenSources, cfg.Exporters = 2400, 1
	mix, err := traffic.NewBenchMix(cfg)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[uint32]int{}
	for range 2400 / 24 * 40 {
		d := mix.Next(0, time.Now())
		// A header of 20 bytes, a set's header of 4, then records of 60 that begin with the source.
		for i := range 24 {
			seen[binary.BigEndian.Uint32(d[24+60*i:])]++
		}
	}
	if len(seen) != 2400 {
		t.Errorf("%d different sources", len(seen))
	}
	for a, n := range seen {
		if n > 120 { // 40 is the mean
			t.Errorf("%08x came %d times", a, n)
		}
	}
	cfg.EvenSources = 1<<21 + 1
	if _, err := traffic.NewBenchMix(cfg); err == nil {
		t.Error("more sources than there are draws: no error")
	}
}
