package hec

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirflow/weir/shared/sink/cim"
)

// TestBurst: what comes faster than it is packed waits a little, and is dropped and counted only when nothing is packed at all; a replay waits as long
// as it takes.
func TestBurst(t *testing.T) {
	for _, c := range []struct {
		name  string
		wait  bool
		after time.Duration // a piece is packed
		lost  uint64
	}{
		{"packed in time", false, handWithin / 2, 0}, {"not packed", false, 2 * handWithin, 1}, {"a replay", true, time.Hour, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := DefaultConfig()
				cfg.Piece, cfg.Wait = 1, c.wait // each event is a piece
				g := newGather(&cfg, newEnvelope(&cfg.Names), time.Now)
				put := func() {
					if err := g.add(context.Background(), &cim.Event{JSON: []byte(`{}`)}); err != nil {
						t.Error(err)
					}
				}
				for range piecesAhead {
					put()
				}
				go func() {
					time.Sleep(c.after)
					g.packed(<-g.full)
				}()
				put()
				if n := g.busy.Load(); n != c.lost {
					t.Errorf("%d events dropped, want %d", n, c.lost)
				}
				time.Sleep(2 * c.after) // until the other has ended
			})
		})
	}
}

// TestBurstEnds with the context of who puts.
func TestBurstEnds(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Piece, cfg.Wait = 1, true
	g := newGather(&cfg, newEnvelope(&cfg.Names), time.Now)
	ctx, cancel := context.WithCancel(context.Background())
	for range piecesAhead {
		if err := g.add(ctx, &cim.Event{JSON: []byte(`{}`)}); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	if err := g.add(ctx, &cim.Event{JSON: []byte(`{}`)}); err == nil || g.busy.Load() != 1 {
		t.Errorf("%v, %d dropped", err, g.busy.Load())
	}
}
