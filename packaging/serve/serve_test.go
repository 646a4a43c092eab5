package serve_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/weirflow/weir/packaging/serve"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestServer answers on a socket until it is stopped; a second one finds the address taken and says what to do.
func TestServer(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	s, err := serve.Start(serve.Config{Network: "tcp", Address: "127.0.0.1:0"}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "here") }), log)
	if err != nil {
		t.Fatal(err)
	}
	ask := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := ask.Get("http://" + s.Address().String())
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if string(body) != "here" {
		t.Errorf("%q", body)
	}
	if _, err := serve.Start(serve.Config{Network: "tcp", Address: s.Address().String()}, nil, log); err == nil || !strings.Contains(err.Error(), "another Weir") {
		t.Error(err)
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	if _, err := ask.Get("http://" + s.Address().String()); err == nil {
		t.Error("it answers after it was stopped")
	}
}

// TestProbes: a service that is not up lives and is not ready.
func TestProbes(t *testing.T) {
	up := false
	probes := serve.Probes(func() bool { return up })
	status := func(probe string) int {
		answer := httptest.NewRecorder()
		probes[probe].ServeHTTP(answer, nil)
		return answer.Code
	}
	if h, r := status("GET /healthz"), status("GET /readyz"); h != http.StatusOK || r != http.StatusServiceUnavailable {
		t.Errorf("down: %d, %d", h, r)
	}
	up = true
	if h, r := status("GET /healthz"), status("GET /readyz"); h != http.StatusOK || r != http.StatusOK {
		t.Errorf("up: %d, %d", h, r)
	}
}

func TestNames(t *testing.T) {
	for host, want := range map[string]bool{
		"127.0.0.1:8474": true, "localhost": true, "LOCALHOST.:1": true, "[::1]:8474": true, "127.9.9.9": true, "weir.example.net:8474": true,
		"evil.example.net": false, "10.0.0.1:8474": false, "": false, "localhost.evil.example.net": false,
	} {
		if got := serve.Names(host, []string{"Weir.example.net"}); got != want {
			t.Errorf("%q: %t", host, got)
		}
	}
}
