package api_test

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/weirflow/weir/collector/internal/api"
	"github.com/weirflow/weir/collector/internal/audit"
	"github.com/weirflow/weir/collector/internal/token"
	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/interfaces"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/query/conformance"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func serve(t *testing.T, cfg api.Config, deps api.Deps) *httptest.Server {
	t.Helper()
	h, err := api.New(cfg, deps)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func over(r *conformance.Reference) api.Deps {
	return api.Deps{Engine: r, Sessions: r, Alerts: r, Exporters: r}
}

func client(t *testing.T, cfg query.ClientConfig) *query.Client {
	t.Helper()
	c, err := query.NewClient(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// TestInterfacesMeetTheSuite: questions about interfaces through HTTP, too.
func TestInterfacesMeetTheSuite(t *testing.T) {
	conformance.RunInterfaces(t, func(t *testing.T, told [][]interfaces.Minute) query.InterfaceReader {
		deps := over(conformance.NewReference(flow.NewBatch(0, flow.NewSymbols())))
		deps.Interfaces = conformance.NewInterfaceReference(told)
		return client(t, query.ClientConfig{URL: serve(t, api.DefaultConfig(), deps).URL})
	})
}

// TestNoInterfaces: a collector that does not measure them says so.
func TestNoInterfaces(t *testing.T) {
	s := serve(t, api.DefaultConfig(), over(conformance.NewReference(flow.NewBatch(0, flow.NewSymbols()))))
	_, err := client(t, query.ClientConfig{URL: s.URL}).Interfaces(t.Context(), query.InterfaceQuestion{})
	if err == nil || !strings.Contains(err.Error(), "does not measure interfaces") {
		t.Error(err)
	}
}

// unbounded refuses no question for its cost: the suites' random ones cut small stores into very many buckets.
func unbounded() api.Config {
	cfg := api.DefaultConfig()
	cfg.Budget = 0
	return cfg
}

// TestClientMeetsTheSuite: asked through HTTP, the reference gives the reference's answers.
func TestClientMeetsTheSuite(t *testing.T) {
	conformance.Run(t, func(t *testing.T, b *flow.Batch) query.Engine {
		s := serve(t, unbounded(), over(conformance.NewReference(b)))
		return client(t, query.ClientConfig{URL: s.URL})
	})
}

// TestClientAnswersListedQuestions is the same with the listed questions.
func TestClientAnswersListedQuestions(t *testing.T) {
	conformance.RunListed(t, func(t *testing.T, b *flow.Batch) query.Engine {
		return client(t, query.ClientConfig{URL: serve(t, unbounded(), over(conformance.NewReference(b))).URL})
	})
}

// TestClientMeetsTheSuiteOnSessions is the same with sessions.
func TestClientMeetsTheSuiteOnSessions(t *testing.T) {
	conformance.RunSessions(t, func(t *testing.T, told []*flow.SessionBatch) conformance.SessionEngine {
		s := serve(t, unbounded(), over(conformance.NewReference(flow.NewBatch(0, flow.NewSymbols())).WithSessions(told...)))
		return client(t, query.ClientConfig{URL: s.URL})
	})
}

func TestUnixSocket(t *testing.T) {
	ended := time.Date(2026, 3, 2, 9, 0, 0, 5, time.UTC)
	alert := flow.Alert{
		ID: "a", Detector: "dos.volumetric.host", State: flow.AlertEnded, Start: ended.Add(-time.Hour), Last: ended, End: &ended,
		Actors: []string{}, Victims: []string{"10.0.0.1"}, Service: &flow.Service{Transport: "udp", Port: 53},
		Evidence: flow.Evidence{Filter: "destination.ip : 10.0.0.1", From: ended.Add(-time.Hour), To: ended},
	}
	ref := conformance.NewReference(filtertest.RandomBatch(rand.New(rand.NewPCG(1, 2)), 20), alert)
	h, err := api.New(api.DefaultConfig(), over(ref))
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(t.TempDir(), "weir.sock")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: h}
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		_ = s.Close()
		<-done
	})
	c := client(t, query.ClientConfig{Socket: socket})
	got, err := c.Alerts(t.Context(), query.AlertQuestion{})
	if diff := cmp.Diff([]flow.Alert{alert}, got); err != nil || diff != "" {
		t.Errorf("alerts: %v (-wanted +got):\n%s", err, diff)
	}
	want, _ := ref.Exporters(t.Context())
	exporters, err := c.Exporters(t.Context())
	if diff := cmp.Diff(want, exporters); err != nil || diff != "" || len(want) == 0 {
		t.Errorf("exporters: %v (-wanted +got):\n%s", err, diff)
	}
	res, err := c.Aggregate(t.Context(), query.Question{Measure: query.Flows, AllCopies: true})
	if err != nil || len(res.Rows) != 1 || res.Rows[0][0] == uint64(0) {
		t.Errorf("total: %v, %v", res, err)
	}
}

