package api_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/api"
	"github.com/weirflow/weir/shared/query"
)

// FuzzRequest: whatever is sent, nothing panics, nothing is a fault of the collector's, and what is refused is told in JSON.
func FuzzRequest(f *testing.F) {
	f.Add("POST", query.PathAggregate, "localhost", "", "gzip", query.TypeJSON, `{"by":["source.ip"],"interval":"1m"}`)
	f.Add("POST", query.PathRecords, "127.0.0.1:1", "Bearer x", typeArrow, query.TypeJSON+"; charset=utf-8", `{"filter":"source.port : 53"}`)
	f.Add("GET", query.PathExporters+"?x=1", "[::1]", "", "*/*", "", "")
	f.Add("PUT", "/api/v1/config/../tokens", "a.", "Basic", "gzip;q=0", "text/plain", "{")
	ref := nothing()
	h, err := api.New(api.DefaultConfig(), api.Deps{Engine: ref, Sessions: ref, Alerts: ref, Exporters: ref, Tokens: noTokens{}})
	if err != nil {
		f.Fatal(err)
	}
	guarded := api.Guard(api.Access{Loopback: true}, api.GuardDeps{Tokens: noTokens{}, Audit: noAudit{}, Now: time.Now}, h)
	f.Fuzz(func(t *testing.T, method, target, host, authorization, accept, kind, body string) {
		r, err := http.NewRequestWithContext(t.Context(), method, "http://x"+target, strings.NewReader(body))
		if err != nil {
			return
		}
		r.Host, r.RemoteAddr = host, "127.0.0.1:1"
		for name, value := range map[string]string{"Accept": accept, "Accept-Encoding": accept, "Content-Type": kind} {
			r.Header.Set(name, value)
		}
		if authorization != "" {
			r.Header.Set("Authorization", authorization)
		}
		w := httptest.NewRecorder()
		guarded.ServeHTTP(w, r)
		if w.Code >= 500 || w.Code < 200 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		if w.Code >= 400 && w.Header().Get("Content-Encoding") == "" {
			checkFailure(t, w.Code, w.Header(), w.Body.String())
		}
	})
}
