package api_test

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/api"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/query/conformance"
)

func nothing() *conformance.Reference {
	return conformance.NewReference(flow.NewBatch(0, flow.NewSymbols()))
}

// TestGoneAsker: who hangs up ends the question in the engine.
func TestGoneAsker(t *testing.T) {
	ref, entered, ended := nothing(), make(chan struct{}), make(chan error, 1)
	wait := func(ctx context.Context) error {
		close(entered)
		<-ctx.Done()
		ended <- ctx.Err()
		return ctx.Err()
	}
	s := serve(t, api.DefaultConfig(), api.Deps{Engine: broken{ref, wait}, Alerts: ref, Exporters: ref})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-entered
		cancel()
	}()
	if _, err := client(t, query.ClientConfig{URL: s.URL}).Aggregate(ctx, query.Question{}); err == nil {
		t.Error("the question is answered")
	}
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the engine's context ends with %v", err)
	}
}

// TestBudget: what costs too much is refused in one sentence that says what would do.
func TestBudget(t *testing.T) {
	cfg, deps := api.DefaultConfig(), over(nothing())
	deps.Hours = func(from, _ time.Time) float64 {
		if from.IsZero() {
			return 8760
		}
		return 24
	}
	cfg.Budget = 1e9
	s := serve(t, cfg, deps)
	for _, c := range []struct {
		name, body string
		status     int
		says       string
	}{
		{"a total of everything", `{}`, 200, ""},
		{"hosts of a year", `{"by":["source.ip"]}`, 200, ""},
		{"pairs of a year", `{"by":["source.ip","destination.ip"]}`, 422, `source.ip, destination.ip over 8760 hours is beyond the budget (api.limits.budget in weir.yaml): ask for at most 100 hours, group by fewer fields, or narrow it down with a filter`},
		{"pairs of a day", `{"by":["source.ip","destination.ip"],"from":"2026-03-02T00:00:00Z"}`, 200, ""},
		{"pairs of a host", `{"by":["source.ip","destination.ip"],"filter":"related.ip : 10.0.0.1"}`, 200, ""},
		{"distinct values of pairs", `{"measure":"distinct","field":"source.ip","by":["destination.ip"]}`, 422, "destination.ip, source.ip over 8760 hours"},
		{"twice a day's pairs", `{"by":["source.ip","destination.ip"],"from":"2026-03-02T00:00:00Z","to":"2026-03-03T00:00:00Z","compare":"1w"}`, 200, ""},
		{"a series of hosts by the hour", `{"by":["source.ip"],"interval":"1h"}`, 200, ""},
		{"a series of hosts by the minute", `{"by":["source.ip"],"interval":"1m"}`, 422, "source.ip by 1m over 8760 hours is beyond the budget (api.limits.budget in weir.yaml): ask for at most 166 hours, choose a longer interval, group"},
		{"a percentile of hosts by the minute", `{"by":["source.ip"],"interval":"1m","percentile":95}`, 422, "source.ip by 1m"},
		{"a series without groups", `{"interval":"1m"}`, 200, ""},
		{"a day's hosts by the second", `{"by":["source.ip"],"interval":"1s","from":"2026-03-02T00:00:00Z"}`, 422, "over 24 hours"},
		{"a day's hosts by the minute", `{"by":["source.ip"],"interval":"1m","from":"2026-03-02T00:00:00Z"}`, 200, ""},
		{"hosts of a year, both ways", `{"by":["source.ip"],"direction":"both"}`, 422, "source.ip over 8760 hours is beyond the budget (api.limits.budget in weir.yaml): ask for at most 5000 hours"},
		{"an interval that is none", `{"by":["source.ip"],"interval":"soon"}`, 400, `"part":"interval"`},
	} {
		status, body := ask(t, s, http.MethodPost, query.PathAggregate, query.TypeJSON, c.body)
		if status != c.status || !strings.Contains(body, c.says) {
			t.Errorf("%s: %d %s", c.name, status, body)
		}
	}
	cfg.Budget = 0
	if status, body := ask(t, serve(t, cfg, deps), http.MethodPost, query.PathAggregate, query.TypeJSON, `{"by":["source.ip","destination.ip"]}`); status != 200 {
		t.Errorf("without a budget: %d %s", status, body)
	}
}

