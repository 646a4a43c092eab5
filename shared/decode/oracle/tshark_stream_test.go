package oracle

import (
	"encoding/binary"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"github.com/weirflow/weir/shared/listen"
	connections "github.com/weirflow/weir/shared/listen/stream"
)

// segment is how many bytes a segment of the tests' connections carries, so that messages begin and end anywhere in one.
const segment = 337

// streamable calls each with the captures of whole IPFIX messages, one a datagram.
func streamable(t *testing.T, each func(t *testing.T, c capture, list []datagram)) {
	n := 0
	for _, c := range captures(t) {
		list := c.datagrams(t)
		whole := func(d datagram) bool {
			b := d.payload
			return len(b) >= 16 && binary.BigEndian.Uint16(b) == 10 && int(binary.BigEndian.Uint16(b[2:])) == len(b)
		}
		if tsharkStops[c.name] != "" || len(list) == 0 || slices.ContainsFunc(list, func(d datagram) bool { return !whole(d) }) {
			continue
		}
		n++
		t.Run(c.name, func(t *testing.T) { each(t, c, list) })
	}
	if n < 8 {
		t.Errorf("only %d captures of IPFIX", n)
	}
}

// messagesShown gives each message that tshark shows a place of its own, whatever packet it came in.
func messagesShown(packets []node) (list []node) {
	for _, p := range packets {
		for _, proto := range p.Protos {
			if proto.Name == "cflow" {
				list = append(list, node{Protos: []node{proto}})
			}
		}
	}
	return list
}

// TestFileTshark compares the records of IPFIX files with what tshark reads in them.
func TestFileTshark(t *testing.T) {
	streamable(t, func(t *testing.T, c capture, list []datagram) {
		path := filepath.Join(t.TempDir(), "messages.ipfix")
		var file []byte
		for _, d := range list {
			file = append(file, d.payload...)
		}
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		read := capture{path: path}.datagrams(t)
		if len(read) != len(list) {
			t.Errorf("%d messages, want %d", len(read), len(list))
		}
		got, _ := weir(t, read)
		want := dissect(t, messagesShown(pdml(t, path)))
		if len(want.rows) != c.dataRecords {
			t.Errorf("tshark shows %d records, there are %d", len(want.rows), c.dataRecords)
		}
		compare(t, withoutEnterprise(got), want.rows, excuseOf(tsharkDiffers, c.name))
	})
}

// TestConnectionTshark compares the records of IPFIX over TCP with what tshark sees in the packets of such a connection.
func TestConnectionTshark(t *testing.T) {
	streamable(t, func(t *testing.T, c capture, list []datagram) {
		var bytes []byte
		for _, d := range list {
			bytes = append(bytes, d.payload...)
		}
		got, _ := weir(t, received(t, bytes))
		want := dissect(t, messagesShown(pdml(t, writeStream(t, bytes))))
		if len(want.rows) != c.dataRecords {
			t.Errorf("tshark shows %d records, there are %d", len(want.rows), c.dataRecords)
		}
		compare(t, withoutEnterprise(got), want.rows, excuseOf(tsharkDiffers, c.name))
	})
}

// received sends bytes over a connection and returns the messages that come out of it.
func received(t *testing.T, bytes []byte) (list []datagram) {
	ended := make(chan struct{})
	l, err := connections.New(connections.Config{Addresses: []connections.Address{{Address: "127.0.0.1:0"}}}, connections.Deps{
		Handle: func(messages []listen.Datagram) {
			for _, m := range messages {
				list = append(list, datagram{slices.Clone(m.Payload), m.Source})
			}
		},
		Ended: func(uint64) { close(ended) },
		Now:   func() int64 { return time.Now().UnixNano() },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := l.Stop(); err != nil {
			t.Error(err)
		}
	}()
	conn, err := net.Dial("tcp", l.Stats()[0].Address.String())
	if err != nil {
		t.Fatal(err)
	}
	for part := range slices.Chunk(bytes, segment) {
		if _, err := conn.Write(part); err != nil {
			t.Fatal(err)
		}
	}
	_ = conn.Close()
	<-ended
	return list
}

// writeStream writes a capture of a connection that carries the bytes.
func writeStream(t *testing.T, bytes []byte) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "connection.pcap")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := pcapgo.NewWriter(f)
	if err := w.WriteFileHeader(1<<16, layers.LinkTypeRaw); err != nil {
		t.Fatal(err)
	}
	from, to := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.254")
	sequence, at := uint32(1000), time.Unix(1_700_000_000, 0)
	for part := range slices.Chunk(bytes, segment) {
		ip := &layers.IPv4{Version: 4, IHL: 5, TTL: 64, Protocol: layers.IPProtocolTCP, SrcIP: from.AsSlice(), DstIP: to.AsSlice()}
		tcp := &layers.TCP{SrcPort: 40000, DstPort: 4739, Seq: sequence, Ack: 1, ACK: true, PSH: true, Window: 65535}
		if err := tcp.SetNetworkLayerForChecksum(ip); err != nil {
			t.Fatal(err)
		}
		buf := gopacket.NewSerializeBuffer()
		if err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, ip, tcp, gopacket.Payload(part)); err != nil {
			t.Fatal(err)
		}
		at = at.Add(time.Millisecond)
		info := gopacket.CaptureInfo{Timestamp: at, CaptureLength: len(buf.Bytes()), Length: len(buf.Bytes())}
		if err := w.WritePacket(info, buf.Bytes()); err != nil {
			t.Fatal(err)
		}
		sequence += uint32(len(part))
	}
	return path
}
