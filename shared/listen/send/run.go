package send

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"
	"time"

	"github.com/weirflow/weir/shared/listen"
)

const (
	// quantum is the shortest time slept: shorter sleeps keep a CPU busy with waking up, and timers are not that exact.
	quantum = time.Millisecond
	// windowBatches is how many batches wait at most for a round of writes, over all exporters. Datagrams are sent in the order of
	// the source: a receiver whose clock is theirs would take those of one exporter for late if another's ran ahead.
	windowBatches = 4
	// maxRefusals is how often in a row a datagram is tried while the target says that nothing listens. The message is about
	// earlier datagrams, so trying again does send it.
	maxRefusals = 3
)

// run is one call of Send.
type run struct {
	cfg       Config
	deps      Deps
	exporters *exporters
	window    [][]byte    // payloads that wait, copied; reused
	owners    []*exporter // of what is in the window
	queued    int         // how many of window wait
	pacer     pacer
	progress  Progress
}

func newRun(cfg Config, deps Deps, target *net.UDPAddr) *run {
	return &run{
		cfg: cfg, deps: deps,
		exporters: newExporters(target, cfg.MaxExporters),
		window:    make([][]byte, cfg.Batch*windowBatches),
		owners:    make([]*exporter, cfg.Batch*windowBatches),
		pacer:     pacer{speed: cfg.Speed, rate: cfg.Rate, now: deps.Now},
	}
}

func (r *run) all(ctx context.Context, src listen.Source) error {
	for {
		d, err := src.Next()
		if errors.Is(err, io.EOF) {
			return r.flush(ctx)
		}
		if err != nil {
			return errors.Join(err, r.flush(ctx))
		}
		if err := r.pace(ctx, d.Received); err != nil {
			return err
		}
		if err := r.queue(ctx, d); err != nil {
			return err
		}
	}
}

// pace waits until a datagram captured at the given time is due; what waits in the window is due before.
func (r *run) pace(ctx context.Context, captured int64) error {
	wait := r.pacer.wait(captured)
	if wait <= 0 {
		return nil
	}
	if err := r.flush(ctx); err != nil {
		return err
	}
	return r.deps.Sleep(ctx, max(wait, quantum))
}

func (r *run) queue(ctx context.Context, d listen.Datagram) error {
	if r.queued == len(r.window) {
		if err := r.flush(ctx); err != nil {
			return err
		}
	}
	e, err := r.exporters.of(d.Source.Addr())
	if err != nil {
		return err
	}
	r.owners[r.queued] = e
	r.window[r.queued] = append(r.window[r.queued][:0], d.Payload...)
	r.queued++
	r.progress.Captured = d.Received
	r.progress.Exporters = r.exporters.seen()
	return nil
}

// flush writes what waits: a round of writes.
func (r *run) flush(ctx context.Context) error {
	if err := ctx.Err(); err != nil || r.queued == 0 {
		return err
	}
	if r.deps.Admit != nil {
		if err := r.deps.Admit(ctx, r.progress.Datagrams+uint64(r.queued)); err != nil {
			return err
		}
	}
	for first := 0; first < r.queued; {
		end := first + 1
		for end < r.queued && r.owners[end] == r.owners[first] {
			end++
		}
		if err := r.write(r.owners[first], r.window[first:end]); err != nil {
			return err
		}
		first = end
	}
	r.queued = 0
	if r.deps.Progress != nil {
		r.deps.Progress(r.progress)
	}
	return nil
}

// write sends payloads of one exporter.
func (r *run) write(e *exporter, rest [][]byte) error {
	refusals := 0
	for len(rest) > 0 {
		n, err := e.writer.write(rest[:min(len(rest), r.cfg.Batch)])
		for _, payload := range rest[:n] {
			r.progress.Datagrams++
			r.progress.Bytes += uint64(len(payload))
		}
		if rest = rest[n:]; n > 0 {
			refusals = 0
		}
		switch {
		case err == nil:
			continue
		case errors.Is(err, syscall.ECONNREFUSED):
			r.progress.Unreachable++
			if refusals++; refusals < maxRefusals {
				continue
			}
		case !errors.Is(err, syscall.EMSGSIZE):
			return err
		}
		r.progress.Failed++
		rest, refusals = rest[min(1, len(rest)):], 0
	}
	return nil
}
