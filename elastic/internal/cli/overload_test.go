package cli_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirflow/weir/elastic/assets"
	"github.com/weirflow/weir/elastic/document"
	"github.com/weirflow/weir/shared/traffic"
	"github.com/weirflow/weir/shared/traffic/encode"
)

// slow is a server that has taken at most one document for every three records that were sent, until it is let go.
type slow struct {
	*httptest.Server
	sent  atomic.Int64 // records
	loose atomic.Bool

	mu    sync.Mutex
	taken map[string]bool // documents, by index and identity
	twice int
}

func newSlow(t *testing.T) *slow {
	t.Helper()
	s := &slow{taken: map[string]bool{}}
	s.Server = httptest.NewServer(http.HandlerFunc(s.answer))
	t.Cleanup(s.Close)
	return s
}

func (s *slow) answer(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if !strings.HasPrefix(r.URL.Path, "/_bulk") {
		var list []map[string]string
		for _, kind := range document.Kinds() {
			list = append(list, map[string]string{"name": assets.Name(kind)})
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"index_templates": list})
		return
	}
	names, err := identities(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	for !s.take(names) {
		select {
		case <-r.Context().Done():
			return
		case <-time.After(5 * time.Millisecond):
		}
	}
	fmt.Fprintf(w, `{"errors":false,"items":[%s]}`, strings.TrimSuffix(strings.Repeat(`{"create":{"status":201}},`, len(names)), ","))
}

// take takes documents, or none yet.
func (s *slow) take(names []string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if int64(len(s.taken)+len(names)) > s.sent.Load()/3 && !s.loose.Load() {
		return false
	}
	for _, n := range names {
		if s.taken[n] {
			s.twice++
		}
		s.taken[n] = true
	}
	return true
}

func (s *slow) counts() (taken, twice int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.taken), s.twice
}

// identities reads the documents' names off the body of a bulk request.
func identities(body io.Reader) (names []string, err error) {
	z, err := gzip.NewReader(body)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(z)
	if err != nil {
		return nil, err
	}
	lines := bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
	for i := 0; i < len(lines); i += 2 {
		var action map[string]struct {
			Index string `json:"_index"`
			ID    string `json:"_id"`
		}
		if err := json.Unmarshal(lines[i], &action); err != nil {
			return nil, err
		}
		for _, a := range action {
			names = append(names, a.Index+"/"+a.ID)
		}
	}
	return names, nil
}

// stream sends datagrams of NetFlow v9.
type stream struct {
	t                  *testing.T
	mix                *traffic.BenchMix
	conn               net.Conn
	datagrams, records int
}

func newStream(t *testing.T, to string) *stream {
	t.Helper()
	mix, err := traffic.NewBenchMix(traffic.BenchConfig{Seed: 1, Protocol: encode.NetFlow9, Exporters: 1})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("udp4", to)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	s := &stream{t: t, mix: mix, conn: conn}
	templates, err := mix.Templates(0, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	s.write(templates)
	return s
}

func (s *stream) write(d []byte) {
	s.t.Helper()
	if _, err := s.conn.Write(d); err != nil {
		s.t.Fatal(err)
	}
	s.datagrams++
}

func (s *stream) send(datagrams int) {
	s.t.Helper()
	for range datagrams {
		s.write(s.mix.Next(0, time.Now()))
		s.records += s.mix.RecordsPerDatagram()
	}
}

// overloaded is the configuration of a run with little room on disk.
func overloaded(t *testing.T, listen, metrics, server, spool string) []string {
	t.Helper()
	return []string{"run", "--data", t.TempDir(), "--config", file(t, "weir.yaml", fmt.Sprintf(
		"listen: [%q]\napi: {listen: %q}\nelastic:\n  nodes: [%q]\n  namespace: overload\n  spool: %s\n", listen, metrics, server, spool))}
}

// documentsOf returns how many documents were made, and what became of those that are not on their way.
func documentsOf(c map[string]float64) (made, settled float64) {
	return c["weir_elastic_documents_total"], c["weir_elastic_delivered_total"] + c["weir_elastic_already_there_total"] + c["weir_elastic_refused_total"] + c["weir_elastic_dropped_total"]
}

// TestOverload: three times what the server takes, through sockets, into a process with a spool of 1 MiB. Receiving goes on, the spool grows to its cap
// and not beyond, what finds no place is counted, and every document is accounted for.
func TestOverload(t *testing.T) {
	s := newSlow(t)
	listen, metrics := freePort(t, "udp"), freePort(t, "tcp")
	p := startProcess(t, metrics, overloaded(t, listen, metrics, s.URL, "1MiB")...)
	e := newStream(t, listen)
	const limit, round, ahead = 1 << 20, 50, 12_000
	largest, c := 0.0, map[string]float64{}
	for c["weir_elastic_dropped_total full"] == 0 || e.records < 30_000 {
		e.send(round)
		s.sent.Store(int64(e.records))
		p.until("the records are on disk, though the server is slow", func() bool { // so that no socket overflows on a machine that has much to do
			c = p.counters()
			largest = max(largest, c["weir_elastic_spool_bytes"])
			return float64(e.records)-c["weir_records_stored_total"] < ahead
		})
	}
	taken, _ := s.counts()
	t.Logf("%d records sent, %d documents taken: %v dropped, the spool had up to %v bytes", e.records, taken, c["weir_elastic_dropped_total"], largest)
	if largest > limit+limit/4 || largest < limit/2 { // what is just being written is counted, too
		t.Errorf("the spool had up to %v bytes, of %d", largest, limit)
	}
	s.loose.Store(true)
	p.until("every document is accounted for", func() bool {
		c = p.counters()
		made, settled := documentsOf(c)
		return c["weir_records_stored_total"] == float64(e.records) && made == settled && c["weir_elastic_waiting_documents"] == 0
	})
	for name, want := range map[string]float64{
		"weir_kernel_drops_total": 0, "weir_sequence_gaps_total": 0, "weir_records_dropped_total": 0, "weir_pipeline_dropped_batches_total": 0,
		"weir_socket_datagrams_total": float64(e.datagrams), "weir_records_total": float64(e.records), "weir_elastic_documents_total flow": float64(e.records),
		"weir_elastic_refused_total": 0, "weir_elastic_already_there_total": 0,
	} {
		if c[name] != want {
			t.Errorf("%s: %v, want %v", name, c[name], want)
		}
	}
	if taken, twice := s.counts(); float64(taken) != c["weir_elastic_delivered_total"] || twice > 0 {
		t.Errorf("%d documents taken, %d of them twice, of %v delivered", taken, twice, c["weir_elastic_delivered_total"])
	}
	if says := p.stop(); !strings.Contains(says, "msg=stopped") || !strings.Contains(says, fmt.Sprintf("full:%.0f", c["weir_elastic_dropped_total full"])) {
		t.Errorf("it does not say what was dropped:\n%s", says)
	}
}
