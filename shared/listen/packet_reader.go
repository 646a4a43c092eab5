package listen

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// readBuffer is how much of a capture file one read takes.
const readBuffer = 256 << 10

// Magic numbers at the start of a file, read big-endian. The pcap ones say byte order and unit of time; pcapng's is a palindrome.
const (
	magicPcapMicro        = 0xa1b2c3d4
	magicPcapMicroSwapped = 0xd4c3b2a1
	magicPcapNano         = 0xa1b23c4d
	magicPcapNanoSwapped  = 0x4d3cb2a1
	magicPcapng           = 0x0a0d0d0a
	magicGzip             = 0x1f8b // first two bytes
)

// capturedPacket is one packet of a capture file; data holds until the next one is read.
type capturedPacket struct {
	data []byte
	link layers.LinkType
	time time.Time // zero where the file has none
	// message: data is no packet but an IPFIX message
	message bool
}

// packetReader reads the packets of a capture file. At the end it gives io.EOF, within a packet io.ErrUnexpectedEOF.
type packetReader interface {
	next() (capturedPacket, error)
}

func newPacketReader(r io.Reader) (packetReader, error) {
	buffered := bufio.NewReaderSize(r, readBuffer)
	if start, err := buffered.Peek(2); err == nil && binary.BigEndian.Uint16(start) == magicGzip {
		unzipped, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, fmt.Errorf("gzip: %w", err)
		}
		buffered = bufio.NewReaderSize(unzipped, readBuffer)
	}
	start, err := buffered.Peek(4)
	if err != nil {
		return nil, fmt.Errorf("%w: %d bytes long: %w", ErrNotCapture, len(start), noEOF(err))
	}
	switch magic := binary.BigEndian.Uint32(start); magic {
	case magicPcapng:
		return newPcapngReader(buffered)
	case magicPcapMicro, magicPcapMicroSwapped, magicPcapNano, magicPcapNanoSwapped:
		return newPcapReader(buffered)
	default:
		if isMessages(buffered) {
			return &messageReader{r: buffered}, nil
		}
		return nil, fmt.Errorf("%w: starts with %#08x", ErrNotCapture, magic)
	}
}

// noEOF makes an end that came too early an error of its own, so that no caller takes it for the end of the datagrams.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// pcapReader reads pcap files, https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-04.html.
type pcapReader struct{ r *pcapgo.Reader }

func newPcapReader(r io.Reader) (packetReader, error) {
	pcap, err := pcapgo.NewReader(r)
	if err != nil {
		return nil, noEOF(err)
	}
	return pcapReader{pcap}, nil
}

func (p pcapReader) next() (capturedPacket, error) {
	data, info, err := p.r.ZeroCopyReadPacketData()
	if err != nil && info.CaptureLength > 0 { // the packet's header was there
		err = noEOF(err)
	}
	return capturedPacket{data: data, link: p.r.LinkType(), time: info.Timestamp}, err
}

// pcapngReader reads pcapng files, https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-02.html. Each of the interfaces in one may
// have its own link type.
type pcapngReader struct{ r *pcapgo.NgReader }

func newPcapngReader(r io.Reader) (packetReader, error) {
	pcapng, err := pcapgo.NewNgReader(r, pcapgo.NgReaderOptions{WantMixedLinkType: true})
	if err != nil {
		return nil, noEOF(err)
	}
	return pcapngReader{pcapng}, nil
}

func (p pcapngReader) next() (capturedPacket, error) {
	data, info, err := p.r.ZeroCopyReadPacketData()
	if err != nil {
		return capturedPacket{}, err
	}
	return capturedPacket{data: data, link: linkTypeOf(info), time: info.Timestamp}, nil
}

func linkTypeOf(info gopacket.CaptureInfo) layers.LinkType {
	if len(info.AncillaryData) > 0 {
		if link, ok := info.AncillaryData[0].(layers.LinkType); ok {
			return link
		}
	}
	return layers.LinkTypeMax
}

// positionReader counts the bytes read, for progress bars.
type positionReader struct {
	r io.Reader
	n atomic.Int64
}

func (p *positionReader) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	p.n.Add(int64(n))
	return n, err
}
