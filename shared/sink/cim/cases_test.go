package cim_test

import (
	"encoding/json"
	"net/netip"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/sink"
	"github.com/weirflow/weir/shared/sink/cim"
)

func addr(s string) flow.Addr { return flow.AddrFromNetip(netip.MustParseAddr(s)) }

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// plain is a record of TCP of one direction; change makes others of it.
func plain(change func(*flow.Record)) (*flow.Batch, *flow.Record) {
	b := flow.NewBatch(1, flow.NewSymbols())
	r := b.Grow()
	*r = flow.Record{
		Present: flow.HasSourceIP | flow.HasDestinationIP | flow.HasSourcePort | flow.HasDestinationPort | flow.HasProtocol | flow.HasBytes | flow.HasPackets | flow.HasStart | flow.HasEnd | flow.HasTCPFlags,
		Start:   noon.UnixNano(), End: noon.Add(1500 * time.Millisecond).UnixNano(), Created: noon.Add(2 * time.Second).UnixNano(), Exporter: addr("192.0.2.1"), IPProtocol: 6,
		Source:      flow.Endpoint{IP: addr("10.1.2.3"), Port: 50123, Bytes: 1500, Packets: 3},
		Destination: flow.Endpoint{IP: addr("198.51.100.80"), Port: 443}, Bytes: 1500, Packets: 3, TCPFlags: flow.SYN | flow.ACK,
	}
	if change != nil {
		change(r)
	}
	return b, r
}

// oddities are events of records that generated traffic does not have.
func oddities(t *testing.T) (list [][]byte) {
	t.Helper()
	encoder := cim.NewEncoder(cim.Config{})
	for _, change := range []func(*flow.Record){
		nil,
		func(r *flow.Record) { // an event of a firewall that stopped it
			r.FirewallEvent, r.Bytes, r.Packets, r.Source.Bytes, r.Source.Packets = 3, 0, 0, 0, 0
			r.Present |= flow.HasFirewallEvent
		},
		func(r *flow.Record) { // both directions
			r.Present |= flow.HasReverseBytes | flow.HasReversePackets
			r.Destination.Bytes, r.Destination.Packets, r.Bytes, r.Packets = 500, 2, 2000, 5
		},
		func(r *flow.Record) { // both directions, nothing back
			r.Present |= flow.HasReverseBytes | flow.HasReversePackets
		},
		func(r *flow.Record) { // nothing there
			r.Present |= flow.HasReverseBytes | flow.HasReversePackets
			r.Source.Bytes, r.Destination.Bytes = 0, 1500
		},
		func(r *flow.Record) { // ICMPv6
			r.IPProtocol, r.ICMPType, r.Source.IP, r.Destination.IP = 58, 128, addr("2001:db8::1"), addr("2001:db8::2")
			r.Present = r.Present&^(flow.HasSourcePort|flow.HasDestinationPort|flow.HasTCPFlags) | flow.HasICMP
		},
		func(r *flow.Record) { // GRE
			r.IPProtocol = 47
			r.Present &^= flow.HasSourcePort | flow.HasDestinationPort | flow.HasTCPFlags
		},
		func(r *flow.Record) { // source NAT
			r.Source.NAT, r.Source.NATPort = addr("203.0.113.7"), 1024
			r.Present |= flow.HasSourceNATPort
		},
		func(r *flow.Record) { r.Destination.NAT = addr("10.9.9.9") }, // a published server
		func(r *flow.Record) { r.Source.NAT, r.Destination.NAT = addr("203.0.113.7"), addr("10.9.9.9") },
		func(r *flow.Record) { // flags that CIM does not have
			r.TCPFlags, r.Direction = flow.SYN|flow.ECE|flow.CWR, flow.Internal
			r.Source.MAC, r.Destination.MAC, r.VLAN = flow.MAC{0, 0x1b, 0x44, 0x11, 0x3a, 0xb7}, flow.MAC{0xfe, 1, 2, 3, 4, 5}, 100
			r.Present |= flow.HasVLAN
		},
	} {
		b, r := plain(change)
		raw := encoder.AppendFlow(nil, b, r)
		known(t, cim.Flow, raw)
		list = append(list, raw)
	}
	return list
}

