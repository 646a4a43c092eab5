package hec_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/sink"
	"github.com/weirflow/weir/shared/sink/cim"
	"github.com/weirflow/weir/shared/sink/hec"
	"github.com/weirflow/weir/shared/sink/hec/hectest"
)

// TestEnvelope: what is around an event, and that an event is a line whatever is in it.
func TestEnvelope(t *testing.T) {
	server := hectest.New(t, hectest.Config{Token: token, Keep: true})
	cfg := quick(server, t.TempDir())
	cfg.Names = hec.Names{Source: `a "source"`, Fallback: "main", Index: map[cim.Kind]string{3: "security"}, Sourcetype: map[cim.Kind]string{0: "custom:flow"}}
	s, _ := begin(t, cfg)
	put(t, s, &cim.Event{Kind: 0, Time: 1_700_000_000_001_999_999, Host: "router \"1\"\n", JSON: []byte("{\"id\":\"a\",\n\"x\":1}")},
		&cim.Event{Kind: 3, JSON: []byte(`{"id":"b"}`)}, &cim.Event{Kind: 1, Time: 1, JSON: []byte(`{"id":"c"}`)})
	drain(t, s)
	got := map[string]string{}
	for _, ev := range server.Events() {
		got[ev.ID()] = fmt.Sprintf("%.6f|%s|%s|%s|%s", ev.Time, ev.Host, ev.Source, ev.Sourcetype, ev.Index)
	}
	want := map[string]string{
		"a": "1700000000.001999|router \"1\"\n|a \"source\"|custom:flow|main", "b": "0.000000||a \"source\"|weir:alert|security", "c": "0.000000||a \"source\"|weir:session|main",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%q\nwant %q", got, want)
	}
}

