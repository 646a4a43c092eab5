//go:build cgo

package plugin_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"text/template"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"go.yaml.in/yaml/v3"

	"github.com/weirflow/weir/grafana-datasource/pkg/plugin"
)

func readYAML(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile("../../provisioning/" + path)
	if err == nil {
		err = yaml.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// rules are the alert rules that are shipped, as far as a test reads them.
type rules struct {
	Groups []struct {
		Rules []struct {
			UID, Condition string
			Data           []struct {
				RefID             string                 `yaml:"refId"`
				DatasourceUID     string                 `yaml:"datasourceUid"`
				RelativeTimeRange struct{ From, To int } `yaml:"relativeTimeRange"`
				Model             map[string]any
			}
		}
	}
}

// TestShippedRules: the queries of the rules that are shipped, asked as Grafana asks them when the flood is on, give numbers over which the
// rules fire; on a quiet hour they do not.
func TestShippedRules(t *testing.T) {
	var shipped rules
	readYAML(t, "alerting/rules.yaml", &shipped)
	d := source(t, collector(t).URL)
	flood, quiet := dayFrom.Add(15*time.Minute), dayFrom.Add(6*time.Hour)
	fires := map[string]func(float64) bool{
		"weir-group-rate":      func(v float64) bool { return v > 1e8 }, // the scenario's flood is smaller than the shipped limit
		"weir-alerts":          func(v float64) bool { return v > 0 },
		"weir-silent-exporter": func(v float64) bool { return v > 300 },
	}
	tested := 0
	for _, r := range shipped.Groups[0].Rules {
		query := r.Data[0]
		if query.DatasourceUID != "weir" || r.Data[len(r.Data)-1].RefID != r.Condition {
			t.Errorf("%s: %+v", r.UID, r)
		}
		text, err := json.Marshal(query.Model)
		if err != nil {
			t.Fatal(err)
		}
		at := func(end time.Time) (any bool) {
			req := requestOf(string(text), backend.TimeRange{From: end.Add(-time.Duration(query.RelativeTimeRange.From) * time.Second), To: end})
			req.Headers = map[string]string{"FromAlert": "true"}
			res := askRequest(t, d, req)
			if res.Error != nil {
				t.Fatalf("%s: %v", r.UID, res.Error)
			}
			return anyNumber(res, fires[r.UID])
		}
		if !at(flood) && r.UID != "weir-silent-exporter" || at(quiet) && r.UID != "weir-silent-exporter" || !at(day.To) && r.UID == "weir-silent-exporter" {
			t.Errorf("%s: in the flood %v, on a quiet hour %v, after the end %v", r.UID, at(flood), at(quiet), at(day.To))
		}
		tested++
	}
	if tested != len(fires) {
		t.Errorf("%d rules", tested)
	}
}

// anyNumber tells whether any number of an answer is such.
func anyNumber(res backend.DataResponse, such func(float64) bool) bool {
	for _, frame := range res.Frames {
		for _, f := range frame.Fields {
			for i := 0; f.Type() == data.FieldTypeNullableFloat64 && i < f.Len(); i++ {
				if v := f.At(i).(*float64); v != nil && such(*v) {
					return true
				}
			}
		}
	}
	return false
}

// TestShippedDataSource: what is provisioned is what the plugin reads.
func TestShippedDataSource(t *testing.T) {
	for _, path := range []string{"datasources/weir.yaml", "correlations/weir.yaml"} {
		var shipped sources
		readYAML(t, path, &shipped)
		s := shipped.Datasources[0]
		if s.Type != plugin.ID || s.UID != "weir" || s.SecureJSONData["token"] != "$WEIR_TOKEN" {
			t.Errorf("%+v", s)
		}
		delete(s.JSONData, "tlsAuthWithCACert") // there is no certificate here
		text, err := json.Marshal(s.JSONData)
		if err != nil {
			t.Fatal(err)
		}
		d := sourceOf(t, settingsOf(collector(t).URL, string(text), s.SecureJSONData))
		res := ask(t, d, `{"queryType":"top"}`, hour)
		if res.Error == nil || !strings.Contains(res.Error.Error(), "does not accept the token") { // which is none of this collector's
			t.Errorf("%v", res.Error)
		}
	}
}

// TestContactPoint: the message template says what is firing.
func TestContactPoint(t *testing.T) {
	var shipped struct {
		Templates     []struct{ Template string }
		ContactPoints []struct {
			Receivers []struct{ Settings map[string]string }
		} `yaml:"contactPoints"`
	}
	readYAML(t, "alerting/contact-point.yaml", &shipped)
	parsed, err := template.New("all").Parse(shipped.Templates[0].Template)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parsed.New("message").Parse(shipped.ContactPoints[0].Receivers[0].Settings["message"]); err != nil {
		t.Fatal(err)
	}
	type alert struct {
		Status               string
		Annotations          map[string]string
		StartsAt             time.Time
		PanelURL, SilenceURL string
	}
	var out strings.Builder
	err = parsed.ExecuteTemplate(&out, "message", map[string]any{"Alerts": []alert{{Status: "firing", Annotations: map[string]string{"summary": "2 alerts of severity high"}, StartsAt: dayFrom, SilenceURL: "https://g/silence"}}})
	if want := "firing: 2 alerts of severity high\nsince 2026-03-02 00:00:00 UTC\nsilence: https://g/silence"; err != nil || strings.TrimSpace(out.String()) != want {
		t.Errorf("%q, %v", out.String(), err)
	}
}
