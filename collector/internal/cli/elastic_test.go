package cli

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// cluster answers as Elasticsearch does where only the user elastic is let in. Its index of flows has two sources.
func cluster(t *testing.T) *httptest.Server {
	t.Helper()
	answers := map[string]string{
		"GET /":                                `{"cluster_name":"c","version":{"number":"8.19.0","build_flavor":"default"},"tagline":"You Know, for Search"}`,
		"POST /logs-weir.flow-lab/_pit":        `{"id":"p"}`,
		"POST /metrics-weir.exporter-lab/_pit": `{"id":"p"}`,
		"DELETE /_pit":                         `{}`,
		"GET /_security/_authenticate":         `{"username":"elastic"}`,
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
		w.Header().Set("Content-Type", "application/json")
		if user, password, _ := r.BasicAuth(); user != "elastic" || password != "secret" {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, `{"error":{"type":"security_exception","reason":"unable to authenticate"},"status":401}`)
			return
		}
		body, _ := io.ReadAll(r.Body)
		answer, ok := answers[r.Method+" "+r.URL.Path]
		switch {
		case r.URL.Path == "/_search" && strings.Contains(string(body), `"source.ip"`):
			answer = `{"_shards":{"total":1},"aggregations":{"groups":{"buckets":[{"key":{"source.ip":"10.0.0.1"},"doc_count":2,"bytes":{"value":300.0}},` +
				`{"key":{"source.ip":"10.0.0.2"},"doc_count":1,"bytes":{"value":4.0E3}}]}}}`
		case r.URL.Path == "/_search":
			answer = `{"_shards":{"total":1},"aggregations":{"groups":{"buckets":[]}}}`
		case !ok:
			answer = `{}`
		}
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(s.Close)
	return s
}

func TestElastic(t *testing.T) {
	s := cluster(t)
	t.Setenv("WEIR_TOKEN", "secret")
	at := "elastic+http://elastic@" + strings.TrimPrefix(s.URL, "http://")
	const want = `SOURCE.IP  BYTES
10.0.0.2   4000 (4.00 kB)
10.0.0.1   300 (300 B)
`
	if diff := cmp.Diff(want, must(t, "query", "--by", "source.ip", "--url", at+"/lab")); diff != "" {
		t.Error(diff)
	}
	for _, c := range []struct {
		name, token string
		args        []string
		code        int
		want        string
	}{
		{"wrong password", "wrong", []string{"query", "--url", at}, 1, "does not know user elastic with this password"},
		{"user without a password", "", []string{"query", "--url", at}, 2, "set $WEIR_TOKEN to the password"},
		{"password in the URL", "", []string{"query", "--url", strings.Replace(at, "elastic@", "elastic:secret@", 1)}, 2, "can be read by all users"},
		{"no host", "secret", []string{"query", "--url", "elastic+https://"}, 2, "is of the form"},
		{"settings", "secret", []string{"settings", "list", "--url", at}, 2, "name a collector"},
		{"a namespace that is none", "secret", []string{"query", "--url", at + "/a/b"}, 1, "no name of indices"},
	} {
		t.Setenv("WEIR_TOKEN", c.token)
		code, out, errs := weir(t, c.args...)
		if code != c.code || !strings.Contains(errs, c.want) {
			t.Errorf("%s: exit code %d, %s%s", c.name, code, out, errs)
		}
	}
}
