//go:build cgo

package plugin_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/weirflow/weir/grafana-datasource/pkg/model"
)

// shown is of a dashboard what its panels ask.
type shown struct {
	Annotations struct {
		List []struct {
			Name   string
			Target *json.RawMessage
		}
	}
	Templating struct {
		List []struct {
			Name, Type string
			Query      json.RawMessage
		}
	}
	Panels []struct {
		Type, Title string
		Targets     []json.RawMessage
	}
}

// What the variables of dashboards are in the test, in filters and elsewhere, as the front end puts them in.
var (
	inFilters = strings.NewReplacer("$host", `"172.16.20.23"`, "$exporter", "*")
	elsewhere = strings.NewReplacer("$host", "172.16.20.23", "$exporter", "")
)

// interpolated is a panel's query as the front end sends it.
func interpolated(t *testing.T, target []byte) string {
	t.Helper()
	q, err := model.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	q.Filter, q.Host, q.Exporter = inFilters.Replace(q.Filter), elsewhere.Replace(q.Host), elsewhere.Replace(q.Exporter)
	text, err := json.Marshal(q)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "$") {
		t.Fatalf("a variable is left: %s", text)
	}
	return string(text)
}

// TestDashboards asks what every panel of the dashboards asks, with the walk-through and a flood in the store: all have something to show.
func TestDashboards(t *testing.T) {
	files, err := filepath.Glob("../../src/dashboards/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no dashboards", err)
	}
	d := source(t, collector(t).URL)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var board shown
		if err := json.Unmarshal(text, &board); err != nil {
			t.Fatal(file, err)
		}
		for _, p := range board.Panels {
			for _, target := range p.Targets {
				t.Run(filepath.Base(file)+"/"+p.Title, func(t *testing.T) {
					res := must(t, d, interpolated(t, target), day)
					if p.Type != "geomap" { // these records have no countries: see TestMaps
						showsSomething(t, res)
					}
				})
			}
		}
		for _, a := range board.Annotations.List {
			if a.Target != nil {
				t.Run(filepath.Base(file)+"/"+a.Name, func(t *testing.T) { showsSomething(t, must(t, d, interpolated(t, *a.Target), day)) })
			}
		}
		for _, v := range board.Templating.List {
			if v.Type == "query" {
				t.Run(filepath.Base(file)+"/$"+v.Name, func(t *testing.T) { hasValues(t, d, v.Query) })
			}
		}
	}
}

// showsSomething fails where an answer has no row.
func showsSomething(t *testing.T, res backend.DataResponse) {
	t.Helper()
	rows := 0
	for _, f := range res.Frames {
		rows += f.Rows()
	}
	if rows == 0 {
		t.Error("nothing to show")
	}
}

// hasValues asks for the values of a variable as the front end does.
func hasValues(t *testing.T, d backend.CallResourceHandler, query []byte) {
	t.Helper()
	var q model.VariableQuery
	if err := json.Unmarshal(query, &q); err != nil {
		t.Fatal(err)
	}
	q.Range = model.TimeSpan{From: day.From.Format(time.RFC3339), To: day.To.Format(time.RFC3339)}
	body, err := json.Marshal(q)
	if err != nil {
		t.Fatal(err)
	}
	var answer []model.VariableValue
	sender := backend.CallResourceResponseSenderFunc(func(res *backend.CallResourceResponse) error { return json.Unmarshal(res.Body, &answer) })
	if err := d.CallResource(t.Context(), &backend.CallResourceRequest{Method: "POST", Path: "variable", URL: "variable", Body: body}, sender); err != nil {
		t.Fatal(err)
	}
	if len(answer) == 0 {
		t.Error("no values")
	}
}
