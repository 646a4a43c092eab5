// Package servertest runs real servers of Elasticsearch and OpenSearch on loopback for tests. Their jars come from scripts/elastic-servers;
// what starts them is in the folder java and compiled when it is first used.
//
// The servers lack what their makers do not publish as jars. Elasticsearch has no ingest processors, no match_only_text, scaled_float,
// wildcard, constant_keyword, unsigned_long and version fields, no delete by query, no ES|QL; GET / and the calls about data streams are
// answered by java/rest. With security it keeps policies of ILM, read by its own classes, without acting on them, and the calls about them need
// no privilege; retention in data streams is kept in the same way. OpenSearch has no ISM, and security
// only in the version that its plugin is published for.
package servertest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// Kind is a kind of server.
type Kind string

// The kinds. Those with "Secure" answer over TLS to users that they know.
const (
	Elasticsearch       Kind = "elasticsearch"        // 8.19.21
	ElasticsearchSecure Kind = "elasticsearch-secure" // 8.19.21 with TLS, users, roles and API keys
	OpenSearch          Kind = "opensearch"           // 2.19.1
	OpenSearch3         Kind = "opensearch3"          // 3.8.0, only where Java 21 or newer is found
	OpenSearchSecure    Kind = "opensearch-secure"    // 3.4.0 with TLS, users and roles, only where Java 21 or newer is found
)

// Plain are the kinds without security.
func Plain() []Kind { return []Kind{Elasticsearch, OpenSearch} }

// Server is a running server, shared by the tests of a test binary: tests keep apart by the names of what they make.
type Server struct {
	Kind     Kind
	URL      string // like http://127.0.0.1:39200
	CA       string // file with the certificate of the authority (PEM); "" without TLS
	User     string // an administrator; "" without security
	Password string

	home          string
	port          int // of HTTP
	process       *process
	authorization string // header in place of the administrator's; "": his
}

// With returns the server as somebody else sees it: authorization is the header of that name.
func (s *Server) With(authorization string) *Server {
	other := *s
	other.authorization = authorization
	return &other
}

// Status is Do for those who want to know the status only.
func (s *Server) Status(t testing.TB, method, path string, body any) int {
	t.Helper()
	status, _ := s.Do(t, method, path, body)
	return status
}

// pool has the servers of this process. A server ends with the process.
var pool = struct {
	sync.Mutex
	servers map[Kind]*Server
}{servers: map[Kind]*Server{}}

// Start returns the test binary's server of a kind, which it starts if there is none. Without its jars or Java the test is skipped, or
// fails under WEIR_CI=1. When the test has ended with the server down, the server is forgotten with its data.
func Start(t testing.TB, kind Kind) *Server {
	t.Helper()
	pool.Lock()
	defer pool.Unlock()
	s := pool.servers[kind]
	if s == nil {
		s = create(t, kind)
		t.Cleanup(func() { forget(t, s) }) // also when it does not start
		s.start(t)
		pool.servers[kind] = s
		return s
	}
	t.Cleanup(func() { forget(t, s) })
	return s
}

// forget removes a server that is down.
func forget(t testing.TB, s *Server) {
	pool.Lock()
	defer pool.Unlock()
	if s.process.running() {
		return
	}
	if pool.servers[s.Kind] == s {
		delete(pool.servers, s.Kind)
	}
	s.remove(t)
}

// Kill ends the server at once, as a crash or kill -9 does.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	s.process.kill(t)
}

// Stop ends the server in order.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	s.process.stop(t)
}

// Restart starts a server that was killed or stopped on the same data and address, and waits until it answers.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	if s.process.running() {
		s.process.stop(t)
	}
	s.start(t)
}

// Do asks the server as its administrator and returns the status and the body of the answer. The request's body is a string, bytes, or
// what becomes JSON; nil is none. It is sent as NDJSON where the path ends in _bulk.
func (s *Server) Do(t testing.TB, method, path string, body any) (int, []byte) {
	t.Helper()
	status, answer, err := s.do(method, path, body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return status, answer
}

// Must is Do for a request that succeeds; it decodes the answer into out unless that is nil.
func (s *Server) Must(t testing.TB, method, path string, body, out any) {
	t.Helper()
	status, answer := s.Do(t, method, path, body)
	if status >= 300 {
		t.Fatalf("%s %s: status %d: %s", method, path, status, answer)
	}
	if out == nil {
		return
	}
	if err := json.Unmarshal(answer, out); err != nil {
		t.Fatalf("%s %s: %v in %s", method, path, err, answer)
	}
}

func (s *Server) do(method, path string, body any) (int, []byte, error) {
	payload, err := encode(body)
	if err != nil {
		return 0, nil, err
	}
	req, err := http.NewRequest(method, s.URL+path, payload)
	if err != nil {
		return 0, nil, err
	}
	if req.Header.Set("Content-Type", "application/json"); strings.HasSuffix(req.URL.Path, "_bulk") {
		req.Header.Set("Content-Type", "application/x-ndjson")
	}
	if s.authorization != "" {
		req.Header.Set("Authorization", s.authorization)
	} else if s.User != "" {
		req.SetBasicAuth(s.User, s.Password)
	}
	transport, err := s.transport()
	if err != nil {
		return 0, nil, err
	}
	client := &http.Client{Transport: transport, Timeout: time.Minute}
	defer client.CloseIdleConnections()
	resp, err := client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	return resp.StatusCode, answer, err
}

func encode(body any) (io.Reader, error) {
	switch b := body.(type) {
	case nil:
		return http.NoBody, nil
	case string:
		return strings.NewReader(b), nil
	case []byte:
		return bytes.NewReader(b), nil
	}
	text, err := json.Marshal(body)
	return bytes.NewReader(text), err
}
