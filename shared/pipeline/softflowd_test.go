package pipeline_test

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/listen"
	"github.com/weirflow/weir/shared/pipeline"
)

// conversation is a key of one direction with what it carried.
type conversation struct {
	src, dst     string
	sport, dport uint16
	proto        uint8
}

// carried is what the packets of a conversation add up to: IP bytes.
type carried struct {
	Packets, Bytes uint64
	Flags          uint16
}

// packetFile writes packets of known content and remembers what they add up to.
type packetFile struct {
	t    *testing.T
	w    *pcapgo.Writer
	at   time.Time
	sums map[conversation]carried
}

func (f *packetFile) write(c conversation, flags uint16, payload int) {
	f.t.Helper()
	src, dst := netip.MustParseAddr(c.src), netip.MustParseAddr(c.dst)
	eth := &layers.Ethernet{SrcMAC: net.HardwareAddr{2, 0, 0, 0, 0, 1}, DstMAC: net.HardwareAddr{2, 0, 0, 0, 0, 2}, EthernetType: layers.EthernetTypeIPv4}
	var ip gopacket.SerializableLayer
	var network gopacket.NetworkLayer
	if src.Is4() {
		v4 := &layers.IPv4{Version: 4, IHL: 5, TTL: 64, Protocol: layers.IPProtocol(c.proto), SrcIP: src.AsSlice(), DstIP: dst.AsSlice()}
		ip, network = v4, v4
	} else {
		eth.EthernetType = layers.EthernetTypeIPv6
		v6 := &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: layers.IPProtocol(c.proto), SrcIP: src.AsSlice(), DstIP: dst.AsSlice()}
		ip, network = v6, v6
	}
	buf := gopacket.NewSerializeBuffer()
	opts := gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}
	if err := gopacket.SerializeLayers(buf, opts, eth, ip, transportOf(f.t, c, flags, network), gopacket.Payload(make([]byte, payload))); err != nil {
		f.t.Fatal(err)
	}
	f.at = f.at.Add(10 * time.Millisecond)
	frame := buf.Bytes()
	if src.Is4() { // without what fills the frame up to 60 bytes, which is not seen on the sender's side
		frame = frame[:14+int(binary.BigEndian.Uint16(frame[16:]))]
	}
	n := len(frame)
	if err := f.w.WritePacket(gopacket.CaptureInfo{Timestamp: f.at, CaptureLength: n, Length: n}, frame); err != nil {
		f.t.Fatal(err)
	}
	sum := f.sums[c]
	f.sums[c] = carried{Packets: sum.Packets + 1, Bytes: sum.Bytes + uint64(n-14), Flags: sum.Flags | flags}
}

func transportOf(t *testing.T, c conversation, flags uint16, network gopacket.NetworkLayer) gopacket.SerializableLayer {
	switch c.proto {
	case 6:
		tcp := &layers.TCP{SrcPort: layers.TCPPort(c.sport), DstPort: layers.TCPPort(c.dport), DataOffset: 5, Window: 1000,
			SYN: flags&flow.SYN != 0, ACK: flags&flow.ACK != 0, FIN: flags&flow.FIN != 0, PSH: flags&flow.PSH != 0}
		if err := tcp.SetNetworkLayerForChecksum(network); err != nil {
			t.Fatal(err)
		}
		return tcp
	case 17:
		udp := &layers.UDP{SrcPort: layers.UDPPort(c.sport), DstPort: layers.UDPPort(c.dport)}
		if err := udp.SetNetworkLayerForChecksum(network); err != nil {
			t.Fatal(err)
		}
		return udp
	}
	return &layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(8, 0), Id: 7}
}

// writePackets writes TCP sessions, DNS lookups, at last pings and, with v6, the first two over IPv6.
func writePackets(t *testing.T, path string, v6 bool, pings int) (sums map[conversation]carried, first, last time.Time) {
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	f := &packetFile{t: t, w: pcapgo.NewWriter(file), at: time.Now().Add(-time.Minute).Truncate(time.Millisecond), sums: map[conversation]carried{}}
	if err := f.w.WriteFileHeader(65535, layers.LinkTypeEthernet); err != nil {
		t.Fatal(err)
	}
	first = f.at.Add(10 * time.Millisecond)
	sides := [][2]string{{"10.1.0.5", "203.0.113.9"}}
	if v6 {
		sides = append(sides, [2]string{"2001:db8::5", "2001:db8:1::9"})
	}
	for _, side := range sides {
		for i := range uint16(20) {
			there := conversation{side[0], side[1], 40000 + i, 443, 6}
			back := conversation{side[1], side[0], 443, 40000 + i, 6}
			f.write(there, flow.SYN, 0)
			f.write(back, flow.SYN|flow.ACK, 0)
			f.write(there, flow.ACK|flow.PSH, 100+int(i))
			f.write(back, flow.ACK|flow.PSH, 1200)
			f.write(there, flow.ACK|flow.FIN, 0)
			f.write(conversation{side[0], side[1], 50000 + i, 53, 17}, 0, 40)
			f.write(conversation{side[1], side[0], 53, 50000 + i, 17}, 0, 300)
		}
	}
	for range pings {
		f.write(conversation{"10.1.0.5", "203.0.113.10", 0, 0, 1}, 0, 56)
	}
	return f.sums, first, f.at
}

