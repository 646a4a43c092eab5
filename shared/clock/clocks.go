package clock

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// Config sizes a [Clocks].
type Config struct {
	MaxStreams int // exporters, domains and protocols that are kept; 0 is the default
}

// DefaultConfig returns room for 16,384 clocks, at most 30 MB.
func DefaultConfig() Config { return Config{MaxStreams: 16384} }

// Stats are the counters of a [Clocks].
type Stats struct {
	Streams int    // clocks kept
	Refused uint64 // datagrams of clocks for which there was no room: their times stay as they are
}

// Clocks keeps the clocks of all exporters. It is safe for concurrent use; the datagrams of one stream must come in order.
type Clocks struct {
	cfg     Config
	mu      sync.RWMutex
	streams map[flow.StreamKey]*stream
	refused atomic.Uint64
}

// New returns a Clocks that knows no clock yet.
func New(cfg Config) (*Clocks, error) {
	if cfg.MaxStreams < 0 {
		return nil, errors.New("clock: negative number of streams")
	}
	if cfg.MaxStreams == 0 {
		cfg = DefaultConfig()
	}
	return &Clocks{cfg: cfg, streams: map[flow.StreamKey]*stream{}}, nil
}

// Observe learns from a datagram, of which it reads exporter, domain, protocol, time of receipt, export time and uptime, and returns
// what is to be added to the times of its records. The new state of the clock goes to the datagram's account, where it has one.
// A datagram received at its export time, to the nanosecond, comes from a laboratory without a clock of its own: its header's
// fraction of a second is estimated, an offset is not.
func (c *Clocks) Observe(d *flow.Datagram) flow.ClockCorrection {
	key := flow.StreamKey{Exporter: d.Exporter, Domain: d.Domain, Protocol: d.Protocol}
	if d.Stream != nil { // by where datagrams come from: the address that an exporter tells of itself comes later
		key = d.Stream.Key
	}
	s := c.stream(key, d.Received)
	if s == nil {
		c.refused.Add(1)
		return flow.UnknownClock()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.observe(d)
	if d.Stream != nil {
		d.Stream.Clock.Store(s.state)
	}
	return k
}

// State returns what is known about a clock; ok is false where there were no datagrams of it, or no room for it.
func (c *Clocks) State(key flow.StreamKey) (state flow.ClockState, ok bool) {
	c.mu.RLock()
	s := c.streams[key]
	c.mu.RUnlock()
	if s == nil {
		return flow.ClockState{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state, true
}

// Stats returns the counters.
func (c *Clocks) Stats() Stats {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return Stats{Streams: len(c.streams), Refused: c.refused.Load()}
}

// stream returns the clock of key, making it where there is room.
func (c *Clocks) stream(key flow.StreamKey, now int64) *stream {
	c.mu.RLock()
	s := c.streams[key]
	c.mu.RUnlock()
	if s != nil {
		return s
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if s = c.streams[key]; s != nil {
		return s
	}
	if len(c.streams) >= c.cfg.MaxStreams && !c.evict(now) {
		return nil
	}
	s = &stream{}
	c.streams[key] = s
	return s
}

// silence is after how long a clock may make room for another.
const silence = int64(10 * time.Minute)

// evict makes room for a clock, by one of some that has been silent: senders that are made up must not keep out the real ones.
func (c *Clocks) evict(now int64) bool {
	const looked = 16
	n := 0
	for key, s := range c.streams {
		s.mu.Lock()
		old := s.seen < now-silence
		s.mu.Unlock()
		if old {
			delete(c.streams, key)
			return true
		}
		if n++; n == looked {
			break
		}
	}
	return false
}
