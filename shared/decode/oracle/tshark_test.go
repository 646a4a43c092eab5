package oracle

import (
	"encoding/hex"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
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
	Name     string `xml:"name,attr"`
	Show     string `xml:"show,attr"`
	ShowName string `xml:"showname,attr"`
	Value    string `xml:"value,attr"` // hex of the bytes
	Fields   []node `xml:"field"`
	Protos   []node `xml:"proto"`
}

// bytes returns the field's bytes; those of a field of some bits have an odd number of digits.
func (n node) bytes() []byte {
	digits := n.Value
	if len(digits)%2 != 0 {
		digits = "0" + digits
	}
	b, _ := hex.DecodeString(digits)
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
func pdml(t *testing.T, path string) (packets []node) {
	t.Helper()
	cmd := exec.Command(tsharkPath(t), "-n", "-r", path, "-T", "pdml",
		"-d", "udp.port==2055,cflow", "-d", "udp.port==4739,cflow", "-d", "udp.port==6343,sflow")
	cmd.Env = append(os.Environ(), "TZ=UTC")
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

// dissection is what tshark shows of a capture.
type dissection struct {
	t       *testing.T
	rows    []keyed
	options int // records

	optionsRecords []node
	ids            map[string]bool // of options templates

	boot     uint64 // ms since the Unix epoch
	interval string // of sampling
}

// dissect reads tshark's groups called "pdu" (v1 to v7) and "Flow".
func dissect(t *testing.T, packets []node) *dissection {
	d := &dissection{t: t, ids: map[string]bool{}}
	for n, p := range packets {
		for _, proto := range p.Protos {
			if proto.Name == "cflow" {
				d.message(n, proto)
			}
		}
	}
	return d
}

// message is a datagram: n is its number.
func (d *dissection) message(n int, proto node) {
	head := headerShown(d.t, proto)
	from := set{version: head.version, exported: uint32(head.exported / 1e9)}
	for _, group := range proto.Fields {
		if strings.HasPrefix(group.Show, "pdu ") {
			d.rows = append(d.rows, keyed{n, d.record().legacyRecord(group, uint16(valueOf(child(proto, "cflow.samplerate"))))})
		}
		id := child(group, "cflow.flowset_id").Show
		for _, g := range group.Fields {
			switch {
			case strings.HasPrefix(g.Show, "Options Template"):
				d.ids[child(g, "cflow.option_template_id", "cflow.template_id").Show] = true
			case !strings.HasPrefix(g.Show, "Flow "):
			case d.ids[id]:
				d.learn(g)
			default:
				d.take(n, from.version, d.record().record(g, from))
			}
		}
	}
}

func (d *dissection) record() *shown { return &shown{t: d.t, private: row{}, times: row{}} }

// learn takes what an options record without a scope of its own tells of records that follow: the system init time, which IPFIX
// relates uptimes to, and the sampling interval. All captures with one of them have one stream.
func (d *dissection) learn(o node) {
	d.options++
	d.optionsRecords = append(d.optionsRecords, o)
	for _, f := range o.Fields {
		if f.Name == "cflow.sys_init_time" {
			d.boot = uint64(timeShown(d.t, f) / 1e6)
		}
	}
	if taken := valueOf(child(o, "cflow.sampling_packet_interval")); taken > 0 {
		d.interval = number((taken + valueOf(child(o, "cflow.sampling_packet_space"))) / taken)
	}
	if n := valueOf(child(o, "cflow.sampling_interval")); n > 0 {
		d.interval = number(n)
	}
}

func (d *dissection) take(n int, version uint16, r row) {
	if d.boot != 0 && version == 10 {
		fromBoot(r, d.boot)
	}
	if d.interval != "" && r[kSampling] == "" {
		r[kSampling] = d.interval
	}
	d.rows = append(d.rows, keyed{n, r})
}

// child is the first field of that name below n; groups without a name are looked into.
func child(n node, names ...string) node {
	for _, f := range n.Fields {
		if slices.Contains(names, f.Name) {
			return f
		}
		if f.Name == "" || strings.HasPrefix(f.Name, "cflow.timestamp") {
			if found := child(f, names...); found.Name != "" {
				return found
			}
		}
	}
	return node{}
}
