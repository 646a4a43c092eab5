package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/api"
	"github.com/weirflow/weir/collector/internal/audit"
	"github.com/weirflow/weir/collector/internal/token"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/query/conformance"
)

// audited keeps what it is told.
type audited []audit.Entry

func (a *audited) Write(e audit.Entry) { *a = append(*a, e) }

// TestGuard: who may ask for what, and what the audit says of it.
func TestGuard(t *testing.T) {
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	tokens := token.New(t.TempDir(), func() time.Time { return now })
	secrets := map[string]string{"": "", "wrong": "Bearer weir_wrong", "basic": "Basic dXNlcjpwYXNz", "empty": "Bearer "}
	for name, scope := range map[string]token.Scope{"reader": token.Read, "actor": token.Act, "root": token.Admin} {
		secret, err := tokens.Create(name, scope, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		secrets[name] = "Bearer " + secret
	}
	deps := over(conformance.NewReference(flow.NewBatch(0, flow.NewSymbols())))
	deps.Tokens = tokens
	deps.Extra = map[string]http.Handler{"GET /healthz": http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), "PUT /api/v1/thing": http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}
	handler, err := api.New(api.DefaultConfig(), deps)
	if err != nil {
		t.Fatal(err)
	}
	loopback, far, socket := api.Access{Loopback: true, Hosts: []string{"weir.example.net"}}, api.Access{Token: true}, api.Access{Socket: true}
	off := api.Access{}
	for _, c := range []struct {
		name   string
		access api.Access
		method string
		path   string
		host   string
		token  string
		status int
		who    string // in the audit
	}{
		{"loopback without a token", loopback, "GET", query.PathExporters, "127.0.0.1:8474", "", 200, ""},
		{"loopback by name", loopback, "GET", query.PathExporters, "LocalHost.:8474", "", 200, ""},
		{"loopback by IPv6", loopback, "GET", query.PathExporters, "[::1]:8474", "", 200, ""},
		{"loopback by a proxy's name", loopback, "GET", query.PathExporters, "Weir.example.net", "", 200, ""},
		{"a name that was made to resolve to loopback", loopback, "GET", query.PathExporters, "evil.example.com:8474", "", 421, ""},
		{"an address that is not loopback's", loopback, "GET", query.PathExporters, "192.0.2.1", "reader", 421, ""},
		{"no host", loopback, "GET", query.PathExporters, "", "", 421, ""},
		{"loopback with a token", loopback, "GET", query.PathExporters, "localhost", "reader", 200, "reader"},
		{"loopback with a wrong token", loopback, "GET", query.PathExporters, "localhost", "wrong", 401, ""},
		{"loopback, a change without a token", loopback, "PUT", "/api/v1/thing", "localhost", "", 401, ""},
		{"loopback, a change by a reader", loopback, "PUT", "/api/v1/thing", "localhost", "reader", 403, "reader"},
		{"loopback, a change", loopback, "PUT", "/api/v1/thing", "localhost", "actor", 200, "actor"},
		{"elsewhere without a token", far, "GET", query.PathExporters, "weir", "", 401, ""},
		{"elsewhere, a question without a token", far, "POST", query.PathAggregate, "weir", "", 401, ""},
		{"elsewhere, metrics without a token", far, "GET", "/metrics", "weir", "", 401, ""},
		{"elsewhere, the description without a token", far, "GET", api.PathOpenAPI, "weir", "", 401, ""},
		{"elsewhere with a token", far, "GET", query.PathExporters, "weir", "reader", 200, "reader"},
		{"elsewhere, a question", far, "POST", query.PathAggregate, "weir", "reader", 200, "reader"},
		{"elsewhere with a wrong token", far, "GET", query.PathExporters, "weir", "wrong", 401, ""},
		{"elsewhere with a password", far, "GET", query.PathExporters, "weir", "basic", 401, ""},
		{"elsewhere with an empty token", far, "GET", query.PathExporters, "weir", "empty", 401, ""},
		{"tokens seen by a reader", far, "GET", api.PathTokens, "weir", "reader", 403, "reader"},
		{"tokens seen by an actor", far, "GET", api.PathTokens, "weir", "actor", 403, "actor"},
		{"tokens seen by an administrator", far, "GET", api.PathTokens, "weir", "root", 200, "root"},
		{"tokens on loopback without a token", loopback, "GET", api.PathTokens, "localhost", "", 401, ""},
		{"tokens without any rule", off, "GET", api.PathTokens, "weir", "", 401, ""},
		{"questions without any rule", off, "GET", query.PathExporters, "weir", "", 200, ""},
		{"a POST that is no question", off, "POST", "/api/v1/thing", "weir", "reader", 403, "reader"},
		{"the socket needs nothing", socket, "GET", api.PathTokens, "anything", "", 200, ""},
		{"an unknown path", loopback, "GET", "/nothing", "localhost", "", 404, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var seen audited
			guarded := api.Guard(c.access, api.GuardDeps{Tokens: tokens, Audit: &seen, Now: func() time.Time { return now }}, handler)
			r := httptest.NewRequest(c.method, "http://x"+c.path+"", strings.NewReader("{}"))
			r.Host = c.host
			r.Header.Set("Content-Type", query.TypeJSON)
			if c.token != "" {
				r.Header.Set("Authorization", secrets[c.token])
			}
			w := httptest.NewRecorder()
			guarded.ServeHTTP(w, r)
			if w.Code != c.status {
				t.Errorf("status %d, want %d: %s", w.Code, c.status, w.Body)
			}
			if c.status >= 400 {
				checkFailure(t, w.Code, w.Header(), w.Body.String())
			}
			address := "192.0.2.1"
			if c.access.Socket {
				address = "socket"
			}
			want := audit.Entry{Time: now, Token: c.who, Address: address, Method: c.method, Path: c.path, Status: c.status}
			if len(seen) != 1 || seen[0] != want {
				t.Errorf("audit %+v, want %+v", seen, want)
			}
		})
	}
	t.Run("expired", func(t *testing.T) {
		now = now.Add(time.Hour)
		var seen audited
		r := httptest.NewRequest("GET", query.PathExporters, nil)
		r.Header.Set("Authorization", secrets["root"])
		w := httptest.NewRecorder()
		api.Guard(far, api.GuardDeps{Tokens: tokens, Audit: &seen, Now: func() time.Time { return now }}, handler).ServeHTTP(w, r)
		if w.Code != 401 || !strings.Contains(w.Body.String(), "expired") || seen[0].Token != "root" {
			t.Errorf("%d %s %+v", w.Code, w.Body, seen)
		}
	})
	t.Run("probes are not audited", func(t *testing.T) {
		var seen audited
		w := httptest.NewRecorder()
		api.Guard(far, api.GuardDeps{Tokens: tokens, Audit: &seen}, handler).ServeHTTP(w, httptest.NewRequest("GET", "/healthz", nil))
		if w.Code != 200 || len(seen) > 0 {
			t.Errorf("%d, %+v", w.Code, seen)
		}
	})
}

