package listen

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net/netip"
	"os"
	"slices"
	"time"
)

// CaptureConfig says which datagrams of a capture file are wanted.
type CaptureConfig struct {
	// Ports are the destination ports wanted; empty means all.
	Ports []uint16
	// Session is the number of the transport session that an IPFIX file is, see [Datagram]; a number of its own for each file.
	Session uint64
}

// CaptureError says where a capture file could not be read.
type CaptureError struct {
	File   string // path or name
	Packet uint64 // number of the packet, or of an IPFIX file's message, from 1; 0 for the file's header
	Err    error
}

// Error implements error.
func (e *CaptureError) Error() string {
	if e.Packet == 0 {
		return fmt.Sprintf("capture %s: file header: %v", e.File, e.Err)
	}
	if message := new(messageError); errors.As(e.Err, &message) {
		return fmt.Sprintf("IPFIX file %s: message %d %v", e.File, e.Packet, message)
	}
	return fmt.Sprintf("capture %s: packet %d: %v", e.File, e.Packet, e.Err)
}

// Unwrap returns the cause.
func (e *CaptureError) Unwrap() error { return e.Err }

// ErrNotCapture is the cause of a [CaptureError] where a file is neither pcap nor pcapng nor of IPFIX messages.
var ErrNotCapture = errors.New("neither pcap nor pcapng nor IPFIX")

// Capture yields the UDP datagrams of a capture file in file order: pcap (both byte orders, micro- and nanoseconds) and pcapng,
// also gzipped. Link layers: Ethernet with VLAN tags, raw IP, Linux cooked (SLL, SLL2), BSD loopback. Pieces of fragmented
// datagrams are put together. An IPFIX file (RFC 5655) is read too: its messages are the datagrams, received when they were exported.
// Not for concurrent use, but for [Capture.Position].
type Capture struct {
	name      string
	cfg       CaptureConfig
	file      io.Closer
	position  *positionReader
	size      int64
	packets   packetReader
	fragments reassembler
	last      int64 // time of the last packet, ns
	end       error // sticky, once there is nothing more
	stats     CaptureStats
}

// OpenCapture opens the capture file at path. Errors of a file that cannot be read as a capture are [*CaptureError].
func OpenCapture(path string, cfg CaptureConfig) (*Capture, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open capture: %w", err)
	}
	c, err := NewCapture(f, path, cfg)
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	c.file = f
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		c.size = info.Size()
	}
	return c, nil
}

// NewCapture reads a capture from r; name stands for the file in errors.
func NewCapture(r io.Reader, name string, cfg CaptureConfig) (*Capture, error) {
	position := &positionReader{r: r}
	packets, err := newPacketReader(position)
	if err != nil {
		return nil, &CaptureError{File: name, Err: err}
	}
	return &Capture{name: name, cfg: cfg, position: position, packets: packets}, nil
}

// Next returns the next datagram; its payload holds until the following call. At the end of the file, also one that ends within
// a packet (see [Capture.Truncated]), it returns [io.EOF]. A damaged file, and an IPFIX file that ends within a message, gives a [*CaptureError], after which it is at its end:
// the same error again.
func (c *Capture) Next() (Datagram, error) {
	for c.end == nil {
		p, err := c.packets.next()
		if err != nil {
			c.finish(err)
			break
		}
		c.stats.Packets++
		c.setTime(p.time)
		payload, source, verdict := c.datagram(p)
		c.stats.count(verdict)
		if verdict == wanted {
			c.stats.Bytes += uint64(len(payload))
			d := Datagram{Payload: payload, Source: source, Received: c.last}
			if p.message {
				d.Session = c.cfg.Session
			}
			return d, nil
		}
	}
	return Datagram{}, c.end
}

// datagram finds the UDP datagram that p carries or completes.
func (c *Capture) datagram(p capturedPacket) (payload []byte, source netip.AddrPort, v verdict) {
	if p.message {
		return p.data, netip.AddrPortFrom(netip.IPv4Unspecified(), 0), wanted
	}
	ip, v := findIP(p.link, p.data)
	if v != wanted {
		return nil, source, v
	}
	packet, v := parseIP(ip)
	if v != wanted {
		return nil, source, v
	}
	if packet.fragment {
		if packet, v = c.reassemble(packet); v != wanted {
			return nil, source, v
		}
	}
	udp, v := parseUDP(packet)
	if v == wanted && len(c.cfg.Ports) > 0 && !slices.Contains(c.cfg.Ports, udp.destination) {
		v = filtered
	}
	return udp.payload, netip.AddrPortFrom(packet.source, udp.source), v
}

func (c *Capture) reassemble(piece ipPacket) (ipPacket, verdict) {
	c.stats.Fragments++
	whole, ok := c.fragments.add(piece, c.last)
	if !ok {
		return whole, fragment
	}
	c.stats.Reassembled++
	whole, v := walkExtensions(whole)
	if v == wanted && whole.fragment {
		v = malformed // no sender fragments twice
	}
	return whole, v
}

// setTime keeps times that int64 nanoseconds hold; of others, and of packets without one, that of the packet before is taken.
func (c *Capture) setTime(t time.Time) {
	if s := t.Unix(); s >= 0 && s < math.MaxInt64/int64(time.Second) {
		c.last = t.UnixNano()
	}
}

// finish turns the reader's last error into what Next goes on returning.
func (c *Capture) finish(err error) {
	c.fragments.clear()
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		c.stats.FileTruncated = 1
		c.end = io.EOF
	case errors.Is(err, io.EOF):
		c.end = io.EOF
	default:
		if message := new(messageError); errors.As(err, &message) && message.cut {
			c.stats.FileTruncated = 1
		}
		c.end = &CaptureError{File: c.name, Packet: c.stats.Packets + 1, Err: err}
	}
}

// Truncated tells whether the file ended within a packet.
func (c *Capture) Truncated() bool { return c.stats.FileTruncated > 0 }

// Stats returns the counters so far.
func (c *Capture) Stats() CaptureStats {
	s := c.stats
	s.FragmentsLost = c.fragments.lost
	return s
}

// Position returns how many bytes of the file have been read and how many it has; size is 0 where that is not known.
// It may be called while another goroutine reads.
func (c *Capture) Position() (read, size int64) { return c.position.n.Load(), c.size }

// Close closes the file opened by [OpenCapture].
func (c *Capture) Close() error {
	if c.file == nil {
		return nil
	}
	if err := c.file.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return fmt.Errorf("close capture %s: %w", c.name, err)
	}
	return nil
}
