package plugin_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/weirflow/weir/shared/query"
)

// fake is a collector that answers what a test wants, and counts what it is asked.
type fake struct {
	*httptest.Server
	asked atomic.Int64
	most  int // questions at a time

	mu      sync.Mutex
	now     int
	token   string
	ended   chan struct{} // closed when a question's asker has gone
	arrived chan struct{} // a question has arrived
	answer  chan struct{} // closed: answers are given
}

// oneRow is an answer to any aggregate.
const oneRow = `{"columns":[{"name":"bytes","type":"unsigned","unit":"bytes"}],"rows":[[7]],"exactness":"exact","loss":{"gaps":0,"kernel_drops":0,"dropped":0},"truncated":false}`

// newFake returns one whose answers to questions of records wait until answer is closed.
func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{ended: make(chan struct{}, 100), arrived: make(chan struct{}, 100), answer: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+query.PathAggregate, f.aggregate)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "[]") })
	f.Server = httptest.NewServer(mux)
	t.Cleanup(f.Close)
	return f
}

func (f *fake) aggregate(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // only then is the end of the asker seen
	f.asked.Add(1)
	f.mu.Lock()
	f.token = r.Header.Get("Authorization")
	f.now++
	f.most = max(f.most, f.now)
	f.mu.Unlock()
	f.arrived <- struct{}{}
	select {
	case <-f.answer:
		_, _ = io.WriteString(w, oneRow)
	case <-r.Context().Done():
		f.ended <- struct{}{}
	}
	f.mu.Lock()
	f.now--
	f.mu.Unlock()
}

// peak is how many questions there were at a time, and the last one's token.
func (f *fake) peak() (most int, token string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.most, f.token
}

// refusing is a collector that answers everything with a status and a text; "" in another program's words.
func refusing(t *testing.T, status int, part, text string) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		if text == "" {
			_, _ = io.WriteString(w, "<html>nginx</html>")
			return
		}
		_ = json.NewEncoder(w).Encode(query.Failure{Error: query.FailureDetail{Part: part, Text: text}})
	}))
	t.Cleanup(s.Close)
	return s
}

// within is a context that ends with the test.
func within(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithCancel(t.Context())
}
