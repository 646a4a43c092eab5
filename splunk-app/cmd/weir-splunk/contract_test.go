package main_test

import (
	"encoding/xml"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/internal/playtest"
)

var update = flag.Bool("update", false, "write golden files anew")

// golden compares a text with a file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestScheme(t *testing.T) {
	out, log, code := run(t, "", "--scheme")
	if code != 0 || log != "" {
		t.Errorf("exit code %d, %s", code, log)
	}
	var scheme struct {
		XMLName xml.Name `xml:"scheme"`
		Title   string   `xml:"title"`
		Mode    string   `xml:"streaming_mode"`
		Single  string   `xml:"use_single_instance"`
		Check   string   `xml:"use_external_validation"`
		Args    []struct {
			Name string `xml:"name,attr"`
			Type string `xml:"data_type"`
		} `xml:"endpoint>args>arg"`
	}
	if err := xml.Unmarshal([]byte(out), &scheme); err != nil {
		t.Fatal(err)
	}
	if scheme.Title == "" || scheme.Mode != "xml" || scheme.Single != "false" || scheme.Check != "true" || len(scheme.Args) < 10 {
		t.Errorf("%+v", scheme)
	}
	golden(t, "scheme.xml", out)
}

func TestWrongUse(t *testing.T) {
	for _, args := range [][]string{{"--schema"}, {"--scheme", "x"}, {"x"}} {
		if out, log, code := run(t, "", args...); code != 2 || out != "" || !strings.Contains(log, "--validate-arguments") {
			t.Errorf("%v: exit code %d, %q, %q", args, code, out, log)
		}
	}
	if out, _, code := run(t, "", "--help"); code != 0 || !strings.Contains(out, "--scheme") {
		t.Errorf("--help: exit code %d, %q", code, out)
	}
}

// items returns the arguments of a stanza that is to be checked, as splunkd writes them.
func items(list ...string) string {
	var b strings.Builder
	b.WriteString("<items>\n<server_host>forwarder1</server_host><server_uri>https://127.0.0.1:8089</server_uri><session_key>" + secret + "</session_key><checkpoint_dir>/nonexistent</checkpoint_dir>\n<item name=\"dmz\">\n")
	params(&b, list)
	b.WriteString("</item>\n</items>\n")
	return b.String()
}

func TestValidateArguments(t *testing.T) {
	for name, c := range map[string]struct{ input, want string }{
		"nothing given":      {items(), ""},
		"everything":         {items("listen", "127.0.0.1:2055, tcp://:4739", "inside", "10.0.0.0/8", "groups", "web: 80", "flows", "all", "buffer_mb", "8", "index_flow", "net", "index", "main", "interval", "10"), ""},
		"unknown parameter":  {items("start_by_shell", "0", "new_in_splunk_12", "x"), ""},
		"address":            {items("listen", "2055"), `listen: "2055" is not HOST:PORT: want an address like ":2055".`},
		"several":            {items("flows", "some & more", "buffer_mb", "<1"), `flows: "some & more" is not a choice; use none, sessions, aggregated or all. buffer_mb: "<1" is not a number of MiB from 1 to 16384.`},
		"file that is not":   {items("config", "/nonexistent/weir.yaml"), "config: read configuration: open /nonexistent/weir.yaml: no such file or directory."},
		"no XML":             {"listen = :2055", "standard input ended without <items>."},
		"another document":   {stanzas("", []string{"weir://dmz"}), "standard input has <input> in place of <items>."},
		"cut off":            {"<items><item name=\"dmz\">", "standard input: XML syntax error on line 1: unexpected EOF."},
		"nothing to be said": {"<items></items>", "standard input has no <item>."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, log, code := run(t, c.input, "--validate-arguments")
			if log != "" || strings.Contains(out, secret) {
				t.Errorf("log %q, out %q", log, out)
			}
			if c.want == "" {
				if code != 0 || out != "" {
					t.Errorf("exit code %d, %s", code, out)
				}
				return
			}
			var answer struct {
				XMLName xml.Name `xml:"error"`
				Message string   `xml:"message"`
			}
			if err := xml.Unmarshal([]byte(out), &answer); err != nil || code == 0 || answer.Message != c.want {
				t.Errorf("exit code %d, %v: %q, want %q", code, err, answer.Message, c.want)
			}
		})
	}
}

