package pipeline

import (
	"net/netip"
	"sync"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/listen"
)

// worker decodes the datagrams of one socket into a batch of its own. The lock is between the socket's goroutine and the one
// that sends old batches on; it is hardly ever contended.
type worker struct {
	p     *Pipeline
	mu    sync.Mutex
	batch *flow.Batch
	lost  []flow.Loss // dropped since the last batch that went on
	since time.Time   // when the batch got its first datagram
}

// Handle takes datagrams of a receive worker: a [listen.Handler].
func (p *Pipeline) Handle(worker int, datagrams []listen.Datagram) {
	p.workers[worker].take(datagrams)
}

// Refused counts a datagram that the listener did not hand over: see listen.Deps.
func (p *Pipeline) Refused(_ int, source netip.Addr, size int, why flow.Reason) {
	p.deps.Account.Refuse(flow.AddrFromNetip(source), size, why)
}

// EndSession lets go of what the decoder kept of a transport session, after its last message was given to Handle.
func (p *Pipeline) EndSession(session uint64) { p.deps.Decoder.EndSession(session) }

func (w *worker) take(datagrams []listen.Datagram) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range datagrams {
		w.decode(&datagrams[i])
	}
}

func (w *worker) decode(d *listen.Datagram) {
	w.open(false)
	firstDatagram, firstRecord := len(w.batch.Datagrams), len(w.batch.Records)
	if err := w.p.deps.Decoder.DecodeSession(d.Session, d.Payload, d.Source, d.Received, w.batch); err != nil {
		w.p.muted.warn("datagram", err, d.Source)
	}
	if w.p.cfg.Clock == ExportClock {
		receiveByExport(w.batch, firstDatagram, firstRecord)
	}
	w.sendFull()
}

// open makes sure that there is a batch of the kind wanted: datagrams' records or, normalized already, JSON's.
func (w *worker) open(normalized bool) {
	if w.batch != nil && w.batch.Normalized != normalized {
		w.send()
	}
	if w.batch == nil {
		w.batch = w.p.pool.get()
		w.batch.Normalized = normalized
		w.since = w.p.deps.Now()
	}
}

func (w *worker) sendFull() {
	if len(w.batch.Records) >= w.p.cfg.BatchRecords || len(w.batch.Datagrams) >= w.p.cfg.BatchRecords {
		w.send()
	}
}

// send passes the batch on. The caller holds the lock.
func (w *worker) send() {
	b := w.batch
	w.batch = nil
	if b == nil {
		return
	}
	if len(b.Datagrams) == 0 {
		w.p.pool.put(b)
		return
	}
	if s := w.p.deps.Normalize; s != nil && !b.Normalized {
		s.Batch(b)
	}
	if s := w.p.deps.Enrich; s != nil {
		s.Batch(b)
	}
	w.enqueue(b)
}

func (w *worker) enqueue(b *flow.Batch) {
	p := w.p
	b.TakeLoss(w.lost)
	w.lost = w.lost[:0]
	if p.cfg.Blocking {
		p.detectq <- item{batch: b}
		return
	}
	select {
	case p.detectq <- item{batch: b}:
	default:
		p.droppedBatches.Add(1)
		w.lost = b.Drop(flow.DroppedQueue, w.lost)
		p.pool.put(b)
	}
}

// flushWorkers sends on every batch that is at least age old.
func (p *Pipeline) flushWorkers(age time.Duration) {
	now := p.deps.Now()
	for _, w := range p.workers {
		w.mu.Lock()
		if w.batch != nil && now.Sub(w.since) >= age {
			w.send()
		}
		w.mu.Unlock()
	}
}
