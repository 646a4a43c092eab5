package cim_test

import (
	"testing"

	"github.com/weirflow/weir/shared/sink/cim"
	"github.com/weirflow/weir/shared/traffic/encode"
)

func TestFeedOfAFlood(t *testing.T) {
	for _, flows := range cim.FlowsChoices() {
		b := newBook()
		r := play(t, scene("flood", 2, encode.NetFlow9), flows, b)
		t.Log(flows, r.Records, b.n, b.bytes)
		for _, k := range cim.Kinds() {
			if l := b.of(k); len(l) > 0 {
				t.Log(string(l[len(l)/2].json))
				for i, ev := range l {
					if i%50 == 0 || k == cim.Alert {
						known(t, k, ev.json)
					}
				}
			}
		}
	}
}
