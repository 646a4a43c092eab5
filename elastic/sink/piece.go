package sink

import (
	"bytes"
	"sync"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/sink/spool"
)

// piece is documents that are gathered, with what becomes of the records that they hold.
type piece struct {
	text       []byte // the body of a bulk request
	docs       int
	began      time.Time
	settlement *flow.Settlement // nil where another store settles
}

// gather is where documents become pieces. It is safe for concurrent use.
type gather struct {
	cfg    *Config
	wait   bool // for room, rather than drop
	now    func() time.Time
	full   chan *piece // to be packed
	free   chan *piece
	busy   atomic.Uint64 // documents that found no room
	packs  atomic.Int64  // pieces handed on that are not in the spool yet
	mu     sync.Mutex    // held while waiting for room among the full ones
	open   *piece        // nil: none
	closed bool
}

// piecesAhead is how many pieces may wait to be packed.
const piecesAhead = 2

func newGather(cfg *Config, wait bool, now func() time.Time) *gather {
	return &gather{cfg: cfg, wait: wait, now: now, full: make(chan *piece, piecesAhead), free: make(chan *piece, piecesAhead+2)}
}

// add appends what write does to the open piece, and hands the piece on where it is full. docs is how many documents those are. After close
// it does nothing and returns false.
func (g *gather) add(docs int, write func(p *piece)) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		g.busy.Add(uint64(docs))
		return false
	}
	if g.open == nil {
		g.open = g.fresh()
		g.open.began = g.now()
	}
	write(g.open)
	g.open.docs += docs
	if len(g.open.text) >= g.cfg.Piece {
		g.hand()
	}
	return true
}

func (g *gather) fresh() *piece {
	var p *piece
	select {
	case p = <-g.free:
	default:
		p = &piece{text: make([]byte, 0, g.cfg.Piece+g.cfg.Piece/2)}
	}
	if g.cfg.Settle {
		p.settlement = flow.NewSettlement()
	}
	return p
}

// hand gives the open piece to be packed; mu is held. Where another store settles it does not wait, but for replays, which have time.
func (g *gather) hand() {
	p := g.open
	g.open = nil
	g.packs.Add(1)
	if g.wait {
		g.full <- p
		return
	}
	select {
	case g.full <- p:
	default:
		g.packs.Add(-1)
		g.busy.Add(uint64(p.docs))
		g.recycle(p)
	}
}

// packed takes a piece back that is in the spool.
func (g *gather) packed(p *piece) {
	g.packs.Add(-1)
	g.recycle(p)
}

func (g *gather) recycle(p *piece) {
	p.text, p.docs, p.settlement = p.text[:0], 0, nil
	select {
	case g.free <- p:
	default:
	}
}

// age hands a piece on that has waited long enough, or any.
func (g *gather) age(any bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open != nil && (any || g.now().Sub(g.open.began) >= g.cfg.Age) {
		g.hand()
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

// packer compresses pieces into entries of a spool.
type packer struct {
	out  bytes.Buffer
	gzip *gzip.Writer
}

// packLimit is at how many compressed bytes an entry is closed: what comes on top, of the compressor's buffers and one document, has room
// in [spool.MaxEntry].
const packLimit = spool.MaxEntry / 2

// pack calls put for the entries of a piece; the marks go with the last.
func (k *packer) pack(p *piece, marks []flow.StreamMark, put func(data []byte, last bool)) error {
	if k.gzip == nil {
		k.gzip, _ = gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is one of gzip's
	}
	rest := p.text
	for first := true; first || len(rest) > 0; first = false {
		k.out.Reset()
		k.gzip.Reset(&k.out)
		docs := 0
		for len(rest) > 0 && k.out.Len() < packLimit {
			n := operationEnd(rest)
			if _, err := k.gzip.Write(rest[:n]); err != nil {
				return err //nolint:wrapcheck // a buffer does not fail
			}
			docs++
			rest = rest[n:]
		}
		if err := k.gzip.Close(); err != nil {
			return err //nolint:wrapcheck // as above
		}
		with := marks
		if len(rest) > 0 {
			with = nil
		}
		data := appendHead(make([]byte, 0, entryHead+markSize*len(with)+k.out.Len()), docs, with)
		put(append(data, k.out.Bytes()...), len(rest) == 0)
	}
	return nil
}

// operationEnd returns where the first operation ends: behind its second line.
func operationEnd(text []byte) int {
	a := bytes.IndexByte(text, '\n') + 1
	d := bytes.IndexByte(text[a:], '\n') + 1
	if a == 0 || d == 0 {
		return len(text)
	}
	return a + d
}
