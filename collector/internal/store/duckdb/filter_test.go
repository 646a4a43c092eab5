//go:build cgo

package duckdb_test

import (
	"math/rand/v2"
	"testing"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/duckdb"
	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// TestFiltersSelectWhatTheyMean holds SQL to the meaning of filters, over records in a sealed file, a sealed file of other columns,
// and a hot file.
func TestFiltersSelectWhatTheyMean(t *testing.T) {
	rng, reg := rand.New(rand.NewPCG(8, 15)), flow.NewRegistry()
	b := filtertest.RandomBatch(rng, 240)
	s := open(t, store.Config{}, store.Deps{})
	account := flow.NewAccount()
	for i := range 3 {
		write(t, s, addDatagrams(part(b, i*80, (i+1)*80), account))
		if i < 2 {
			if err := s.SealAll(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	some, notAll := 0, 0
	for range 400 {
		n := filtertest.Random(rng, reg)
		selected := selectedBy(t, s, n.String())
		if diff := filtertest.Difference(n, b, reg, selected); diff != "" {
			t.Fatal(diff)
		}
		if len(selected) > 0 {
			some++
		}
		if len(selected) < len(b.Records) {
			notAll++
		}
	}
	if some < 200 || notAll < 200 {
		t.Errorf("of 400 filters %d select a record and %d leave one out: the generator has gone blunt", some, notAll)
	}
}

func selectedBy(t *testing.T, s *duckdb.Store, filter string) map[flow.EventID]bool {
	t.Helper()
	selected := map[flow.EventID]bool{}
	for _, invalid := range []bool{false, true} {
		b, err := s.Records(t.Context(), query.Question{Filter: filter, AllCopies: true, Invalid: invalid, Limit: query.MaxLimit})
		if err != nil {
			t.Fatalf("%s: %v", filter, err)
		}
		for i := range b.Records {
			selected[b.Records[i].ID] = true
		}
	}
	return selected
}

// TestTextIsNeverSQL: what a question holds goes in parameters.
func TestTextIsNeverSQL(t *testing.T) {
	s := open(t, store.Config{}, store.Deps{})
	b := flow.NewBatch(1, flow.NewSymbols())
	line := `{"event.end":"2026-03-02T08:00:00Z","network.application":"'; DROP TABLE names; --","network.protocol":"\" OR 1=1","network.bytes":7}`
	if err := flow.ParseJSON([]byte(line), flow.NewRegistry(), b); err != nil {
		t.Fatal(err)
	}
	write(t, s, addDatagrams(b, flow.NewAccount()))
	for filter, want := range map[string]int{
		`network.application : "'; DROP TABLE names; --"`:  1,
		`network.application : "'; DROP TABLE sealed; --"`: 0,
		`network.protocol : "\" OR 1=1"`:                   1,
	} {
		if got := len(selectedBy(t, s, filter)); got != want {
			t.Errorf("%s selects %d", filter, got)
		}
	}
}
