// Package hectest is an HTTP Event Collector for tests: TLS, gzip, tokens, channels with acknowledgements, and faults on demand. It is as strict
// as the real one may be: what is not acknowledged is lost by a restart, an acknowledgement is told once, and numbers of acknowledgements begin
// anew with a restart.
package hectest

import (
	"cmp"
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
)

// Fault is what goes wrong with a request. The zero value is nothing.
type Fault struct {
	Code       int  // answered instead of taking the events; 24 and 25: besides
	Status     int  // answered without a code, as something in between does
	ResetBody  bool // the connection ends in the middle of the body
	LostAnswer bool // the events are taken, and the connection ends without an answer
	LostAck    bool // the events are taken, and never acknowledged
	LostData   bool // an acknowledgement is promised, and then it and the events are lost
	Header     http.Header
}

// String names a fault, "" nothing.
func (f Fault) String() string {
	switch {
	case f.Code != 0:
		return "code " + strconv.Itoa(f.Code)
	case f.Status != 0:
		return "status " + strconv.Itoa(f.Status)
	case f.ResetBody:
		return "reset body"
	case f.LostAnswer:
		return "lost answer"
	case f.LostAck:
		return "lost ack"
	case f.LostData:
		return "lost data"
	}
	return ""
}

// Config says what the collector does.
type Config struct {
	Token string // that it wants
	Ack   bool   // the token has acknowledgements
	Plain bool   // HTTP
	// AckAfter is at which question a request is acknowledged; then, and not before, its events are safe. 0: the first.
	AckAfter int
	MaxBytes int64 // of a body; beyond it 413 is answered; 0: no limit
	Indexes  []string
	// Fault and PollFault are asked at each request with events, and for acknowledgements; n counts them. nil: none.
	Fault, PollFault func(n int) Fault
	Keep             bool // Events returns all
}

// Event is an event as it came.
type Event struct {
	Time       float64 `json:"time"`
	Host       string  `json:"host"`
	Source     string  `json:"source"`
	Sourcetype string  `json:"sourcetype"`
	Index      string  `json:"index"`

	known identity
	text  []byte // of the event itself, where events are kept
}

// Members are the event itself.
func (e *Event) Members() map[string]any {
	var list map[string]any
	_ = json.Unmarshal(e.text, &list) // it has been read before
	return list
}

// identity is the members by which events of the kinds are known, and those that mark a bad one.
type identity struct {
	Flow      string          `json:"flow_id"`
	Session   string          `json:"session_id"`
	ID        string          `json:"id"`
	Exporter  string          `json:"dvc"`
	Component string          `json:"component"`
	Timestamp json.Number     `json:"timestamp"`
	Poison    json.RawMessage `json:"poison"`
}

// Subject is what the event tells of.
func (e *Event) Subject() string {
	return cmp.Or(e.known.Flow, e.known.Session, e.known.ID, e.known.Exporter, e.known.Component)
}

// ID is the event's own id: of some subjects there are several events, at different times.
func (e *Event) ID() string {
	if e.known.Timestamp == "" {
		return e.Subject()
	}
	return e.Subject() + "@" + e.known.Timestamp.String()
}

// Server is a collector. Its methods may be called at any time.
type Server struct {
	cfg     Config
	cert    tls.Certificate
	ca      string
	address string
	running sync.WaitGroup

	mu       sync.Mutex
	http     *http.Server
	listener net.Listener
	posts    int
	polls    int
	channels map[string]*channel
	safe     map[string]int // events by id, how often
	events   []Event
	changed  map[string]bool // ids whose texts differed
	texts    map[string]uint64
	faults   map[string]int
	health   int
}

// channel is a client's numbers.
type channel struct {
	next    int64
	waiting map[int64]*waiting
}

type waiting struct {
	events []taken
	asked  int
	lost   bool
}

// New starts a collector, which ends with the test.
func New(t testing.TB, cfg Config) *Server {
	t.Helper()
	s := &Server{cfg: cfg, safe: map[string]int{}, texts: map[string]uint64{}, changed: map[string]bool{}, faults: map[string]int{}}
	pattern := httptest.NewTLSServer(http.NotFoundHandler()) // for its certificate
	s.cert = pattern.TLS.Certificates[0]
	s.ca = filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pattern.Certificate().Raw})
	pattern.Close()
	if err := os.WriteFile(s.ca, text, 0o600); err != nil {
		t.Fatal(err)
	}
	s.address = "127.0.0.1:0"
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// Start listens, under the address that the collector had before.
func (s *Server) Start() error {
	l, err := net.Listen("tcp", s.address)
	if err != nil {
		return fmt.Errorf("hectest: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.address, s.listener, s.channels = l.Addr().String(), l, map[string]*channel{}
	if !s.cfg.Plain {
		l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{s.cert}, MinVersion: tls.VersionTLS12})
	}
	server := &http.Server{Handler: s, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)}
	s.http = server
	s.running.Go(func() { _ = server.Serve(l) })
	return nil
}

// Stop ends all connections at once, as a crash does; what was not acknowledged is lost.
func (s *Server) Stop() {
	s.mu.Lock()
	server := s.http
	s.http, s.channels = nil, map[string]*channel{}
	s.mu.Unlock()
	if server == nil {
		return
	}
	_ = server.Close() // it has been asked to break off
	s.running.Wait()
}

// Restart stops and starts again.
func (s *Server) Restart() error {
	s.Stop()
	return s.Start()
}

// URL is the collector's address.
func (s *Server) URL() string {
	if s.cfg.Plain {
		return "http://" + s.address
	}
	return "https://" + s.address
}

// CA is a file with the certificate of who signed the collector's.
func (s *Server) CA() string { return s.ca }

// Events returns the events that are safe, in order, where they are kept.
func (s *Server) Events() []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Event(nil), s.events...)
}

// Counts tells how often events are there, by id.
func (s *Server) Counts() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make(map[string]int, len(s.safe))
	for id, n := range s.safe {
		list[id] = n
	}
	return list
}

// Safe tells how many different events are safe.
func (s *Server) Safe() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.safe)
}

// Changed returns ids of events that came again with another text.
func (s *Server) Changed() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []string
	for id := range s.changed {
		list = append(list, id)
	}
	return list
}

// Posts is how often events came.
func (s *Server) Posts() int { s.mu.Lock(); defer s.mu.Unlock(); return s.posts }

// Polls is how often acknowledgements were asked for.
func (s *Server) Polls() int { s.mu.Lock(); defer s.mu.Unlock(); return s.polls }

// Healths is how often the health was asked for.
func (s *Server) Healths() int { s.mu.Lock(); defer s.mu.Unlock(); return s.health }

// SetFault exchanges what goes wrong with requests with events.
func (s *Server) SetFault(f func(n int) Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cfg.Fault = f
}

// Faults tells how often each fault was in effect.
func (s *Server) Faults() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := map[string]int{}
	for k, n := range s.faults {
		list[k] = n
	}
	return list
}

var errClosed = errors.New("hectest: closed")
