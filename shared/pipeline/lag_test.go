package pipeline

import (
	"testing"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// TestLag: a mark is given when the records that it speaks of have been told of for sure, the latest of a stream counts, and the end gives all.
func TestLag(t *testing.T) {
	const sumLag = 127 * time.Second
	l := NewLag(sumLag)
	now := time.Unix(1_700_000_000, 0)
	batch := func(domain, next uint32) *flow.Batch {
		return &flow.Batch{Datagrams: []flow.Datagram{{Stream: &flow.Stream{Key: flow.StreamKey{Domain: domain}}, Mark: flow.StreamMark{Next: next}}}}
	}
	given := map[uint32]uint32{}
	take := func(marks map[flow.StreamKey]flow.StreamMark) {
		for key, m := range marks {
			given[key.Domain] = m.Next
		}
	}
	for second := range uint32(300) {
		at := now.Add(time.Duration(second) * time.Second)
		take(l.Pass(batch(1, second), at))
		latest, known := given[1]
		if age := time.Duration(second-latest) * time.Second; known && (age < sumLag || age > sumLag+2*lagStep) {
			t.Fatalf("after %d s the mark of %d is given", second, latest)
		}
	}
	if len(l.pieces) > int(sumLag/lagStep)+3 {
		t.Errorf("%d pieces", len(l.pieces))
	}
	take(l.Pass(batch(2, 7), now.Add(300*time.Second)))
	take(l.Rest())
	if given[1] != 299 || given[2] != 7 || len(l.pieces) > 0 {
		t.Errorf("at the end %v", given)
	}
}
