package hec

import (
	"maps"
	"sync"
	"sync/atomic"

	"github.com/weirflow/weir/shared/sink/cim"
)

// counts are what is counted while sending.
type counts struct {
	delivered, acknowledged, again, late, restarts, failures, requests, polls, bytes atomic.Uint64

	codes [numberOfCodes + 1]atomic.Uint64 // answers by code; the last: without a known one

	mu      sync.Mutex
	refused map[string]uint64 // events by reason
}

func (c *counts) answered(a *answer) {
	if a.acks != nil && a.code == unknown {
		return // acknowledgements come without a code
	}
	if a.code >= 0 && a.code < numberOfCodes {
		c.codes[a.code].Add(1)
		return
	}
	c.codes[numberOfCodes].Add(1)
}

func (c *counts) refuse(reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refused == nil {
		c.refused = map[string]uint64{}
	}
	c.refused[reason]++
}

// Stats are the counters of a sink since its start. Of events, the sum of Made is Delivered, Dropped and Waiting, but for what waited at the start
// and what is being gathered.
type Stats struct {
	Made         map[string]uint64 // events taken, by kind
	Delivered    uint64            // events that the server has, as far as its token lets us know
	Acknowledged uint64            // of those the ones that indexers have acknowledged
	Again        uint64            // events sent again
	Late         uint64            // requests that were not acknowledged in time
	Restarts     uint64            // channels given up because their numbers went back
	Failures     uint64            // requests that failed
	Requests     uint64            // with events
	Polls        uint64            // for acknowledgements
	SentBytes    uint64            // compressed
	Answers      map[string]uint64 // by code, "other" where the server gives none that is documented
	Waiting      uint64            // events on disk
	Bytes        int64             // on disk
	Memory       int64             // bytes of what is posted or waits for its acknowledgement, compressed
	Pieces       int               // such requests
	Torn         uint64            // ends of spool files cut off at the start
	DiskError    uint64            // failed writes
	Dropped      map[string]uint64 // events, by reason
}

// Reasons of dropped events besides those of spools.
const (
	DroppedBusy    = "busy"     // they found no room in memory, because packing or the disk is too slow
	DroppedRefused = "refused_" // before the name of the code: the server never takes them
)

// Stats returns the counters.
func (s *Sink) Stats() Stats {
	out := Stats{Made: map[string]uint64{}, Dropped: map[string]uint64{}, Answers: map[string]uint64{}}
	for k := range s.made {
		if n := s.made[k].Load(); n > 0 {
			out.Made[cim.Kind(k).String()] = n
		}
	}
	for _, l := range s.lanes() {
		l.addTo(&out)
	}
	return out
}

func (l *lane) addTo(out *Stats) {
	c, sp := &l.counts, l.spool.Stats()
	out.Delivered += c.delivered.Load()
	out.Acknowledged += c.acknowledged.Load()
	out.Again += c.again.Load()
	out.Late += c.late.Load()
	out.Restarts += c.restarts.Load()
	out.Failures += c.failures.Load()
	out.Requests += c.requests.Load()
	out.Polls += c.polls.Load()
	out.SentBytes += c.bytes.Load()
	for i := range c.codes {
		name := "other"
		if i < numberOfCodes {
			name = codes[i].reason
		}
		if n := c.codes[i].Load(); n > 0 {
			out.Answers[name] += n
		}
	}
	out.Waiting += sp.WaitingWeight
	out.Bytes += sp.Bytes
	out.Torn += sp.Torn
	out.DiskError += sp.WriteErrors
	for why, n := range sp.LostWeight {
		out.Dropped[why] += n
	}
	if n := l.gather.busy.Load(); n > 0 {
		out.Dropped[DroppedBusy] += n
	}
	c.mu.Lock()
	refused := maps.Clone(c.refused)
	c.mu.Unlock()
	for why, n := range refused {
		out.Dropped[DroppedRefused+why] += n
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, h := range l.inUse {
		out.Pieces += h.pieces
		out.Memory += int64(h.bytes)
	}
}
