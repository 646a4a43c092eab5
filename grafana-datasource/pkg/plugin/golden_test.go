//go:build cgo

package plugin_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// goldens are queries of every type and format with the frames that the public handler answers with, of a real collector with the
// walk-through and a flood in its store.
var goldens = []struct {
	name, query string
	of          backend.TimeRange
}{
	{"series_total", `{}`, hour},
	{"series_by", `{"queryType":"series","measure":"bps","by":["network.transport"],"interval":"10m"}`, hour},
	{"series_share", `{"queryType":"series","measure":"bytes","by":["network.protocol"],"limit":2,"interval":"15m","percent":true}`, hour},
	{"series_multi", `{"queryType":"series","format":"multi","measure":"pps","by":["network.direction"],"interval":"20m"}`, hour},
	{"series_both", `{"queryType":"series","measure":"bps","both":true,"by":["source.ip"],"limit":1,"interval":"30m","filter":"source.ip : 172.16.20.0/24"}`, hour},
	{"series_compare", `{"queryType":"series","measure":"flows","interval":"30m","compare":"30m"}`, hour},
	{"series_none", `{"queryType":"series","by":["source.ip"],"filter":"source.ip : 192.0.2.255"}`, hour},
	{"top", `{"queryType":"top","by":["source.ip","destination.port"],"measure":"bytes","more":["packets","flows"],"limit":3,"percent":true}`, hour},
	{"top_country", `{"queryType":"top","by":["source.geo.country_iso_code"],"measure":"bytes"}`, hour},
	{"top_distinct", `{"queryType":"top","by":["source.ip"],"measure":"distinct(destination.ip)","limit":2}`, hour},
	{"top_percentile", `{"queryType":"top","by":["observer.ip"],"measure":"bps","interval":"5m","percentile":95}`, hour},
	{"records", `{"queryType":"records","filter":"source.ip : 10.29.0.3","limit":3}`, day},
	{"records_fields", `{"queryType":"records","filter":"source.ip : 10.29.0.3","limit":2,"fields":["@timestamp","source.ip","weir.sampling.interval","network.bytes","weir.source.group","event.id"]}`, day},
	{"records_all", `{"queryType":"records","limit":2,"fields":["*"],"filter":"weir.protocol : sflow5"}`, hour},
	{"sessions", `{"queryType":"sessions","filter":"client.ip : 10.29.0.3","limit":3}`, day},
	{"alerts", `{"queryType":"alerts","minSeverity":60}`, hour},
	{"alerts_host", `{"queryType":"alerts","host":"10.29.0.3","detectors":["brute.*"]}`, day},
	{"alerts_logs", `{"queryType":"alerts","format":"logs","minSeverity":60}`, hour},
	{"alerts_annotations", `{"queryType":"alerts","format":"annotations","minSeverity":60}`, hour},
	{"alerts_count", `{"queryType":"alerts","format":"count"}`, day},
	{"alerts_count_detector", `{"queryType":"alerts","format":"count","by":["detector","severity_label"]}`, hour},
	{"alerts_wide", `{"queryType":"alerts","format":"wide","interval":"15m","minSeverity":60}`, hour},
	{"graph", `{"queryType":"graph","limit":3}`, hour},
	{"interfaces", `{"queryType":"interfaces","exporter":"198.51.100.1"}`, hour},
	{"interfaces_numeric", `{"queryType":"interfaces","format":"numeric","value":"flow_bps"}`, hour},
	{"interfaces_points", `{"queryType":"interfaces","format":"points","value":"flow_bps","exporter":"198.51.100.2","interval":"20m"}`, hour},
	{"exporters", `{"queryType":"exporters"}`, day},
	{"exporters_numeric", `{"queryType":"exporters","format":"numeric"}`, day},
	{"adhoc", `{"queryType":"top","by":["destination.ip"],"filter":"source.ip : 10.29.0.3 or source.ip : 10.20.0.2","adhoc":[{"key":"destination.port","operator":"=","value":"445"},{"key":"network.transport","operator":"!=","value":"udp"}]}`, day},
	{"macros", `{"queryType":"series","measure":"flows","filter":"event.start >= \"${__from:date:iso}\" and event.start < \"${__to:date:iso}\"","interval":"$__interval","minInterval":"20m"}`, hour},
	{"total", `{"queryType":"top","measure":"bytes"}`, hour},
}

func TestGolden(t *testing.T) {
	d := source(t, collector(t).URL)
	for _, g := range goldens {
		t.Run(g.name, func(t *testing.T) {
			res := must(t, d, g.query, g.of)
			golden(t, g.name, res)
		})
	}
}

// TestSharedAnswers: panels that are made of one answer at the same time leave it as it is (the race detector looks on), and are alike.
func TestSharedAnswers(t *testing.T) {
	d := sourceOf(t, settingsOf(collector(t).URL, `{"shareSeconds":60}`, nil))
	for _, g := range goldens {
		for range 3 {
			t.Run(g.name, func(t *testing.T) {
				t.Parallel()
				golden(t, g.name, must(t, d, g.query, g.of))
			})
		}
	}
}

// golden compares an answer, as it goes to a browser, with a file.
func golden(t *testing.T, name string, res backend.DataResponse) {
	t.Helper()
	text, err := json.Marshal(res)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(text, &tree); err != nil {
		t.Fatal(err)
	}
	text, err = json.MarshalIndent(tree, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name+".json")
	if *update {
		if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.TrimSpace(string(want)), string(text)); diff != "" {
		t.Errorf("%s: (-want +got)\n%s", path, diff)
	}
}
