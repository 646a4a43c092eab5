package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirflow/weir/packaging/command"
)

// TestFromCaptureToAnswer goes the way of a user: generate, decode, replay, ask.
func TestFromCaptureToAnswer(t *testing.T) {
	dir := t.TempDir()
	must(t, "gen", "flood", "--seed", "3", "--hosts", "5", "--out", dir)
	capture, data := filepath.Join(dir, "traffic.pcap"), filepath.Join(dir, "data")
	records := checkDecode(t, dir, capture)
	if out := must(t, "replay", capture, "--data", data); !strings.Contains(out, " stored") {
		t.Errorf("replay says %q", out)
	}
	first := must(t, "alerts", "--data", data, "--format", "json")
	checkAlerts(t, data, first)
	total := func() float64 {
		r := jsonOf[map[string]any](t, must(t, "query", "--data", data, "--measure", "flows", "--format", "json"))
		return r["rows"].([]any)[0].([]any)[0].(float64)
	}
	if n := total(); int(n) != records {
		t.Errorf("%v flows stored, %d decoded", n, records)
	}
	if out := must(t, "--data", data, "replay", capture); !strings.Contains(out, " 0 stored,") {
		t.Errorf("a second replay says %q", out)
	}
	if n := total(); int(n) != records {
		t.Errorf("%v flows after a second replay, %d decoded", n, records)
	}
	if again := must(t, "alerts", "--data", data, "--format", "json"); again != first {
		t.Errorf("a second replay changed the alerts:\n%s\n%s", first, again)
	}
	checkShown(t, data)
	checkOverTime(t, data)
}

// checkOverTime: what series, directions and comparisons add up to is the total.
func checkOverTime(t *testing.T, data string) {
	t.Helper()
	sum := func(column string, args ...string) (sum float64) {
		r := jsonOf[struct {
			Columns []struct{ Name string }
			Rows    [][]any
		}](t, must(t, append([]string{"query", "--data", data, "--format", "json"}, args...)...))
		for i, c := range r.Columns {
			for _, row := range r.Rows {
				if n, ok := row[i].(float64); ok && c.Name == column {
					sum += n
				}
			}
		}
		return sum
	}
	total := sum("bytes")
	for name, args := range map[string][]string{
		"series":           {"--interval", "5m"},
		"series of groups": {"--interval", "1m", "--by", "destination.ip", "--limit", "2"},
		"spread":           {"--interval", "1m", "--spread"},
		"several measures": {"--measure", "flows,bytes", "--by", "network.transport"},
	} {
		if n := sum("bytes", args...); n != total || n == 0 {
			t.Errorf("%s: %v bytes, the total is %v", name, n, total)
		}
	}
	if out, in := sum("out", "--by", "source.ip", "--both"), sum("in", "--by", "source.ip", "--both"); out != total || in != total {
		t.Errorf("%v bytes out, %v in, the total is %v", out, in, total)
	}
	g := jsonOf[struct {
		Edges []struct{ Bytes float64 }
		Other struct{ Bytes float64 }
	}](t, must(t, "query", "--data", data, "--graph", "--limit", "3", "--format", "json"))
	n := g.Other.Bytes
	for _, e := range g.Edges {
		n += e.Bytes
	}
	if n != total || len(g.Edges) != 3 {
		t.Errorf("a graph of %d edges and %v bytes, the total is %v", len(g.Edges), n, total)
	}
	if out := must(t, "query", "--data", data, "--values", "network.transport", "--prefix", "U"); !strings.Contains(out, "udp") || strings.Contains(out, "tcp") {
		t.Errorf("values that begin with U:\n%s", out)
	}
	if out := must(t, "query", "--data", data, "--from", "now-10m", "--compare", "10m", "--by", "source.ip"); !strings.Contains(out, "EARLIER") || !strings.Contains(out, " %") {
		t.Errorf("a comparison shows\n%s", out)
	}
}

