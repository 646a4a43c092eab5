package cli

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestWrongClocks goes the way of a user whose routers' clocks are wrong: replays what they sent, asks for their clocks, and for times
// as the exporters told them, which are those of decode.
func TestWrongClocks(t *testing.T) {
	dir := t.TempDir()
	must(t, "gen", "flood", "--seed", "3", "--hosts", "5", "--effects", "skew", "--out", dir)
	capture, data := filepath.Join(dir, "traffic.pcap"), filepath.Join(dir, "data")
	must(t, "replay", capture, "--data", data)
	off := map[string]float64{"198.51.100.1": -7000, "198.51.100.2": 11000} // traffic.borderSkew and coreSkew
	for _, e := range jsonOf[[]map[string]any](t, must(t, "exporters", "--data", data, "--format", "json")) {
		c, ok := e["clock"].(map[string]any)
		want := off[e["ip"].(string)]
		if !ok || c["corrected"] != true || c["offset_ms"].(float64) < want-1000 || c["offset_ms"].(float64) > want+1000 {
			t.Errorf("%v: %v, want %v ms", e["ip"], c, want)
		}
	}
	if text := must(t, "exporters", "--data", data); !strings.Contains(text, "s ahead ±") || !strings.Contains(text, "corrected") {
		t.Errorf("no clock in\n%s", text)
	}
	told := map[string]string{}
	for line := range strings.Lines(must(t, "decode", capture)) {
		r := jsonOf[map[string]any](t, line)
		told[r["event.id"].(string)] = r["event.start"].(string) + r["event.end"].(string)
	}
	records := func(more ...string) []map[string]any {
		return jsonOf[[]map[string]any](t, must(t, append([]string{"query", "--records", "--limit", "2000", "--data", data, "--format", "json"}, more...)...))
	}
	for _, r := range records("--exporter-times") {
		if got := r["event.start"].(string) + r["event.end"].(string); got != told[r["event.id"].(string)] {
			t.Errorf("%s, decode says %s", got, told[r["event.id"].(string)])
		}
	}
	moved := 0
	for _, r := range records() {
		end, err := time.Parse(time.RFC3339Nano, r["event.end"].(string))
		if err != nil {
			t.Fatal(err)
		}
		ms, _ := r["weir.clock.offset_ms"].(float64)
		if ms != 0 {
			moved++
		}
		if own := end.Add(-time.Duration(ms) * time.Millisecond).Format(time.RFC3339Nano); !strings.HasSuffix(told[r["event.id"].(string)], own) {
			t.Errorf("%s less %g ms is not in %s", r["event.end"], ms, told[r["event.id"].(string)])
		}
	}
	if moved == 0 {
		t.Error("nothing was corrected")
	}
	if code, _, text := weir(t, "query", "--exporter-times", "--data", data); code != 2 || !strings.Contains(text, "--records") {
		t.Errorf("exit code %d: %s", code, text)
	}
}
