package policy

import "github.com/weirflow/weir/shared/flow"

// tracked is what is remembered of an open session.
type tracked struct {
	fired []uint16 // policies by session that have reported it
	told  []told   // what of it has been counted in windows
}

// told is how much of a session a policy has counted.
type told struct {
	rule             uint16
	counted          bool // as a session
	client           flow.Addr
	port             uint16 // of the client
	out, in          uint64
	packOut, packsIn uint64
	until            int64 // ns: the end of the session as it was then
}

func (t *tracked) reported(rule int) bool {
	if t == nil {
		return false
	}
	for _, f := range t.fired {
		if int(f) == rule {
			return true
		}
	}
	return false
}

func (t *tracked) of(rule int) *told {
	if t == nil {
		return nil
	}
	for i := range t.told {
		if int(t.told[i].rule) == rule {
			return &t.told[i]
		}
	}
	return nil
}

// track returns the memory of a session, or nil where there is no room.
func (s *Set) track(id flow.SessionID, t *tracked) *tracked {
	if t != nil {
		return t
	}
	if len(s.open) >= s.cfg.Open {
		s.counters.Deferred++
		return nil
	}
	if n := len(s.free); n > 0 {
		t, s.free = s.free[n-1], s.free[:n-1]
	} else {
		t = &tracked{}
	}
	s.open[id] = t
	return t
}

// maxFree is how many memories are kept for the next sessions.
const maxFree = 4096

func (s *Set) forget(id flow.SessionID, t *tracked) {
	delete(s.open, id)
	if len(s.free) < maxFree {
		t.fired, t.told = t.fired[:0], t.told[:0]
		s.free = append(s.free, t)
	}
}

// take returns what x has more than has been told, and since when, and remembers it. Client and server may have changed places since.
func (t *told) take(x *flow.Session) (d sums, from int64) {
	if t.client != x.Client.IP || t.port != x.Client.Port {
		t.out, t.in, t.packOut, t.packsIn = t.in, t.out, t.packsIn, t.packOut
		t.client, t.port = x.Client.IP, x.Client.Port
	}
	d = sums{
		out: more(x.Client.Bytes, t.out), in: more(x.Server.Bytes, t.in),
		packets: flow.SaturatingSum(more(x.Client.Packets, t.packOut), more(x.Server.Packets, t.packsIn)),
	}
	if from = t.until; from == 0 {
		from = x.Start
	}
	from = min(max(from, 0), x.End)
	t.out, t.in, t.packOut, t.packsIn, t.until = x.Client.Bytes, x.Server.Bytes, x.Client.Packets, x.Server.Packets, x.End
	return d, from
}

func more(now, before uint64) uint64 {
	if now < before {
		return 0
	}
	return now - before
}
