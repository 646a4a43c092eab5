package plugin_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/weirflow/weir/grafana-datasource/pkg/plugin"
)

// settingsOf are the settings of a data source as Grafana sends them.
func settingsOf(url, jsonData string, secrets map[string]string) backend.DataSourceInstanceSettings {
	return backend.DataSourceInstanceSettings{ID: 1, UID: "weir", Type: plugin.ID, Name: "Weir", URL: url, JSONData: []byte(jsonData), DecryptedSecureJSONData: secrets, Updated: time.Unix(1, 0)}
}

// source returns a data source of a collector.
func source(t *testing.T, url string) *plugin.Datasource {
	t.Helper()
	return sourceOf(t, settingsOf(url, "{}", nil))
}

func sourceOf(t *testing.T, settings backend.DataSourceInstanceSettings) *plugin.Datasource {
	t.Helper()
	made, err := plugin.New(t.Context(), settings)
	if err != nil {
		t.Fatal(err)
	}
	d := made.(*plugin.Datasource)
	t.Cleanup(d.Dispose)
	return d
}

// The walk-through's day, and its first hour, in which the flood is.
var (
	dayFrom = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	day     = backend.TimeRange{From: dayFrom, To: dayFrom.Add(24 * time.Hour)}
	hour    = backend.TimeRange{From: dayFrom, To: dayFrom.Add(time.Hour)}
)

// requestOf is a request with one query, as a panel of 100 points sends it.
func requestOf(text string, r backend.TimeRange) *backend.QueryDataRequest {
	return &backend.QueryDataRequest{PluginContext: backend.PluginContext{Namespace: "default", PluginID: plugin.ID}, Queries: []backend.DataQuery{queryOf("A", text, r)}}
}

func queryOf(ref, text string, r backend.TimeRange) backend.DataQuery {
	return backend.DataQuery{RefID: ref, JSON: []byte(text), TimeRange: r, MaxDataPoints: 100, Interval: r.Duration() / 100}
}

// ask answers one query through the public handler.
func ask(t *testing.T, d *plugin.Datasource, text string, r backend.TimeRange) backend.DataResponse {
	t.Helper()
	return askRequest(t, d, requestOf(text, r))
}

func askRequest(t *testing.T, d *plugin.Datasource, req *backend.QueryDataRequest) backend.DataResponse {
	t.Helper()
	res, err := d.QueryData(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	answer, ok := res.Responses[req.Queries[0].RefID]
	if !ok {
		t.Fatalf("no answer: %v", res.Responses)
	}
	return answer
}

func must(t *testing.T, d *plugin.Datasource, text string, r backend.TimeRange) backend.DataResponse {
	t.Helper()
	res := ask(t, d, text, r)
	if res.Error != nil {
		t.Fatal(fmt.Errorf("%s: %w", text, res.Error))
	}
	return res
}
