//go:build cgo

package duckdb

import (
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/store"
)

func TestHours(t *testing.T) {
	at := func(hour int) time.Time { return time.Date(2026, 3, 2, hour, 0, 0, 0, time.UTC) }
	file := func(kind store.Kind, from, to int) *sealedPart {
		return &sealedPart{Sealed: store.Sealed{Part: store.Part{Kind: kind}, EventMin: at(from), EventMax: at(to)}}
	}
	s := &Store{}
	if got := s.Hours(time.Time{}, time.Time{}); got != 1 {
		t.Errorf("nothing sealed: %v hours", got)
	}
	s.files.sealed = []*sealedPart{file(store.Flows, 2, 4), file(store.Flows, 3, 10), file(store.Sessions, 0, 23)}
	for name, c := range map[string]struct {
		from, to time.Time
		want     float64
	}{
		"all":            {want: 9},
		"from a time on": {from: at(8), want: 3},
		"until a time":   {to: at(3), want: 2},
		"in between":     {from: at(3), to: at(5), want: 3},
		"before":         {to: at(1), want: 1},
		"longer":         {from: at(0), to: at(23), want: 9},
	} {
		if got := s.Hours(c.from, c.to); got != c.want {
			t.Errorf("%s: %v hours, want %v", name, got, c.want)
		}
	}
}