// TestValuesOfFlows has what CIM wants of each field, by hand.
func TestValuesOfFlows(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*flow.Record)
		has    []string
		not    []string
	}{
		{"one direction", nil, []string{`"timestamp":1772452801.500000,`, `"action":"flow"`, `"src":"10.1.2.3"`, `"src_ip":"10.1.2.3"`, `"dest":"198.51.100.80"`, `"dvc":"192.0.2.1"`, `"protocol":"ip"`,
			`"protocol_version":"ipv4"`, `"duration":1.5`, `"transport":"tcp"`, `"app":"unknown"`, `"bytes":1500`, `"src_port":50123`, `"dest_port":443`, `"tcp_flag":["SYN","ACK"]`, `"event.start":1772452800,`},
			[]string{"bytes_in", "bytes_out", "packets_out", "direction", "zone"}},
		{"both directions", func(r *flow.Record) {
			r.Present |= flow.HasReverseBytes | flow.HasReversePackets
			r.Destination.Bytes, r.Bytes = 500, 2000
		}, []string{`"bytes":2000`, `"bytes_out":1500`, `"bytes_in":500`, `"packets_in":0`}, nil},
		{"denied by a firewall", func(r *flow.Record) { r.FirewallEvent = 3; r.Present |= flow.HasFirewallEvent }, []string{`"action":"blocked"`}, nil},
		{"created by a firewall", func(r *flow.Record) { r.FirewallEvent = 1; r.Present |= flow.HasFirewallEvent }, []string{`"action":"allowed"`}, nil},
		{"deleted by a firewall", func(r *flow.Record) { r.FirewallEvent = 2; r.Present |= flow.HasFirewallEvent }, []string{`"action":"teardown"`}, nil},
		{"dropped by a router", func(r *flow.Record) { r.ForwardingStatus = 130; r.Present |= flow.HasForwardingStatus }, []string{`"action":"blocked"`}, nil},
		{"forwarded by a router", func(r *flow.Record) { r.ForwardingStatus = 64; r.Present |= flow.HasForwardingStatus }, []string{`"action":"flow"`}, nil},
		{"ICMPv6", func(r *flow.Record) {
			r.IPProtocol, r.ICMPType, r.Source.IP, r.Destination.IP = 58, 128, addr("2001:db8::1"), addr("2001:db8::2")
			r.Present = r.Present&^(flow.HasSourcePort|flow.HasDestinationPort) | flow.HasICMP
		}, []string{`"protocol":"icmp"`, `"transport":"icmp"`, `"protocol_version":"ipv6"`, `"icmp_type":128`, `"icmp_code":0`, `"network.iana_number":58`}, []string{"_port"}},
		{"an internal flow with explicit congestion notification", func(r *flow.Record) { r.TCPFlags, r.Direction = flow.SYN|flow.ECE, flow.Internal },
			[]string{`"tcp_flag":["SYN"]`, `"weir.tcp.ecn":["ECE"]`, `"weir.direction":"internal"`}, []string{`"direction"`}},
		{"hardware addresses alone", func(r *flow.Record) {
			r.Present &^= flow.HasSourceIP | flow.HasDestinationIP
			r.Source.MAC = flow.MAC{0, 0x1b, 0x44, 0x11, 0x3a, 0xb7}
		}, []string{`"src":"00:1b:44:11:3a:b7"`, `"src_mac":"00:1b:44:11:3a:b7"`, `"dest":"unknown"`}, []string{"src_ip", "protocol_version"}},
		{"without times", func(r *flow.Record) { r.Start, r.End = 0, 0; r.Present &^= flow.HasStart | flow.HasEnd }, []string{`"timestamp":1772452802.000000,`}, []string{"duration"}},
	} {
		b, r := plain(c.change)
		raw := string(cim.NewEncoder(cim.Config{}).AppendFlow(nil, b, r))
		known(t, cim.Flow, []byte(raw))
		for _, part := range c.has {
			if !strings.Contains(raw, part) {
				t.Errorf("%s: no %s in\n%s", c.name, part, raw)
			}
		}
		for _, part := range c.not {
			if strings.Contains(raw, part) {
				t.Errorf("%s: %s in\n%s", c.name, part, raw)
			}
		}
	}
}