func TestErrorsComeBackAsTheyWere(t *testing.T) {
	s := serve(t, api.DefaultConfig(), over(conformance.NewReference(flow.NewBatch(0, flow.NewSymbols()))))
	_, err := client(t, query.ClientConfig{URL: s.URL + "/"}).Aggregate(t.Context(), query.Question{Filter: "source.prot : 1"})
	want := &query.Error{Part: "filter", Text: "column 1: no field source.prot; did you mean source.port?"}
	var got *query.Error
	if !errors.As(err, &got) || *got != *want {
		t.Errorf("%v, wanted %v", err, want)
	}
	_, err = client(t, query.ClientConfig{URL: s.URL}).Alerts(t.Context(), query.AlertQuestion{Limit: -1})
	if !errors.As(err, &got) || got.Part != "limit" {
		t.Errorf("alerts: %v", err)
	}
}

// broken is an engine that fails in a given way.
type broken struct {
	*conformance.Reference
	fail func(ctx context.Context) error
}

func (b broken) Aggregate(ctx context.Context, _ query.Question) (query.Result, error) {
	return query.Result{}, b.fail(ctx)
}

func TestFaults(t *testing.T) {
	ref := conformance.NewReference(flow.NewBatch(0, flow.NewSymbols()))
	wait := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	for _, c := range []struct {
		name    string
		timeout time.Duration
		fail    func(context.Context) error
		want    string
	}{
		{"the store fails", time.Minute, func(context.Context) error { return errors.New("disk full") }, "disk full"},
		{"the question takes too long", time.Millisecond, wait, "deadline exceeded"},
	} {
		cfg := api.DefaultConfig()
		cfg.Timeout = c.timeout
		s := serve(t, cfg, api.Deps{Engine: broken{ref, c.fail}, Sessions: ref, Alerts: ref, Exporters: ref})
		_, err := client(t, query.ClientConfig{URL: s.URL}).Aggregate(t.Context(), query.Question{})
		var bad *query.Error
		if err == nil || errors.As(err, &bad) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, wanted %s", c.name, err, c.want)
		}
	}
}

// timeUp is a context whose time is up.
type timeUp struct{ context.Context }

func (timeUp) Done() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}
func (timeUp) Err() error { return context.DeadlineExceeded }

// noTokens knows no token, and noAudit keeps nothing.
type (
	noTokens struct{}
	noAudit  struct{}
)

func (noTokens) Check(string) (token.Token, error) { return token.Token{}, token.ErrUnknown }
func (noTokens) List() ([]token.Token, error)      { return nil, nil }
func (noAudit) Write(audit.Entry)                  {}

func TestQuestionsWaitForTheirTurn(t *testing.T) {
	ref := conformance.NewReference(flow.NewBatch(0, flow.NewSymbols()))
	entered, release := make(chan struct{}), make(chan struct{})
	slow := func(context.Context) error { entered <- struct{}{}; <-release; return errors.New("released") }
	cfg := api.DefaultConfig()
	cfg.Concurrent, cfg.PerToken, cfg.Timeout = 1, 1, time.Minute
	h, err := api.New(cfg, api.Deps{Engine: broken{ref, slow}, Sessions: ref, Alerts: ref, Exporters: ref})
	if err != nil {
		t.Fatal(err)
	}
	guarded := api.Guard(api.Access{Socket: false}, api.GuardDeps{Tokens: noTokens{}, Audit: noAudit{}, Now: time.Now}, h)
	first := httptest.NewRequest(http.MethodPost, query.PathAggregate, strings.NewReader("{}"))
	first.Header.Set("Content-Type", query.TypeJSON)
	answered := make(chan int, 1)
	go func() {
		w := httptest.NewRecorder()
		guarded.ServeHTTP(w, first)
		answered <- w.Code
	}()
	<-entered
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		ctx    context.Context
		payer  string
		status int
	}{
		"a question of the same address":       {timeUp{t.Context()}, "192.0.2.1:1234", http.StatusTooManyRequests},
		"a question of another":                {timeUp{t.Context()}, "192.0.2.2:1234", http.StatusServiceUnavailable},
		"a question whose asker does not wait": {gone, "192.0.2.2:1234", 499},
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(c.ctx, http.MethodGet, query.PathExporters, nil)
		r.RemoteAddr = c.payer
		guarded.ServeHTTP(w, r)
		if w.Code != c.status {
			t.Errorf("%s gets %d while the first is being answered", name, w.Code)
		}
	}
	close(release)
	if code := <-answered; code != http.StatusInternalServerError {
		t.Errorf("the first question gets %d", code)
	}
}

