package hec_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/sink/cim"
	"github.com/weirflow/weir/shared/sink/hec"
	"github.com/weirflow/weir/shared/sink/hec/hectest"
)

// logged gathers what is logged.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *logged) log() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// event is one of a kind, with an id and more members.
func event(kind cim.Kind, id, more string) *cim.Event {
	return &cim.Event{Kind: kind, Time: 1_700_000_000_123_000_000, Host: "192.0.2.1", JSON: fmt.Appendf(nil, `{"id":%q%s}`, id, more)}
}

// begin starts a sink that logs.
func begin(t *testing.T, cfg hec.Config) (*hec.Sink, *logged) {
	t.Helper()
	l := &logged{}
	s, err := hec.New(cfg, hec.Deps{Log: l.log()})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, s) })
	return s, l
}

func put(t *testing.T, s *hec.Sink, list ...*cim.Event) {
	t.Helper()
	for _, ev := range list {
		if err := s.Put(t.Context(), ev); err != nil {
			t.Fatal(err)
		}
	}
}

func drain(t *testing.T, s *hec.Sink) hec.Stats {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.Drain(ctx); err != nil {
		t.Fatalf("%v: %+v", err, s.Stats())
	}
	return s.Stats()
}

// await waits until something is so.
func await(t *testing.T, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !so(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it never came")
		}
	}
}

// firstTwo answers the first two requests with a code, which is enough to see whether they are sent again.
func firstTwo(code int) func(int) hectest.Fault {
	return func(n int) hectest.Fault {
		if n > 2 {
			return hectest.Fault{}
		}
		return hectest.Fault{Code: code}
	}
}

// TestCodes: what each documented code means (Splunk's documentation, "HTTP Event Collector error codes").
func TestCodes(t *testing.T) {
	const arrives, dropped = true, false
	for code, c := range []struct {
		name    string
		arrives bool
		reason  string
	}{
		{"success", arrives, "success"}, {"token disabled", arrives, "token_disabled"}, {"token is required", arrives, "token_required"},
		{"invalid authorization", arrives, "invalid_authorization"}, {"invalid token", arrives, "invalid_token"}, {"no data", dropped, "no_data"},
		{"invalid data format", dropped, "invalid_data_format"}, {"incorrect index", arrives, "incorrect_index"},
		{"internal server error", arrives, "internal_server_error"}, {"server is busy", arrives, "server_busy"},
		{"data channel is missing", arrives, "channel_missing"}, {"invalid data channel", arrives, "invalid_channel"},
		{"event field is required", dropped, "event_required"}, {"event field cannot be blank", dropped, "event_blank"},
		{"ack is disabled", arrives, "ack_disabled"}, {"indexed fields", dropped, "indexed_fields"},
		{"query string authorization", arrives, "query_string_authorization"}, {"healthy", arrives, "healthy"},
		{"unhealthy: queues", arrives, "unhealthy_queues"}, {"unhealthy: ack", arrives, "unhealthy_ack"}, {"unhealthy: both", arrives, "unhealthy"},
		{"health: invalid token", arrives, "health_invalid_token"}, {"health: token disabled", arrives, "health_token_disabled"},
		{"shutting down", arrives, "shutting_down"}, {"queue near capacity", arrives, "queue_near_capacity"}, {"ack near capacity", arrives, "ack_near_capacity"},
		{"queue at capacity", arrives, "queue_at_capacity"}, {"ack at capacity", arrives, "ack_at_capacity"},
	} {
		t.Run(fmt.Sprintf("%d %s", code, c.name), func(t *testing.T) {
			t.Parallel()
			fault := firstTwo(code)
			if !c.arrives {
				fault = func(int) hectest.Fault { return hectest.Fault{Code: code} }
			}
			server := hectest.New(t, hectest.Config{Token: token, Ack: true, Fault: fault})
			s, _ := begin(t, quick(server, t.TempDir()))
			put(t, s, event(0, "a", ""), event(0, "b", ""), event(0, "c", ""))
			st := drain(t, s)
			if st.Answers[c.reason] == 0 {
				t.Errorf("answers: %v", st.Answers)
			}
			if !c.arrives {
				if st.Dropped["refused_"+c.reason] != 3 || st.Delivered != 0 || len(st.Dropped) != 1 {
					t.Errorf("%+v", st)
				}
				return
			}
			if got := fmt.Sprint(server.Counts()); got != "map[a:1 b:1 c:1]" || len(st.Dropped) > 0 || st.Delivered != 3 {
				t.Errorf("%s: %+v", got, st)
			}
			if failed := code != 0 && code != 24 && code != 25; (st.Failures > 0) != failed || (st.Again > 0) != failed {
				t.Errorf("%+v", st)
			}
		})
	}
}

