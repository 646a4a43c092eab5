package webhook_test

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"flag"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/sink"
	"github.com/weirflow/weir/shared/sink/spool"
	"github.com/weirflow/weir/shared/sink/webhook"
)

var update = flag.Bool("update", false, "write golden files anew")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// receiver takes requests and answers as it is told.
type receiver struct {
	*httptest.Server
	answer func(n int, alerts []sink.Event) int // status of the nth request

	mu     sync.Mutex
	n      int
	got    map[string]int // ids in requests that were answered with success
	bodies [][]byte
	heads  []http.Header
}

func newReceiver(t *testing.T, secure bool, answer func(int, []sink.Event) int) *receiver {
	t.Helper()
	r := &receiver{answer: answer, got: map[string]int{}}
	r.Server = httptest.NewUnstartedServer(http.HandlerFunc(r.handle))
	r.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)
	if secure {
		r.StartTLS()
	} else {
		r.Start()
	}
	t.Cleanup(r.Close)
	return r
}

// hangUp as a status ends the connection without an answer.
const hangUp = -1

func (r *receiver) handle(w http.ResponseWriter, q *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	body, err := io.ReadAll(q.Body)
	var doc struct{ Alerts []sink.Event }
	if err != nil || q.Method != http.MethodPost || json.Unmarshal(body, &doc) != nil {
		w.WriteHeader(http.StatusTeapot)
		return
	}
	r.n++
	r.bodies, r.heads = append(r.bodies, body), append(r.heads, q.Header)
	status := r.answer(r.n, doc.Alerts)
	switch {
	case status == hangUp:
		panic(http.ErrAbortHandler)
	case status == http.StatusTooManyRequests:
		w.Header().Set("Retry-After", "0")
	case status < 300:
		for i := range doc.Alerts {
			r.got[doc.Alerts[i].ID]++
		}
	}
	w.WriteHeader(status)
}

func (r *receiver) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.got)
}

type rig struct {
	t      *testing.T
	spool  *spool.Spool
	sender *webhook.Sender
	log    *bytes.Buffer
}

func newRig(t *testing.T, cfg webhook.Config) *rig {
	t.Helper()
	r := &rig{t: t, log: &bytes.Buffer{}}
	var err error
	if r.spool, err = spool.New(spool.Config{Dir: t.TempDir()}, spool.Deps{}); err != nil {
		t.Fatal(err)
	}
	if err := r.spool.Start(); err != nil {
		t.Fatal(err)
	}
	cfg.Name, cfg.RetryFirst, cfg.RetryMost = "test", time.Millisecond, 20*time.Millisecond
	r.sender, err = webhook.New(cfg, webhook.Deps{
		Queue: r.spool, Now: time.Now, Log: slog.New(slog.NewTextHandler(r.log, nil)),
		Getenv: func(name string) string { return map[string]string{"TOKEN": "Bearer hunter2"}[name] },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.sender.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.stop)
	return r
}

func (r *rig) stop() {
	r.sender.Stop()
	if err := r.spool.Stop(); err != nil {
		r.t.Error(err)
	}
}

func (r *rig) put(from, to int) {
	r.t.Helper()
	for i := from; i <= to; i++ {
		at := time.Date(2026, 3, 2, 14, 0, 0, 0, time.UTC)
		b, err := sink.Encode(&sink.Event{Change: sink.Raised, ToldAt: at, Alert: flow.Alert{
			ID: "alert-" + strconv.Itoa(i), Detector: "scan.vertical", State: flow.AlertActive, Severity: 50, SeverityLabel: "medium",
			Start: at, Last: at, DetectedAt: at, Actors: []string{"198.51.100.1"}, ActorsTotal: 1,
		}})
		if err != nil {
			r.t.Fatal(err)
		}
		if r.spool.Put(b) == 0 {
			r.t.Fatal("not taken")
		}
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited for %s in vain", what)
		}
	}
}

// TestFailingAtRandom: whatever the receiver does, it gets each alert at least once.
func TestFailingAtRandom(t *testing.T) {
	for _, batch := range []int{1, 10} {
		rnd := rand.New(rand.NewPCG(1, uint64(batch)))
		answers := []int{200, 204, 500, 502, 503, 429, 408, 302, hangUp}
		s := newReceiver(t, false, func(int, []sink.Event) int { return answers[rnd.IntN(len(answers))] })
		r := newRig(t, webhook.Config{URL: s.URL, Batch: batch})
		r.put(1, 150)
		eventually(t, "all alerts", func() bool { return s.count() == 150 })
		eventually(t, "all to be acknowledged", func() bool { return r.spool.Stats().Waiting == 0 })
		if n := r.sender.Counts.Delivered.Load(); n != 150 || r.sender.Counts.Refused.Load() != 0 || r.sender.Counts.Failures.Load() == 0 {
			t.Errorf("%d delivered", n)
		}
	}
}

