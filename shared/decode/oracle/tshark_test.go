package oracle

import (
	"encoding/hex"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// tsharkPath finds tshark; without it the tests are skipped, but in continuous integration, where nothing may be.
func tsharkPath(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("tshark")
	if err == nil {
		return path
	}
	if os.Getenv("WEIR_CI") == "1" {
		t.Fatal("tshark is not installed")
	}
	t.Skip("SKIPPED: tshark is not installed")
	return ""
}

// node is an element of tshark's PDML: a protocol or a field.
type node struct {
	Name   string `xml:"name,attr"`
	Show   string `xml:"show,attr"`
	Value  string `xml:"value,attr"` // hex of the bytes
	Fields []node `xml:"field"`
	Protos []node `xml:"proto"`
}

// bytes returns the field's bytes.
func (n node) bytes() []byte {
	b, _ := hex.DecodeString(n.Value)
	return b
}

// walk calls f with n and all below it, in order of the kinds: fields, then protocols.
func (n node) walk(f func(node)) {
	f(n)
	for _, c := range n.Fields {
		c.walk(f)
	}
	for _, c := range n.Protos {
		c.walk(f)
	}
}

// pdml runs tshark on a capture and returns the dissection of the payload of each packet.
func pdml(t *testing.T, c capture) (packets []node) {
	t.Helper()
	cmd := exec.Command(tsharkPath(t), "-n", "-r", c.path, "-T", "pdml",
		"-d", "udp.port==2055,cflow", "-d", "udp.port==4739,cflow", "-d", "udp.port==6343,sflow")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Wait() }()
	for dec := xml.NewDecoder(out); ; {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return packets
		}
		if err != nil {
			t.Fatalf("tshark's output: %v", err)
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "packet" {
			var p node
			if err := dec.DecodeElement(&p, &start); err != nil {
				t.Fatalf("tshark's output: %v", err)
			}
			packets = append(packets, p)
		}
	}
}

// tsharkFields are the fields of NetFlow and IPFIX that are compared, by tshark's names.
var tsharkFields = map[string]reading{
	"cflow.srcaddr": {kSrc, address, false, 0}, "cflow.srcaddrv6": {kSrc, address, true, 0}, "cflow.dstaddr": {kDst, address, false, 0}, "cflow.dstaddrv6": {kDst, address, true, 0},
	"cflow.octets": {kBytes, decimal, false, 0}, "cflow.packets": {kPackets, decimal, false, 0}, "cflow.srcport": {kSrcPort, decimal, false, 0}, "cflow.dstport": {kDstPort, decimal, false, 0},
	"cflow.protocol": {kProtocol, decimal, false, 0}, "cflow.tos": {kToS, decimal, false, 0}, "cflow.tcpflags": {kFlags, decimal, false, 0},
	"cflow.inputint": {kIn, decimal, false, 0}, "cflow.outputint": {kOut, decimal, false, 0}, "cflow.srcas": {kSrcAS, decimal, true, 0}, "cflow.dstas": {kDstAS, decimal, true, 0},
	"cflow.nexthop": {kNextHop, address, true, 0}, "cflow.nexthopv6": {kNextHop, address, true, 0}, "cflow.srcmac": {kSrcMAC, mac, true, 0}, "cflow.dstmac": {kDstMAC, mac, true, 0},
	"cflow.vlanid": {kVLAN, decimal, true, 0},
}

// cflowRows are tshark's data records of a capture: its groups called "pdu" (v1 to v7) and "Flow" in sets of templates that are
// not options templates.
func cflowRows(packets []node) (rows []keyed, options int) {
	optionsTemplates := map[string]bool{}
	for n, p := range packets {
		for _, proto := range p.Protos {
			if proto.Name != "cflow" {
				continue
			}
			for _, group := range proto.Fields {
				if strings.HasPrefix(group.Show, "pdu ") {
					rows = append(rows, keyed{n, flowRow(group)})
				}
				id := child(group, "cflow.flowset_id").Show
				for _, g := range group.Fields {
					switch {
					case strings.HasPrefix(g.Show, "Options Template"):
						optionsTemplates[child(g, "cflow.option_template_id", "cflow.template_id").Show] = true
					case !strings.HasPrefix(g.Show, "Flow "):
					case optionsTemplates[id]:
						options++
					default:
						rows = append(rows, keyed{n, flowRow(g)})
					}
				}
			}
		}
	}
	return rows, options
}

func child(n node, names ...string) node {
	for _, f := range n.Fields {
		for _, name := range names {
			if f.Name == name {
				return f
			}
		}
	}
	return node{}
}

// flowRow holds the first value of each compared field.
func flowRow(group node) row {
	out := row{}
	group.walk(func(n node) {
		r, ok := tsharkFields[n.Name]
		if !ok || n.Value == "" {
			return
		}
		if _, taken := out[r.name]; taken || r.zero && uintOf(n.bytes()) == 0 {
			return
		}
		out[r.name] = r.text(n.bytes())
	})
	return out
}