// TestAnswersOfOthers: what a proxy or a wrong port answers, which knows no codes.
func TestAnswersOfOthers(t *testing.T) {
	for _, c := range []struct {
		name, want string
		status     int
		arrives    bool
	}{
		{"a page that says all is well", "without a code", 200, true}, {"a redirection", "without a code", 302, true}, {"not found", "without a code", 404, true},
		{"a proxy's password", "without a code", 407, true}, {"bad gateway", "without a code", 502, true}, {"too many requests", "without a code", 429, true},
		{"a bad request, for ever", "refused", 400, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := hectest.New(t, hectest.Config{Token: token, Fault: func(n int) hectest.Fault {
				if n > 2 && c.arrives {
					return hectest.Fault{}
				}
				return hectest.Fault{Status: c.status}
			}})
			s, l := begin(t, quick(server, t.TempDir()))
			put(t, s, event(0, "a", ""), event(0, "b", ""))
			st := drain(t, s)
			if server.Safe() == 2 != c.arrives || (st.Dropped[fmt.Sprint("refused_http_", c.status)] == 2) == c.arrives || !strings.Contains(l.String(), c.want) {
				t.Errorf("%+v: %s", st, l)
			}
		})
	}
}

// TestPartialBatch: of a batch with an event that the server does not take, those before it were taken, those behind it are sent, each once, and
// the log says which it was, and why, without what it holds.
func TestPartialBatch(t *testing.T) {
	for _, ack := range []bool{false, true} {
		t.Run(fmt.Sprintf("ack %v", ack), func(t *testing.T) {
			server := hectest.New(t, hectest.Config{Token: token, Ack: ack})
			cfg := quick(server, t.TempDir())
			cfg.Age = time.Hour // one request
			s, l := begin(t, cfg)
			for i := range 100 {
				more := `,"secret":"hunter2"`
				if i == 0 || i == 41 || i == 42 || i == 99 {
					more += `,"poison":1`
				}
				put(t, s, event(cim.Kind(i%2), fmt.Sprint("e", i), more))
			}
			st := drain(t, s)
			if st.Dropped["refused_invalid_data_format"] != 4 || st.Delivered != 96 || st.Requests != 4 {
				t.Errorf("%+v", st)
			}
			for i := range 100 {
				want := 1
				if i == 0 || i == 41 || i == 42 || i == 99 {
					want = 0
				}
				if n := server.Counts()[fmt.Sprint("e", i)]; n != want {
					t.Errorf("e%d is there %d times", i, n)
				}
			}
			if text := l.String(); !strings.Contains(text, `flow event \"e0\"`) || !strings.Contains(text, "code 6") || strings.Contains(text, "hunter2") || strings.Count(text, "was refused") > 1 {
				t.Errorf("log: %s", text)
			}
		})
	}
}

// TestIncorrectIndex: events with an index that is not there wait, as somebody will mend that; those before it are not sent again, and when the
// name in weir.yaml is mended they go to the right one.
func TestIncorrectIndex(t *testing.T) {
	server := hectest.New(t, hectest.Config{Token: token, Indexes: []string{"main", "netflow"}, Keep: true})
	cfg := quick(server, t.TempDir())
	cfg.Age = time.Hour
	cfg.Names.Fallback, cfg.Names.Index = "main", map[cim.Kind]string{1: "netfow"}
	s, l := begin(t, cfg)
	put(t, s, event(0, "a", ""), event(0, "b", ""), event(1, "c", `,"bytes":1`), event(0, "d", ""))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_ = s.Drain(ctx)
	await(t, func() bool { return s.Stats().Answers["incorrect_index"] > 3 })
	stop(t, s)
	if !strings.Contains(l.String(), "the index is not there") || server.Safe() != 2 {
		t.Errorf("%d events: %s", server.Safe(), l)
	}
	cfg.Names.Index[1] = "netflow"
	s, _ = begin(t, cfg)
	st := drain(t, s)
	got := map[string]string{}
	for _, ev := range server.Events() {
		got[ev.ID()] = fmt.Sprint(ev.Index, " ", ev.Sourcetype, " ", ev.Source, " ", ev.Host, " ", ev.Time)
	}
	const same = " weir 192.0.2.1 1.700000000123e+09"
	want := map[string]string{"a": "main weir:flow" + same, "b": "main weir:flow" + same, "c": "netflow weir:session" + same, "d": "main weir:flow" + same}
	if fmt.Sprint(got) != fmt.Sprint(want) || len(st.Dropped) > 0 || len(server.Changed()) > 0 {
		t.Errorf("%v\nwant %v\n%+v", got, want, st)
	}
}

// TestTooLarge: what is between takes smaller requests only, and an event that is too large by itself is dropped.
func TestTooLarge(t *testing.T) {
	server := hectest.New(t, hectest.Config{Token: token, MaxBytes: 700})
	cfg := quick(server, t.TempDir())
	cfg.Age = time.Hour
	s, _ := begin(t, cfg)
	for i := range 200 {
		put(t, s, event(0, fmt.Sprint("e", i), fmt.Sprintf(`,"noise":"%x"`, uint64(i)*0x9E3779B97F4A7C15)))
	}
	var noise strings.Builder
	for i := range 200 {
		fmt.Fprintf(&noise, "%x", uint64(i)*0xD1B54A32D192ED03)
	}
	put(t, s, event(0, "large", `,"noise":"`+noise.String()+`"`))
	st := drain(t, s)
	if server.Safe() != 200 || st.Dropped["refused_too_large"] != 1 || st.Delivered != 200 {
		t.Errorf("%d: %+v", server.Safe(), st)
	}
}
