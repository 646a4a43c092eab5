package flowinput

import (
	"strings"
	"testing"
	"time"
)

// TestForget: where there is no room, series and values without records for a day make room for others; those in use stay, and so does
// what has been summed.
func TestForget(t *testing.T) {
	cfg := testConfig(0, time.Minute, 0, byExporter)
	cfg.limits, cfg.series, cfg.totals = map[dimension]int{byExporter: 3}, 3, true
	h := newHarness(cfg)
	hour := 3600 * second
	for i := range int64(30) { // exporter 1 all the time, 2 and 3 in the first hour, 4 from the second on
		now := base + i*hour
		h.write(t, record(now, now, 1, 10))
		if i == 0 {
			h.write(t, record(now, now, 2, 10), record(now, now, 3, 10))
		} else {
			h.write(t, record(now, now, 4, 10))
		}
	}
	h.advance(base + 31*hour)
	var sums [5]int64
	other := int64(0)
	for key, n := range h.sums {
		for e := range sums {
			if strings.Contains(key, "exporter=0.0.0."+string(rune('0'+e))+" ") {
				sums[e] += n
			}
		}
		if strings.Contains(key, "exporter=other ") {
			other += n
		}
	}
	if sums[1] != 300 || sums[2] != 10 || sums[3] != 10 {
		t.Errorf("sums %v", sums)
	}
	if sums[4] < 40 || sums[4]+other != 290 {
		t.Errorf("%d bytes of the exporter that came later, %d other", sums[4], other)
	}
	totals := map[string]uint64{}
	h.tellTotals(base, func(p *point) { totals[p.tags[0].value] = p.fields[0].num })
	if totals["0.0.0.1"] != 300 || totals["0.0.0.4"] != uint64(sums[4]) || totals["0.0.0.2"]+totals["0.0.0.3"] > 10 {
		t.Errorf("totals %v", totals)
	}
}
