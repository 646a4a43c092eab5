package hec

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirflow/weir/shared/sink/cim"
)

// piece is events that are gathered.
type piece struct {
	text   []byte // a line an event
	runs   []run
	events int
	began  time.Time
}

// gather is where events become pieces. It is safe for concurrent use.
type gather struct {
	cfg      *Config
	envelope *envelope
	now      func() time.Time
	full     chan *piece // to be packed
	free     chan *piece
	busy     atomic.Uint64 // events that found no room
	packs    atomic.Int64  // pieces handed on that are not in the spool yet
	mu       sync.Mutex    // held while waiting for room among the full ones
	open     *piece        // nil: none
	closed   bool
}

const (
	// piecesAhead is how many pieces may wait to be packed.
	piecesAhead = 4
	// handWithin is how long a piece may wait for room among those: sums of a minute come all at once, faster than they are packed. Packing waits for
	// nobody, so this is only ever reached where there is no processor for it.
	handWithin = 200 * time.Millisecond
)

// errStopped says that the sink takes nothing any more.
var errStopped = errors.New("hec: the sink has stopped")

func newGather(cfg *Config, e *envelope, now func() time.Time) *gather {
	return &gather{cfg: cfg, envelope: e, now: now, full: make(chan *piece, piecesAhead), free: make(chan *piece, piecesAhead+2)}
}

// add appends an event to the open piece, and hands the piece on where it is full.
func (g *gather) add(ctx context.Context, ev *cim.Event) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		g.busy.Add(1)
		return errStopped
	}
	if g.open == nil {
		g.open = g.fresh()
		g.open.began = g.now()
	}
	p := g.open
	at := len(p.text)
	p.text = g.envelope.append(p.text, ev)
	if line := p.text[at : len(p.text)-1]; bytes.IndexByte(line, '\n') >= 0 { // one event must be one line
		for i, c := range line {
			if c == '\n' {
				line[i] = ' '
			}
		}
	}
	p.runs, p.events = appendRun(p.runs, ev.Kind, 1), p.events+1
	if len(p.text) >= g.cfg.Piece || len(p.runs) >= maxRuns {
		return g.hand(ctx)
	}
	return nil
}

func (g *gather) fresh() *piece {
	select {
	case p := <-g.free:
		return p
	default:
		return &piece{text: make([]byte, 0, g.cfg.Piece+g.cfg.Piece/8)}
	}
}

// hand gives the open piece to be packed; mu is held. It waits a little, or for replays, which have time, as long as it takes.
func (g *gather) hand(ctx context.Context) error {
	p := g.open
	g.open = nil
	g.packs.Add(1)
	select {
	case g.full <- p:
		return nil
	default:
	}
	var over <-chan time.Time
	if !g.cfg.Wait {
		t := time.NewTimer(handWithin)
		defer t.Stop()
		over = t.C
	}
	select {
	case g.full <- p:
		return nil
	case <-over:
		g.lose(p)
		return nil
	case <-ctx.Done():
		g.lose(p)
		return ctx.Err() //nolint:wrapcheck // it is the caller's own
	}
}

func (g *gather) lose(p *piece) {
	g.busy.Add(uint64(p.events))
	g.packed(p)
}

// packed takes a piece back that is in the spool, or lost.
func (g *gather) packed(p *piece) {
	g.packs.Add(-1)
	p.text, p.runs, p.events = p.text[:0], p.runs[:0], 0
	select {
	case g.free <- p:
	default:
	}
}

// age hands a piece on that has waited long enough, or any.
func (g *gather) age(ctx context.Context, any bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open != nil && (any || g.now().Sub(g.open.began) >= g.cfg.Age) {
		_ = g.hand(ctx) // what is lost is counted
	}
}

// close hands on what there is, and takes nothing more.
func (g *gather) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return
	}
	g.closed = true
	if g.open != nil {
		g.packs.Add(1)
		g.full <- g.open
		g.open = nil
	}
	close(g.full)
}

// idle tells whether no piece is open or waits to be packed.
func (g *gather) idle() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.open == nil && g.packs.Load() == 0
}
