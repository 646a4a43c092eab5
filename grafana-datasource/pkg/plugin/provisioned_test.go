//go:build cgo

package plugin_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// What Grafana 11.0 reads of files in its provisioning folder, as far as those that are shipped may have it: a member that it does not
// know is an error here, where Grafana would leave it out in silence.

// sources is a file of data sources.
type sources struct {
	APIVersion  int `yaml:"apiVersion"`
	Datasources []struct {
		Name, UID, Type, Access, URL string
		JSONData                     map[string]any    `yaml:"jsonData"`
		SecureJSONData               map[string]string `yaml:"secureJsonData"`
		Correlations                 []struct {
			TargetUID          string `yaml:"targetUID"`
			Label, Description string
			Config             struct {
				Type, Field string
				Target      map[string]any
			}
		}
	}
}

// alerting is a file of alert rules, contact points and templates.
type alerting struct {
	APIVersion int `yaml:"apiVersion"`
	Groups     []struct {
		OrgID                  int `yaml:"orgId"`
		Name, Folder, Interval string
		Rules                  []struct {
			UID, Title, Condition, For string
			NoDataState                string            `yaml:"noDataState"`
			ExecErrState               string            `yaml:"execErrState"`
			Annotations, Labels        map[string]string `yaml:",omitempty"`
			Data                       []struct {
				RefID             string                 `yaml:"refId"`
				DatasourceUID     string                 `yaml:"datasourceUid"`
				RelativeTimeRange struct{ From, To int } `yaml:"relativeTimeRange"`
				Model             map[string]any
			}
		}
	}
	Templates []struct {
		OrgID          int `yaml:"orgId"`
		Name, Template string
	}
	ContactPoints []struct {
		OrgID     int `yaml:"orgId"`
		Name      string
		Receivers []struct {
			UID, Type string
			Settings  map[string]any
		}
	} `yaml:"contactPoints"`
}

// providers is a file of dashboards.
type providers struct {
	APIVersion int `yaml:"apiVersion"`
	Providers  []struct {
		Name, Folder, Type string
		OrgID              int  `yaml:"orgId"`
		DisableDeletion    bool `yaml:"disableDeletion"`
		AllowUIUpdates     bool `yaml:"allowUiUpdates"`
		Options            struct{ Path string }
	}
}

// strictly reads a file without members that are not known.
func strictly(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile("../../provisioning/" + path)
	if err != nil {
		t.Fatal(err)
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(into); err != nil {
		t.Errorf("%s: %v", path, err)
	}
}

// TestProvisionedCorrelations: each has what Grafana insists on, and its variable is none of Grafana's environment.
func TestProvisionedCorrelations(t *testing.T) {
	var plain, linked sources
	strictly(t, "datasources/weir.yaml", &plain)
	strictly(t, "correlations/weir.yaml", &linked)
	if len(plain.Datasources[0].Correlations) > 0 {
		t.Error("Grafana would not start where a target of a correlation is missing")
	}
	var targets []string
	for _, c := range linked.Datasources[0].Correlations {
		targets = append(targets, c.TargetUID)
		if c.Label == "" || c.Description == "" || c.Config.Type != "query" || c.Config.Field != "source.ip" {
			t.Errorf("%+v", c)
		}
		text, err := yaml.Marshal(c.Config.Target)
		if err != nil || !strings.Contains(string(text), "$${__value.raw}") || strings.Contains(strings.ReplaceAll(string(text), "$$", ""), "$") {
			t.Errorf("%s, %v", text, err)
		}
	}
	if !slices.Equal(targets, []string{"loki", "elasticsearch", "splunk"}) {
		t.Errorf("%v", targets)
	}
}

// TestProvisionedRules: states, times and expressions are those that Grafana knows, and every query is asked for by one that follows it.
func TestProvisionedRules(t *testing.T) {
	var file alerting
	strictly(t, "alerting/rules.yaml", &file)
	for _, g := range file.Groups {
		if every, err := time.ParseDuration(g.Interval); err != nil || every%(10*time.Second) != 0 || g.Name == "" || g.Folder == "" || g.OrgID != 1 {
			t.Errorf("%+v", g)
		}
		for _, r := range g.Rules {
			if _, err := time.ParseDuration(r.For); err != nil || r.UID == "" || len(r.UID) > 40 || r.Title == "" || r.Annotations["summary"] == "" {
				t.Errorf("%+v", r)
			}
			if !slices.Contains([]string{"OK", "NoData", "Alerting"}, r.NoDataState) || !slices.Contains([]string{"OK", "Error", "Alerting"}, r.ExecErrState) {
				t.Errorf("%s: %s, %s", r.UID, r.NoDataState, r.ExecErrState)
			}
			for _, label := range r.Labels { // in which Grafana puts its environment in, unlike in annotations
				if strings.Contains(label, "$") {
					t.Errorf("%s: %s", r.UID, label)
				}
			}
			var known []string
			for _, q := range r.Data {
				from, isExpression := q.Model["expression"].(string)
				switch {
				case q.Model["refId"] != q.RefID:
					t.Errorf("%s: %s is %v", r.UID, q.RefID, q.Model["refId"])
				case isExpression && (q.DatasourceUID != "__expr__" || !slices.Contains(known, from)):
					t.Errorf("%s: %s of %s", r.UID, q.RefID, from)
				case !isExpression && (q.DatasourceUID != "weir" || q.RelativeTimeRange.From <= q.RelativeTimeRange.To):
					t.Errorf("%s: %+v", r.UID, q)
				}
				known = append(known, q.RefID)
			}
			if !slices.Contains(known, r.Condition) {
				t.Errorf("%s: no %s", r.UID, r.Condition)
			}
		}
	}
}

// TestProvisionedOthers: contact point and dashboards.
func TestProvisionedOthers(t *testing.T) {
	var file alerting
	strictly(t, "alerting/contact-point.yaml", &file)
	receiver := file.ContactPoints[0].Receivers[0]
	if file.ContactPoints[0].Name == "" || receiver.UID == "" || receiver.Type != "email" || receiver.Settings["addresses"] == "" || file.Templates[0].Name == "" {
		t.Errorf("%+v", file)
	}
	var boards providers
	strictly(t, "dashboards/weir.yaml", &boards)
	p := boards.Providers[0]
	if p.Type != "file" || filepath.Base(p.Options.Path) != "dashboards" || filepath.Base(filepath.Dir(p.Options.Path)) != "weir-flow-datasource" {
		t.Errorf("%+v", p)
	}
}
