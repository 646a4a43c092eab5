package plugin_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// openSearch answers as OpenSearch does to who has the key; its index of flows in the namespace lab has two sources.
func openSearch(t *testing.T) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "ApiKey good" {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, `{"error":{"type":"security_exception","reason":"the key is not known"},"status":401}`)
			return
		}
		body, _ := io.ReadAll(r.Body)
		answer := `{}`
		switch {
		case r.URL.Path == "/" && r.Method == http.MethodGet:
			answer = `{"version":{"number":"2.19.1","distribution":"opensearch"}}`
		case r.URL.Path == "/logs-weir.flow-lab/_search/point_in_time":
			answer = `{"pit_id":"p"}`
		case strings.HasSuffix(r.URL.Path, "/_search/point_in_time"):
			w.WriteHeader(http.StatusNotFound)
			answer = `{"error":{"type":"index_not_found_exception","reason":"no such index"},"status":404}`
		case r.URL.Path == "/_search" && strings.Contains(string(body), `"source.ip"`):
			answer = `{"_shards":{"total":1},"aggregations":{"groups":{"buckets":[{"key":{"source.ip":"10.0.0.1"},"doc_count":2,"bytes":{"value":300.0}},` +
				`{"key":{"source.ip":"10.0.0.2"},"doc_count":1,"bytes":{"value":4.0E3}}]}}}`
		case r.URL.Path == "/_search":
			answer = `{"_shards":{"total":1},"hits":{"total":{"value":3}},"aggregations":{"records":{"value":3.0}}}`
		}
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(s.Close)
	return s
}

// TestElastic: a data source whose back end is Elasticsearch or OpenSearch answers as one of a collector does.
func TestElastic(t *testing.T) {
	s := openSearch(t)
	d := sourceOf(t, settingsOf(s.URL, `{"backend":"elasticsearch","namespace":"lab"}`, map[string]string{"token": "good"}))
	res := must(t, d, `{"queryType":"top","by":["source.ip"],"measure":"bytes"}`, day)
	if len(res.Frames) != 1 || res.Frames[0].Rows() != 2 || res.Frames[0].Fields[0].At(0) == nil {
		t.Errorf("%v", res.Frames)
	}
	health, err := d.CheckHealth(t.Context(), &backend.CheckHealthRequest{})
	if err != nil || health.Status != backend.HealthStatusOk {
		t.Errorf("%v, %v", health, err)
	}
	for _, c := range []struct {
		name, json, key, says string
		status                backend.Status
	}{
		{"wrong key", `{"backend":"elasticsearch","namespace":"lab"}`, "bad", "the key is not known", http.StatusUnauthorized},
		{"no such kind", `{"backend":"solr"}`, "good", "backend: ", http.StatusBadRequest},
	} {
		res := ask(t, sourceOf(t, settingsOf(s.URL, c.json, map[string]string{"token": c.key})), `{"queryType":"top"}`, day)
		if res.Error == nil || !strings.Contains(res.Error.Error(), c.says) || res.Status != c.status || res.ErrorSource != backend.ErrorSourceDownstream {
			t.Errorf("%s: %v, %v %s", c.name, res.Error, res.Status, res.ErrorSource)
		}
	}
	empty, err := sourceOf(t, settingsOf(s.URL, `{"backend":"elasticsearch","namespace":"other"}`, map[string]string{"token": "good"})).CheckHealth(t.Context(), &backend.CheckHealthRequest{})
	if err != nil || empty.Status != backend.HealthStatusError || !strings.Contains(empty.Message, "no flows in this namespace") {
		t.Errorf("%v, %v", empty, err)
	}
}
