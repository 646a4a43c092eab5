package bench

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// settled ends the warm-up with nothing left to be done of what the target does at the end of an hour, and returns how many records were sent
// meanwhile. What is left when the load is over then is of the measured minute alone, and finish counts it by that minute's records. Nothing is
// counted twice: at 100,000 records/s a minute does not reach store.seal_rows (8 Mi), at which Weir seals by itself, and where another rate does,
// each of the minute's records is still sealed once, in the minute or after it.
//
// The load goes on at first, since sessions are made half a minute behind their records: a pause would be missing from the minute's sessions. A
// second time, without load, does what came meanwhile, which takes about a tenth of the first.
func (t *target) settled(ctx context.Context, cfg Config, load *Load, dir string) (sent uint64, err error) {
	if t.settle == nil {
		return 0, nil
	}
	sending, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan error, 1)
	go func() {
		done <- t.settle(ctx, dir)
		stop()
	}()
	sent, err = load.Run(sending, cfg.Rate, 24*time.Hour)
	if errors.Is(err, context.Canceled) {
		err = ctx.Err()
	}
	if err := errors.Join(err, <-done); err != nil {
		return sent, fmt.Errorf("end the warm-up: %w", err)
	}
	return sent, t.settle(ctx, dir)
}
