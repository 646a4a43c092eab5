package hec_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/sink/hec"
	"github.com/weirflow/weir/shared/sink/hec/hectest"
)

// TestAcknowledged: without its acknowledgement an event is not delivered, and it is sent again.
func TestAcknowledged(t *testing.T) {
	for _, c := range []struct {
		name   string
		config hectest.Config
		times  int // that the event is there
	}{
		{"at once", hectest.Config{Ack: true}, 1},
		{"at the fifth question", hectest.Config{Ack: true, AckAfter: 5}, 1},
		{"lost with the events", hectest.Config{Ack: true, Fault: once(hectest.Fault{LostData: true})}, 1},
		{"lost alone", hectest.Config{Ack: true, Fault: once(hectest.Fault{LostAck: true})}, 2},
		{"the answer lost", hectest.Config{Ack: true, Fault: once(hectest.Fault{LostAnswer: true})}, 1}, // nobody asks for its first acknowledgement
		{"told into the void", hectest.Config{Ack: true, PollFault: once(hectest.Fault{LostAnswer: true})}, 2},
		{"questions not answered", hectest.Config{Ack: true, PollFault: once(hectest.Fault{Code: 9})}, 1},
		{"channel forgotten", hectest.Config{Ack: true, PollFault: once(hectest.Fault{Code: 11})}, 1},
		{"none is promised", hectest.Config{}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.config.Token = token
			server := hectest.New(t, c.config)
			s, _ := begin(t, quick(server, t.TempDir()))
			put(t, s, event(0, "a", ""))
			st := drain(t, s)
			if n := server.Counts()["a"]; n != c.times || st.Delivered != 1 || (st.Acknowledged == 1) != c.config.Ack {
				t.Errorf("there %d times: %+v", n, st)
			}
			if !c.config.Ack && st.Polls > 0 {
				t.Errorf("%d questions for acknowledgements that were not promised", st.Polls)
			}
		})
	}
}

// once is what goes wrong with the first request.
func once(f hectest.Fault) func(int) hectest.Fault {
	return func(n int) hectest.Fault {
		if n > 1 {
			return hectest.Fault{}
		}
		return f
	}
}

// TestAckDisabled: numbers are promised, but nobody may ask for them. What was posted is posted once more, as it is not known to be there, and then
// counts as delivered.
func TestAckDisabled(t *testing.T) {
	server := hectest.New(t, hectest.Config{Token: token, Ack: true, PollFault: func(int) hectest.Fault { return hectest.Fault{Code: 14} }})
	s, _ := begin(t, quick(server, t.TempDir()))
	put(t, s, event(0, "a", ""))
	if st := drain(t, s); st.Delivered != 1 || st.Acknowledged != 0 || st.Requests != 2 {
		t.Errorf("%+v", st)
	}
}

// TestUnacknowledged: acknowledgements can be left out.
func TestUnacknowledged(t *testing.T) {
	server := hectest.New(t, hectest.Config{Token: token, Ack: true})
	cfg := quick(server, t.TempDir())
	cfg.Unacknowledged = true
	s, _ := begin(t, cfg)
	put(t, s, event(0, "a", ""))
	if st := drain(t, s); st.Delivered != 1 || st.Polls != 0 || st.Requests != 1 {
		t.Errorf("%+v", st)
	}
}

// script is a collector whose answers are written down: numbers of acknowledgements, -1 for an answer that is lost. Numbers in acked are
// acknowledged from the time on that all answers were given.
type script struct {
	mu       sync.Mutex
	numbers  []int
	acked    map[string]bool
	posts    []string // channel and body of each
	channels map[string]bool
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case strings.HasSuffix(r.URL.Path, "/health"):
		fmt.Fprint(w, `{"text":"HEC is healthy","code":17}`)
	case strings.HasSuffix(r.URL.Path, "/ack"):
		var ask struct{ Acks []int }
		_ = json.NewDecoder(r.Body).Decode(&ask)
		acks := map[string]bool{}
		for _, n := range ask.Acks {
			acks[fmt.Sprint(n)] = len(s.numbers) == 0 && s.acked[fmt.Sprint(r.URL.Query().Get("channel"), n)]
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"acks": acks})
	default:
		s.post(w, r)
	}
}

func (s *script) post(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	channel := r.Header.Get("X-Splunk-Request-Channel")
	s.posts = append(s.posts, fmt.Sprintf("%s %x", channel, body))
	number := 1000 + len(s.posts)
	if len(s.numbers) > 0 {
		number, s.numbers = s.numbers[0], s.numbers[1:]
	}
	if number < 0 {
		panic(http.ErrAbortHandler)
	}
	if number > 0 { // number 0 is of before the restart
		s.acked[fmt.Sprint(channel, number)] = true
	}
	s.channels[channel] = true
	fmt.Fprintf(w, `{"text":"Success","code":0,"ackId":%d}`, number)
}

func scripted(t *testing.T, numbers ...int) (*script, *hec.Sink) {
	t.Helper()
	sc := &script{numbers: numbers, acked: map[string]bool{}, channels: map[string]bool{}}
	server := httptest.NewServer(sc)
	t.Cleanup(server.Close)
	cfg := hec.DefaultConfig()
	cfg.URLs, cfg.Token, cfg.Dir = []string{server.URL}, config.Secret{Value: token}, t.TempDir()
	cfg.Senders, cfg.Age, cfg.AckEvery, cfg.AckTimeout, cfg.FirstWait, cfg.Linger = 1, time.Millisecond, time.Millisecond, time.Hour, time.Millisecond, time.Millisecond
	s, _ := begin(t, cfg)
	return sc, s
}

// TestNumbersGoBack: the server has restarted between two posts, unseen. What was posted before is posted again, at once and on another channel, as
// its number is now that of something else.
func TestNumbersGoBack(t *testing.T) {
	for name, numbers := range map[string][]int{"to a lesser one": {5, 6, 3}, "to the same": {5, 5}} {
		t.Run(name, func(t *testing.T) {
			sc, s := scripted(t, numbers...)
			for i := range numbers {
				put(t, s, event(0, fmt.Sprint("e", i), ""))
				await(t, func() bool { return s.Stats().Requests > uint64(i) })
			}
			st := drain(t, s)
			sc.mu.Lock()
			defer sc.mu.Unlock()
			if st.Restarts != 1 || int(st.Requests) != 2*len(numbers) || len(sc.channels) != 2 || st.Delivered != uint64(len(numbers)) {
				t.Errorf("%d channels: %+v", len(sc.channels), st)
			}
		})
	}
}

// TestFirstNumberAfterALostAnswer: the post whose answer is lost may have met a server that has restarted, and been given the channel's first
// number. Whatever waits for that number is posted again rather than taken for acknowledged.
func TestFirstNumberAfterALostAnswer(t *testing.T) {
	sc, s := scripted(t, 0, 1, -1)
	for i := range 3 {
		put(t, s, event(0, fmt.Sprint("e", i), ""))
		await(t, func() bool { return s.Stats().Requests > uint64(i) })
	}
	st := drain(t, s)
	sc.mu.Lock()
	defer sc.mu.Unlock()
	// Two again: that of the first number, and that of the lost answer.
	if st.Requests != 5 || st.Delivered != 3 || len(sc.channels) != 2 {
		t.Errorf("%d channels: %+v", len(sc.channels), st)
	}
}
