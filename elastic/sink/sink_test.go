package sink_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/weirflow/weir/elastic/sink"
	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/flow"
)

// TestMain leaves out what waits for a real server, which ends with the process.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("os/exec.(*Cmd).Wait"))
}

const flows = "logs-weir.flow-default"

func start(t *testing.T, cfg sink.Config, deps sink.Deps) *sink.Sink {
	t.Helper()
	s, err := sink.New(cfg, deps)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, s) })
	return s
}

func stop(t *testing.T, s *sink.Sink) {
	t.Helper()
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
}

func drain(t *testing.T, s *sink.Sink) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := s.Drain(ctx); err != nil {
		t.Fatalf("%v: %+v", err, s.Stats())
	}
}

// traffic makes batches of random records with accounts.
type traffic struct {
	rng    *rand.Rand
	stream *flow.Stream
	ids    map[string]bool
	next   uint64
}

func newTraffic() *traffic {
	return &traffic{rng: rand.New(rand.NewPCG(7, 8)), stream: flow.NewAccount().Stream(flow.StreamKey{Exporter: flow.AddrFrom4(1), Domain: 7}), ids: map[string]bool{}}
}

func (w *traffic) batch(n int) *flow.Batch {
	b := filtertest.RandomBatch(w.rng, n)
	for i := range b.Records {
		r := &b.Records[i]
		w.next++
		r.ID = flow.EventID{Datagram: flow.DatagramID{Hi: 1, Lo: w.next}, Record: 1}
		r.Invalid, r.Meta = 0, 0
		w.ids[r.ID.String()] = true
	}
	b.Datagrams = []flow.Datagram{{
		Stream: w.stream, Records: uint32(n), Received: 1772438545e9, Mark: flow.StreamMark{Key: w.stream.Key, Next: uint32(w.next), Known: true, Order: int64(w.next)},
	}}
	w.stream.Records.Add(uint64(n))
	w.stream.InFlight.Add(int64(n))
	return b
}

func (w *traffic) write(t *testing.T, s *sink.Sink, batches, records int) {
	t.Helper()
	for range batches {
		if err := s.WriteBatch(context.Background(), w.batch(records)); err != nil {
			t.Fatal(err)
		}
	}
}

// check fails unless exactly the records that were written are there.
func (w *traffic) check(t *testing.T, f *fake, index string) {
	t.Helper()
	got := f.of(index)
	for id := range w.ids {
		if got[id] == nil {
			t.Fatalf("%s is not there; %d of %d", id, len(got), len(w.ids))
		}
	}
	if len(got) != len(w.ids) {
		t.Errorf("%d documents of %d records", len(got), len(w.ids))
	}
}

func settings(t *testing.T) sink.Config {
	cfg := sink.DefaultConfig()
	cfg.Dir, cfg.Settle, cfg.Piece, cfg.MostWait = t.TempDir(), true, 64<<10, 50*time.Millisecond
	return cfg
}

// TestWhatGoesWrongOnTheWay: whatever the server does, each record is there once, and the counters say what happened.
func TestWhatGoesWrongOnTheWay(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(f *fake)
		check   func(t *testing.T, st sink.Stats)
	}{
		"nothing":                {func(*fake) {}, func(t *testing.T, st sink.Stats) { want(t, "again", st.Again, 0) }},
		"no time for a request":  {func(f *fake) { f.fail = func(n int) int { return pick(n%2 == 1 && n < 8, 429) } }, func(t *testing.T, st sink.Stats) { some(t, "failures", st.Failures) }},
		"proxy without a server": {func(f *fake) { f.fail = func(n int) int { return pick(n == 1, 502) } }, func(t *testing.T, st sink.Stats) { some(t, "failures", st.Failures) }},
		"key that is not valid":  {func(f *fake) { f.fail = func(n int) int { return pick(n == 2, 401) } }, func(t *testing.T, st sink.Stats) { some(t, "failures", st.Failures) }},
		"answers that are lost": {func(f *fake) { f.lose = func(n int) bool { return n%3 == 1 } }, func(t *testing.T, st sink.Stats) {
			some(t, "already", st.Already)
		}},
		"no time for documents": {func(f *fake) {
			f.refuse = func(_, id string, attempt int) int {
				return pick(attempt == 1 && strings.HasSuffix(id, "-1") && id[31] == '3', 429)
			}
		}, func(t *testing.T, st sink.Stats) { some(t, "again", st.Again) }},
		"a shard that is gone": {func(f *fake) {
			f.refuse = func(_, id string, attempt int) int { return pick(attempt == 1 && id[31] == '5', 503) }
		}, func(t *testing.T, st sink.Stats) { some(t, "again", st.Again) }},
		"requests that are too large": {func(f *fake) { f.fail = func(n int) int { return pick(n < 5 && n != 3, 413) } }, func(*testing.T, sink.Stats) {}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, w := newFake(t), newTraffic()
			c.prepare(f)
			s := start(t, settings(t), sink.Deps{Server: f})
			w.write(t, s, 5, 100)
			drain(t, s)
			w.check(t, f, flows)
			st := s.Stats()
			c.check(t, st)
			if st.Delivered+st.Already != 500 || st.Waiting != 0 || st.Made["flow"] != 500 || len(st.Dropped) > 0 {
				t.Errorf("%+v", st)
			}
			if got := w.stream.Stored.Load(); got != 500 || w.stream.InFlight.Load() != 0 {
				t.Errorf("stored %d, in flight %d", got, w.stream.InFlight.Load())
			}
		})
	}
}

func pick(yes bool, status int) int {
	if yes {
		return status
	}
	return 0
}

func want(t *testing.T, what string, got, want uint64) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %d, want %d", what, got, want)
	}
}

