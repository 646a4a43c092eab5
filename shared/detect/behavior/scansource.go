package behavior

import "github.com/weirflow/weir/shared/flow"

// scanSource is what is known of a client's first contacts since it was last idle.
type scanSource struct {
	lambda      float64
	start, last int64 // of the failures
	endpoints   uint32
	hosts       uint32
	ports       uint32
	sensitive   uint32
	reached     uint32       // endpoints that answered, but on web ports
	top         [4]portCount // most frequent ports of failures
	victim      flow.Addr    // of failures the host that most are of, if more than half are
	votes       uint32
	port        uint16 // of the horizontal scan raised
	found       uint8  // kind of scan raised, 0 none
}

// portCount counts failures of a port; up to missed of them may be of ports that had its place before.
type portCount struct {
	port      uint16
	n, missed uint32
}

// vote keeps the majority (Boyer and Moore).
func (src *scanSource) vote(server flow.Addr) {
	switch {
	case src.votes == 0:
		src.victim, src.votes = server, 1
	case src.victim == server:
		src.votes++
	default:
		src.votes--
	}
}

// count keeps the most frequent ports: a new one takes the place of the least (space saving).
func (src *scanSource) count(port uint16) {
	least := 0
	for i := range src.top {
		p := &src.top[i]
		if p.n > 0 && p.port == port {
			p.n++
			return
		}
		if p.n < src.top[least].n {
			least = i
		}
	}
	src.top[least] = portCount{port, src.top[least].n + 1, src.top[least].n}
}

// topPort returns the port that surely has most failures.
func (src *scanSource) topPort() portCount {
	best := src.top[0]
	for _, p := range src.top[1:] {
		if p.surely() > best.surely() {
			best = p
		}
	}
	return best
}

func (p portCount) surely() uint32 { return p.n - p.missed }

// sharing tells whether so many of the endpoints answer that the host is more like one of a file sharing network, whose peers come and
// go: those of a scan hardly ever do.
func (src *scanSource) sharing() bool {
	return float64(src.endpoints) < scanFailures*float64(src.endpoints+src.reached)
}
