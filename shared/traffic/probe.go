package traffic

import (
	"math/rand/v2"
	"net/netip"

	"github.com/weirflow/weir/shared/traffic/encode"
)

// outcome is how the other side takes a connection attempt.
type outcome uint8

const (
	silent  outcome = iota // nothing comes back: three SYNs in 3 s
	refused                // RST at once
	open                   // a handshake, then the prober hangs up
)

// prober emits the packets of connection attempts, as scans and mistaken
// clients make them.
type prober struct {
	r        *rand.Rand
	src      netip.Addr
	syns     uint64 // of an attempt without an answer
	answered int64  // round trip, ms
}

// try is one attempt at a time.
func (p *prober) try(em *emitter, dst netip.Addr, port uint16, at int64, how outcome) {
	s := session{client: p.src, server: dst, cport: ephemeral(p.r), sport: port, start: at, rtt: max(1, p.answered)}
	switch how {
	case silent:
		s.syn(p.r, em, p.syns)
	case refused:
		s.refused(p.r, em)
	case open:
		s.hangUp(p.r, em)
	}
}

// syn emits n SYNs that nobody answers, the waits between them on average as
// of RFC 6298: 3 in 3 s.
func (s *session) syn(r *rand.Rand, em *emitter, n uint64) {
	s.up, s.length = load{packets: n}, int64(n-1)*1500
	up, _ := s.runs(r, encode.TCP, tcpHeader+12) // SYNs carry options
	up.first, up.mid, up.last = encode.SYN, encode.SYN, encode.SYN
	em.emit(&up)
}

// refused emits a SYN and the RST that answers it.
func (s *session) refused(r *rand.Rand, em *emitter) {
	s.up, s.down, s.length = load{12, 1}, load{0, 1}, 0
	up, down := s.runs(r, encode.TCP, tcpHeader)
	up.first, up.mid, up.last = encode.SYN, encode.SYN, encode.SYN
	down.first, down.mid, down.last = encode.RST|encode.ACK, encode.RST|encode.ACK, encode.RST|encode.ACK
	em.emit(&up)
	em.emit(&down)
}

// hangUp emits a handshake after which the client resets the connection.
func (s *session) hangUp(r *rand.Rand, em *emitter) {
	s.up, s.down, s.length = load{12, 3}, load{12, 1}, 2*s.rtt
	up, down := s.runs(r, encode.TCP, tcpHeader)
	up.first, up.mid, up.last = encode.SYN, encode.ACK, encode.RST
	down.first, down.mid, down.last = encode.SYN|encode.ACK, encode.SYN|encode.ACK, encode.SYN|encode.ACK
	em.emit(&up)
	em.emit(&down)
}