// TestZones: CIM has zones in pairs.
func TestZones(t *testing.T) {
	for _, c := range []struct {
		source, destination []string
		want                string
	}{
		{[]string{"clients", "office"}, []string{"servers"}, `"src_zone":"clients","dest_zone":"servers"`}, {nil, []string{"servers"}, ""}, {[]string{"clients"}, nil, ""},
	} {
		b, r := plain(nil)
		if c.source != nil {
			r.Source.Groups = b.Symbols.InternList(c.source)
		}
		if c.destination != nil {
			r.Destination.Groups = b.Symbols.InternList(c.destination)
		}
		raw := string(cim.NewEncoder(cim.Config{}).AppendFlow(nil, b, r))
		if c.want == "" && strings.Contains(raw, "zone") || !strings.Contains(raw, c.want) {
			t.Errorf("%v, %v: %s", c.source, c.destination, raw)
		}
	}
}

// alertOfEach are events of alerts of all detectors, and of one that says as little as it can.
func alertOfEach(t *testing.T) (list [][]byte) {
	t.Helper()
	encoder := cim.NewEncoder(cim.Config{})
	for i, name := range detectorNames(t) {
		a := flow.Alert{
			ID: "id", Detector: name, Title: "something on 192.0.2.80", Severity: i * 17 % 101, Confidence: 0.9, State: flow.AlertActive, Start: noon, Last: noon.Add(time.Minute),
			DetectedAt: noon.Add(time.Minute), Actors: []string{"10.1.2.3"}, ActorsTotal: 1, Victims: []string{"192.0.2.0/24"}, VictimsTotal: 1, Exporters: []string{"192.0.2.1"},
			Service: &flow.Service{Transport: "tcp", Port: 22}, Evidence: flow.Evidence{Filter: "source.ip : 10.1.2.3", From: noon, To: noon.Add(time.Minute)},
		}
		if i%5 == 0 {
			a = flow.Alert{ID: "id", Detector: name, Title: "something", State: flow.AlertActive, Start: noon, Last: noon}
		}
		raw := encoder.AppendAlert(nil, &sink.Event{Sequence: 1, Change: sink.Raised, ToldAt: noon, Alert: a})
		known(t, cim.Alert, raw)
		list = append(list, raw)
	}
	return list
}

var detectorRow = regexp.MustCompile("(?m)^\\| `([a-z]+\\.[a-z_.<>]+)` \\|")

// detectorNames are those that docs/detectors.md lists.
func detectorNames(t *testing.T) (list []string) {
	t.Helper()
	text, err := os.ReadFile("../../../docs/detectors.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range detectorRow.FindAllStringSubmatch(string(text), -1) {
		list = append(list, strings.Replace(m[1], "<service>", "ssh", 1))
	}
	if len(list) < 14 {
		t.Fatalf("detectors: %v", list)
	}
	return list
}

// TestSignatures: what every detector finds has words, and a family.
func TestSignatures(t *testing.T) {
	for i, raw := range alertOfEach(t) {
		var a struct{ Signature, Category string }
		name := detectorNames(t)[i]
		if err := json.Unmarshal(raw, &a); err != nil {
			t.Fatal(err)
		}
		if a.Signature == "" || a.Signature == name || a.Category == "" || strings.HasPrefix(name, a.Category+".") && a.Category != "scan" && a.Category != "policy" {
			t.Errorf("%s is %q of %q", name, a.Signature, a.Category)
		}
	}
}
