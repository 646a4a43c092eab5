package bench

import (
	"context"
	"fmt"
	"io"
	"syscall"
	"time"
)

// processor returns the CPU time of this process.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// How long a process must do next to nothing to count as idle, and how long that is waited for.
const (
	idleFor     = 3 * time.Second
	idleAtMost  = time.Hour
	idlePerTick = 50 * time.Millisecond // CPU time in a second
)

// awaitIdle waits until what a store does in the background, such as making indexes that a folder of an earlier version lacks, has
// ended: until used, a CPU time, hardly grows.
func awaitIdle(ctx context.Context, log io.Writer, used func() (time.Duration, error)) error {
	begun := time.Now()
	before, err := used()
	if err != nil {
		return err
	}
	for idle := time.Duration(0); idle < idleFor && time.Since(begun) < idleAtMost; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
		now, err := used()
		if err != nil {
			return err
		}
		if idle += time.Second; now-before > idlePerTick {
			idle = 0
		}
		before = now
	}
	fmt.Fprintf(log, "bench: idle after %s\n", time.Since(begun).Round(time.Second))
	return nil
}