// checkDecode compares the lines of decode with its summary.
func checkDecode(t *testing.T, dir, capture string) (records int) {
	t.Helper()
	summary := filepath.Join(dir, "summary.json")
	lines := strings.Count(must(t, "decode", "--summary", summary, capture), "\n")
	text, err := os.ReadFile(summary)
	if err != nil {
		t.Fatal(err)
	}
	s := jsonOf[map[string]any](t, string(text))
	for _, key := range []string{"datagrams", "records", "by_protocol", "by_exporter", "templates", "options_records", "flow_samples",
		"counter_samples", "errors", "waiting_sets", "expired_sets", "invalid"} {
		if _, ok := s[key]; !ok {
			t.Errorf("the summary has no %s", key)
		}
	}
	if n := int(s["records"].(float64)); n != lines || n < 20000 {
		t.Errorf("%d lines, the summary says %d records", lines, n)
	}
	return lines
}

// checkAlerts follows an alert's evidence to its flows.
func checkAlerts(t *testing.T, data, text string) {
	t.Helper()
	for _, a := range jsonOf[[]map[string]any](t, text) {
		e := a["evidence"].(map[string]any)
		flows := jsonOf[[]map[string]any](t, must(t, "query", e["filter"].(string), "--from", e["from"].(string), "--to", e["to"].(string),
			"--records", "--limit", "50", "--data", data, "--format", "json"))
		if len(flows) == 0 {
			t.Errorf("%v: no flows behind it", a["title"])
		}
		for _, f := range flows {
			if f["destination.ip"] != a["victims"].([]any)[0] {
				t.Errorf("%v: evidence shows a flow to %v", a["title"], f["destination.ip"])
			}
		}
	}
}

// checkShown looks at what people see.
func checkShown(t *testing.T, data string) {
	t.Helper()
	for _, c := range []struct {
		args []string
		says []string
	}{
		{[]string{"alerts"}, []string{"flood on", "victim", "weir query '", "sources"}},
		{[]string{"query", "--by", "source.ip", "--limit", "3"}, []string{"SOURCE.IP", "BYTES", "other"}},
		{[]string{"query", "--records", "--limit", "2"}, []string{"SOURCE", "DESTINATION", "EXPORTER"}},
		{[]string{"exporters"}, []string{"198.51.100.1", "netflow9", "GAPS"}},
	} {
		out := must(t, append(c.args, "--data", data)...)
		for _, want := range c.says {
			if !strings.Contains(out, want) {
				t.Errorf("weir %s does not show %q:\n%.600s", strings.Join(c.args, " "), want, out)
			}
		}
	}
	jsonOf[[]map[string]any](t, must(t, "exporters", "--data", data, "--format", "json"))
	must(t, "seal", "--data", data)
	if out := must(t, "query", "--data", data, "--by", "network.transport"); !strings.Contains(out, "udp") {
		t.Errorf("after sealing: %s", out)
	}
}

// TestDemo: the README's first command.
func TestDemo(t *testing.T) {
	out := must(t, "demo", "--once")
	for _, want := range []string{"ALERT", "guesses passwords of ssh", "has probably logged in", "scans 100 hosts on port 22", "logged in to it: 3 sessions", "in one session on port 22", "THE STORY", "victim 10.", "THE FIVE BIGGEST TALKERS", "WHO SENT"} {
		if !strings.Contains(out, want) {
			t.Errorf("the demo does not show %q:\n%s", want, out)
		}
	}
}

// TestSendToNobody: a target where nothing listens is an error, not silence.
func TestSendToNobody(t *testing.T) {
	dir := t.TempDir()
	must(t, "gen", "flood", "--hosts", "1", "--out", dir)
	code, _, errs := weir(t, "send", filepath.Join(dir, "traffic.pcap"), "--to", "127.0.0.1:9", "--speed", "max")
	if code != command.Failed || !strings.Contains(errs, "nothing listens") {
		t.Errorf("exit %d, stderr %q", code, errs)
	}
}
