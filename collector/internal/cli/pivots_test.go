//go:build cgo

package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/flow"
)

const pivotYAML = `
pivots:
  collector: {url: "https://weir.example.net"}
  disabled: [otx]
  custom:
    soc: {title: Case, url: "https://soc.example.net/?alert={alert}&at=%TE%"}
`

// TestPivots: of what is stored, with the links of the weir.yaml beside it, or of another.
func TestPivots(t *testing.T) {
	dir := t.TempDir()
	must(t, "gen", "flood", "--seed", "1", "--out", dir)
	data, conf := filepath.Join(dir, "data"), filepath.Join(dir, "weir.yaml")
	must(t, "replay", filepath.Join(dir, "traffic.pcap"), "--data", data)
	text, err := os.ReadFile(conf)
	if err != nil {
		t.Fatal(err)
	}
	without := jsonOf[[]flow.Alert](t, must(t, "alerts", "--data", data, "--format", "json"))
	if err := os.WriteFile(conf, append(text, pivotYAML...), 0o600); err != nil {
		t.Fatal(err)
	}
	alerts := jsonOf[[]flow.Alert](t, must(t, "alerts", "--data", data, "--format", "json"))
	if len(alerts) == 0 || len(without) != len(alerts) || alerts[0].ID != without[0].ID {
		t.Fatalf("%d alerts, %d before", len(alerts), len(without))
	}
	a := alerts[0]
	if !has(a.Pivots, "Case", "https://soc.example.net/?alert="+a.ID+"&at=1772410") || !has(a.Pivots, "Weir: "+a.Victims[0], "https://weir.example.net/host/"+a.Victims[0]+"?from=2026-03-02T0") {
		t.Errorf("%+v", a.Pivots)
	}
	if has(without[0].Pivots, "Case", "") || !has(without[0].Pivots, "AlienVault OTX: "+a.Actors[0], "") || has(a.Pivots, "AlienVault OTX: "+a.Actors[0], "") {
		t.Errorf("without: %+v", without[0].Pivots)
	}
	got := jsonOf[[]flow.AlertPivot](t, must(t, "pivots", a.ID, "--data", data, "--format", "json"))
	if len(got) != len(a.Pivots) || got[0] != a.Pivots[0] {
		t.Errorf("%+v\nwanted %+v", got, a.Pivots)
	}
	out := must(t, "pivots", "203.0.113.7", "--data", data, "--at", "2026-03-02T08:15:00Z", "--window", "10m")
	for _, want := range []string{
		"\nWeir: 203.0.113.7               https://weir.example.net/host/203.0.113.7?from=2026-03-02T08:10:00.000Z&to=2026-03-02T08:20:00.000Z\n",
		"\nSpamhaus: 203.0.113.7           https://check.spamhaus.org/query/ip/203.0.113.7\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %s in\n%s", want, out)
		}
	}
	other := filepath.Join(t.TempDir(), "other.yaml")
	if err := os.WriteFile(other, []byte("pivots: {disabled: [sans-isc, otx, spamhaus, project-honey-pot, abuseipdb, ripestat]}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := must(t, "pivots", "203.0.113.7", "--data", data, "--config", other); !strings.HasPrefix(out, "no links") {
		t.Error(out)
	}
	if out := must(t, "alerts", "--data", data, "--host", "192.0.2.77"); out != "no alerts\n" {
		t.Error(out)
	}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"pivots"}, command.WrongUse, "accepts 1 arg"},
		{[]string{"pivots", "router", "--data", data}, command.Failed, "neither an address"},
		{[]string{"pivots", "10.1.2.3", "--data", data, "--window", "0"}, command.WrongUse, "--window 0"},
		{[]string{"pivots", "10.1.2.3", "--data", data, "--at", "noon"}, command.WrongUse, "--at"},
	} {
		if code, _, errs := weir(t, c.args...); code != c.code || !strings.Contains(errs, c.says) {
			t.Errorf("%v: exit %d, %s", c.args, code, errs)
		}
	}
}

// has tells whether a link of that title is there whose URL begins so.
func has(list []flow.AlertPivot, title, url string) bool {
	for _, l := range list {
		if l.Title == title && strings.HasPrefix(l.URL, url) {
			return true
		}
	}
	return false
}

// TestPivotsWorkflowActions: Splunk's side of the links needs no data, and has the addresses of weir.yaml.
func TestPivotsWorkflowActions(t *testing.T) {
	conf := filepath.Join(t.TempDir(), "weir.yaml")
	write := func(text string) {
		if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("pivots: {collector: {url: \"https://weir.corp.example\"}, grafana: {url: \"https://grafana.corp.example\", datasource: weir}}")
	out := must(t, "pivots", "--workflow-actions", "--config", conf)
	for _, want := range []string{"[weir_flows_src]\n", "link.uri = https://weir.corp.example/host/$dvc$?at=$_time$\n", "link.uri = https://grafana.corp.example/d/weir-host?"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %s in\n%s", want, out)
		}
	}
	if strings.Contains(out, "disabled = 1") {
		t.Error(out)
	}
	write("pivots: {collector: {url: \"http://weir.corp.example\"}}")
	if code, _, errs := weir(t, "pivots", "--workflow-actions", "--config", conf); code != command.Failed || !strings.Contains(errs, "https") {
		t.Errorf("exit %d, %s", code, errs)
	}
	if code, _, errs := weir(t, "pivots", "10.1.2.3", "--workflow-actions"); code != command.WrongUse {
		t.Errorf("exit %d, %s", code, errs)
	}
}
