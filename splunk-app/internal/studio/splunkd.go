package studio

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/weirflow/weir/splunk-app/internal/search"
)

// Job is a search that a dashboard has asked for.
type Job struct {
	SPL, Earliest, Latest string // tokens filled in
	Found                 int    // rows
	Err                   error
}

// Splunkd answers the calls of splunkd's REST API that dashboards make.
type Splunkd struct {
	engine *search.Engine

	mu      sync.Mutex
	jobs    []Job
	results map[string]*search.Result
	busy    int      // searches that are running
	unknown []string // calls that are not known
}

// New returns a splunkd that searches with the engine.
func New(engine *search.Engine) *Splunkd {
	return &Splunkd{engine: engine, results: map[string]*search.Result{}}
}

// Jobs returns the searches since the last call.
func (s *Splunkd) Jobs() []Job {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.jobs
	s.jobs = nil
	return list
}

// Unknown returns the calls that it could not answer.
func (s *Splunkd) Unknown() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.unknown)
}

// ServeHTTP answers. Paths begin as $C.SPLUNKD_PATH says, with a name space or without.
func (s *Splunkd) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	_, call, _ := strings.Cut(path, "/jobs") // of services/search/jobs or services/search/v2/jobs
	switch {
	case strings.HasSuffix(path, "/search/jobs") && r.Method == http.MethodPost:
		reply(w, http.StatusCreated, map[string]string{"sid": s.dispatch(r)})
	case strings.HasSuffix(path, "/search/jobs"):
		s.entries(w, r)
	case strings.HasSuffix(call, "/results_preview") || strings.HasSuffix(call, "/results"):
		s.table(w, r, strings.Split(call, "/")[1])
	case strings.HasSuffix(call, "/control"):
		reply(w, http.StatusOK, map[string]any{"messages": []any{}})
	case strings.HasSuffix(path, "/data/ui/times"):
		reply(w, http.StatusOK, map[string]any{"entry": []any{}})
	case strings.HasSuffix(path, "/authentication/current-context"):
		reply(w, http.StatusOK, map[string]any{"entry": []any{map[string]any{"content": map[string]any{"username": "analyst", "capabilities": []string{"search"}}}}})
	default:
		s.mu.Lock()
		defer s.mu.Unlock()
		s.unknown = append(s.unknown, r.Method+" "+path)
		http.NotFound(w, r)
	}
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// dispatch runs a search and returns its id.
func (s *Splunkd) dispatch(r *http.Request) string {
	job := Job{SPL: strings.TrimSpace(strings.TrimPrefix(r.FormValue("search"), "search ")), Earliest: r.FormValue("earliest_time"), Latest: r.FormValue("latest_time")}
	s.count(1)
	found, err := s.engine.Search(job.SPL, job.Earliest, job.Latest)
	s.count(-1)
	if job.Err = err; err != nil {
		found = &search.Result{}
	}
	job.Found = len(found.Rows)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.jobs = append(s.jobs, job)
	sid := fmt.Sprintf("1772439300.%d", len(s.results)+1)
	s.results[sid] = found
	return sid
}

func (s *Splunkd) count(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy += n
}

// Busy returns how many searches are running.
func (s *Splunkd) Busy() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.busy
}

func (s *Splunkd) result(sid string) *search.Result {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.results[sid]
}

// entries are how searches do: all of those asked for are done.
func (s *Splunkd) entries(w http.ResponseWriter, r *http.Request) {
	list := []any{}
	_ = r.ParseForm()
	for _, sid := range r.Form["id"] {
		if found := s.result(sid); found != nil {
			list = append(list, map[string]any{"name": sid, "content": map[string]any{
				"sid": sid, "isDone": true, "isFailed": false, "isFinalized": false, "isPaused": false, "dispatchState": "DONE", "doneProgress": 1, "eventCount": len(found.Rows),
				"resultCount": len(found.Rows), "resultPreviewCount": len(found.Rows), "scanCount": len(found.Rows), "runDuration": 0.1, "ttl": 600, "messages": []any{},
			}})
		}
	}
	reply(w, http.StatusOK, map[string]any{"entry": list})
}

// table answers with rows in columns, as output_mode=json_cols asks for, from an offset and as many as asked for, sorted where asked for.
func (s *Splunkd) table(w http.ResponseWriter, r *http.Request, sid string) {
	found := s.result(sid)
	if found == nil {
		http.NotFound(w, r)
		return
	}
	offset, _ := strconv.Atoi(r.FormValue("offset"))
	count, err := strconv.Atoi(r.FormValue("count"))
	if err != nil || count == 0 {
		count = len(found.Rows)
	}
	offset = min(offset, len(found.Rows))
	rows := found.Rows[offset:min(offset+count, len(found.Rows))]
	fields, columns := []any{}, []any{}
	for _, f := range found.Fields {
		fields = append(fields, map[string]any{"name": f})
		column := make([]any, len(rows))
		for i, e := range rows {
			column[i] = cell(f, e[f])
		}
		columns = append(columns, column)
	}
	reply(w, http.StatusOK, map[string]any{"preview": false, "init_offset": offset, "messages": []any{}, "fields": fields, "columns": columns, "post_process_count": len(found.Rows)})
}

// cell is a value as results have it: text, or a list of texts, and a time with its zone.
func cell(field string, v []string) any {
	switch {
	case len(v) == 0:
		return nil
	case len(v) > 1:
		return v
	}
	if field == "_time" {
		if at, err := strconv.ParseFloat(v[0], 64); err == nil {
			return time.UnixMilli(int64(at * 1000)).UTC().Format("2006-01-02T15:04:05.000-07:00")
		}
	}
	return v[0]
}
