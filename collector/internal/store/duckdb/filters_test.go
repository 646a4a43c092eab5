//go:build cgo

package duckdb

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/flow"
)

// How many random filters are judged, how many of them in a statement, and over how many records.
const (
	randomFilters = 10_000
	atOnce        = 50
	randomRecords = 240
)

// TestManyFilters holds the conditions that questions use to the meaning of filters, many in a statement, over a sealed file as another
// DuckDB reads it.
func TestManyFilters(t *testing.T) {
	rng, reg := rand.New(rand.NewPCG(30, 31)), flow.NewRegistry()
	b := filtertest.RandomBatch(rng, randomRecords)
	c := another(t)
	if err := c.exec(t.Context(), "CREATE TABLE records AS SELECT * FROM "+readParquet(sealedWith(t, b))); err != nil {
		t.Fatal(err)
	}
	some, notAll := 0, 0
	for range randomFilters / atOnce {
		nodes := make([]filter.Node, atOnce)
		for i := range nodes {
			nodes[i] = filtertest.Random(rng, reg)
		}
		for i, selected := range selections(t, c, nodes) {
			if diff := filtertest.Difference(nodes[i], b, reg, selected); diff != "" {
				t.Fatal(diff)
			}
			if len(selected) > 0 {
				some++
			}
			if len(selected) < len(b.Records) {
				notAll++
			}
		}
	}
	if some < randomFilters/2 || notAll < randomFilters/2 {
		t.Errorf("of %d filters %d select a record and %d leave one out: the generator has gone blunt", randomFilters, some, notAll)
	}
}

// sealedWith returns a sealed file that has the batch's records.
func sealedWith(t *testing.T, b *flow.Batch) string {
	t.Helper()
	account := flow.NewAccount()
	for i := range b.Datagrams {
		d := &b.Datagrams[i]
		d.Stream = account.Stream(d.Mark.Key)
		d.Stream.Records.Add(uint64(d.Records))
		d.Stream.InFlight.Add(int64(d.Records))
	}
	s := openInternal(t, store.Config{}, store.Deps{})
	if err := s.WriteBatch(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if err := s.SealAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(s.files.sealed); n != 1 {
		t.Fatalf("%d files", n)
	}
	return s.path(s.files.sealed[0].Path)
}

// selections returns which records each filter selects.
func selections(t *testing.T, c *conn, nodes []filter.Node) []map[flow.EventID]bool {
	t.Helper()
	var text strings.Builder
	text.WriteString("SELECT dg_hi, dg_lo, set_no, rec_no")
	var args []any
	for _, n := range nodes {
		condition, list, err := FilterSQL(n, false)
		if err != nil {
			t.Fatalf("%s: %v", n, err)
		}
		text.WriteString(", coalesce(" + condition + ", FALSE)")
		args = append(args, list...)
	}
	r, err := c.query(t.Context(), text.String()+" FROM records", args...)
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	selected, count := make([]map[flow.EventID]bool, len(nodes)), 0
	for i := range selected {
		selected[i] = map[flow.EventID]bool{}
	}
	for ; r.next(); count++ {
		id := flow.EventID{Datagram: flow.DatagramID{Hi: get[uint64](r, 0), Lo: get[uint64](r, 1)}, Set: get[uint16](r, 2), Record: get[uint32](r, 3)}
		for i := range nodes {
			if get[bool](r, 4+i) {
				selected[i][id] = true
			}
		}
	}
	if count != randomRecords {
		t.Fatalf("%d records were read", count)
	}
	return selected
}