func TestRequests(t *testing.T) {
	deps := over(conformance.NewReference(flow.NewBatch(0, flow.NewSymbols())))
	deps.Extra = map[string]http.Handler{"GET /healthz": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })}
	cfg := api.DefaultConfig()
	cfg.MaxBody = 100
	s := serve(t, cfg, deps)
	for _, c := range []struct {
		name, method, path, kind, body string
		status                         int
		want                           string
	}{
		{"total of everything", "POST", query.PathAggregate, query.TypeJSON, `{}`, 200, `"rows":[[0]]`},
		{"charset is fine", "POST", query.PathAggregate, query.TypeJSON + "; charset=utf-8", `{}`, 200, `"rows":[[0]]`},
		{"no records are no lines", "POST", query.PathRecords, query.TypeJSON, `{}`, 200, ``},
		{"no sessions are no lines", "POST", query.PathSessions, query.TypeJSON, `{}`, 200, ``},
		{"sessions by another method", "GET", query.PathSessions, "", ``, 405, `wants POST`},
		{"no alerts are a list", "POST", query.PathAlerts, query.TypeJSON, `{}`, 200, `[]`},
		{"no exporters are a list", "GET", query.PathExporters, "", ``, 200, `[]`},
		{"extra handlers", "GET", "/healthz", "", ``, 200, `ok`},
		{"a web page's form", "POST", query.PathAggregate, "text/plain", `{}`, 415, `"part":"content-type"`},
		{"no body", "POST", query.PathAggregate, query.TypeJSON, ``, 400, `the body is empty`},
		{"not JSON", "POST", query.PathAggregate, query.TypeJSON, `{`, 400, `"part":"question"`},
		{"unknown key", "POST", query.PathAggregate, query.TypeJSON, `{"filtr":""}`, 400, `filtr`},
		{"too long", "POST", query.PathAggregate, query.TypeJSON, `{"filter":"` + strings.Repeat(" ", 200) + `"}`, 413, `longer than 100 bytes`},
		{"wrong method", "GET", query.PathAggregate, "", ``, 405, `wants POST`},
		{"no such path", "GET", "/api/v1/nothing", "", ``, 404, `no such path`},
	} {
		req, err := http.NewRequestWithContext(t.Context(), c.method, s.URL+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", c.kind)
		res, err := s.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || res.StatusCode != c.status || !strings.Contains(string(body), c.want) {
			t.Errorf("%s: %d %s (%v), wanted %d %s", c.name, res.StatusCode, body, err, c.status, c.want)
		}
	}
}

func TestWithoutSessions(t *testing.T) {
	deps := over(conformance.NewReference(flow.NewBatch(0, flow.NewSymbols())))
	deps.Sessions = nil
	c := client(t, query.ClientConfig{URL: serve(t, api.DefaultConfig(), deps).URL})
	_, list := c.Sessions(t.Context(), query.Question{})
	_, count := c.Aggregate(t.Context(), query.Question{Measure: query.Sessions})
	for _, err := range []error{list, count} {
		if err == nil || !strings.Contains(err.Error(), "keeps no sessions") {
			t.Errorf("%v", err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	if _, err := api.New(api.DefaultConfig(), api.Deps{}); err == nil {
		t.Error("an API without an engine is taken")
	}
	if _, err := api.New(api.Config{}, over(conformance.NewReference(flow.NewBatch(0, flow.NewSymbols())))); err == nil {
		t.Error("an API without bounds is taken")
	}
}

// ask sends a request to a server and returns the answer.
func ask(t *testing.T, s *httptest.Server, method, path, kind, body string) (status int, answer string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	res, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}
