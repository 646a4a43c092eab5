package api_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/api"
	"github.com/weirflow/weir/collector/internal/audit"
	"github.com/weirflow/weir/collector/internal/token"
	"github.com/weirflow/weir/shared/query"
)

// sealer seals as the function says.
type sealer func(ctx context.Context) (query.Sealed, error)

func (f sealer) Seal(ctx context.Context) (query.Sealed, error) { return f(ctx) }

// sealed is what there is after sealing.
var sealed = query.Sealed{Records: 7, Sessions: 3, Files: 2, Bytes: 4096}

// TestSealing: who may have everything sealed, what is answered, and what the audit says of it.
func TestSealing(t *testing.T) {
	now := func() time.Time { return time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC) }
	tokens := token.New(t.TempDir(), now)
	secrets := map[string]string{}
	for name, scope := range map[string]token.Scope{"reader": token.Read, "actor": token.Act, "root": token.Admin} {
		secret, err := tokens.Create(name, scope, 0)
		if err != nil {
			t.Fatal(err)
		}
		secrets[name] = secret
	}
	loopback, socket := api.Access{Loopback: true}, api.Access{Socket: true}
	const answer = `{"records":7,"sessions":3,"files":2,"bytes":4096}`
	for _, c := range []struct {
		name   string
		access api.Access
		method string
		target string
		body   string
		token  string
		fails  error
		status int
		says   string
		detail string // in the audit
	}{
		{"by the socket", socket, "POST", query.PathSeal, "", "", nil, 200, answer, "sealed files: 2"},
		{"by an administrator", loopback, "POST", query.PathSeal, "", "root", nil, 200, answer, "sealed files: 2"},
		{"by an actor", loopback, "POST", query.PathSeal, "", "actor", nil, 403, "the token actor has the scope act, and admin is needed", ""},
		{"by a reader", loopback, "POST", query.PathSeal, "", "reader", nil, 403, "the token reader has the scope read, and admin is needed", ""},
		{"without a token", loopback, "POST", query.PathSeal, "", "", nil, 401, "a token with the scope admin is needed", ""},
		{"as a question", socket, "GET", query.PathSeal, "", "", nil, 405, "wants POST, not GET", ""},
		{"with a body", socket, "POST", query.PathSeal, "{}", "", nil, 400, `"part":"body"`, ""},
		{"with a parameter", socket, "POST", query.PathSeal + "?hour=8", "", "", nil, 400, `"part":"hour"`, ""},
		{"while the database is opened again", socket, "POST", query.PathSeal, "", "", fmt.Errorf("seal: %w", query.ErrAgain), 503, "seal: ", ""},
		{"without memory", socket, "POST", query.PathSeal, "", "", fmt.Errorf("seal: %w", query.ErrTooMuch), 503, "seal: ", ""},
		{"on a full disk", socket, "POST", query.PathSeal, "", "", errors.New("no space left on device"), 500, "no space left on device", ""},
	} {
		deps, cfg := over(nothing()), api.DefaultConfig()
		deps.Sealer = sealer(func(context.Context) (query.Sealed, error) { return sealed, c.fails })
		h, err := api.New(cfg, deps)
		if err != nil {
			t.Fatal(err)
		}
		var seen audited
		r, w := httptest.NewRequest(c.method, "http://localhost"+c.target, strings.NewReader(c.body)), httptest.NewRecorder()
		if c.token != "" {
			r.Header.Set("Authorization", "Bearer "+secrets[c.token])
		}
		api.Guard(c.access, api.GuardDeps{Tokens: tokens, Audit: &seen, Now: now}, h).ServeHTTP(w, r)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s: %d %s", c.name, w.Code, w.Body)
		}
		address := map[bool]string{true: "socket", false: "192.0.2.1"}[c.access.Socket]
		if want := (audit.Entry{Time: now(), Token: c.token, Address: address, Method: c.method, Path: query.PathSeal, Status: c.status, Detail: c.detail}); len(seen) != 1 || seen[0] != want {
			t.Errorf("%s: audit %+v, want %+v", c.name, seen, want)
		}
	}
}

// TestSealingTakesItsTime: neither the time limit nor the turns of questions are in its way, and none in its own.
func TestSealingTakesItsTime(t *testing.T) {
	cfg, deps := api.DefaultConfig(), over(nothing())
	cfg.Concurrent, cfg.PerToken, cfg.Timeout = 1, 1, time.Nanosecond
	entered, release := make(chan struct{}), make(chan struct{})
	deps.Sealer = sealer(func(ctx context.Context) (query.Sealed, error) {
		entered <- struct{}{}
		<-release
		return sealed, ctx.Err()
	})
	c := client(t, query.ClientConfig{URL: serve(t, cfg, deps).URL})
	type outcome struct {
		sealed query.Sealed
		err    error
	}
	outcomes := make(chan outcome)
	const calls = 3
	for range calls {
		go func() {
			s, err := c.Seal(t.Context())
			outcomes <- outcome{s, err}
		}()
	}
	for range calls {
		<-entered
	}
	close(release)
	for range calls {
		if o := <-outcomes; o.err != nil || o.sealed != sealed {
			t.Errorf("%+v, %v", o.sealed, o.err)
		}
	}
}

// TestSealingForNobody: who hangs up ends it.
func TestSealingForNobody(t *testing.T) {
	deps, entered, ended := over(nothing()), make(chan struct{}), make(chan error, 1)
	deps.Sealer = sealer(func(ctx context.Context) (query.Sealed, error) {
		close(entered)
		<-ctx.Done()
		ended <- ctx.Err()
		return query.Sealed{}, ctx.Err()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-entered
		cancel()
	}()
	if _, err := client(t, query.ClientConfig{URL: serve(t, api.DefaultConfig(), deps).URL}).Seal(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the store's context ends with %v", err)
	}
}

// TestNoSealing: a collector that stores nothing has no such path.
func TestNoSealing(t *testing.T) {
	s := serve(t, api.DefaultConfig(), over(nothing()))
	if status, body := ask(t, s, http.MethodPost, query.PathSeal, "", ""); status != http.StatusNotFound || !strings.Contains(body, "no such path") {
		t.Errorf("%d %s", status, body)
	}
}