// steady returns the events that are the same in each run, with their data: not those that tell how something is now. Sessions are told of in no order.
func steady(events []event) string {
	var lines []string
	for _, e := range events {
		if e.Sourcetype == "weir:exporter" || e.Sourcetype == "weir:status" || e.Sourcetype == "weir:alert" {
			continue
		}
		lines = append(lines, strings.Join([]string{e.Stanza, e.Sourcetype, e.Index, e.Host, e.Time, e.Data}, " ")+"\n")
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// hide hides what differs from run to run: sFlow tells no times, and sums of one run add to those of another.
func hide(name, text string) string {
	switch name {
	case "sflow":
		text = regexp.MustCompile(`(?m)^(weir://sflow \S+ \S* \S+) [0-9.]+|("timestamp":|"event.start":|"event.created":|"session.start":)[0-9.]+`).ReplaceAllString(text, "$1$2 TIME")
		return regexp.MustCompile(`"session_id":"[0-9a-f]+"`).ReplaceAllString(text, `"session_id":"ID"`)
	case "aggregated":
		return regexp.MustCompile(`"flow_id":"[^"]+"`).ReplaceAllString(text, `"flow_id":"ID"`)
	}
	return text
}

// TestStream: events by protocol, as an XML parser finds them.
func TestStream(t *testing.T) {
	for name, c := range map[string]struct {
		capture string
		params  []string
	}{
		"netflow5":        {"066-telegraf-netflow-v5-example.pcap", []string{"flows", "all"}},
		"netflow9":        {"016-logstash-netflow-9-h3c.pcap", []string{"flows", "all", "index_flow", "net", "index_session", "net", "sourcetype_session", "acme:session"}},
		"ipfix":           {"030-logstash-ipfix-mikrotik-routeros-6-39-2.pcap", []string{"flows", "all", "inside", "192.168.0.0/16", "groups", "clients: 192.168.0.0/16; web: 80 443"}},
		"sflow":           {"088-goflow2-testexpandedsflowdecode-data-bin.pcap", []string{"flows", "all"}},
		"aggregated":      {"063-goflow2-v9.pcap", []string{"flows", "aggregated", "sourcetype_traffic", "acme:traffic"}},
		"sessions":        {"063-goflow2-v9.pcap", []string{"flows", "sessions"}},
		"netflow9-nbar":   {"040-logstash-netflow-9-cisco-nbar-flowset-262.pcap", []string{"flows", "all"}},
		"ipfix-applabels": {"048-logstash-ipfix-yaf-basic-with-applabel.pcap", []string{"flows", "all"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := capture(t, c.capture)
			p := start(t, stanzas(t.TempDir(), append([]string{"weir://" + name, "listen", "127.0.0.1:0", "clock", "export"}, c.params...)))
			to := p.address("weir://" + name)
			playtest.Send(t, to, path)
			p.taken(to)
			p.stop()
			golden(t, name+".txt", hide(name, steady(p.events)))
		})
	}
}

// TestStanzas: each event names its stanza, whose parameters it follows; a stanza that cannot run does not hold up the others.
func TestStanzas(t *testing.T) {
	path := capture(t, "066-telegraf-netflow-v5-example.pcap")
	p := start(t, stanzas(t.TempDir(),
		[]string{"weir://all", "listen", "127.0.0.1:0", "clock", "export", "flows", "all", "index_flow", "one", "index_session", "two"},
		[]string{"weir://a & \"b\"", "listen", "127.0.0.1:0", "clock", "export", "flows", "aggregated", "sourcetype_traffic", "acme:traffic", "flws", "all"},
		[]string{"weir://bad", "listen", "127.0.0.1"},
		[]string{"weir://none", "listen", "127.0.0.1:0", "clock", "export", "flows", "none"},
	))
	all, sums, none := p.address("weir://all"), p.logged(`^INFO listening stanza="weir://a & \\"b\\"" address=([0-9.:]+) `), p.address("weir://none")
	for _, to := range []string{all, sums, none} {
		playtest.Send(t, to, path)
		p.taken(to)
	}
	p.signal(os.Interrupt)
	if code := p.wait(); code != 1 || !p.whole || p.fault != nil { // one of them has failed
		t.Errorf("exit code %d, whole %v, %v", code, p.whole, p.fault)
	}
	p.logged(`^ERROR weir://bad: listen: "127.0.0.1" is not HOST:PORT: want an address like ":2055"\.$`)
	p.logged(`^WARN there is no such parameter stanza="weir://a & \\"b\\"" parameter=flws$`)
	count := map[string]int{}
	for _, e := range p.events {
		if e.Sourcetype == "weir:status" || e.Sourcetype == "weir:exporter" { // by the clock
			if count[e.Stanza+" "+e.Sourcetype] = 1; e.Index != "" {
				t.Errorf("%s of %s in %s", e.Sourcetype, e.Stanza, e.Index)
			}
			continue
		}
		count[strings.Join([]string{e.Stanza, e.Sourcetype, e.Index}, " ")]++
	}
	want := map[string]int{
		"weir://all weir:flow one": 8, "weir://all weir:session two": 4, "weir://all weir:exporter": 1, "weir://all weir:status": 1,
		"weir://a & \"b\" acme:traffic ": 8, "weir://a & \"b\" weir:exporter": 1, "weir://a & \"b\" weir:status": 1,
		"weir://none weir:exporter": 1, "weir://none weir:status": 1,
	}
	if diff := cmp.Diff(want, count); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}
