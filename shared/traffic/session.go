package traffic

import (
	"math/rand/v2"
	"net/netip"

	"github.com/weirflow/weir/shared/traffic/encode"
)

// load is what one side of a session sends: payload bytes in packets.
type load struct {
	payload, packets uint64
}

// session is a conversation both sides of which are exported, each as a flow of
// its own. Times are ms.
type session struct {
	client, server netip.Addr
	cport, sport   uint16
	tos            uint8
	start, length  int64
	rtt            int64 // from the meter to the server and back
	up, down       load  // client to server, server to client
}

// Header bytes of an IPv4 packet that bytes of a flow count too, without
// options. The generator uses them for IPv6 as well.
const (
	tcpHeader  = 40
	udpHeader  = 28
	icmpHeader = 28
)

// runs makes the two directions. The answer starts after the question, always.
func (s *session) runs(r *rand.Rand, proto uint8, header uint64) (up, down run) {
	rtt := max(1, s.rtt)
	up = run{
		src: s.client, dst: s.server, sport: s.cport, dport: s.sport, proto: proto, tos: s.tos,
		start: s.start, end: s.start + s.length,
		packets: s.up.packets, bytes: s.up.payload + header*s.up.packets, salt: r.Uint64(),
	}
	down = run{
		src: s.server, dst: s.client, sport: s.sport, dport: s.cport, proto: proto, tos: s.tos,
		start: s.start + rtt, end: s.start + rtt + s.length,
		packets: s.down.packets, bytes: s.down.payload + header*s.down.packets, salt: r.Uint64(),
	}
	if up.packets == 1 {
		up.end = up.start
	}
	if down.packets == 1 {
		down.end = down.start
	}
	return up, down
}

// tcp emits a TCP connection from handshake to FIN.
func (s *session) tcp(r *rand.Rand, em *emitter) {
	s.up.packets, s.down.packets = max(3, s.up.packets), max(3, s.down.packets)
	s.length = max(s.length, 3*s.rtt)
	up, down := s.runs(r, encode.TCP, tcpHeader)
	up.first, up.mid, up.last = encode.SYN, encode.ACK|encode.PSH, encode.ACK|encode.FIN
	down.first, down.mid, down.last = encode.SYN|encode.ACK, encode.ACK|encode.PSH, encode.ACK|encode.FIN
	em.emit(&up)
	em.emit(&down)
}

// held emits a TCP connection that was open before and stays open.
func (s *session) held(r *rand.Rand, em *emitter) {
	up, down := s.runs(r, encode.TCP, tcpHeader)
	up.first, up.mid, up.last = encode.ACK, encode.ACK|encode.PSH, encode.ACK
	down.first, down.mid, down.last = encode.ACK, encode.ACK|encode.PSH, encode.ACK
	em.emit(&up)
	em.emit(&down)
}

// unanswered emits the three SYNs of a connection nobody answers.
func (s *session) unanswered(r *rand.Rand, em *emitter) {
	s.up, s.length = load{packets: 3}, 3000
	up, _ := s.runs(r, encode.TCP, tcpHeader+12) // SYNs carry options
	up.first, up.mid, up.last = encode.SYN, encode.SYN, encode.SYN
	em.emit(&up)
}

// udp emits a UDP exchange.
func (s *session) udp(r *rand.Rand, em *emitter) {
	up, down := s.runs(r, encode.UDP, udpHeader)
	em.emit(&up)
	em.emit(&down)
}

// ping emits ICMP echo requests and their replies, one a second.
func (s *session) ping(r *rand.Rand, em *emitter, count, payload uint64) {
	s.up = load{payload * count, count}
	s.down, s.length = s.up, int64(count-1)*1000
	up, down := s.runs(r, encode.ICMP, icmpHeader)
	up.icmpType, down.icmpType = 8, 0
	em.emit(&up)
	em.emit(&down)
}

// transfer sizes a bulk transfer of payload bytes: data packets one way, one
// acknowledgment for two of them the other way.
func transfer(payload uint64, packetSize float64) (data, acks load) {
	n := uint64(float64(payload)/packetSize) + 3
	return load{payload, n}, load{0, n/2 + 2}
}