// checkFailure checks an answer that is no success: its shape, and what its status wants beside it.
func checkFailure(t *testing.T, status int, h http.Header, body string) {
	t.Helper()
	var f query.Failure
	if err := json.Unmarshal([]byte(body), &f); err != nil || f.Error.Text == "" || h.Get("Content-Type") != query.TypeJSON {
		t.Errorf("%d: not a failure in JSON (%v): %s %.200s", status, err, h.Get("Content-Type"), body)
	}
	want := map[int]string{401: "WWW-Authenticate", 405: "Allow", 429: "Retry-After", 503: "Retry-After"}[status]
	if want != "" && h.Get(want) == "" {
		t.Errorf("%d without %s", status, want)
	}
}

// TestGuardShowsPages: a browser is told why it may not look as a page, a program in JSON; the status and the headers are the same.
func TestGuardShowsPages(t *testing.T) {
	now := func() time.Time { return time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC) }
	deps := api.GuardDeps{Tokens: token.New(t.TempDir(), now), Audit: &audited{}, Now: now, PageError: func(w http.ResponseWriter, r *http.Request, err error) {
		w.WriteHeader(err.(interface{ Status() int }).Status()) //nolint:errorlint // it is not wrapped
		_, _ = w.Write([]byte("page of " + r.URL.Path + ": " + err.Error()))
	}}
	guard := api.Guard(api.Access{Token: true, Loopback: true}, deps, http.NotFoundHandler())
	for _, c := range []struct {
		accept, host, path, says string
		status                   int
	}{
		{"text/html,*/*;q=0.8", "localhost", "/host/10.1.2.3", "page of /host/10.1.2.3: authorization: a token", 401},
		{"text/html", "evil.example.com", "/", "page of /: host: ", 421},
		{"application/json", "localhost", "/", `{"error"`, 401},
		{"", "evil.example.com", "/", `{"error"`, 421},
	} {
		r, w := httptest.NewRequest(http.MethodGet, c.path, http.NoBody), httptest.NewRecorder()
		r.Host = c.host
		r.Header.Set("Accept", c.accept)
		guard.ServeHTTP(w, r)
		if w.Code != c.status || !strings.HasPrefix(w.Body.String(), c.says) || (c.status == 401) != (w.Header().Get("WWW-Authenticate") != "") {
			t.Errorf("%q of %s: %d %s", c.accept, c.path, w.Code, w.Body)
		}
	}
}
