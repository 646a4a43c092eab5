//go:build cgo

package daemon_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestWebPage: a browser on this machine sees the pages over an empty store; one that was sent here under another name does not.
func TestWebPage(t *testing.T) {
	cfg := testConfig(t.TempDir(), anyPort)
	cfg.API.Listen = freePort(t).String()
	start(t, cfg)
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	browse := func(path, host string) (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+cfg.API.Listen+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept", "text/html")
		if host != "" {
			r.Host = host
		}
		res, err := (&http.Client{Transport: transport}).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(body)
	}
	for path, says := range map[string]string{
		"/": "No alerts", "/alerts?host=10.1.2.3": "No alerts", "/host/10.1.2.3": "No sessions", "/exporters": "No exporter", "/query?by=source.ip&from=now-1h": "No records", "/static/style.css": "font",
	} {
		if status, body := browse(path, ""); status != http.StatusOK || !strings.Contains(body, says) {
			t.Errorf("%s: %d\n%s", path, status, body)
		}
	}
	if status, _ := browse("/", "evil.example"); status != http.StatusMisdirectedRequest {
		t.Errorf("as evil.example: %d", status)
	}
	if status, body := get(t, cfg.Data, "/alerts"); status != http.StatusOK || strings.TrimSpace(body) != "[]" {
		t.Errorf("a program is told %d %s", status, body)
	}
}