func some(t *testing.T, what string, got uint64) {
	t.Helper()
	if got == 0 {
		t.Errorf("%s: none", what)
	}
}

// TestDeadLetters: what the server refuses is kept with the reason, and the rest goes on.
func TestDeadLetters(t *testing.T) {
	f, w := newFake(t), newTraffic()
	f.refuse = func(index, id string, _ int) int { return pick(index == flows && id[31] == '4', http.StatusBadRequest) }
	s := start(t, settings(t), sink.Deps{Server: f})
	w.write(t, s, 5, 100)
	drain(t, s)
	st, dead := s.Stats(), f.of("logs-weir.deadletter-default")
	if len(dead) == 0 || uint64(len(dead)) != st.Refused || st.Delivered+st.Refused != 500 || st.Lost != 0 {
		t.Fatalf("%d dead letters, %+v", len(dead), st)
	}
	for id, doc := range dead {
		if doc["event.id"] != id || doc["error.message"] != "because: of that" || doc["weir.deadletter.target"] != flows || !strings.Contains(fmt.Sprint(doc["event.original"]), id) {
			t.Errorf("%v", doc)
		}
	}
}

// TestDeadLettersThatAreRefused: they are lost, and counted.
func TestDeadLettersThatAreRefused(t *testing.T) {
	f, w := newFake(t), newTraffic()
	f.refuse = func(_, id string, _ int) int { return pick(id[31] == '4', http.StatusBadRequest) }
	s := start(t, settings(t), sink.Deps{Server: f})
	w.write(t, s, 1, 100)
	drain(t, s)
	if st := s.Stats(); st.Lost == 0 || st.Lost != st.Refused || st.Delivered+st.Refused != 100 {
		t.Errorf("%+v", st)
	}
}

// TestServerAway: what was accepted before the end of the process is delivered by the next, with the marks of the streams.
func TestServerAway(t *testing.T) {
	f, w := newFake(t), newTraffic()
	f.fail = func(int) int { return http.StatusServiceUnavailable }
	cfg := settings(t)
	s := start(t, cfg, sink.Deps{Server: f})
	w.write(t, s, 10, 100)
	stop(t, s)
	if got := w.stream.Stored.Load(); got != 1000 {
		t.Fatalf("%d are accepted", got)
	}
	f.mu.Lock()
	f.fail = nil
	f.mu.Unlock()
	s = start(t, cfg, sink.Deps{Server: f})
	if marks := s.Marks(); len(marks) != 1 || marks[0].Key != w.stream.Key || marks[0].Next != 1000 || !marks[0].Known || marks[0].Order != 1000 {
		t.Errorf("%+v", marks)
	}
	drain(t, s)
	w.check(t, f, flows)
}

// TestFullSpool: a server that takes nothing costs the oldest documents, which are counted, and nothing waits.
func TestFullSpool(t *testing.T) {
	f, w := newFake(t), newTraffic()
	f.fail = func(int) int { return http.StatusTooManyRequests }
	cfg := settings(t)
	cfg.Spool, cfg.Senders, cfg.Piece = 1<<20, 1, 512<<10
	s := start(t, cfg, sink.Deps{Server: f})
	for s.Stats().Dropped["full"] < 1000 {
		w.write(t, s, 5, 100)
	}
	f.mu.Lock()
	f.fail = nil
	f.mu.Unlock()
	drain(t, s)
	st := s.Stats()
	if st.Made["flow"] != st.Delivered+st.Already+st.Dropped["full"]+st.Dropped["memory"] || len(f.of(flows)) != int(st.Delivered) || st.Already > 0 {
		t.Errorf("%+v, %d are there", st, len(f.of(flows)))
	}
	if w.stream.InFlight.Load() != 0 {
		t.Errorf("%d in flight", w.stream.InFlight.Load())
	}
}

// TestLargePieces: a piece that compresses badly becomes several entries, none of which is too large for the spool.
func TestLargePieces(t *testing.T) {
	f, w := newFake(t), newTraffic()
	cfg := settings(t)
	cfg.Piece = 4 << 20
	s := start(t, cfg, sink.Deps{Server: f})
	w.write(t, s, 4, 700)
	drain(t, s)
	w.check(t, f, flows)
	if st := s.Stats(); st.Requests < 2 || len(st.Dropped) > 0 {
		t.Errorf("%+v", st)
	}
}

// TestBesideAStore: where another store settles, the accounts are left alone.
func TestBesideAStore(t *testing.T) {
	f, w := newFake(t), newTraffic()
	cfg := settings(t)
	cfg.Settle = false
	s := start(t, cfg, sink.Deps{Server: f})
	w.write(t, s, 3, 100)
	drain(t, s)
	w.check(t, f, flows)
	if w.stream.Stored.Load() != 0 || w.stream.InFlight.Load() != 300 || s.Marks() != nil {
		t.Errorf("stored %d, in flight %d", w.stream.Stored.Load(), w.stream.InFlight.Load())
	}
}

func TestNewRefuses(t *testing.T) {
	for name, change := range map[string]func(*sink.Config){
		"no folder":       func(c *sink.Config) { c.Dir = "" },
		"unknown choice":  func(c *sink.Config) { c.Flows = "some" },
		"bad namespace":   func(c *sink.Config) { c.Namespace = "a-b" },
		"upper case":      func(c *sink.Config) { c.Namespace = "North" },
		"too small spool": func(c *sink.Config) { c.Spool = 1000 },
	} {
		cfg := settings(t)
		change(&cfg)
		if _, err := sink.New(cfg, sink.Deps{Server: newFake(t)}); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := sink.New(settings(t), sink.Deps{}); err == nil {
		t.Error("no server: taken")
	}
}
