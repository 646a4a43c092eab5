package detect

import "sync/atomic"

// Stats are the counters and gauges of an engine.
type Stats struct {
	Records  uint64            // records taken into account
	Skipped  map[string]uint64 // records left out, by reason: invalid, duplicate, no_counters, outside
	Late     uint64            // records, or parts of them, older than what the engine keeps (late_dropped_by_detector)
	Raised   uint64            // times that an alert became active, returns included
	Caps     map[string]uint64 // what found no place in a table or displaced something, by table
	Cells    int               // destinations and services in the tables
	Pages    int
	Sets     int
	Hot      int
	Streams  int
	Asked    int // requests remembered
	Waiting  int // inbound records that wait for their request
	Open     int // alerts that are active, clearing or watching
	Lateness float64
	// Watermark is the event time in ns since the Unix epoch before which bins are final.
	Watermark int64
}

type counter uint8

const (
	countRecords counter = iota
	countLate
	countRaised
	skipInvalid
	skipDuplicate
	skipNoCounters
	skipOutside
	capCells
	capPages
	capSets
	capHot
	capStreams
	capAsked
	capWaiting
	gaugeCells
	gaugePages
	gaugeSets
	gaugeHot
	gaugeStreams
	gaugeAsked
	gaugeWaiting
	gaugeOpen
	gaugeLateness
	gaugeWatermark
	numCounters
)

var skipNames = map[counter]string{
	skipInvalid: "invalid", skipDuplicate: "duplicate", skipNoCounters: "no_counters", skipOutside: "outside",
}

var capNames = map[counter]string{
	capCells: "cells", capPages: "pages", capSets: "sets", capHot: "hot", capStreams: "streams", capAsked: "asked", capWaiting: "waiting",
}

// warnOfCaps logs once a minute which tables were full.
func (e *Engine) warnOfCaps() {
	for c := capCells; c <= capWaiting; c++ {
		if n := e.count.mine[c] - e.count.warned[c]; n > 0 {
			e.deps.Log.Warn("a table of detection is full", "table", capNames[c], "without_place", n)
			e.count.warned[c] = e.count.mine[c]
		}
	}
}

// counters are counted by the goroutine that observes and published for others after each batch.
type counters struct {
	mine   [numCounters]uint64
	public [numCounters]atomic.Uint64
	warned [numCounters]uint64
}

func (c *counters) publish() {
	for i, v := range c.mine {
		c.public[i].Store(v)
	}
}

func (c *counters) named(names map[counter]string) map[string]uint64 {
	m := map[string]uint64{}
	for i, name := range names {
		if n := c.public[i].Load(); n > 0 {
			m[name] = n
		}
	}
	return m
}

// Stats returns counters and gauges as of the last batch or [Engine.Advance]. It may be called from any goroutine.
func (e *Engine) Stats() Stats {
	get := func(c counter) uint64 { return e.count.public[c].Load() }
	return Stats{
		Records: get(countRecords), Late: get(countLate), Raised: get(countRaised),
		Skipped: e.count.named(skipNames), Caps: e.count.named(capNames),
		Cells: int(get(gaugeCells)), Pages: int(get(gaugePages)), Sets: int(get(gaugeSets)), Hot: int(get(gaugeHot)),
		Streams: int(get(gaugeStreams)), Asked: int(get(gaugeAsked)), Waiting: int(get(gaugeWaiting)), Open: int(get(gaugeOpen)),
		Lateness: float64(get(gaugeLateness)) / 1e9, Watermark: int64(get(gaugeWatermark)),
	}
}
