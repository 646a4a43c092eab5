package sink

import (
	"sync/atomic"

	"github.com/weirflow/weir/elastic/document"
)

// counts are what is counted while sending.
type counts struct {
	delivered, already, refused, lost, again, failures, requests, bytes atomic.Uint64
}

// Stats are the counters of a sink since its start. Of documents, Made = Delivered + Already + Refused + dropped + Waiting, but for what waited
// at the start and what is being gathered.
type Stats struct {
	Made             map[string]uint64 // documents written, by kind
	Delivered        uint64            // documents taken by the server
	Already          uint64            // documents that were there already, or in a later state
	Refused          uint64            // documents that the server refused: they are in the dead letters
	Lost             uint64            // of those the ones that the dead letters refused, too
	Again            uint64            // documents sent again because the server had no time, or it is not known whether it took them
	Failures         uint64            // attempts that failed
	Requests         uint64
	SentBytes        uint64 // compressed
	Waiting          uint64 // documents on disk
	Bytes            int64  // on disk
	DiskError        uint64 // failed writes
	Dropped          map[string]uint64
	Expired          uint64 // old alerts that were deleted
	AggregateFlushes uint64 // minutes of sums that were told of early, as there was no room for more sums
}

// DroppedBusy is the reason of documents that found no room in memory, because packing or the disk is too slow.
const DroppedBusy = "busy"

// Stats returns the counters.
func (s *Sink) Stats() Stats {
	out := Stats{Made: map[string]uint64{}, Dropped: map[string]uint64{}}
	for kind := range s.made {
		if n := s.made[kind].Load(); n > 0 {
			out.Made[document.Kind(kind).String()] = n
		}
	}
	for _, l := range s.lanes() {
		c, sp := &l.bulk.counts, l.spool.Stats()
		out.Delivered += c.delivered.Load()
		out.Already += c.already.Load()
		out.Refused += c.refused.Load()
		out.Lost += c.lost.Load()
		out.Again += c.again.Load()
		out.Failures += c.failures.Load()
		out.Requests += c.requests.Load()
		out.SentBytes += c.bytes.Load()
		out.Waiting += sp.WaitingWeight
		out.Bytes += sp.Bytes
		out.DiskError += sp.WriteErrors
		for why, n := range sp.LostWeight {
			out.Dropped[why] += n
		}
		if n := l.gather.busy.Load(); n > 0 {
			out.Dropped[DroppedBusy] += n
		}
	}
	out.Expired = s.expiry.expired.Load()
	out.AggregateFlushes = s.sums.Flushes()
	return out
}
