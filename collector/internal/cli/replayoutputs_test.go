package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/sink/hec/hectest"
)

// TestReplayOutputs: Splunk gets of a replay as many records as the store, and its alerts; of the same replay again the same events.
func TestReplayOutputs(t *testing.T) {
	server := hectest.New(t, hectest.Config{Token: "t", Ack: true, Keep: true})
	dir := t.TempDir()
	must(t, "gen", "flood", "--seed", "3", "--hosts", "5", "--out", dir)
	capture, data, conf := filepath.Join(dir, "traffic.pcap"), filepath.Join(dir, "data"), filepath.Join(dir, "weir.yaml")
	if code, _, says := weir(t, "replay", capture, "--data", data, "--outputs"); code != command.WrongUse || !strings.Contains(says, "--outputs") {
		t.Errorf("without outputs: exit %d, %s", code, says)
	}
	text, err := os.ReadFile(conf) // the generator's groups
	if err != nil {
		t.Fatal(err)
	}
	text = fmt.Appendf(text, "\noutputs: {splunk: {type: hec, url: %q, ca: %q, token: {value: t}, flows: all}}\n", server.URL(), server.CA())
	if err := os.WriteFile(conf, text, 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, "config", "check", conf)
	flows := func() (records, alerts int) {
		ids := map[string]bool{}
		for _, ev := range server.Events() {
			if sourcetype := ev.Sourcetype; sourcetype == "weir:flow" || sourcetype == "weir:alert" {
				ids[sourcetype+" "+ev.Subject()] = true
			}
		}
		for id := range ids {
			if strings.HasPrefix(id, "weir:flow") {
				records++
			}
		}
		return records, len(ids) - records
	}
	must(t, "replay", capture, "--data", data, "--config", conf, "--outputs")
	records, alerts := flows()
	r := jsonOf[map[string]any](t, must(t, "query", "--data", data, "--measure", "flows", "--format", "json"))
	stored := jsonOf[[]map[string]any](t, must(t, "alerts", "--data", data, "--format", "json"))
	if want := int(r["rows"].([]any)[0].([]any)[0].(float64)); records != want || alerts != len(stored) || records == 0 || alerts == 0 {
		t.Errorf("%d records and %d alerts in Splunk, %d and %d in the store", records, alerts, want, len(stored))
	}
	must(t, "replay", capture, "--data", data, "--config", conf, "--outputs")
	if again, same := flows(); again != records || same != alerts {
		t.Errorf("again: %d records, %d alerts", again, same)
	}
}
