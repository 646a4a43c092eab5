package engine_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/elastic/engine"
	"github.com/weirflow/weir/shared/query"
)

var update = flag.Bool("update", false, "write golden files anew")

// script answers each request with the next of a list, then with the last, and notes what is asked.
type script struct {
	status  int
	answers []string
	asked   strings.Builder
}

func (s *script) Perform(r *http.Request) (*http.Response, error) {
	fmt.Fprintf(&s.asked, "%s %s\n", r.Method, r.URL.RequestURI())
	if body, err := io.ReadAll(r.Body); err != nil {
		return nil, err
	} else if len(body) > 0 {
		var text bytes.Buffer
		if err := json.Indent(&text, body, "", " "); err != nil {
			return nil, err
		}
		s.asked.WriteString(text.String() + "\n")
	}
	answer := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	status := s.status
	if status == 0 {
		status = http.StatusOK
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(answer))}, nil
}

// asking returns an engine that gets such answers, with nothing known of exporters.
func asking(t testing.TB, s *script, openSearch bool) *engine.Engine {
	t.Helper()
	cfg := engine.ConfigOf("lab")
	cfg.OpenSearch = openSearch
	e, err := engine.New(cfg, engine.Deps{Client: s, Now: func() time.Time { return begin }})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestRequests holds what is asked of the servers to a file that people read.
func TestRequests(t *testing.T) {
	from, to := begin, begin.Add(time.Hour)
	var got strings.Builder
	for _, c := range []struct {
		name string
		q    query.Question
	}{
		{"total of a range", query.Question{From: from, To: to, Measure: query.Packets}},
		{"top with a filter, copies and all", query.Question{Filter: "destination.ip : 10.0.0.0/8 and not network.transport : tcp", By: []string{"source.ip", "weir.tcp.flags"}, AllCopies: true, More: []query.Measure{query.Flows}}},
		{"set aside, by either port", query.Question{Invalid: true, By: []string{"related.port"}, Measure: query.Flows}},
		{"series of local days", query.Question{From: from, To: to, Interval: "2d", Zone: "Europe/Berlin"}},
		{"distinct members of a list", query.Question{By: []string{"weir.source.group"}, Measure: query.Distinct, Field: "weir.source.group"}},
		{"rate without bounds", query.Question{Measure: query.BPS}},
		{"both directions", query.Question{By: []string{"source.ip"}, Direction: query.DirectionBoth}},
		{"sessions", query.Question{Measure: query.Sessions, By: []string{"server.port"}}},
		{"before there were indices", query.Question{To: time.Unix(-5, 0)}},
	} {
		for _, openSearch := range []bool{false, true} {
			if openSearch && c.name != "total of a range" {
				continue // only points in time differ
			}
			s := &script{answers: []string{`{"id":"p"}`, `{"_shards":{"total":1}}`}}
			if openSearch {
				s.answers[0] = `{"pit_id":"p"}`
			}
			if _, err := asking(t, s, openSearch).Aggregate(t.Context(), c.q); err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			// What is missing is asked for after each.
			text, _, _ := strings.Cut(s.asked.String(), "POST /metrics-")
			fmt.Fprintf(&got, "# %s (OpenSearch: %v)\n%s\n", c.name, openSearch, text)
		}
	}
	const file = "testdata/requests.txt"
	if *update {
		if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil { //nolint:gosec // people read it
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("%s is stale: run go test ./elastic/engine -run TestRequests -update and look at what changed", file)
	}
}

// TestAnswersThatAreNone: what is incomplete or no answer is an error, never a smaller number.
func TestAnswersThatAreNone(t *testing.T) {
	for _, c := range []struct {
		name, answer, want string
		status             int
	}{
		{"a shard is missing", `{"_shards":{"total":2,"failed":1,"failures":[{"reason":"disk"}]}}`, "1 of 2 shards failed: {\"reason\":\"disk\"}", 0},
		{"cut off by time", `{"timed_out":true}`, "for want of time", 0},
		{"no JSON", `<html>`, "read the server's answer", 0},
		{"a key that is no address", `{"aggregations":{"groups":{"buckets":[{"key":{"source.ip":"here"},"doc_count":1}]}}}`, "source.ip", 0},
		{"a refusal", `{"error":{"type":"search_phase_execution_exception","reason":"all shards failed","root_cause":[{"type":"too_many_buckets_exception","reason":"Trying to create too many buckets"}]},"status":503}`, "the server answers 503 Service Unavailable: Trying to create too many buckets", http.StatusServiceUnavailable},
		{"a refusal by a proxy", `Bad gateway`, "502 Bad Gateway: Bad gateway", http.StatusBadGateway},
	} {
		s := &script{answers: []string{`{"id":"p"}`, c.answer}, status: c.status}
		if c.status != 0 {
			s.answers = s.answers[1:]
		}
		_, err := asking(t, s, false).Aggregate(t.Context(), query.Question{By: []string{"source.ip"}})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for name, change := range map[string]func(*engine.Config){
		"no indices": func(c *engine.Config) { c.Flows = "" }, "pages of nothing": func(c *engine.Config) { c.PageSize = 0 },
		"fewer groups than a page": func(c *engine.Config) { c.MaxGroups = c.PageGroups - 1 }, "a path": func(c *engine.Config) { c.Sessions = "a/_search?x" },
	} {
		cfg := engine.DefaultConfig()
		change(&cfg)
		if _, err := engine.New(cfg, engine.Deps{Client: &script{}}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := engine.New(engine.DefaultConfig(), engine.Deps{}); err == nil {
		t.Error("no client: no error")
	}
}

// FuzzAnswer gives the engine answers that no server would.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		`{"_shards":{"total":1},"hits":{"total":{"value":3},"hits":[{"_id":"a","sort":[1772438400000000000,"x"],"_source":{"source.ip":"10.0.0.1"}}]}}`,
		`{"aggregations":{"groups":{"after_key":{"source.ip":"10.0.0.1"},"buckets":[{"key":{"@":1772438400000,"source.ip":"10.0.0.1"},"doc_count":2,"bytes":{"value":1e300}}]}}}`,
		`{"aggregations":{"groups":{"buckets":[{"key":{"@":-9223372036854775808,"source.ip":null},"doc_count":18446744073709551615,"bytes":{"value":-1}}]}}}`,
	} {
		f.Add(seed)
	}
	questions := []query.Question{{}, {By: []string{"source.ip"}, Limit: 1}, {Interval: "1m", By: []string{"source.ip"}}, {Spread: true, Interval: "1h"}, {Measure: query.Sessions}, {Measure: query.Distinct, Field: "source.ip"}}
	f.Fuzz(func(t *testing.T, answer string) {
		for _, q := range questions {
			e := asking(t, &script{answers: []string{`{"id":"p"}`, answer}}, false)
			_, _ = e.Aggregate(t.Context(), q)
			_, _ = e.Records(t.Context(), q)
			_, _ = e.Sessions(t.Context(), query.Question{})
		}
	})
}
