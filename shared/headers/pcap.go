package headers

import (
	"encoding/binary"
	"io"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"github.com/weirflow/weir/shared/flow"
)

// snapLength is what the file's header tells of the longest packet in it.
const snapLength = 65535

// fileHeader is the size of the header of a pcap file, packetHeader that of a packet's.
const (
	fileHeader   = 24
	packetHeader = 16
)

// Links of sFlow v5 (header_protocol) that a file can hold.
const (
	linkEthernet = 1
	linkIPv4     = 11
	linkIPv6     = 12
	linkMPLS     = 13
)

// writer writes headers to a capture of Ethernet. Packets that were sampled without a link header get one with addresses of 0, so that
// one file can hold all.
type writer struct {
	w     *pcapgo.Writer
	frame []byte
}

// newWriter begins a file, or goes on with one.
func newWriter(w io.Writer, begin bool) (*writer, error) {
	p := &writer{w: pcapgo.NewWriterNanos(w)}
	if !begin {
		return p, nil
	}
	return p, p.w.WriteFileHeader(snapLength, layers.LinkTypeEthernet)
}

// etherTypes are the EtherTypes of packets without a link header.
var etherTypes = map[uint32]uint16{linkIPv4: 0x0800, linkIPv6: 0x86dd, linkMPLS: 0x8847}

// fits returns the size that a header takes in a file, 0 for links that it cannot hold.
func fits(h *flow.PacketHeader) int {
	if h.Link == linkEthernet {
		return packetHeader + len(h.Data)
	}
	if _, ok := etherTypes[h.Link]; ok {
		return packetHeader + 14 + len(h.Data)
	}
	return 0
}

func (p *writer) write(h *flow.PacketHeader) error {
	data, length := h.Data, int(h.Length)
	if h.Link != linkEthernet {
		p.frame = append(p.frame[:0], make([]byte, 12)...)
		p.frame = append(binary.BigEndian.AppendUint16(p.frame, etherTypes[h.Link]), h.Data...)
		data, length = p.frame, length+14
	}
	info := gopacket.CaptureInfo{Timestamp: time.Unix(0, h.At).UTC(), CaptureLength: len(data), Length: max(length, len(data))}
	return p.w.WritePacket(info, data)
}
