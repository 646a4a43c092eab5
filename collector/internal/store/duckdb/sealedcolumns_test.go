//go:build cgo

package duckdb_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// TestSealedTexts: names and enumerations come back from sealed files as they were, few or many, with a number beyond the known ones.
func TestSealedTexts(t *testing.T) {
	for _, c := range []struct {
		name      string
		services  int
		direction flow.Direction
	}{
		{"few names", 3, flow.Inbound}, {"it's a name", 1, flow.Outbound}, {"names beyond an ENUM", 300, flow.Inbound},
		{"a direction beyond the known", 3, 200}, {"no names", 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := lookups(flow.NewSymbols(), 0, 600)
			for i := range b.Sessions {
				s := &b.Sessions[i]
				if c.services > 0 && i%5 > 0 {
					s.Service = b.Symbols.Intern(fmt.Sprintf("%s %d", c.name, i%c.services))
				}
				if i%3 > 0 {
					s.Direction = c.direction
				}
			}
			s := open(t, store.Config{}, store.Deps{Symbols: b.Symbols})
			tell(t, s, b)
			if err := s.SealAll(t.Context()); err != nil {
				t.Fatal(err)
			}
			slices.SortFunc(b.Sessions, func(a, b flow.Session) int { return query.CompareSessions(&a, &b) })
			if diff := cmp.Diff(b.Sessions, allSessions(t, s)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
