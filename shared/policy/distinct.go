package policy

import (
	"encoding/binary"

	"github.com/weirflow/weir/shared/flow"
)

// distinct counts the different values of a window exactly, up to a cap.
type distinct struct {
	seen   map[flow.Addr]int64 // to the bin that last had it; some have gone out of the window
	counts [numBins]int        // values whose last bin this is
	live   int
	cap    int
}

func (d *distinct) len() int {
	if d == nil {
		return 0
	}
	return d.live
}

// expire makes room for the bin: the one that is numBins older goes.
func (d *distinct) expire(bin int64) {
	if d == nil {
		return
	}
	d.live -= d.counts[bin%numBins]
	d.counts[bin%numBins] = 0
}

// add notes a value; newest is the window's newest bin. It returns by how much the set has grown, and whether there was room.
func (d *distinct) add(v flow.Addr, bin, newest int64, room bool) (grown int, ok bool) {
	last, known := d.seen[v]
	if known && last > newest-numBins {
		if bin > last {
			d.counts[last%numBins]--
			d.counts[bin%numBins]++
			d.seen[v] = bin
		}
		return 0, true
	}
	if !known {
		if len(d.seen) >= d.cap || !room {
			grown -= d.purge(newest)
		}
		if len(d.seen) >= d.cap || !room && grown == 0 {
			return grown, false
		}
		grown++
	}
	d.seen[v] = bin
	d.counts[bin%numBins]++
	d.live++
	return grown, true
}

// purge forgets values that have gone out of the window, and returns how many.
func (d *distinct) purge(newest int64) (n int) {
	if len(d.seen) == d.live {
		return 0
	}
	for v, last := range d.seen {
		if last <= newest-numBins {
			delete(d.seen, v)
			n++
		}
	}
	return n
}

// tellApart notes peer, port and country of a session where the policy asks for them.
func (s *Set) tellApart(w *window, x *flow.Session, bin int64) {
	r := s.rules[w.rule]
	for m := Peers; m <= Countries; m++ {
		if r.distinct[m] == 0 {
			continue
		}
		v, ok := distinctValue(m, r.By, x)
		if !ok {
			continue
		}
		d := w.sets[m-Peers]
		if d == nil {
			d = &distinct{seen: map[flow.Addr]int64{}, cap: r.distinct[m]}
			w.sets[m-Peers] = d
		}
		grown, ok := d.add(v, bin, w.newest, s.values < s.cfg.Values)
		if s.values += grown; !ok {
			s.counters.Untold++
		}
	}
}

func distinctValue(m Measure, by Grouping, x *flow.Session) (v flow.Addr, ok bool) {
	peer := &x.Server
	if by == ByDestination {
		peer = &x.Client
	}
	switch m {
	case Peers:
		return peer.IP, true
	case Ports:
		binary.BigEndian.PutUint16(v[:], x.Server.Port)
		return v, x.Server.Port != 0
	}
	copy(v[:], peer.Country[:])
	return v, peer.Country[0] != 0
}
