package daemon_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/weirflow/weir/elastic/document"
	"github.com/weirflow/weir/elastic/internal/daemon"
	"github.com/weirflow/weir/elastic/internal/servertest"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/pipeline"
)

// TestSoakKilled ships the walk-through at a tenth of its size to real servers. Amid the load the server is killed and started again, then
// weir-elastic is stopped and started again: every record is there exactly once, by its identity, and every session. It takes some minutes a
// server, under WEIR_SOAK.
func TestSoakKilled(t *testing.T) {
	if os.Getenv("WEIR_SOAK") == "" {
		t.Skip("WEIR_SOAK is not set")
	}
	capture, cfg := walkthrough(t)
	want := refer(t, cfg, capture)
	for _, kind := range []servertest.Kind{servertest.Elasticsearch, servertest.OpenSearch, servertest.ElasticsearchSecure} {
		t.Run(string(kind), func(t *testing.T) {
			s := servertest.Start(t, kind)
			setUp(t, s, "soak")
			defer s.Stop(t) // the next one needs its memory
			data := t.TempDir()
			accepted := interrupted(t, soak(t, s, cfg, capture, data), s, capture)
			d := soak(t, s, cfg, capture, data)
			if err := errors.Join(d.Replay(t.Context(), []string{capture}, pipeline.ReplayConfig{}), d.Stop()); err != nil {
				t.Fatal(err)
			}
			st := d.Stats()
			t.Logf("%d records accepted before the restart, %d after it, of %d; %+v", accepted, stored(d), len(want.records), st)
			if st.Waiting > 0 || len(st.Dropped) > 0 || st.Refused > 0 || int(stored(d)) != len(want.records) {
				t.Errorf("%+v", st)
			}
			there := ids(t, s, document.Flow.Target("soak"))
			if len(there) != len(want.records) || count(t, s, document.Flow.Target("soak")) != len(there) {
				t.Errorf("%d records, %d identities among %d documents", len(want.records), len(there), count(t, s, document.Flow.Target("soak")))
			}
			for id := range want.records {
				if !there[id.String()] {
					t.Fatalf("record %s is missing", id)
				}
			}
			if n := count(t, s, document.Session.Target("soak")); n != len(want.sessions) {
				t.Errorf("%d sessions, want %d", n, len(want.sessions))
			}
			if n := count(t, s, document.Alert.Target("soak")); n != len(want.alerts) {
				t.Errorf("%d alerts, want %d", n, len(want.alerts))
			}
		})
	}
}

func soak(t *testing.T, s *servertest.Server, cfg config.Config, capture, data string) *daemon.Daemon {
	t.Helper()
	cfg.Data, cfg.Listen = data, nil
	cfg.Elastic.Nodes, cfg.Elastic.Namespace = []string{s.URL}, "soak"
	d, err := daemon.New(daemon.Config{Config: cfg, Clock: pipeline.ReceiveClock, Run: pipeline.RunOf([]string{capture})}, daemon.Deps{Server: connect(t, s)})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// interrupted replays until the server has been killed and started again amid the load, ends before the capture does, and returns how many
// records were accepted.
func interrupted(t *testing.T, d *daemon.Daemon, s *servertest.Server, capture string) uint64 {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- d.Replay(ctx, []string{capture}, pipeline.ReplayConfig{}) }()
	for d.Stats().Delivered < 100_000 {
		time.Sleep(10 * time.Millisecond)
	}
	s.Kill(t)
	for d.Stats().Failures == 0 {
		time.Sleep(10 * time.Millisecond)
	}
	s.Restart(t)
	for again := d.Stats().Delivered + 50_000; d.Stats().Delivered < again; {
		time.Sleep(10 * time.Millisecond)
	}
	select {
	case err := <-ended:
		t.Logf("all was read before the restart: %v", err)
	default:
	}
	cancel()
	if err := d.Stop(); err != nil {
		t.Fatal(err)
	}
	t.Logf("stopped: %+v", d.Stats())
	return stored(d)
}

// stored is how many records the loss account calls accepted.
func stored(d *daemon.Daemon) (n uint64) {
	for _, s := range d.Account().Streams() {
		n += s.Stored.Load()
	}
	return n
}

// ids returns the identities of a target's documents, which are fewer than the documents where one is there twice.
func ids(t *testing.T, s *servertest.Server, target string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	var page struct {
		Scroll string `json:"_scroll_id"`
		Hits   struct {
			Hits []struct {
				ID string `json:"_id"`
			} `json:"hits"`
		} `json:"hits"`
	}
	s.Must(t, http.MethodPost, "/"+target+"/_search?scroll=5m", `{"size":10000,"_source":false,"sort":["_doc"]}`, &page)
	for len(page.Hits.Hits) > 0 {
		for _, hit := range page.Hits.Hits {
			found[hit.ID] = true
		}
		next := map[string]string{"scroll": "5m", "scroll_id": page.Scroll}
		page.Hits.Hits = nil
		s.Must(t, http.MethodPost, "/_search/scroll", next, &page)
	}
	return found
}
