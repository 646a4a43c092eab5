//go:build cgo

package webtest_test

import (
	"context"
	"errors"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/daemon"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/listen"
	"github.com/weirflow/weir/shared/listen/send"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/traffic"
)

var update = flag.Bool("update", false, "write the pictures anew")

// The day that every page is shown of: an office with an intrusion in its evening, and a flood at night.
var (
	day      = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	evening  = day.Add(22*time.Hour + 55*time.Minute) // when pages are opened first
	midnight = day.Add(23*time.Hour + 30*time.Minute) // when the flood is over
)

// lab is a collector that has seen the day, and what stands for the other tools that its links lead to.
type lab struct {
	base   string // of the pages
	tools  *tools
	daemon *daemon.Daemon
	flood  string // capture that is still to come

	mu  sync.Mutex
	now time.Time
}

func (l *lab) clock() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now
}

func (l *lab) set(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now = now
}

// tools is a web server in place of Splunk, Kibana and Grafana. It remembers what was asked for.
type tools struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

func newTools(t *testing.T) *tools {
	s := &tools{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/favicon.ico" {
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.asked = append(s.asked, r.URL.RequestURI())
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<title>Another tool</title>"))
	}))
	t.Cleanup(s.Close)
	return s
}

// last is what was asked for last.
func (s *tools) last() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.asked) == 0 {
		return ""
	}
	return s.asked[len(s.asked)-1]
}

func newLab(t *testing.T) *lab {
	t.Helper()
	dir := t.TempDir()
	generate(t, "walkthrough", filepath.Join(dir, "day"), day)
	generate(t, "flood", filepath.Join(dir, "flood"), evening)
	cfg, err := config.Load(filepath.Join(dir, "day", "weir.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	l := &lab{now: evening, tools: newTools(t), flood: filepath.Join(dir, "flood", "traffic.pcap")}
	cfg.Data, cfg.Listen, cfg.API.Listen = filepath.Join(dir, "data"), []string{"127.0.0.1:0"}, freeAddress(t)
	l.base = "http://" + cfg.API.Listen
	cfg.Pivots.Splunk.URL, cfg.Pivots.Kibana.URL, cfg.Pivots.Grafana.URL, cfg.Pivots.Grafana.DataSource = l.tools.URL+"/splunk", l.tools.URL+"/kibana", l.tools.URL+"/grafana", "weir"
	if l.daemon, err = daemon.New(daemon.Config{Config: cfg, Clock: pipeline.ExportClock}, daemon.Deps{Now: l.clock}); err != nil {
		t.Fatal(err)
	}
	if err := l.daemon.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.daemon.Stop(); err != nil {
			t.Error(err)
		}
	})
	l.play(t, filepath.Join(dir, "day", "traffic.pcap"))
	return l
}

// generate makes the traffic of a small office: seconds of work, and everything that pages show is in it.
func generate(t *testing.T, scenario, dir string, start time.Time) {
	t.Helper()
	c := traffic.DefaultConfig()
	c.Scenario, c.Start, c.Scale, c.Hosts = scenario, start, 0.02, 25
	if _, err := traffic.WriteDir(t.Context(), c, dir); err != nil {
		t.Fatal(err)
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	s := httptest.NewUnstartedServer(nil)
	defer s.Listener.Close()
	return s.Listener.Addr().String()
}

// play sends a capture to the collector, never more at a time than its socket holds, and waits until all of it is stored.
func (l *lab) play(t *testing.T, capture string) {
	t.Helper()
	const window = 64
	captures, err := listen.MergeCaptures([]string{capture}, listen.CaptureConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer captures.Close()
	taken := func() uint64 { s := l.daemon.Sockets()[0]; return s.Delivered + s.KernelDrops }
	before := taken()
	admit := func(ctx context.Context, upTo uint64) error {
		for taken()-before+window < upTo && ctx.Err() == nil {
			time.Sleep(50 * time.Microsecond)
		}
		return ctx.Err()
	}
	sender, err := send.New(send.Config{To: l.daemon.Sockets()[0].Address.String(), Batch: window / 4}, send.Deps{Admit: admit})
	if err != nil {
		t.Fatal(err)
	}
	sent, err := sender.Send(t.Context(), captures)
	if err := errors.Join(err, admit(t.Context(), sent.Datagrams+window), l.daemon.Pipeline().Drain(t.Context()), l.daemon.Store().Flush(t.Context())); err != nil {
		t.Fatal(err)
	}
	if drops := l.daemon.Sockets()[0].KernelDrops; drops > 0 {
		t.Logf("the kernel dropped %d datagrams: pages show less than they would", drops)
	}
}

// TestMain gives everything that is run the same time zone.
func TestMain(m *testing.M) {
	flag.Parse()
	_ = os.Setenv("TZ", "UTC")
	os.Exit(m.Run())
}