// TestWildProgram: who lets very many questions wait is refused at once, and others are not.
func TestWildProgram(t *testing.T) {
	ref, entered, release := nothing(), make(chan struct{}, 100), make(chan struct{})
	slow := func(context.Context) error { entered <- struct{}{}; <-release; return nil }
	cfg := api.DefaultConfig()
	cfg.Concurrent, cfg.PerToken = 2, 1
	h, err := api.New(cfg, api.Deps{Engine: broken{ref, slow}, Alerts: ref, Exporters: ref})
	if err != nil {
		t.Fatal(err)
	}
	guarded := api.Guard(api.Access{}, api.GuardDeps{Tokens: noTokens{}, Audit: noAudit{}, Now: time.Now}, h)
	from := func(address, path, method string) int {
		r := httptest.NewRequest(method, path, strings.NewReader("{}"))
		r.RemoteAddr = address
		r.Header.Set("Content-Type", query.TypeJSON)
		w := httptest.NewRecorder()
		guarded.ServeHTTP(w, r)
		return w.Code
	}
	const questions = 66 // one is answered, 64 wait
	codes := make(chan int, questions)
	for range questions {
		go func() { codes <- from("192.0.2.1:1", query.PathAggregate, http.MethodPost) }()
	}
	<-entered
	if code := <-codes; code != http.StatusTooManyRequests {
		t.Errorf("one too many: %d", code)
	}
	if code := from("192.0.2.2:1", query.PathExporters, http.MethodGet); code != http.StatusOK {
		t.Errorf("another: %d", code)
	}
	close(release)
	for range questions - 1 {
		if code := <-codes; code != http.StatusOK {
			t.Errorf("one that waited: %d", code)
		}
	}
}

// TestGzip: JSON and lines are compressed for those who take that, errors too.
func TestGzip(t *testing.T) {
	s := everything(t)
	for _, c := range []struct {
		name, path, body, accepts string
		packed                    bool
	}{
		{"JSON", query.PathAggregate, `{}`, "gzip", true},
		{"lines", query.PathRecords, `{}`, "deflate, gzip;q=0.5", true},
		{"no lines", query.PathRecords, `{"filter":"source.port : 1 and source.port : 2"}`, "gzip", false},
		{"an error", query.PathAggregate, `{`, "br, gzip", true},
		{"not wanted", query.PathAggregate, `{}`, "gzip;q=0", false},
		{"nothing said", query.PathAggregate, `{}`, "", false},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", query.TypeJSON)
		req.Header.Set("Accept-Encoding", c.accepts)
		res, err := s.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var body io.Reader = res.Body
		if packed := res.Header.Get("Content-Encoding") == "gzip"; packed != c.packed {
			t.Errorf("%s: compressed %v", c.name, packed)
		} else if packed {
			if body, err = gzip.NewReader(res.Body); err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
		}
		text, err := io.ReadAll(body)
		if err != nil || (len(text) == 0) != (c.name == "no lines") || !strings.Contains(res.Header.Get("Vary"), "Accept-Encoding") {
			t.Errorf("%s: %v, %d bytes, %v", c.name, err, len(text), res.Header)
		}
		_ = res.Body.Close()
	}
}

// TestBodyThatDoesNotCome: a request cut short is answered, and holds no turn.
func TestBodyThatDoesNotCome(t *testing.T) {
	s := serve(t, api.DefaultConfig(), over(nothing()))
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, err = io.WriteString(conn, "POST "+query.PathAggregate+" HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{}")
	if err == nil {
		err = conn.(*net.TCPConn).CloseWrite()
	}
	answer, readErr := io.ReadAll(conn)
	if err != nil || readErr != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 400 ") || !strings.Contains(string(answer), "did not arrive whole") {
		t.Errorf("%v, %v: %s", err, readErr, answer)
	}
}

// TestSettings: groups, policies and exporters are told as configured; who has them is told so.
func TestSettings(t *testing.T) {
	s := everything(t)
	for _, path := range []string{"groups", "policies", "exporters"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+query.PathConfig+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := s.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || len(text) < 20 || strings.Contains(string(text), "secret") {
			t.Errorf("%s: %v, %s", path, err, text)
		}
		req.Header.Set("If-None-Match", res.Header.Get("ETag"))
		if res, err = s.Client().Do(req); err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusNotModified {
			t.Errorf("%s again: %d", path, res.StatusCode)
		}
	}
}
