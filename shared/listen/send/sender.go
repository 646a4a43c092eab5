package send

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"time"

	"github.com/weirflow/weir/shared/listen"
)

const (
	// DefaultBatch is how many datagrams of an exporter one write takes at most.
	DefaultBatch = 64
	// DefaultMaxExporters is how many sockets are opened at most.
	DefaultMaxExporters = 512
)

// Config says where a [Sender] sends and how fast.
type Config struct {
	// To is the target, as HOST:PORT.
	To string
	// Speed scales the source's own times: 1 is as recorded, 60 a minute in a second, 0 as fast as possible.
	Speed float64
	// Rate is in datagrams a second; 0 means by Speed. Setting both is an error.
	Rate float64
	// Batch is the most datagrams of an exporter one write takes; 0 means [DefaultBatch].
	Batch int
	// MaxExporters is how many sockets are opened at most; 0 means [DefaultMaxExporters]. Further exporters share them.
	MaxExporters int
}

// Deps is what a [Sender] may be given from outside.
type Deps struct {
	// Now is the clock that paces. Required unless Speed and Rate are both 0.
	Now func() time.Time
	// Sleep waits for d or until ctx ends, whose error it returns. nil means a timer.
	Sleep func(ctx context.Context, d time.Duration) error
	// Progress, where set, is told the totals after every round of writes, a few hundred datagrams at most.
	Progress func(Progress)
	// Admit, where set, is asked before every round of writes and may block: with it a receiver in the same program keeps the
	// sender from overrunning it. upTo is the number of datagrams that will have been sent after the round. Its error ends
	// the run.
	Admit func(ctx context.Context, upTo uint64) error
}

// Progress is what has been sent so far.
type Progress struct {
	Datagrams uint64 // handed to the kernel
	Bytes     uint64 // of payload in them
	Failed    uint64 // refused by the kernel: too long for a datagram, or nothing listens and it said so again and again
	// Unreachable counts the times that the target said that nothing listens on its port.
	Unreachable uint64
	Exporters   int   // different source addresses so far
	Captured    int64 // time of the last datagram in its source, ns since the Unix epoch
}

// Sender sends the datagrams of a source to one target.
type Sender struct {
	cfg  Config
	deps Deps
}

// New checks cfg; it opens nothing.
func New(cfg Config, deps Deps) (*Sender, error) {
	if cfg.Batch == 0 {
		cfg.Batch = DefaultBatch
	}
	if cfg.MaxExporters == 0 {
		cfg.MaxExporters = DefaultMaxExporters
	}
	if deps.Sleep == nil {
		deps.Sleep = sleep
	}
	if err := cfg.check(deps); err != nil {
		return nil, fmt.Errorf("send: %w", err)
	}
	return &Sender{cfg: cfg, deps: deps}, nil
}

func (c Config) check(deps Deps) error {
	if _, _, err := net.SplitHostPort(c.To); err != nil {
		return fmt.Errorf("target %q: want HOST:PORT: %w", c.To, err)
	}
	for name, v := range map[string]float64{"speed": c.Speed, "rate": c.Rate} {
		if v < 0 || math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("%s is %v, must be a number above 0", name, v)
		}
	}
	switch {
	case c.Speed > 0 && c.Rate > 0:
		return errors.New("speed and rate exclude each other")
	case c.Batch < 0 || c.MaxExporters < 0:
		return errors.New("batch and number of exporters must be above 0")
	case c.Speed+c.Rate > 0 && deps.Now == nil:
		return errors.New("a clock is required to pace")
	}
	return nil
}

// Send sends all of src, until its end, an error, or the end of ctx (whose error it returns). Sockets are opened as exporters
// appear and closed at the end. The Progress is valid with an error too. An error of src ends the run after what came before it
// has been sent.
func (s *Sender) Send(ctx context.Context, src listen.Source) (Progress, error) {
	target, err := net.ResolveUDPAddr("udp", s.cfg.To)
	if err != nil {
		return Progress{}, fmt.Errorf("send: %w", err)
	}
	r := newRun(s.cfg, s.deps, target)
	err = r.all(ctx, src)
	if err = errors.Join(err, r.exporters.close()); err != nil {
		err = fmt.Errorf("send to %s: %w", s.cfg.To, err)
	}
	return r.progress, err
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