// TestServerAway: what waits when the sink ends is delivered by the next.
func TestServerAway(t *testing.T) {
	server := hectest.New(t, hectest.Config{Token: token, Ack: true})
	server.Stop()
	cfg := quick(server, t.TempDir())
	s, l := begin(t, cfg)
	for i := range 1000 {
		put(t, s, event(cim.Kind(i%5), fmt.Sprint("e", i), ""))
	}
	await(t, func() bool { return s.Stats().Failures > 0 })
	stop(t, s)
	if st := s.Stats(); st.Waiting != 1000 || len(st.Dropped) > 0 || !strings.Contains(l.String(), "connection refused") {
		t.Errorf("%+v: %s", st, l)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	s, _ = begin(t, cfg)
	if st := drain(t, s); st.Delivered != 1000 || server.Safe() != 1000 || len(server.Changed()) > 0 {
		t.Errorf("%d: %+v", server.Safe(), st)
	}
}

// TestAcknowledgedAtTheEnd: Stop waits a little for acknowledgements, so that a restart sends nothing twice.
func TestAcknowledgedAtTheEnd(t *testing.T) {
	server := hectest.New(t, hectest.Config{Token: token, Ack: true, AckAfter: 3})
	cfg := quick(server, t.TempDir())
	cfg.Linger = time.Minute
	s, _ := begin(t, cfg)
	put(t, s, event(0, "a", ""))
	await(t, func() bool { return server.Posts() > 0 })
	stop(t, s)
	s, _ = begin(t, cfg)
	if st := drain(t, s); st.Requests != 0 || server.Counts()["a"] != 1 {
		t.Errorf("%v: %+v", server.Counts(), st)
	}
}

// TestFull: a flood of flows while the server is away fills their spool to its bound, the oldest are dropped and counted, and no alert is.
func TestFull(t *testing.T) {
	server := hectest.New(t, hectest.Config{Token: token})
	server.Stop()
	cfg := quick(server, t.TempDir())
	cfg.Spool, cfg.Piece, cfg.Wait = 1<<20, 16<<10, false
	s, _ := begin(t, cfg)
	noise, sent, told := rand.New(rand.NewPCG(1, 2)), uint64(0), 0
	for ; s.Stats().Dropped["full"] == 0; told++ {
		for range 100 {
			put(t, s, event(0, fmt.Sprint("e", sent), fmt.Sprintf(`,"noise":"%x%x%x%x"`, noise.Uint64(), noise.Uint64(), noise.Uint64(), noise.Uint64())))
			sent++
		}
		put(t, s, event(3, fmt.Sprint("alert", sent), ""))
	}
	sent += uint64(told)
	if err := s.Drain(canceled(t)); err == nil {
		t.Error("drained without a server")
	}
	if st := s.Stats(); st.Bytes > 2*cfg.Spool+8<<20 {
		t.Errorf("%d bytes", st.Bytes)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	st, alerts := drain(t, s), 0
	for id := range server.Counts() {
		if strings.HasPrefix(id, "alert") {
			alerts++
		}
	}
	if n := lost(st); alerts != told || uint64(server.Safe())+n != sent || st.Delivered+n != sent {
		t.Errorf("%d alerts, %d events: %+v", alerts, server.Safe(), st)
	}
}

// lost is how many events were dropped.
func lost(st hec.Stats) (sum uint64) {
	for _, n := range st.Dropped {
		sum += n
	}
	return sum
}

func canceled(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

// TestSeveralCollectors: one that is away is passed over.
func TestSeveralCollectors(t *testing.T) {
	away, one, two := hectest.New(t, hectest.Config{Token: token}), hectest.New(t, hectest.Config{Token: token, Ack: true}), hectest.New(t, hectest.Config{Token: token, Ack: true})
	away.Stop()
	cfg := quick(one, t.TempDir())
	cfg.TLS = sink.TLS{NoVerify: true}
	cfg.URLs = []string{away.URL(), one.URL() + "/", two.URL() + "/services/collector/event"}
	cfg.Piece = 4 << 10
	s, _ := begin(t, cfg)
	for i := range 1000 {
		put(t, s, event(0, fmt.Sprint("e", i), ""))
	}
	drain(t, s)
	one.Stop()
	for i := range 1000 {
		put(t, s, event(0, fmt.Sprint("e", 1000+i), ""))
	}
	if st := drain(t, s); one.Safe() != 1000 || two.Safe() != 1000 || st.Delivered != 2000 {
		t.Errorf("%d and %d: %+v", one.Safe(), two.Safe(), st)
	}
}

// TestCertificateIsVerified: without the authority nothing is sent, the token least of all.
func TestCertificateIsVerified(t *testing.T) {
	server := hectest.New(t, hectest.Config{Token: token})
	cfg := quick(server, t.TempDir())
	cfg.TLS = sink.TLS{}
	s, l := begin(t, cfg)
	put(t, s, event(0, "a", ""))
	await(t, func() bool { return s.Stats().Failures > 2 })
	if !strings.Contains(l.String(), "certificate") || server.Posts()+server.Healths() > 0 {
		t.Errorf("%d posts: %s", server.Posts(), l)
	}
	cfg.TLS.CA = filepath.Join(t.TempDir(), "none.pem")
	if bad, err := hec.New(cfg, hec.Deps{}); err != nil || bad.Start() == nil {
		t.Errorf("no such file: %v", err)
	}
}

// TestToken: a token is read when it is needed, so that a new one counts at once, and never shown.
func TestToken(t *testing.T) {
	server := hectest.New(t, hectest.Config{Token: token, Ack: true})
	cfg := quick(server, t.TempDir())
	file := filepath.Join(t.TempDir(), "token")
	cfg.Token = config.Secret{File: file}
	s, err := hec.New(cfg, hec.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	if s.Start() == nil {
		t.Fatal("started without a token")
	}
	const wrong = "hunter2"
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(wrong)
	s, l := begin(t, cfg)
	put(t, s, event(0, "a", ""))
	await(t, func() bool { return s.Stats().Answers["invalid_token"] > 1 })
	write(token + "\n")
	drain(t, s)
	if text := l.String() + fmt.Sprintf("%v %+v", cfg, cfg); strings.Contains(text, wrong) || strings.Contains(text, token) || !strings.Contains(text, "code 4") {
		t.Errorf("shown: %s", text)
	}
}

// TestTokenDoesNotFollow: not to where an answer points.
func TestTokenDoesNotFollow(t *testing.T) {
	followed := make(chan string, 100)
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { followed <- r.Header.Get("Authorization") }))
	defer other.Close()
	server := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	defer server.Close()
	cfg := hec.DefaultConfig()
	cfg.URLs, cfg.Token, cfg.Dir, cfg.FirstWait, cfg.Age, cfg.Linger = []string{server.URL}, config.Secret{Value: token}, t.TempDir(), time.Millisecond, time.Millisecond, 0
	s, _ := begin(t, cfg)
	put(t, s, event(0, "a", ""))
	await(t, func() bool { return s.Stats().Failures > 2 })
	if len(followed) > 0 {
		t.Error("it did")
	}
}

func TestConfigErrors(t *testing.T) {
	good := hec.DefaultConfig()
	good.URLs, good.Token, good.Dir = []string{"https://h:8088"}, config.Secret{Env: "T"}, t.TempDir()
	for _, c := range []struct {
		name, want string
		change     func(*hec.Config)
	}{
		{"no URL", "no url", func(c *hec.Config) { c.URLs = nil }},
		{"no folder", "no folder", func(c *hec.Config) { c.Dir = "" }},
		{"no token", "no token", func(c *hec.Config) { c.Token = config.Secret{} }},
		{"a URL with a password", "not of the form", func(c *hec.Config) { c.URLs = []string{"https://u:hunter2@h"} }},
		{"a URL with a token", "not of the form", func(c *hec.Config) { c.URLs = []string{"https://h?token=hunter2"} }},
		{"no URL at all", "not of the form", func(c *hec.Config) { c.URLs = []string{"hunter2"} }},
		{"a small piece", "too small", func(c *hec.Config) { c.Piece = 1 }},
		{"time that runs backward", "positive", func(c *hec.Config) { c.AckEvery = -1 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := good
			c.change(&cfg)
			if _, err := hec.New(cfg, hec.Deps{}); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%v", err)
			}
		})
	}
	s, err := hec.New(good, hec.Deps{Getenv: func(string) string { return "a b" }})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err == nil || strings.Contains(err.Error(), "a b") {
		t.Errorf("a token that is none: %v", err)
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
}

// TestStopped: what comes after the end is counted as dropped.
func TestStopped(t *testing.T) {
	server := hectest.New(t, hectest.Config{Token: token})
	s, _ := begin(t, quick(server, t.TempDir()))
	stop(t, s)
	stop(t, s)
	if s.Put(t.Context(), event(0, "a", "")) == nil || s.Stats().Dropped[hec.DroppedBusy] != 1 {
		t.Errorf("%+v", s.Stats())
	}
	if s.Start() == nil {
		t.Error("started twice")
	}
}
