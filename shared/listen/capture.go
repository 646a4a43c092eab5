package listen

import (
	"errors"
	"fmt"
	"io"
)

// CaptureConfig says which datagrams of a capture file are wanted.
type CaptureConfig struct {
	// Ports are the destination ports wanted; empty means all.
	Ports []uint16
}

// CaptureStats counts what a capture file held. At its end
//
//	Packets + Reassembled = Datagrams + Fragments + NotUDP + Truncated + LinkType + Malformed + Filtered
type CaptureStats struct {
	Packets   uint64 // captured packets read
	Datagrams uint64 // given by Next
	Bytes     uint64 // of payload in them

	NotUDP    uint64 // another protocol than UDP over IPv4 or IPv6
	Truncated uint64 // captured short of the datagram's end (snap length)
	LinkType  uint64 // a link layer that is not read
	Malformed uint64 // IP or UDP headers that contradict themselves
	Filtered  uint64 // sent to a port that is not wanted

	Fragments     uint64 // packets that are pieces of a datagram
	Reassembled   uint64 // datagrams put together from them
	FragmentsLost uint64 // pieces, of Fragments, whose datagram was never whole

	// FileTruncated counts files that end within a packet, as captures do whose writer was killed.
	FileTruncated uint64
}

// CaptureError says where a capture file could not be read.
type CaptureError struct {
	File   string // path or name
	Packet uint64 // number of the packet, from 1; 0 for the file's header
	Err    error
}

// Error implements error.
func (e *CaptureError) Error() string {
	if e.Packet == 0 {
		return fmt.Sprintf("capture %s: file header: %v", e.File, e.Err)
	}
	return fmt.Sprintf("capture %s: packet %d: %v", e.File, e.Packet, e.Err)
}

// Unwrap returns the cause.
func (e *CaptureError) Unwrap() error { return e.Err }

// ErrNotCapture is the cause of a [CaptureError] where a file is neither pcap nor pcapng.
var ErrNotCapture = errors.New("neither pcap nor pcapng")

// Capture yields the UDP datagrams of a capture file in file order: pcap (both byte orders, micro- and nanoseconds) and pcapng,
// also gzipped. Link layers: Ethernet with VLAN tags, raw IP, Linux cooked (SLL, SLL2), BSD loopback. Not for concurrent use.
type Capture struct{}

// OpenCapture opens the capture file at path. Errors of a file that cannot be read as a capture are [*CaptureError].
func OpenCapture(path string, cfg CaptureConfig) (*Capture, error) { return nil, errors.ErrUnsupported }

// NewCapture reads a capture from r; name stands for the file in errors.
func NewCapture(r io.Reader, name string, cfg CaptureConfig) (*Capture, error) {
	return nil, errors.ErrUnsupported
}

// Next returns the next datagram; its payload holds until the following call. At the end of the file, also one that ends within
// a packet (see [Capture.Truncated]), it returns [io.EOF]. A damaged file gives a [*CaptureError], after which it is at its end:
// the same error again.
func (c *Capture) Next() (Datagram, error) { return Datagram{}, io.EOF }

// Truncated tells whether the file ended within a packet.
func (c *Capture) Truncated() bool { return false }

// Stats returns the counters so far.
func (c *Capture) Stats() CaptureStats { return CaptureStats{} }

// Close closes the file opened by [OpenCapture].
func (c *Capture) Close() error { return nil }
