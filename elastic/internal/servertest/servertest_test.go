package servertest_test

import (
	"net/http"
	"testing"

	"github.com/weirflow/weir/elastic/internal/servertest"
)

const template = `{"index_patterns":["logs-weir.test-*"],"priority":200,"data_stream":{},"template":{
	"settings":{"number_of_replicas":0,"codec":"best_compression"},
	"mappings":{"properties":{"@timestamp":{"type":"date"},"source":{"properties":{"ip":{"type":"ip"}}}}}}}`

// TestKill: what was answered is there after a kill, and a server that is down at a test's end is forgotten.
func TestKill(t *testing.T) {
	t.Run("kill", func(t *testing.T) {
		s := servertest.Start(t, servertest.Elasticsearch)
		s.Must(t, http.MethodPut, "/_index_template/test", template, nil)
		s.Must(t, http.MethodPost, "/logs-weir.test-a/_bulk", `{"create":{"_id":"1"}}
{"@timestamp":"2026-01-01T00:00:00Z","source":{"ip":"192.0.2.1"}}
`, nil)
		s.Kill(t)
		s.Restart(t)
		s.Must(t, http.MethodPost, "/logs-weir.test-a/_refresh", nil, nil)
		var count struct{ Count int }
		if s.Must(t, http.MethodGet, "/logs-weir.test-a/_count", nil, &count); count.Count != 1 {
			t.Errorf("%d documents after a kill", count.Count)
		}
		s.Stop(t)
	})
	s := servertest.Start(t, servertest.Elasticsearch)
	if got := s.Status(t, http.MethodGet, "/logs-weir.test-a", nil); got != http.StatusNotFound {
		t.Errorf("a new server knows the data of the old one: status %d", got)
	}
}
