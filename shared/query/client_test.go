package query_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/query"
)

func TestNewClient(t *testing.T) {
	for _, c := range []struct {
		name string
		cfg  query.ClientConfig
		ok   bool
	}{
		{"URL", query.ClientConfig{URL: "http://127.0.0.1:8474"}, true},
		{"URL with a path", query.ClientConfig{URL: "https://example.net/weir/"}, true},
		{"socket", query.ClientConfig{Socket: "/run/weir.sock"}, true},
		{"nothing", query.ClientConfig{}, false},
		{"both", query.ClientConfig{URL: "http://127.0.0.1:8474", Socket: "/run/weir.sock"}, false},
		{"no scheme", query.ClientConfig{URL: "127.0.0.1:8474"}, false},
		{"another scheme", query.ClientConfig{URL: "ftp://127.0.0.1"}, false},
		{"no host", query.ClientConfig{URL: "http://"}, false},
	} {
		if _, err := query.NewClient(c.cfg); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// answering returns a client of a server that always answers the same, and the last request's path and token.
func answering(t *testing.T, status int, body string) (*query.Client, *http.Request) {
	t.Helper()
	last := new(http.Request)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		last.Method, last.URL, last.Header = r.Method, r.URL, r.Header
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	c, err := query.NewClient(query.ClientConfig{URL: s.URL + "/behind/proxy/", Token: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	return c, last
}

func TestClientSendsItsToken(t *testing.T) {
	c, last := answering(t, http.StatusOK, "[]")
	if _, err := c.Exporters(t.Context()); err != nil {
		t.Fatal(err)
	}
	if last.Method != http.MethodGet || last.URL.Path != "/behind/proxy/api/v1/exporters" || last.Header.Get("Authorization") != "Bearer secret" {
		t.Errorf("%s %s %v", last.Method, last.URL, last.Header)
	}
}

func TestClientExplainsBadAnswers(t *testing.T) {
	for _, c := range []struct {
		name     string
		status   int
		body     string
		question bool
		want     string
	}{
		{"the question's fault", 400, `{"error":{"part":"by","text":"no field"}}`, true, "by: no field"},
		{"the engine's fault", 500, `{"error":{"part":"","text":"disk full"}}`, false, "disk full"},
		{"another program", 404, "<html>not found</html>", false, "404"},
		{"an endless failure", 502, strings.Repeat("x", 1<<20), false, "502"},
		{"not a result", 200, "<html>", false, "read answer of"},
	} {
		client, _ := answering(t, c.status, c.body)
		_, err := client.Aggregate(t.Context(), query.Question{})
		var bad *query.Error
		if err == nil || errors.As(err, &bad) != c.question || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, wanted %s", c.name, err, c.want)
		}
	}
}

func TestClientRefusesRecordsCutShort(t *testing.T) {
	client, _ := answering(t, http.StatusOK, `{"event.end":"2026-03-02T08:00:00Z"}`+"\n"+`{"event.end":"2026-`)
	if b, err := client.Records(t.Context(), query.Question{}); err == nil || b != nil || !strings.Contains(err.Error(), "record 2") {
		t.Errorf("%v, %v", b, err)
	}
}

func TestClientRefusesSessionsCutShort(t *testing.T) {
	const good = `{"id":"00000000000000000000000000000001","start":"2026-03-02T08:00:00Z","end":"2026-03-02T08:00:30Z","client":{"ip":"10.0.0.1"},"server":{"ip":"10.0.0.2"},"transport":"tcp"}`
	client, last := answering(t, http.StatusOK, good+"\n"+good[:60])
	if b, err := client.Sessions(t.Context(), query.Question{}); err == nil || b != nil || !strings.Contains(err.Error(), "session 2") {
		t.Errorf("%v, %v", b, err)
	}
	if last.Method != http.MethodPost || last.URL.Path != "/behind/proxy/api/v1/sessions" {
		t.Errorf("%s %s", last.Method, last.URL)
	}
}