// TestRefused: what a receiver will never take is dropped and counted, and does not hold up or take along the others of its batch.
func TestRefused(t *testing.T) {
	s := newReceiver(t, false, func(_ int, alerts []sink.Event) int {
		for i := range alerts {
			if alerts[i].ID == "alert-7" {
				return http.StatusUnprocessableEntity
			}
		}
		return http.StatusOK
	})
	r := newRig(t, webhook.Config{URL: s.URL + "/secret?token=hunter2", Batch: 10})
	r.put(1, 40)
	eventually(t, "all to be settled", func() bool { return r.spool.Stats().Waiting == 0 })
	r.stop()
	if s.count() != 39 || r.sender.Counts.Refused.Load() != 1 {
		t.Errorf("%d taken, %d refused", s.count(), r.sender.Counts.Refused.Load())
	}
	if text := r.log.String(); !strings.Contains(text, "422") || strings.Contains(text, "hunter2") || strings.Contains(text, "secret") {
		t.Errorf("log: %s", text)
	}
}

// TestDeadReceiver: nobody there, a name that cannot be resolved: nothing is lost, and no secret is shown.
func TestDeadReceiver(t *testing.T) {
	dead := httptest.NewServer(nil)
	dead.Close()
	for name, url := range map[string]string{
		"nobody listens": dead.URL,
		// A label of more than 63 bytes can be in no zone: nobody is asked for it.
		"unresolvable": "http://user:hunter2@" + strings.Repeat("x", 70) + ".invalid/hunter2?key=hunter2",
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, webhook.Config{URL: url, Timeout: 5 * time.Second})
			r.put(1, 100)
			eventually(t, "a failure", func() bool { return r.sender.Counts.Failures.Load() > 0 })
			r.stop()
			if st := r.spool.Stats(); st.Waiting != 100 {
				t.Errorf("%d wait", st.Waiting)
			}
			if text := r.log.String(); strings.Contains(text, "hunter2") || !strings.Contains(text, "output test") {
				t.Errorf("log: %s", text)
			}
		})
	}
}

// TestRequest holds a whole body to a golden file, and the headers with their secrets.
func TestRequest(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte("from-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := newReceiver(t, true, func(int, []sink.Event) int { return http.StatusOK })
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	r := newRig(t, webhook.Config{URL: s.URL, TLS: sink.TLS{CA: ca}, Headers: []webhook.Header{
		{Name: "authorization", Env: "TOKEN"}, {Name: "X-Key", File: file}, {Name: "X-Site", Value: "north"},
	}})
	r.put(1, 1)
	eventually(t, "the alert", func() bool { return s.count() == 1 })
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, want := range map[string]string{"Authorization": "Bearer hunter2", "X-Key": "from-file", "X-Site": "north", "Content-Type": "application/json"} {
		if got := s.heads[0].Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	const path = "testdata/request.json"
	if *update {
		if err := os.WriteFile(path, append(s.bodies[0], '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(s.bodies[0])+"\n" != string(want) {
		t.Errorf("got  %s\nwant %s", s.bodies[0], want)
	}
}

func TestUnknownAuthority(t *testing.T) {
	s := newReceiver(t, true, func(int, []sink.Event) int { return http.StatusOK })
	r := newRig(t, webhook.Config{URL: s.URL})
	r.put(1, 1)
	eventually(t, "a failure", func() bool { return r.sender.Counts.Failures.Load() > 0 })
	if s.count() != 0 {
		t.Error("an alert went to an unknown receiver")
	}
}

func TestConfigErrors(t *testing.T) {
	q, err := spool.New(spool.Config{Dir: "x"}, spool.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{"", "hunter2", "ftp://hunter2", "https:///hunter2", "http://h:hunter2/%zz"} {
		if _, err := webhook.New(webhook.Config{URL: url}, webhook.Deps{Queue: q, Now: time.Now}); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", url, err)
		}
	}
	s, err := webhook.New(webhook.Config{URL: "http://h", Headers: []webhook.Header{{Name: "A", Env: "UNSET"}}}, webhook.Deps{
		Queue: q, Now: time.Now, Getenv: func(string) string { return "" },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err == nil || !strings.Contains(err.Error(), "UNSET") {
		t.Errorf("a secret that is not there: %v", err)
	}
	s.Stop()
}
