package template

import (
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/wire"
)

// waitingSet is a data set whose template has not come yet, with the facts of its datagram.
type waitingSet struct {
	datagram flow.Datagram
	set      Set
}

// waitingOverhead is the memory of a waiting set beside its bytes.
const waitingOverhead = 256

func (w *waitingSet) cost() int { return w.set.Data.Len() + waitingOverhead }

// queue holds the waiting sets of a session, oldest first.
type queue struct {
	limits  *Limits
	account *flow.Stream
	sets    []waitingSet
	bytes   int
	byID    map[uint16]int
}

func (q *queue) len() int { return len(q.sets) }

// push lets a copy of set wait. At the session's cap its oldest set goes; without room in all, also this one.
func (q *queue) push(d flow.Datagram, set Set) {
	w := waitingSet{datagram: d, set: set}
	w.datagram.Records = 0
	cost := w.cost()
	if cost > q.limits.WaitBytes {
		q.account.SetsExpired.Add(flow.ExpiredCap, 1)
		return
	}
	for len(q.sets) > 0 && (len(q.sets) >= q.limits.WaitSets || q.bytes+cost > q.limits.WaitBytes) {
		q.expireOldest(flow.ExpiredCap)
	}
	for !take(&q.limits.waitBytes, int64(cost), q.limits.WaitBytesAll) {
		if len(q.sets) == 0 {
			q.account.SetsExpired.Add(flow.ExpiredCap, 1)
			return
		}
		q.expireOldest(flow.ExpiredCap)
	}
	w.set.Data = wire.CopyWindow(set.Data)
	if q.byID == nil {
		q.byID = map[uint16]int{}
	}
	q.sets = append(q.sets, w)
	q.bytes += cost
	q.byID[set.ID]++
	q.account.Waiting.Add(1)
}

// left does the accounts for a set that is no longer in q.sets.
func (q *queue) left(w *waitingSet) {
	cost := w.cost()
	q.bytes -= cost
	q.limits.waitBytes.Add(-int64(cost))
	if q.byID[w.set.ID]--; q.byID[w.set.ID] == 0 {
		delete(q.byID, w.set.ID)
	}
	q.account.Waiting.Add(-1)
}

func (q *queue) expireOldest(why flow.Reason) {
	w := q.sets[0]
	q.sets[0] = waitingSet{} // what is cut off in front is let go at the next growth
	q.sets = q.sets[1:]
	q.left(&w)
	q.account.SetsExpired.Add(why, 1)
}

func (q *queue) expire(before int64) {
	for len(q.sets) > 0 && q.sets[0].datagram.Received < before {
		q.expireOldest(flow.ExpiredAge)
	}
}

// expireExported lets go of the sets of datagrams that were exported before a time.
func (q *queue) expireExported(before int64, why flow.Reason) {
	for len(q.sets) > 0 && q.sets[0].datagram.Exported < before {
		q.expireOldest(why)
	}
	if len(q.sets) == 0 {
		q.sets = nil
	}
}

// takeSome removes sets of template id, oldest first, of at least one and up to size bytes together; more tells whether some are left.
func (q *queue) takeSome(id uint16, size int) (of []waitingSet, more bool) {
	if q.byID[id] == 0 {
		return nil, false
	}
	kept := make([]waitingSet, 0, len(q.sets)-1)
	for i := range q.sets {
		w := &q.sets[i]
		if w.set.ID != id || (len(of) > 0 && size < w.set.Data.Len()) {
			kept = append(kept, *w)
			continue
		}
		size -= w.set.Data.Len()
		of = append(of, *w)
		q.left(w)
	}
	q.sets = kept
	return of, q.byID[id] > 0
}

// releaseRecords is about how many records of waiting sets are decoded with one datagram. What one datagram may set free is a
// hundred times as much, in records of one byte; the rest follows with the next datagrams.
const releaseRecords = 1 << 15

// release decodes the sets that waited for template id, each under the facts of its own datagram.
func (s *Session) release(id uint16) {
	t := s.templates[id]
	if t == nil {
		return
	}
	sets, more := s.wait.takeSome(id, releaseRecords*t.least)
	if more {
		s.backlog = append(s.backlog, id)
	}
	for _, w := range sets {
		meta, own := s.meta, w.datagram.ID == s.batch.Datagrams[s.meta].ID
		if !own && !t.Options {
			meta = s.again(w.datagram)
		}
		n, ok := s.take(t, w.set, meta)
		s.settle(ok)
		if own {
			s.records += uint32(n)
			s.unknown--
		}
	}
}

// Resume goes on with waiting sets whose template has come, where they were too many for one datagram.
func (s *Session) Resume() {
	if len(s.backlog) == 0 {
		return
	}
	ids := s.backlog
	s.backlog = nil
	for _, id := range ids {
		s.release(id)
	}
}

// again returns the entry of an earlier datagram in the batch, appending one where the last one is another's.
func (s *Session) again(d flow.Datagram) uint32 {
	last := len(s.batch.Datagrams) - 1
	if last > int(s.meta) && s.batch.Datagrams[last].ID == d.ID {
		return uint32(last)
	}
	d.Exporter = s.batch.Datagrams[s.meta].Exporter // told since, perhaps
	s.batch.Datagrams = append(s.batch.Datagrams, d)
	return uint32(last + 1)
}
