package forward

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/weirflow/weir/shared/listen"
	"github.com/weirflow/weir/shared/listen/proxy"
)

const (
	// Failed look-ups of a name are tried again after a second, then after twice as long each time.
	firstRetry = time.Second
	lastRetry  = time.Minute
	// resolveEvery is how often a name is looked up while it works: collectors move.
	resolveEvery = 5 * time.Minute
)

// writer sends one datagram as from source.
type writer interface {
	aim(to netip.AddrPort) error // sends to this address from now on
	write(payload []byte, source netip.AddrPort, now int64) error
	close() error
}

// target is a receiver with its queue and the goroutine that empties it.
type target struct {
	Target
	deps      Deps
	exporters listen.Prefixes
	queue     queue
	wake      chan struct{} // something waits
	writer    writer
	name      name
	at        netip.AddrPort // where the writer sends to; not valid while the name has no address
	packet    []byte         // header and payload, reused
	lot       lot            // being sent, reused

	resolved                   atomic.Bool
	taken, sent, bytes         atomic.Uint64
	refusals, failedResolution atomic.Uint64
	mu                         sync.Mutex
	dropped                    map[string]uint64
}

func newTarget(cfg Target, deps Deps) *target {
	t := &target{Target: cfg, deps: deps, exporters: listen.NewPrefixes(cfg.Exporters), wake: make(chan struct{}, 1), dropped: map[string]uint64{}}
	t.queue.limit = cfg.Queue
	if cfg.Queue == 0 {
		t.queue.limit = DefaultQueue
	}
	t.name = newName(cfg.To, deps)
	return t
}

// open makes the writer, and aims it where there is no name to look up.
func (t *target) open() (err error) {
	t.writer = newSockets()
	if t.Spoof {
		t.writer, err = newSpoofer()
	}
	if err == nil && t.name.addr.IsValid() {
		_ = t.reach(context.Background()) // run tries again, and tells
	}
	return err
}

// reach finds the target's address and aims there.
func (t *target) reach(ctx context.Context) error {
	at, err := t.name.resolve(ctx)
	if err != nil {
		return err
	}
	if t.deps.Own != nil && t.deps.Own(at) && (len(t.Ports) == 0 || slices.Contains(t.Ports, at.Port())) {
		return errItself
	}
	if at != t.at {
		if err := t.writer.aim(at); err != nil {
			return err
		}
	}
	t.at = at
	t.resolved.Store(true)
	return nil
}

func (t *target) close() error {
	if t.writer == nil {
		return nil
	}
	return t.writer.close()
}

// wants tells whether the datagram is for this target. Messages of transport sessions are for none: their templates are not
// sent again, as a receiver of datagrams needs it.
func (t *target) wants(d *listen.Datagram) bool {
	return d.Session == 0 && (len(t.exporters) == 0 || t.exporters.Contain(d.Source.Addr())) && (len(t.Ports) == 0 || slices.Contains(t.Ports, d.Port))
}

func (t *target) take(d *listen.Datagram) {
	t.taken.Add(1)
	first, why := t.queue.put(d)
	switch {
	case first:
		select {
		case t.wake <- struct{}{}:
		default:
		}
	case why == DroppedQueue && !t.resolved.Load():
		t.drop(DroppedUnresolved, 1)
	case why != "":
		t.drop(why, 1)
	}
}

func (t *target) drop(why string, n uint64) {
	if n == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.dropped[why] += n
}

// run sends until ctx ends, and then what still waits.
func (t *target) run(ctx context.Context) {
	for t.find(ctx) {
		select {
		case <-t.wake:
			t.sendAll()
			continue
		case <-t.name.again(t.deps.Now()):
			continue
		case <-ctx.Done():
		}
		break
	}
	t.queue.close()
	if t.at.IsValid() {
		t.sendAll()
		return
	}
	t.drop(DroppedStopped, uint64(len(t.queue.swap(lot{}).items)))
}

// find makes sure that the target's address is known; false once ctx has ended.
func (t *target) find(ctx context.Context) bool {
	for ctx.Err() == nil && (!t.at.IsValid() || !t.name.fresh(t.deps.Now())) {
		err := t.reach(ctx)
		if err == nil {
			continue
		}
		if ctx.Err() != nil {
			return false
		}
		t.failedResolution.Add(1)
		t.name.failed(t.deps.Now())
		t.deps.Log.Warn("forwarding: the target's address cannot be had", "target", t.To, "error", err)
		if t.at.IsValid() {
			return true // goes on with the address it had
		}
		select {
		case <-t.name.again(t.deps.Now()):
		case <-ctx.Done():
		}
	}
	return ctx.Err() == nil
}

var errItself = errors.New("it is this collector itself: datagrams would go round without end")

// sendAll sends what waits.
func (t *target) sendAll() {
	t.lot = t.queue.swap(t.lot)
	begin, now := 0, t.deps.Now()
	for _, i := range t.lot.items {
		payload := t.lot.bytes[begin:i.end]
		if why := t.send(payload, i, now); why != "" {
			t.drop(why, 1)
		} else {
			t.sent.Add(1)
			t.bytes.Add(uint64(len(payload)))
		}
		begin = i.end
	}
}

// send sends a datagram, or says why not.
func (t *target) send(payload []byte, i item, now int64) (dropped string) {
	if t.Proxy {
		t.packet = append(proxy.Append(t.packet[:0], i.source, received(i)), payload...)
		payload = t.packet
	}
	err := t.writer.write(payload, i.source, now)
	if errors.Is(err, syscall.ECONNREFUSED) { // told of an earlier datagram: this one has not been sent yet
		t.refusals.Add(1)
		err = t.writer.write(payload, i.source, now)
	}
	switch {
	case err == nil:
		return ""
	case errors.Is(err, syscall.EMSGSIZE):
		return DroppedLength
	case errors.Is(err, errFamily):
		return DroppedFamily
	}
	return DroppedNetwork
}

// errFamily: the writer cannot send as from an address of this family.
var errFamily = errors.New("no IPv4 address")

// received returns the address that a datagram was sent to as far as it is known.
func received(i item) netip.AddrPort {
	if i.source.Addr().Is4() {
		return netip.AddrPortFrom(netip.IPv4Unspecified(), i.port)
	}
	return netip.AddrPortFrom(netip.IPv6Unspecified(), i.port)
}

func (t *target) stats() Stats {
	s := Stats{
		Target: t.To, Taken: t.taken.Load(), Sent: t.sent.Load(), Bytes: t.bytes.Load(), Waiting: t.queue.waiting(), Resolved: t.resolved.Load(),
		Refusals: t.refusals.Load(), ResolveErrors: t.failedResolution.Load(), Dropped: map[string]uint64{},
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for why, n := range t.dropped {
		s.Dropped[why] = n
	}
	return s
}
