package traffic

import (
	"math/rand/v2"
	"net/netip"
)

// loginService is a service whose passwords are guessed, with the size a failed
// login has: packets of the client and the bytes in them without headers.
type loginService struct {
	name     string // as in brute.<name>
	port     uint16
	packets  uint64
	payload  uint64
	response uint64 // payload of the server
	seconds  float64
}

// loginTable holds sizes from the middle of what failed logins have.
func loginTable() []loginService {
	return []loginService{
		{"ssh", 22, 15, 1300, 2400, 2.2},
		{"rdp", 3389, 40, 2600, 4200, 1.6},
		{"telnet", 23, 20, 300, 700, 2.5},
		{"ftp", 21, 12, 150, 400, 1.2},
		{"smb", 445, 16, 2200, 2600, 0.4},
		{"vnc", 5900, 12, 260, 400, 1.1},
		{"imap", 143, 14, 420, 900, 2.8},
		{"mysql", 3306, 9, 330, 500, 0.3},
		{"winrm", 5985, 18, 3400, 3000, 0.5},
	}
}

// guesser tries passwords of one service, from one source, at hosts in turn.
type guesser struct {
	r       *rand.Rand
	service loginService
	src     netip.Addr
	dst     []netip.Addr
	jitter  float64 // share of attempts that differ by a packet or two
}

// fail is one failed login. Sizes differ a little in bytes; most have the same
// number of packets.
func (g *guesser) fail(em *emitter, i int, at int64) {
	n := g.service.packets
	if g.r.Float64() < g.jitter {
		n += uint64(between(g.r, 1, 3)) - 2
	}
	s := session{
		client: g.src, server: g.dst[i%len(g.dst)], cport: uint16(between(g.r, 32768, 60999)), sport: g.service.port,
		start: at, length: int64(g.service.seconds * uniform(g.r, 800, 1200)), rtt: 40,
		up:   load{g.service.payload + uint64(between(g.r, 0, 16)), n},
		down: load{g.service.response + uint64(between(g.r, 0, 64)), n - 1},
	}
	s.tcp(g.r, em)
}

// fails makes n failed logins, a pause of about gap ms between them.
func (g *guesser) fails(em *emitter, n int, start int64, gap float64) {
	for i := range n {
		g.fail(em, i, start+int64(gap*(float64(i)+0.4*g.r.Float64())))
	}
}
