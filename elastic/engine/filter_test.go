package engine_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"testing"

	"github.com/weirflow/weir/elastic/document"
	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/flow"
)

// filters are how many random filters a server is held to.
const filters = 1000

// TestFilters: what a filter's translation selects on a server are the records that the filter means.
func TestFilters(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		rng, reg := rand.New(rand.NewPCG(11, 12)), flow.NewRegistry()
		b := filtertest.RandomBatch(rng, 300)
		index := s.index(t, document.Flow, 1)
		s.put(t, index, s.records(b)...)
		some, all := 0, 0
		const atOnce = 200
		for range filters / atOnce {
			var list []filter.Node
			for range atOnce {
				list = append(list, filtertest.Random(rng, reg))
			}
			for i, selected := range s.selected(t, index, list) {
				if diff := filtertest.Difference(list[i], b, reg, selected); diff != "" {
					t.Error(diff)
				}
				if len(selected) > 0 {
					some++
				}
				if len(selected) == len(b.Records) {
					all++
				}
			}
		}
		if some < filters/2 || all > filters/2 {
			t.Errorf("of %d filters %d select a record and %d all: they prove little", filters, some, all)
		}
	})
}

// selected returns what each filter selects in an index.
func (s *server) selected(t *testing.T, index string, list []filter.Node) []map[flow.EventID]bool {
	t.Helper()
	var body bytes.Buffer
	for _, n := range list {
		body.WriteString("{}\n")
		if err := json.NewEncoder(&body).Encode(map[string]any{"size": 1000, "_source": false, "query": filter.Elastic(n)}); err != nil {
			t.Fatal(err)
		}
	}
	var answer struct {
		Responses []struct {
			Error json.RawMessage
			Hits  struct {
				Hits []struct {
					ID string `json:"_id"`
				}
			}
		}
	}
	s.Must(t, http.MethodPost, "/"+index+"/_msearch", body.Bytes(), &answer)
	found := make([]map[flow.EventID]bool, len(list))
	for i, r := range answer.Responses {
		if r.Error != nil {
			t.Fatalf("%s\n%s", list[i], r.Error)
		}
		found[i] = map[flow.EventID]bool{}
		for _, h := range r.Hits.Hits {
			id, ok := flow.ParseEventID(h.ID)
			if !ok {
				t.Fatalf("%q is no event.id", h.ID)
			}
			found[i][id] = true
		}
	}
	return found
}
