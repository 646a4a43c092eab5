package traffic

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
	"go.yaml.in/yaml/v3"

	"github.com/weirflow/weir/shared/traffic/encode"
)

func smallFlood(p encode.Protocol) Config {
	cfg := testConfig("flood", 11, p)
	cfg.Hosts = 10
	return cfg
}

// TestWriteDir: the three files hold what the contract says.
func TestWriteDir(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "out")
	res, err := WriteDir(t.Context(), smallFlood(encode.IPFIX), dir)
	if err != nil {
		t.Fatal(err)
	}
	checkPcap(t, filepath.Join(dir, PcapFile), res.Datagrams, 4739)
	truth, err := os.ReadFile(filepath.Join(dir, TruthFile))
	if err != nil || bytes.Count(truth, []byte("\n")) != 1 {
		t.Fatalf("truth of %d lines, %v", bytes.Count(truth, []byte("\n")), err)
	}
	var entry map[string]any
	if err := json.Unmarshal(truth, &entry); err != nil || entry["kind"] != "attack" || len(entry) != 12 {
		t.Errorf("truth %v, %v", entry, err)
	}
	checkYAML(t, filepath.Join(dir, ConfigFile))
	if files, _ := os.ReadDir(dir); len(files) != 3 {
		t.Errorf("%d files", len(files))
	}
}

func checkPcap(t *testing.T, name string, datagrams uint64, port layers.UDPPort) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := pcapgo.NewReader(f)
	if err != nil || r.LinkType() != layers.LinkTypeEthernet {
		t.Fatalf("link type %v, %v", r.LinkType(), err)
	}
	var n uint64
	var last time.Time
	for {
		data, info, err := r.ReadPacketData()
		if err != nil {
			break
		}
		p := gopacket.NewPacket(data, layers.LayerTypeEthernet, gopacket.Default)
		udp, ok := p.Layer(layers.LayerTypeUDP).(*layers.UDP)
		if !ok || udp.DstPort != port || int(udp.Length) != 8+len(udp.Payload) || info.Timestamp.Before(last) || len(data) > 1514 {
			t.Fatalf("packet %d of %d bytes: %v", n, len(data), p)
		}
		last = info.Timestamp
		n++
	}
	if n != datagrams {
		t.Errorf("%d packets, want %d", n, datagrams)
	}
}

func checkYAML(t *testing.T, name string) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Inside []string
		Groups map[string]struct {
			CIDRs []string
			Ports []int
		}
		Roles    map[string][]string
		Policies map[string]struct{ Title, Filter, Limit, Severity string }
		Detect   struct{ Sessions string }
	}
	dec := yaml.NewDecoder(bytes.NewReader(b))
	dec.KnownFields(true)
	if err := dec.Decode(&doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Inside) != 3 || len(doc.Groups) != 5 || len(doc.Groups["resolvers"].Ports) != 1 || doc.Groups["dmz"].CIDRs[0] != publicV4 || doc.Detect.Sessions != "on" {
		t.Errorf("weir.yaml:\n%s", b)
	}
	if p := doc.Policies["large-upload"]; len(doc.Policies) != 1 || p.Limit != "bytes_out > 10MB" || p.Severity != "high" || !strings.Contains(p.Filter, "External Servers") {
		t.Errorf("policies %+v", doc.Policies)
	}
	if len(doc.Roles) != 6 || len(doc.Roles["scanner"]) != 1 || len(doc.Roles["mail"]) != 2 {
		t.Errorf("roles %+v", doc.Roles)
	}
}

// TestWriteDirCanceled: a run that is broken off leaves no capture behind.
func TestWriteDirCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cfg, dir := smallFlood(encode.NetFlow9), t.TempDir()
	var done float64
	cfg.Progress = func(d float64) {
		if done = d; d > 0.3 {
			cancel()
		}
	}
	if _, err := WriteDir(ctx, cfg, dir); !errors.Is(err, context.Canceled) || done > 0.5 {
		t.Errorf("error %v at %.2f", err, done)
	}
	if files, _ := os.ReadDir(dir); len(files) != 0 {
		t.Errorf("%d files left", len(files))
	}
}

// TestSinkError: what the sink says comes back.
func TestSinkError(t *testing.T) {
	full := errors.New("disk full")
	_, err := Generate(t.Context(), smallFlood(encode.NetFlow9), SinkFunc(func(Datagram) error { return full }))
	if !errors.Is(err, full) {
		t.Errorf("error %v", err)
	}
}

// TestTshark: Wireshark reads every datagram, finds nothing wrong with one, and
// counts the same records.
func TestTshark(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	switch {
	case err != nil && os.Getenv("WEIR_CI") == "1":
		t.Fatal("tshark is not installed")
	case err != nil:
		t.Skip("SKIPPED, tshark is not installed: the captures are not held against Wireshark")
	}
	for _, p := range []encode.Protocol{encode.NetFlow5, encode.NetFlow9, encode.IPFIX, encode.SFlow5} {
		t.Run(p.String(), func(t *testing.T) {
			dir, cfg := t.TempDir(), smallFlood(p)
			cfg.Sampling = 2
			dissector, octets, wrong := "cflow", "cflow.octets", "_ws.expert.message"
			if p == encode.SFlow5 { // the expert has much to say of payloads of zeros
				cfg.Sampling, dissector, octets, wrong = 1000, "sflow", "sflow_245.header.frame_length", "_ws.malformed.reassembly"
			}
			res, err := WriteDir(t.Context(), cfg, dir)
			if err != nil {
				t.Fatal(err)
			}
			out, err := exec.CommandContext(t.Context(), tshark, "-r", filepath.Join(dir, PcapFile),
				"-d", "udp.port=="+strconv.Itoa(int(p.Port()))+","+dissector, "-Y", dissector, "-T", "fields", "-E", "occurrence=a",
				"-e", octets, "-e", "_ws.malformed", "-e", wrong).Output()
			if err != nil {
				t.Fatal(err)
			}
			checkTshark(t, string(out), res)
		})
	}
}

func checkTshark(t *testing.T, out string, res *Result) {
	t.Helper()
	var datagrams, records, octets uint64
	for line := range strings.Lines(out) {
		columns := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		datagrams++
		if columns[1] != "" || columns[2] != "" {
			t.Fatalf("datagram %d: %s %s", datagrams, columns[1], columns[2])
		}
		for v := range strings.SplitSeq(columns[0], ",") {
			if n, err := strconv.ParseUint(v, 10, 64); err == nil {
				records++
				octets += n
			}
		}
	}
	if datagrams != res.Datagrams || records != res.Records || octets != res.Bytes {
		t.Errorf("tshark finds %d datagrams, %d records, %d bytes: want %d, %d, %d", datagrams, records, octets, res.Datagrams, res.Records, res.Bytes)
	}
}

// BenchmarkQuietDay is the rate of the whole way, encoding and pcap included.
func BenchmarkQuietDay(b *testing.B) {
	for _, p := range []encode.Protocol{encode.NetFlow5, encode.NetFlow9, encode.IPFIX} {
		b.Run(p.String(), func(b *testing.B) {
			cfg := DefaultConfig()
			cfg.Scenario, cfg.Protocol, cfg.Hosts = "quiet-day", p, 50
			dir, records := b.TempDir(), uint64(0)
			for b.Loop() {
				cfg.Seed++
				res, err := WriteDir(b.Context(), cfg, dir)
				if err != nil {
					b.Fatal(err)
				}
				records += res.Records
			}
			b.ReportMetric(float64(records)/b.Elapsed().Minutes()/1e6, "Mrecords/min")
		})
	}
}
