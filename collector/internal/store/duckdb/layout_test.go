//go:build cgo

package duckdb

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
)

var update = flag.Bool("update", false, "write golden files anew")

// another opens a DuckDB that knows nothing of the store, as another tool would.
func another(t *testing.T) *conn {
	t.Helper()
	cfg, err := store.Config{Dir: t.TempDir()}.Complete()
	if err != nil {
		t.Fatal(err)
	}
	db, err := openDatabase(t.Context(), cfg, &hotFiles{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := connect(db)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// sealedFile returns a sealed file with records of one datagram.
func sealedFile(t *testing.T) string {
	t.Helper()
	s := openInternal(t, store.Config{}, store.Deps{})
	if err := s.WriteBatch(t.Context(), applications(flow.NewAccount(), flow.NewSymbols(), 1, 3)); err != nil {
		t.Fatal(err)
	}
	if err := s.SealAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s.path(s.files.sealed[0].Path)
}

// TestLayoutOfSealedFiles holds what other tools rely on: names and types of the columns, as another DuckDB reads them.
func TestLayoutOfSealedFiles(t *testing.T) {
	c := another(t)
	r, err := c.query(t.Context(), "DESCRIBE SELECT * FROM "+readParquet(sealedFile(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	var got strings.Builder
	documented := store.Columns()
	for r.next() {
		fmt.Fprintf(&got, "%s %s\n", r.text(0), r.text(1))
		if len(documented) == 0 || documented[0].Name != r.text(0) || documented[0].Type != r.text(1) {
			t.Errorf("%s %s is not as documented", r.text(0), r.text(1))
			continue
		}
		documented = documented[1:]
	}
	golden := filepath.Join("testdata", "layout.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("the layout has changed: count up store.LayoutVersion and say how old files are read (-wanted +got):\n%s", diff)
	}
}

// TestEveryFieldIsMapped: each field of records can be filtered and grouped by, on columns that there are.
func TestEveryFieldIsMapped(t *testing.T) {
	var names []string
	for _, c := range store.Columns() {
		names = append(names, c.Name)
	}
	for _, f := range flow.NewRegistry().Fields() {
		columns := columnsOf(f)
		if f.Scope != flow.ScopeRecord {
			if columns != nil {
				t.Errorf("%s is of sessions and has columns", f.Name)
			}
			continue
		}
		if len(columns) == 0 {
			t.Errorf("%s has no column", f.Name)
		}
		for _, c := range columns {
			for _, p := range c.Parts {
				if !slices.ContainsFunc(names, func(name string) bool { return strings.Contains(p, name) }) {
					t.Errorf("%s: no column in %q", f.Name, p)
				}
			}
			if _, known := valueOf[c.Form]; !known && !slices.Contains(groupedApart, c.Form) {
				t.Errorf("%s: values of form %d cannot be grouped by", f.Name, c.Form)
			}
		}
	}
}

// groupedApart are the forms that groupingOf treats by themselves, and the one that has no groups.
var groupedApart = []filter.Form{filter.FormTextList, filter.FormUintList, filter.FormFlags, filter.FormTransport, filter.FormUint, filter.FormPresence}

// TestProgramsFollowTheColumns: a program that fills columns of other names or widths would mix up fields.
func TestProgramsFollowTheColumns(t *testing.T) {
	n := 0
	for _, p := range programs() {
		for _, c := range p.columns {
			if c != store.Columns()[n] {
				t.Errorf("column %d is %s, its program fills %s", n, store.Columns()[n].Name, c.Name)
			}
			if c.Field != p.columns[0].Field {
				t.Errorf("one program for %s and %s", c.Field, p.columns[0].Field)
			}
			n++
		}
	}
	if n != len(store.Columns()) {
		t.Errorf("%d columns are filled of %d", n, len(store.Columns()))
	}
}
