package sink_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// fake is a server that knows of the bulk API what a sink needs: create, external versions, and failing on demand.
type fake struct {
	*httptest.Server
	base *url.URL

	mu       sync.Mutex
	docs     map[string]map[string]map[string]any // index to id to document
	versions map[string]int64
	// fail, where set, decides what becomes of a request before it is looked at: a status, or 0.
	fail func(n int) int
	// refuse, where set, decides what becomes of a document: a status, or 0.
	refuse   func(index, id string, attempt int) int
	lose     func(n int) bool // whether the answer is lost, though the documents are taken
	requests int
	attempts map[string]int
	largest  int
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{docs: map[string]map[string]map[string]any{}, versions: map[string]int64{}, attempts: map[string]int{}}
	f.Server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(f.Close)
	f.base, _ = url.Parse(f.URL)
	return f
}

// Perform, Explain and Answer make it the Server of a sink.
func (f *fake) Perform(req *http.Request) (*http.Response, error) {
	req.URL.Scheme, req.URL.Host = f.base.Scheme, f.base.Host
	return f.Client().Do(req)
}

func (f *fake) Explain(err error) error { return err }

func (f *fake) Answer(status int, body []byte) error {
	return fmt.Errorf("status %d: %s", status, body)
}

func (f *fake) serve(w http.ResponseWriter, req *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests++
	zipped, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	if f.fail != nil {
		if status := f.fail(f.requests); status != 0 {
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"error":{"type":"x","reason":"y"},"status":%d}`, status)
			return
		}
	}
	z, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil || !strings.HasPrefix(req.URL.Path, "/_bulk") {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	text, err := io.ReadAll(z)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	f.largest = max(f.largest, len(text))
	answer := f.bulk(text)
	if f.lose != nil && f.lose(f.requests) {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

func (f *fake) bulk(text []byte) map[string]any {
	items, failed := []any{}, false
	lines := bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
	for i := 0; i+1 < len(lines); i += 2 {
		var action map[string]struct {
			Index   string `json:"_index"`
			ID      string `json:"_id"`
			Version int64  `json:"version"`
		}
		var doc map[string]any
		if json.Unmarshal(lines[i], &action) != nil || json.Unmarshal(lines[i+1], &doc) != nil {
			panic("not NDJSON: " + string(lines[i]) + string(lines[i+1]))
		}
		for op, a := range action {
			status := f.one(op, a.Index, a.ID, a.Version, doc)
			item := map[string]any{"status": status}
			if status >= 300 {
				failed = true
				item["error"] = map[string]any{"type": "some_exception", "reason": "because", "caused_by": map[string]any{"reason": "of that"}}
			}
			items = append(items, map[string]any{op: item})
		}
	}
	return map[string]any{"errors": failed, "items": items}
}

func (f *fake) one(op, index, id string, version int64, doc map[string]any) int {
	key := index + "/" + id
	f.attempts[key]++
	if f.refuse != nil {
		if status := f.refuse(index, id, f.attempts[key]); status != 0 {
			return status
		}
	}
	if f.docs[index] == nil {
		f.docs[index] = map[string]map[string]any{}
	}
	_, there := f.docs[index][id]
	if (op == "create" && there) || (op == "index" && there && version < f.versions[key]) {
		return http.StatusConflict
	}
	f.docs[index][id], f.versions[key] = doc, version
	return http.StatusCreated
}

// of returns the documents of an index.
func (f *fake) of(index string) map[string]map[string]any {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := map[string]map[string]any{}
	for id, doc := range f.docs[index] {
		out[id] = doc
	}
	return out
}
