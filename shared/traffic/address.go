package traffic

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
)

// The inside of the world. All of it is private (RFC 1918, RFC 4193), so that a
// collector without any config sees the same inside.
const (
	insideV4         = "10.16.0.0/12"   // servers in 10.16.0.0/24, workstations from 10.20.0.0 up
	workstationsLow  = "10.20.0.0/14"   // 10.20.0.0 to 10.23.255.255
	workstationsHigh = "10.24.0.0/13"   // and on to 10.31.255.255
	serversV4        = "10.16.0.0/24"   // resolvers, time, files, backup, management
	publicV4         = "172.16.20.0/24" // servers reached from outside
	insideV6         = "fd20::/48"
)

const (
	cdnCount   = 30   // autonomous systems that hold most of the traffic
	asCount    = 3000 // all autonomous systems
	cdnBlocks  = 8    // /16 prefixes of one CDN
	outsideTop = 2000 // servers above this rank are mostly on CDNs
)

// outside is the Internet as the world sees it: each /16 belongs to one
// autonomous system, popular servers live on CDNs.
type outside struct {
	seed uint64
	as   [1 << 16]uint16 // index of the autonomous system that owns a /16
	cdn  [cdnCount][cdnBlocks]uint16
}

func newOutside(seed uint64) *outside {
	o := &outside{seed: mix(seed ^ 0x6f757473696465)}
	for p := range o.as {
		o.as[p] = uint16(cdnCount + mix(o.seed+uint64(p))%(asCount-cdnCount))
	}
	r := stream(seed, "cdn", 0)
	for c := range o.cdn {
		for b := range o.cdn[c] {
			p := public16(r)
			o.cdn[c][b], o.as[p] = p, uint16(c)
		}
	}
	return o
}

// public16 draws a /16 of global unicast space. First octets that hold any
// special-purpose block (RFC 6890) are left out whole.
func public16(r *rand.Rand) uint16 {
	for {
		p := uint16(r.Uint32())
		switch first := p >> 8; first {
		case 0, 10, 100, 127, 169, 172, 192, 198, 203:
		default:
			if first < 224 {
				return p
			}
		}
	}
}

// anyHost draws an address of global unicast space.
func (o *outside) anyHost(r *rand.Rand) netip.Addr {
	return v4(uint32(public16(r))<<16 | uint32(between(r, 1, 0xfffe)))
}

// server is the address of the server of a popularity rank. Servers on a CDN
// move within it every five minutes.
func (o *outside) server(rank uint64, ms int64) netip.Addr {
	h := mix(o.seed + rank)
	if rank >= outsideTop || h%10 >= 8 {
		return o.anyHost(rand.New(rand.NewPCG(h, 1)))
	}
	slot := mix(h + uint64(ms/300_000))
	block := o.cdn[h>>8%cdnCount][slot%cdnBlocks]
	return v4(uint32(block)<<16 | uint32(1+slot>>16%0xfffe))
}

// serverV6 is the IPv6 address of the server of a rank; its autonomous system
// is the third group (RFC 3849 documentation space).
func (o *outside) serverV6(rank uint64) netip.Addr {
	h := mix(o.seed + rank)
	as := cdnCount + h>>8%(asCount-cdnCount)
	if rank < outsideTop {
		as = h >> 8 % cdnCount
	}
	a := [16]byte{0x20, 0x01, 0x0d, 0xb8, byte(as >> 8), byte(as)}
	binary.BigEndian.PutUint64(a[8:], h>>1)
	return netip.AddrFrom16(a)
}

// asOf is the number of the autonomous system an outside address belongs to:
// private use numbers of RFC 6996, the larger half only in 32 bits.
func (o *outside) asOf(a netip.Addr) uint32 {
	var index uint32
	if a.Is4() {
		b := a.As4()
		index = uint32(o.as[binary.BigEndian.Uint16(b[:])])
	} else {
		b := a.As16()
		index = uint32(binary.BigEndian.Uint16(b[4:]))
	}
	if index < 1000 {
		return 64512 + index
	}
	return 4_200_000_000 + index
}

func v4(n uint32) netip.Addr {
	return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
}

// isInside is faster than looking through prefixes: it is asked for every run.
func isInside(a netip.Addr) bool {
	if a.Is4() {
		b := a.As4()
		return b[0] == 10 || b[0] == 172 && b[1]&0xf0 == 16
	}
	b := a.As16()
	return b[0] == 0xfd
}

// workstation is the address of workstation i, 250 to a /24.
func workstation(i int) netip.Addr {
	return v4(10<<24 | 20<<16 + uint32(i/250)<<8 + uint32(i%250) + 2)
}

// insideServer and publicServer number the servers within their /24.
func insideServer(n int) netip.Addr { return v4(10<<24 | 16<<16 | uint32(n)) }
func publicServer(n int) netip.Addr { return v4(172<<24 | 16<<16 | 20<<8 | uint32(n)) }

// v6Of is the IPv6 address of an inside host: its IPv4 address as the last 32
// bits.
func v6Of(a netip.Addr) netip.Addr {
	b := a.As4()
	out := [16]byte{0xfd, 0x20}
	copy(out[12:], b[:])
	return netip.AddrFrom16(out)
}
