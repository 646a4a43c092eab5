package decode_test

import (
	"encoding/csv"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"github.com/weirflow/weir/shared/decode"
	"github.com/weirflow/weir/shared/flow"
)

// captures is the folder of recorded exports beside the repository.
const captures = "../../../shared/captures"

// loose names captures whose count the independent decoders disagree about, or that are malformed on purpose.
var loose = []string{"invalid", "malformed", "packet-v1", "multimessage", "netflow-5-valid-01"}

// datagram is a UDP payload of a capture.
type datagram struct {
	payload  []byte
	source   netip.AddrPort
	received int64
}

func readCapture(t testing.TB, name string) (list []datagram) {
	t.Helper()
	f, err := os.Open(filepath.Join(captures, "pcap", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := pcapgo.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for {
		data, info, err := r.ReadPacketData()
		if err != nil {
			return list
		}
		packet := gopacket.NewPacket(data, r.LinkType(), gopacket.Default)
		ip, isIP := packet.NetworkLayer().(*layers.IPv4)
		udp, isUDP := packet.TransportLayer().(*layers.UDP)
		if !isIP || !isUDP {
			continue
		}
		addr, _ := netip.AddrFromSlice(ip.SrcIP.To4())
		list = append(list, datagram{udp.Payload, netip.AddrPortFrom(addr, uint16(udp.SrcPort)), info.Timestamp.UnixNano()})
	}
}

func TestCaptures(t *testing.T) {
	f, err := os.Open(filepath.Join(captures, "expected.csv"))
	if err != nil {
		t.Skipf("CAPTURES ARE ABSENT, nothing tested: %v", err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	for _, row := range rows[1:] {
		at := func(name string) string { return row[column[name]] }
		t.Run(at("pcap"), func(t *testing.T) {
			records, options := number(t, at("data_records")), number(t, at("options_records"))
			for _, kind := range strings.Fields(at("sflow_samples")) {
				if name, n, _ := strings.Cut(kind, ":"); name == "flow" || name == "eflow" {
					records += number(t, n)
				}
			}
			checkCapture(t, at("pcap"), records, options)
		})
	}
}

func checkCapture(t *testing.T, name string, records, options int) {
	account, symbols := flow.NewAccount(), flow.NewSymbols()
	d := decode.New(decode.Config{}, decode.Deps{Account: account, Symbols: symbols})
	b := flow.NewBatch(64, symbols)
	for _, dg := range readCapture(t, name) {
		if err := d.Decode(dg.payload, dg.source, dg.received, b); err != nil {
			t.Log(err)
		}
	}
	checkIdentities(t, account)
	for _, word := range loose {
		if strings.Contains(name, word) {
			return
		}
	}
	var gotOptions uint64
	for _, s := range account.Streams() {
		gotOptions += s.OptionsRecords.Load()
	}
	if len(b.Records) != records || int(gotOptions) != options {
		t.Errorf("%d records and %d of options, want %d and %d", len(b.Records), gotOptions, records, options)
	}
}

// checkIdentities holds the equations of the loss account.
func checkIdentities(t *testing.T, account *flow.Account) {
	t.Helper()
	for _, s := range account.Streams() {
		if in, out := s.Datagrams.Load(), s.Decoded.Load()+s.Refused.Sum(); in != out {
			t.Errorf("%v: %d datagrams, %d decoded or refused", s.Key, in, out)
		}
		if in, out := s.Sets.Load(), s.SetsDecoded.Load()+uint64(s.Waiting.Load())+s.SetsExpired.Sum(); in != out {
			t.Errorf("%v: %d sets, %d decoded, waiting or expired", s.Key, in, out)
		}
		if in, out := s.Records.Load(), uint64(s.InFlight.Load()); in != out {
			t.Errorf("%v: %d records, %d in flight", s.Key, in, out)
		}
	}
}

func number(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
