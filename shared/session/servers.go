package session

// enoughClients is from how many distinct clients within a day on an endpoint is known as a server.
const enoughClients = 5

const (
	day      = 24 * 3600 * second
	waySize  = 8    // endpoints that share a part of the table
	minSlots = 1024 // of a table when new
)

// server is an endpoint that was the server of a session, by flags or time.
type server struct {
	hash    uint64 // 0: free
	since   int64  // event time of its first client
	last    int64
	clients [enoughClients]uint32
	count   uint32
}

// servers is a set-associative table: in a full set the endpoint that was longest without a client gives way.
type servers struct {
	sets  []server
	seed  uint64
	limit int
	used  int
}

func newServers(limit int, seed uint64) servers {
	n := waySize
	for 2*n <= limit {
		n *= 2
	}
	return servers{sets: make([]server, min(n, minSlots)), seed: mix(seed + 1), limit: n}
}

func (x *servers) hash(e *endpoint, proto uint8) uint64 {
	return fold(fold(e.hi^x.seed, e.lo^0x9e3779b97f4a7c15)^uint64(e.port)<<8^uint64(proto), x.seed^0x94d049bb133111eb) | 1
}

func (x *servers) set(hash uint64) []server {
	i := (hash >> 8) & uint64(len(x.sets)-1) &^ (waySize - 1)
	return x.sets[i : i+waySize]
}

// known tells whether an endpoint had enough distinct clients within a day.
func (x *servers) known(e *endpoint, proto uint8, now int64) bool {
	h := x.hash(e, proto)
	set := x.set(h)
	for i := range set {
		if set[i].hash == h {
			return set[i].count == enoughClients && set[i].last+day > now
		}
	}
	return false
}

// add notes a client of an endpoint.
func (x *servers) add(e *endpoint, proto uint8, client *endpoint, now int64) {
	h := x.hash(e, proto)
	s := x.find(h)
	if s.hash == 0 && x.used >= len(x.sets)*3/4 && len(x.sets) < x.limit {
		x.grow()
		s = x.find(h)
	}
	switch {
	case s.hash == h && s.last+day > now && (s.count == enoughClients || s.since+day > now):
	case s.hash == 0:
		x.used++
		fallthrough
	default:
		*s = server{hash: h, since: now}
	}
	s.last = now
	c := uint32(fold(client.hi^x.seed, client.lo^0xbf58476d1ce4e5b9))
	for _, seen := range s.clients[:s.count] {
		if seen == c {
			return
		}
	}
	if s.count < enoughClients {
		s.clients[s.count] = c
		s.count++
	}
}

// find returns the endpoint's place, or the one that it may take: a free one, else that of the eldest.
func (x *servers) find(h uint64) *server {
	set := x.set(h)
	best := &set[0]
	for i := range set {
		s := &set[i]
		if s.hash == h {
			return s
		}
		if best.hash != 0 && (s.hash == 0 || s.last < best.last) {
			best = s
		}
	}
	return best
}

func (x *servers) grow() {
	old := x.sets
	x.sets, x.used = make([]server, 2*len(old)), 0
	for i := range old {
		if old[i].hash == 0 {
			continue
		}
		s := x.find(old[i].hash)
		if s.hash == 0 {
			x.used++
		}
		*s = old[i]
	}
}

// learn takes note of a session that shows by more than ports who is the server.
func (t *Table) learn(s *entry) {
	if s.sides[0].owner == 0 || s.sides[1].owner == 0 || s.key.proto == protoICMP || s.key.proto == protoICMPv6 {
		return
	}
	c, ok := either(s, func(d *side) bool { return d.marks&markSaysClient != 0 })
	if !ok {
		c, ok = opening(s)
	}
	if !ok {
		c, ok = earlier(s)
	}
	if !ok {
		return
	}
	ends := [2]*endpoint{&s.key.a, &s.key.b}
	t.servers.add(ends[1-c], s.key.proto, ends[c], s.touched)
}
