package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/listen"
)

// ReplayConfig says how files are replayed.
type ReplayConfig struct {
	// Speed scales the files' own times: 1 is as recorded, 0 as fast as possible.
	Speed float64
	// Sleep waits in a scaled replay; nil is a timer.
	Sleep func(ctx context.Context, d time.Duration) error
	// Progress, where set, is told the share of the input that has been taken, 0 to 1, now and then.
	Progress func(share float64)
	// Trouble, where set, is told of files that end before their time and of lines that are no records; the rest goes on.
	Trouble func(error)
}

// feed yields the events of one file in order.
type feed interface {
	// next moves to the next event and returns its time; io.EOF at the end.
	next() (int64, error)
	// take hands the current event to the worker.
	take(w *worker)
	// share is how much of the file has been read, 0 to 1.
	share() float64
	io.Closer
}

// Replay takes the events of all files (pcap, pcapng, IPFIX, .jsonl of canonical records) in the order of their times, of equal times
// in the order of the files. The pipeline should block and have a virtual clock; it is not stopped at the end.
func (p *Pipeline) Replay(ctx context.Context, files []string, cfg ReplayConfig) error {
	r := replay{p: p, cfg: cfg}
	defer r.close()
	for i, path := range files {
		f, err := openFeed(path, uint64(i+1), p)
		if err != nil {
			return err
		}
		r.feeds = append(r.feeds, &pending{feed: f})
	}
	return r.run(ctx)
}

func openFeed(path string, session uint64, p *Pipeline) (feed, error) {
	if strings.HasSuffix(path, ".jsonl") {
		return openLines(path, p)
	}
	c, err := listen.OpenCapture(path, listen.CaptureConfig{Session: session})
	if err != nil {
		return nil, err
	}
	return &captureFeed{Capture: c}, nil
}

// pending is a feed with the time of its current event.
type pending struct {
	feed
	time int64
}

type replay struct {
	p      *Pipeline
	cfg    ReplayConfig
	feeds  []*pending
	first  int64 // time of the first event
	began  time.Time
	events uint64
}

func (r *replay) close() {
	for _, f := range r.feeds {
		_ = f.Close() // read only
	}
}

// progressEvery is how many events pass between two reports of progress.
const progressEvery = 1 << 12

func (r *replay) run(ctx context.Context) error {
	for i := len(r.feeds) - 1; i >= 0; i-- {
		if err := r.advance(i); err != nil {
			return err
		}
	}
	w := r.p.workers[0]
	for len(r.feeds) > 0 {
		i := r.earliest()
		if err := r.wait(ctx, r.feeds[i].time); err != nil {
			return err
		}
		w.mu.Lock()
		r.feeds[i].take(w)
		w.mu.Unlock()
		r.report(ctx)
		if err := r.advance(i); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (r *replay) earliest() int {
	best := 0
	for i, f := range r.feeds {
		if f.time < r.feeds[best].time {
			best = i
		}
	}
	return best
}

// advance moves feed i on and takes it out at its end. A file that is cut short is trouble, not a failure.
func (r *replay) advance(i int) error {
	f := r.feeds[i]
	for {
		t, err := f.next()
		var line *LineError
		switch {
		case err == nil:
			f.time = t
			return nil
		case errors.As(err, &line):
			r.trouble(err)
			continue
		case !errors.Is(err, io.EOF):
			r.trouble(err)
		}
		r.feeds = append(r.feeds[:i:i], r.feeds[i+1:]...)
		if cerr := f.Close(); cerr != nil {
			return fmt.Errorf("close replayed file: %w", cerr)
		}
		return nil
	}
}

func (r *replay) trouble(err error) {
	if r.cfg.Trouble != nil {
		r.cfg.Trouble(err)
	}
}

func (r *replay) report(ctx context.Context) {
	r.events++
	if r.events%progressEvery != 0 || r.cfg.Progress == nil || ctx.Err() != nil {
		return
	}
	var sum float64
	for _, f := range r.feeds {
		sum += f.share()
	}
	r.cfg.Progress(sum / float64(len(r.feeds)))
}

// wait lets a scaled replay's time come; at full speed it only looks whether the run has been canceled.
func (r *replay) wait(ctx context.Context, t int64) error {
	if r.cfg.Speed == 0 {
		if r.events%progressEvery == 0 {
			return ctx.Err()
		}
		return nil
	}
	if r.first == 0 {
		r.first, r.began = t, r.p.deps.Now()
	}
	due := r.began.Add(time.Duration(float64(t-r.first) / r.cfg.Speed))
	return r.sleep(ctx, due.Sub(r.p.deps.Now()))
}

func (r *replay) sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	if r.cfg.Sleep != nil {
		return r.cfg.Sleep(ctx, d)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// captureFeed is a capture file.
type captureFeed struct {
	*listen.Capture
	current listen.Datagram
}

func (f *captureFeed) next() (int64, error) {
	d, err := f.Next()
	f.current = d
	return d.Received, err
}

func (f *captureFeed) take(w *worker) { w.decode(&f.current) }

func (f *captureFeed) share() float64 {
	read, size := f.Position()
	return float64(read) / float64(max(size, 1))
}

// streamOf opens the account of a record read from JSON.
func streamOf(a *flow.Account, r *flow.Record) *flow.Stream {
	return a.Stream(flow.StreamKey{Exporter: r.Exporter, Domain: r.Domain, Protocol: r.Protocol})
}
