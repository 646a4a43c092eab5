package forward

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"

	"golang.org/x/sys/unix"
)

const (
	ipv4Header = 20 // bytes, without options
	udpHeader  = 8
	timeToLive = 64
)

// spoofer sends datagrams with the address of their source, by packets that it writes itself (raw(7)).
type spoofer struct {
	fd     int
	to     unix.SockaddrInet4
	port   uint16
	packet []byte
}

func newSpoofer() (writer, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_RAW)
	if errors.Is(err, unix.EPERM) {
		return nil, fmt.Errorf("sending with the exporters' addresses needs CAP_NET_RAW (systemd: AmbientCapabilities=CAP_NET_RAW): %w", err)
	}
	if err != nil {
		return nil, fmt.Errorf("open a raw socket: %w", err)
	}
	return &spoofer{fd: fd}, nil
}

func (s *spoofer) aim(to netip.AddrPort) error {
	if !to.Addr().Is4() {
		return fmt.Errorf("%s: only IPv4 targets can be sent to with the exporters' addresses: %w", to, errFamily)
	}
	s.to.Addr, s.port = to.Addr().As4(), to.Port()
	return nil
}

func (s *spoofer) write(payload []byte, source netip.AddrPort, _ int64) error {
	if !source.Addr().Is4() {
		return errFamily
	}
	if len(payload) > 65535-ipv4Header-udpHeader {
		return unix.EMSGSIZE
	}
	from := source.Addr().As4()
	s.packet = appendPacket(s.packet[:0], from, s.to.Addr, [2]uint16{source.Port(), s.port}, payload)
	return unix.Sendto(s.fd, s.packet, 0, &s.to)
}

// appendPacket appends an IPv4 packet with a UDP datagram. The kernel fills in its identification and the header's checksum.
func appendPacket(b []byte, from, to [4]byte, ports [2]uint16, payload []byte) []byte {
	size := udpHeader + len(payload)
	b = append(b, 0x45, 0)
	b = binary.BigEndian.AppendUint16(b, uint16(ipv4Header+size))
	b = append(b, 0, 0, 0, 0, timeToLive, unix.IPPROTO_UDP, 0, 0)
	b = append(append(b, from[:]...), to[:]...)
	udp := len(b)
	b = binary.BigEndian.AppendUint16(b, ports[0])
	b = binary.BigEndian.AppendUint16(b, ports[1])
	b = binary.BigEndian.AppendUint16(b, uint16(size))
	b = append(append(b, 0, 0), payload...)
	binary.BigEndian.PutUint16(b[udp+6:], checksum(b[udp:], from, to))
	return b
}

// checksum is that of UDP over IPv4 (RFC 768), the datagram's own field being 0.
func checksum(udp []byte, from, to [4]byte) uint16 {
	sum := uint32(unix.IPPROTO_UDP) + uint32(len(udp))
	for _, part := range [][]byte{from[:], to[:], udp} {
		for len(part) > 1 {
			sum += uint32(binary.BigEndian.Uint16(part))
			part = part[2:]
		}
		if len(part) == 1 {
			sum += uint32(part[0]) << 8
		}
	}
	for sum > 0xffff {
		sum = sum&0xffff + sum>>16
	}
	if sum == 0xffff {
		return 0xffff // 0 means that there is none
	}
	return ^uint16(sum)
}

func (s *spoofer) close() error { return unix.Close(s.fd) }
