package send

import (
	"context"
	"errors"
	"time"

	"github.com/weirflow/weir/shared/listen"
)

// Config says where a [Sender] sends and how fast.
type Config struct {
	// To is the target, as HOST:PORT.
	To string
	// Speed scales the source's own times: 1 is as recorded, 60 a minute in a second, 0 as fast as possible.
	Speed float64
	// Rate is in datagrams a second; 0 means by Speed. Setting both is an error.
	Rate float64
	// Batch is the most datagrams one write takes; 0 means 64.
	Batch int
	// MaxExporters is how many sockets are opened at most; 0 means 512. Further exporters share them.
	MaxExporters int
}

// Deps is what a [Sender] may be given from outside.
type Deps struct {
	// Now is the clock that paces. Required unless Speed and Rate are both 0.
	Now func() time.Time
	// Sleep waits for d or until ctx ends, whose error it returns. nil means a timer.
	Sleep func(ctx context.Context, d time.Duration) error
	// Progress, where set, is told the totals after every write.
	Progress func(Progress)
	// Admit, where set, is asked before each write with the number of datagrams sent so far and may block: with it a receiver
	// in the same program keeps the sender from overrunning it. Its error ends the run.
	Admit func(ctx context.Context, sent uint64) error
}

// Progress is what has been sent so far.
type Progress struct {
	Datagrams uint64 // handed to the kernel
	Bytes     uint64 // of payload in them
	Failed    uint64 // refused by the kernel: too long for a datagram
	// Unreachable counts the times that the target said that nothing listens on its port.
	Unreachable uint64
	Exporters   int   // distinct source addresses so far
	Captured    int64 // time of the last datagram in its source, ns since the Unix epoch
}

// Sender sends the datagrams of a source to one target.
type Sender struct{}

// New checks cfg; it opens nothing.
func New(cfg Config, deps Deps) (*Sender, error) { return nil, errors.ErrUnsupported }

// Send sends all of src, until its end, an error, or the end of ctx (whose error it returns). Sockets are opened as exporters
// appear and closed at the end. The Progress is valid with an error too. An error of src ends the run after what came before it
// has been sent. Not for concurrent use.
func (s *Sender) Send(ctx context.Context, src listen.Source) (Progress, error) {
	return Progress{}, errors.ErrUnsupported
}
