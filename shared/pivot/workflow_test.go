package pivot_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/pivot"
)

// shipped is what the app has; it knows no base URLs.
const shipped = "../../splunk-app/app/weir/default/workflow_actions.conf"

func actions(t *testing.T, cfg pivot.Config) string {
	t.Helper()
	text, err := pivot.WorkflowActions(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestDocWorkflowActions: the app of Splunk has the actions, and with base URLs they are these.
func TestDocWorkflowActions(t *testing.T) {
	whole := pivot.Config{Collector: "https://weir.corp.example/flows/", Grafana: pivot.Grafana{URL: "https://grafana.corp.example"}}
	for file, text := range map[string]string{shipped: actions(t, pivot.Config{}), "testdata/workflow_actions.conf": actions(t, whole)} {
		if *update {
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), text); diff != "" {
			t.Errorf("%s (-update writes it):\n%s", file, diff)
		}
	}
}

// TestWorkflowActions: every address has the actions that an analyst looks for, and none leads to a place that nobody has chosen.
func TestWorkflowActions(t *testing.T) {
	bare := actions(t, pivot.Config{})
	for _, field := range []string{"src", "dest", "src_ip", "dest_ip", "ip", "dvc"} {
		for _, want := range []string{
			"label = Weir: flows of $" + field + "$, these minutes\nfields = " + field + "\n",
			"label = Weir: sessions of $" + field + "$, these minutes\nfields = " + field + "\n",
			"label = Weir: alerts on $" + field + "$, this day\nfields = " + field + "\n",
			"link.uri = /app/weir/host?form.host=$" + field + "$&",
		} {
			if !strings.Contains(bare, want) {
				t.Errorf("no %s", want)
			}
		}
	}
	for _, stanza := range strings.Split(bare, "\n\n") {
		if strings.Contains(stanza, ".example.net/") != strings.Contains(stanza, "disabled = 1") {
			t.Errorf("enabled without a base URL, or disabled with one:\n%s", stanza)
		}
	}
	whole := actions(t, pivot.Config{Collector: "https://weir.corp.example", Grafana: pivot.Grafana{URL: "https://grafana.corp.example"}})
	for _, want := range []string{
		"link.uri = https://weir.corp.example/host/$src$?at=$_time$\n",
		"link.uri = https://weir.corp.example/host/$dest$?from=$window_start$&to=$window_end$\n",
		"link.uri = https://weir.corp.example/alert/$id$\n",
		"link.uri = https://grafana.corp.example/d/weir-host?var-host=$ip$&time=$_time$&time.window=600000\n",
		"link.uri = https://grafana.corp.example/d/weir-host?var-host=$src$&from=$window_start$000&to=$window_end$000\n",
	} {
		if !strings.Contains(whole, want) {
			t.Errorf("no %s", want)
		}
	}
	if strings.Contains(whole, "disabled = 1") || strings.Count(whole, "disabled = 0") != strings.Count(whole, "link.uri = https://") || regexp.MustCompile(`link\.uri = http:`).MatchString(whole) {
		t.Error(whole)
	}
}

// TestWorkflowActionsRefuse: what Splunk's rules would refuse, or nobody can follow, is refused with words.
func TestWorkflowActionsRefuse(t *testing.T) {
	for base, want := range map[string]string{
		"http://weir.corp.example":       "https",
		"weir.corp.example":              "not a URL",
		"https://me:x@weir.corp.example": "no user and password",
	} {
		if _, err := pivot.WorkflowActions(pivot.Config{Collector: base}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", base, err)
		}
		if _, err := pivot.WorkflowActions(pivot.Config{Grafana: pivot.Grafana{URL: base}}); err == nil {
			t.Errorf("%s: taken for Grafana", base)
		}
	}
}

// TestWorkflowActionsGrafana: the dashboard that actions open is there, with the variable that they set.
func TestWorkflowActionsGrafana(t *testing.T) {
	text, err := os.ReadFile("../../grafana-datasource/src/dashboards/host.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		UID        string
		Templating struct{ List []struct{ Name string } }
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	hasHost := slices.ContainsFunc(dashboard.Templating.List, func(v struct{ Name string }) bool { return v.Name == "host" })
	if dashboard.UID != "weir-host" || !hasHost {
		t.Errorf("%+v", dashboard)
	}
}
