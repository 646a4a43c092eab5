//go:build cgo

package daemon_test

import (
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/weirflow/weir/collector/internal/daemon"
	"github.com/weirflow/weir/shared/flow"
)

// TestHealth asks for the state while the daemon runs.
func TestHealth(t *testing.T) {
	cfg := testConfig(t.TempDir(), anyPort)
	start(t, cfg)
	for path, want := range map[string]string{"/healthz": "ok\n", "/readyz": "ready\n"} {
		if status, body := get(t, cfg.Data, path); status != http.StatusOK || body != want {
			t.Errorf("%s: %d %q", path, status, body)
		}
	}
}

// exposition is what /metrics says.
type exposition struct {
	help, kind map[string]string
	series     map[string]float64 // by name and labels
}

// parse reads the text format: HELP and TYPE before the series, each series once.
func parse(t *testing.T, text string) exposition {
	t.Helper()
	e := exposition{help: map[string]string{}, kind: map[string]string{}, series: map[string]float64{}}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if rest, ok := strings.CutPrefix(line, "# HELP "); ok {
			name, help, _ := strings.Cut(rest, " ")
			e.help[name] = help
			continue
		}
		if rest, ok := strings.CutPrefix(line, "# TYPE "); ok {
			name, kind, _ := strings.Cut(rest, " ")
			e.kind[name] = kind
			continue
		}
		at := strings.LastIndex(line, " ")
		if at < 0 {
			t.Fatalf("no series: %q", line)
		}
		value, err := strconv.ParseFloat(line[at+1:], 64)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if _, twice := e.series[line[:at]]; twice {
			t.Errorf("%s comes twice", line[:at])
		}
		e.series[line[:at]] = value
	}
	return e
}

// TestMetrics reads /metrics of a daemon that took known datagrams, and holds every metric to docs/metrics.md.
func TestMetrics(t *testing.T) {
	cfg := testConfig(t.TempDir(), anyPort)
	d := start(t, cfg)
	feed(t, d, append(benchDatagrams(t, 5), sent{"127.0.0.3:0", []byte{0, 99, 0, 0}}))
	if err := d.Store().Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	status, text := get(t, cfg.Data, "/metrics")
	if status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	e := parse(t, text)
	stream := `{domain="` + domainOf(t, d) + `",exporter="127.0.0.2",protocol="netflow9"}`
	for series, want := range map[string]float64{
		"weir_datagrams_total" + stream: 6, "weir_datagrams_decoded_total" + stream: 6, "weir_sets_decoded_total" + stream: 6,
		"weir_records_total" + stream: 120, "weir_records_stored_total" + stream: 120, "weir_records_in_flight" + stream: 0,
		"weir_sequence_gaps_total" + stream: 0, "weir_store_appended_total": 120, "weir_store_hot_rows": 120, "weir_detect_late_total": 0,
		`weir_datagrams_refused_total{domain="0",exporter="127.0.0.3",protocol="unknown",reason="` + flow.RefusedVersion.String() + `"}`: 1,
	} {
		if got, ok := e.series[series]; !ok || got != want {
			t.Errorf("%s is %g (%v), want %g", series, got, ok, want)
		}
	}
	page, err := os.ReadFile("../../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, help := range e.help {
		if strings.HasPrefix(name, "weir_") && !inPage(string(page), name, e.kind[name], help) {
			t.Errorf("%s (%s, %q) is not so in docs/metrics.md", name, e.kind[name], help)
		}
	}
}

// inPage tells whether a line of the page's table has the metric.
func inPage(page, name, kind, help string) bool {
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, "| `"+name+"` | "+kind+" |") && strings.HasSuffix(line, "| "+help+" |\n") {
			return true
		}
	}
	return false
}

// domainOf returns the observation domain of the only NetFlow v9 exporter.
func domainOf(t *testing.T, d *daemon.Daemon) string {
	t.Helper()
	list, err := d.Store().Exporters(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		if e.Protocol == "netflow9" {
			return strconv.FormatUint(uint64(e.Domain), 10)
		}
	}
	t.Fatal("no exporter")
	return ""
}
