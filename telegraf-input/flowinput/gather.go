package flowinput

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// Names of the measurements of what is so now.
const (
	nameExporter = "weir_exporter"
	nameInput    = "weir_input"
	nameTag      = "weir_input_tag"
)

// gatherer tells of exporters. Only so many have series of their own: whoever sends datagrams from made-up addresses makes none.
type gatherer struct {
	limit    int // streams, four an exporter
	admitted map[flow.StreamKey]bool
	point    point
}

const streamsAnExporter = 4

func newGatherer(exporters int) gatherer {
	return gatherer{limit: streamsAnExporter * exporters, admitted: map[flow.StreamKey]bool{}}
}

// gather tells what is so now. One goroutine at a time calls it.
func (r *running) gather() {
	now := r.now()
	if now == 0 {
		return // a laboratory's clock, before the first record
	}
	give := func(p *point) { r.box.give(p, classSum) }
	r.gathers.exporters(r.core.Account.Streams(), now, give)
	r.alerts.gather(now)
	r.traffic.tellTotals(now, give)
	r.tellInput(now, give)
}

// exporters tells of the streams of exporters from which something could be decoded, and of all others as one.
func (g *gatherer) exporters(streams []*flow.Stream, now int64, give func(*point)) {
	var other exporterCounts
	for _, s := range streams {
		c := countsOf(s)
		if !g.admit(s) {
			other.add(&c)
			continue
		}
		p := &g.point
		p.begin(nameExporter, now)
		p.tag("domain", strconv.FormatUint(uint64(s.Key.Domain), 10))
		p.tag("exporter", s.Exporter().String())
		p.tag("protocol", s.Key.Protocol.String())
		if source := s.Key.Source(); source != s.Exporter().String() {
			p.tag("source", source)
		}
		c.fields(p)
		p.stream(s, now)
		give(p)
	}
	if other.datagrams > 0 {
		p := &g.point
		p.begin(nameExporter, now)
		p.tag("exporter", Other)
		other.fields(p)
		give(p)
	}
}

func (g *gatherer) admit(s *flow.Stream) bool {
	if g.admitted[s.Key] {
		return true
	}
	if s.Decoded.Load() == 0 || len(g.admitted) >= g.limit {
		return false
	}
	g.admitted[s.Key] = true
	return true
}

// exporterCounts are counters of a stream, or of several.
type exporterCounts struct {
	datagrams, bytes, records, templates, options, flowSamples, counterSamples, gaps, reordered, restarts, clashes uint64
	refused, malformed, expired, aside, dropped                                                                    uint64
	reasons                                                                                                        map[string]uint64 // by field
}

func countsOf(s *flow.Stream) exporterCounts {
	c := exporterCounts{
		datagrams: s.Datagrams.Load(), bytes: s.Bytes.Load(), records: s.Records.Load(), templates: s.Definitions.Load(),
		options: s.OptionsRecords.Load(), flowSamples: s.FlowSamples.Load(), counterSamples: s.CounterSamples.Load(),
		gaps: s.Gaps.Load(), reordered: s.Reordered.Load(), restarts: s.Restarts.Load(), clashes: s.Clashes.Load(),
		refused: s.Refused.Sum(), malformed: s.Errors.Sum(), expired: s.SetsExpired.Sum(), aside: s.SetAside.Sum(), dropped: s.Dropped.Sum(),
		reasons: map[string]uint64{},
	}
	for prefix, by := range map[string]*flow.ByReason{
		"refused_": &s.Refused, "malformed_": &s.Errors, "expired_sets_": &s.SetsExpired, "set_aside_": &s.SetAside, "dropped_": &s.Dropped,
	} {
		for why, n := range by.Map() {
			c.reasons[prefix+why] += n
		}
	}
	return c
}

func (c *exporterCounts) list() []*uint64 {
	return []*uint64{
		&c.datagrams, &c.bytes, &c.records, &c.templates, &c.options, &c.flowSamples, &c.counterSamples, &c.gaps, &c.reordered, &c.restarts,
		&c.clashes, &c.refused, &c.malformed, &c.expired, &c.aside, &c.dropped,
	}
}

// exporterFields are the names of the counters in the order of list.
var exporterFields = [...]string{
	"datagrams", "bytes", "records", "templates_received", "options_records", "flow_samples", "counter_samples", "gaps", "reordered", "restarts",
	"clashes", "refused", "malformed", "expired_sets", "set_aside", "dropped",
}

func (c *exporterCounts) add(o *exporterCounts) {
	to, from := c.list(), o.list()
	for i := range to {
		*to[i] += *from[i]
	}
	if c.reasons == nil {
		c.reasons = map[string]uint64{}
	}
	for why, n := range o.reasons {
		c.reasons[why] += n
	}
}

func (c *exporterCounts) fields(p *point) {
	for i, n := range c.list() {
		p.count(exporterFields[i], *n)
	}
	for _, why := range slices.Sorted(maps.Keys(c.reasons)) {
		p.count(why, c.reasons[why])
	}
}

// stream adds what is so now with a stream.
func (p *point) stream(s *flow.Stream, now int64) {
	p.integer("templates", s.Templates.Load())
	p.integer("waiting_sets", s.Waiting.Load())
	if sampling := floatOf(&s.Sampling); sampling > 0 {
		p.float("sampling_interval", sampling)
		p.text("sampling_source", flow.SamplingSource(s.SamplingSource.Load()).String())
	}
	if last := s.LastSeen.Load(); last > 0 {
		p.float("silent", max(0, time.Duration(now-last).Seconds()))
	}
	clock := s.Clock.Load()
	p.text("clock", clock.Status.String())
	if clock.Status == flow.ClockGood {
		p.float("clock_offset", clock.Offset.Seconds())
		p.float("clock_uncertainty", clock.Uncertainty.Seconds())
	}
}