// TestSoftflowd: a real exporter on packets of known content; the totals must be those of the packets.
func TestSoftflowd(t *testing.T) {
	bin := lookFor(t, "softflowd")
	for _, c := range []struct {
		version  string
		protocol flow.Protocol
	}{{"5", flow.NetFlow5}, {"9", flow.NetFlow9}, {"10", flow.IPFIX}} {
		t.Run(c.protocol.String(), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "packets.pcap")
			want, first, last := writePackets(t, path, c.version != "5", 3)
			core, m := exported(t, bin, c.version, path, want)
			checkAccount(t, core.Account)
			got := map[conversation]carried{}
			for i := range m.records {
				addRecord(t, got, &m.records[i], c.protocol)
				if s, e := time.Unix(0, m.records[i].Start), time.Unix(0, m.records[i].End); s.Before(first.Add(-time.Second)) || e.After(last.Add(time.Second)) {
					t.Errorf("record from %v to %v, packets from %v to %v", s, e, first, last)
				}
			}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(conversation{})); diff != "" {
				t.Errorf("packets (-) and records (+) differ:\n%s", diff)
			}
		})
	}
}

func addRecord(t *testing.T, sums map[conversation]carried, r *flow.Record, p flow.Protocol) {
	t.Helper()
	if r.Protocol != p || r.Invalid != flow.ReasonNone || r.SamplingInterval != 1 {
		t.Errorf("record by %v, invalid %v, sampling %v", r.Protocol, r.Invalid, r.SamplingInterval)
	}
	c := conversation{src: r.Source.IP.String(), dst: r.Destination.IP.String(), sport: r.Source.Port, dport: r.Destination.Port, proto: r.IPProtocol}
	if r.IPProtocol == 1 {
		if r.ICMPType != 8 || r.ICMPCode != 0 {
			t.Errorf("ping shown as type %d code %d", r.ICMPType, r.ICMPCode)
		}
		c.sport, c.dport = 0, 0
	}
	sum := sums[c]
	sum.Packets += r.Packets
	sum.Bytes += r.Bytes
	if r.IPProtocol == 6 {
		sum.Flags |= r.TCPFlags
	}
	sums[c] = sum
}

// exported runs softflowd over the file and receives what it sends until all packets have been accounted for.
func exported(t *testing.T, bin, version, path string, want map[conversation]carried) (*pipeline.Core, *memory) {
	t.Helper()
	r := receive(t)
	// With a control socket it may wait for a caller instead of ending.
	runExporter(t, bin, "-r", path, "-n", r.address.String(), "-v", version, "-d", "-A", "milli", "-p", filepath.Join(t.TempDir(), "pid"), "-c", "none")
	r.await(t, "softflowd's records", want)
	return r.core, r.memory
}

// receiver is a pipeline behind a socket of loopback.
type receiver struct {
	core     *pipeline.Core
	pipeline *pipeline.Pipeline
	memory   *memory
	address  netip.AddrPort
}

func receive(t *testing.T) *receiver {
	t.Helper()
	core, p, m := assemble(t, pipeline.Config{Workers: 1, BatchAge: 5 * time.Millisecond})
	l, err := listen.New(listen.Config{Addresses: []string{"127.0.0.1:0"}, Workers: 1}, listen.Deps{
		Handle: p.Handle, Now: func() int64 { return time.Now().UnixNano() },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Stop() })
	return &receiver{core, p, m, l.Sockets()[0].Address}
}

// await waits until as many packets as wanted have been accounted for, and ends the pipeline.
func (r *receiver) await(t *testing.T, what string, want map[conversation]carried) {
	t.Helper()
	var packets uint64
	pings := false
	for c, sum := range want {
		packets += sum.Packets
		pings = pings || c.proto == 1
	}
	eventually(t, what, func() bool {
		r.memory.mu.Lock()
		defer r.memory.mu.Unlock()
		var n uint64
		for i := range r.memory.records {
			if rec := &r.memory.records[i]; pings || rec.IPProtocol != 1 {
				n += rec.Packets
			}
		}
		return n >= packets
	})
	r.pipeline.Stop()
}

// runExporter runs a program that ends by itself.
func runExporter(t *testing.T, bin string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, bin, args...).CombinedOutput()
	switch {
	case err == nil:
	case filepath.Base(bin) == "pmacctd": // its parts race to their end, and the loser calls it a failure; what counts is what it sent
		t.Logf("%s: %v", bin, err)
	default:
		t.Fatalf("%s: %v\n%s", bin, err, strings.TrimSpace(string(out)))
	}
}

// lookFor finds a program that a test cannot do without.
func lookFor(t *testing.T, name string) string {
	t.Helper()
	for _, path := range []string{name, filepath.Join("/usr/sbin", name)} {
		if bin, err := exec.LookPath(path); err == nil {
			return bin
		}
	}
	if os.Getenv("WEIR_CI") != "" {
		t.Fatalf("%s is not installed: scripts/setup test", name)
	}
	t.Skipf("SKIPPED: %s is not installed, the test against a real exporter does not run", name)
	return ""
}
