package engine

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// errManyGroups says that there are more groups than are gone through.
var errManyGroups = errors.New("too many groups")

// maxWhole is the number from which on a double does not hold every whole number.
const maxWhole = 1 << 53

// summing has the server sum up what a view selects.
type summing struct {
	r        *reading
	view     *query.View
	query    filter.ElasticQuery
	timed    bool // by bucket of time, too
	of       bool // by the values that are counted, too
	distinct bool // they are estimated instead
	by       []*flow.Field

	fields  []*flow.Field // of documents, by which groups are made
	counted bool          // the last of them has one of the values that are counted
	groups  int           // that were read
	inexact bool          // a sum was too great for a double
}

// Names of columns that are not those of fields.
const (
	timeSource    = "@"
	countedSource = "#"
)

// metrics are the sums by the amount that they are of.
var metrics = map[query.Amount]struct{ name, field string }{
	query.AllBytes: {"bytes", "network.bytes"}, query.AllPackets: {"packets", "network.packets"},
	query.SourceBytes: {"source_bytes", "source.bytes"}, query.SourcePackets: {"source_packets", "source.packets"},
	query.DestinationBytes: {"destination_bytes", "destination.bytes"}, query.DestinationPackets: {"destination_packets", "destination.packets"},
}

// of returns the sum of an amount.
func (s *sums) of(a query.Amount) float64 {
	switch a {
	case query.AllBytes:
		return s.Bytes.Value
	case query.AllPackets:
		return s.Packets.Value
	case query.SourceBytes:
		return s.SourceBytes.Value
	case query.SourcePackets:
		return s.SourcePackets.Value
	case query.DestinationBytes:
		return s.DestinationBytes.Value
	case query.DestinationPackets:
		return s.DestinationPackets.Value
	}
	return s.Records.Value
}

// aggs asks for the sums that the view's lanes need. Records may be sums themselves, of as many as they say.
func (s *summing) aggs() map[string]aggregation {
	list := map[string]aggregation{}
	for _, lane := range s.view.Lanes {
		switch a := s.view.Amount(lane); a {
		case query.Nothing:
		case query.Values:
			if s.distinct {
				list["distinct"] = aggregation{Cardinality: &cardinality{Field: s.view.Of.Name, Precision: bestPrecision}}
			}
		case query.One:
			if s.view.Measure != query.Sessions {
				list["records"] = aggregation{Sum: &onField{Field: "weir.aggregate.records", Missing: 1}}
			}
		default:
			m := metrics[a]
			list[m.name] = aggregation{Sum: &onField{Field: m.field}}
		}
	}
	return list
}

// bestPrecision is up to how many values the server's estimate is nearly exact, at most.
const bestPrecision = 40_000

// run goes through all groups and gives each to add, with the position of its bucket.
func (s *summing) run(add func(it *item, position int) error) error {
	for _, f := range s.by {
		s.take(f)
	}
	s.takeCounted()
	if len(s.fields) == 0 && !s.timed {
		return s.total(add)
	}
	c := &composite{Size: s.r.e.cfg.PageGroups, Sources: s.sources()}
	for {
		res, err := s.r.search(&request{Query: s.query, Aggs: map[string]aggregation{"groups": {Composite: c, Aggs: s.aggs()}}})
		if err != nil {
			return err
		}
		buckets := res.Aggregations.Groups.Buckets
		if s.groups += len(buckets); s.groups > s.r.e.cfg.MaxGroups {
			return errManyGroups
		}
		for i := range buckets {
			if err := s.give(&buckets[i], add); err != nil {
				return err
			}
		}
		if len(buckets) < c.Size {
			return nil
		}
		c.After = res.Aggregations.Groups.After
	}
}

// takeCounted makes groups of the values that are counted, too. A list among these is a column of its own: where groups are made of it, each
// counts all values of its documents.
func (s *summing) takeCounted() {
	switch {
	case !s.of:
	case s.view.Of.List && len(s.r.e.stored(s.view.Of)) == 1:
		s.fields, s.counted = append(s.fields, s.view.Of), true
	default:
		s.take(s.view.Of)
	}
}

func (s *summing) take(f *flow.Field) {
	for _, stored := range s.r.e.stored(f) {
		if !slices.Contains(s.fields, stored) {
			s.fields = append(s.fields, stored)
		}
	}
}

func (s *summing) sources() []map[string]source {
	var list []map[string]source
	if s.timed {
		list = append(list, map[string]source{timeSource: {DateHistogram: histogramOf(s.view.Step)}})
	}
	for i, f := range s.fields {
		list = append(list, map[string]source{s.column(i): {Terms: &sourceTerms{Field: f.Name, MissingBucket: true}}})
	}
	return list
}

// column is the name of a column of values.
func (s *summing) column(i int) string {
	if s.counted && i == len(s.fields)-1 {
		return countedSource
	}
	return s.fields[i].Name
}

// histogramOf cuts time as a step does; days one by one, in the step's zone, which are put together here.
func histogramOf(step query.Step) *dateHistogram {
	h := &dateHistogram{Field: timeField}
	if step.Days == 0 {
		h.FixedInterval = fmt.Sprintf("%ds", int64(step.Width.Seconds()))
		return h
	}
	h.CalendarInterval = "1d"
	if step.Zone != nil {
		h.TimeZone = step.Zone.String()
	}
	return h
}

// total asks for the sums of all.
func (s *summing) total(add func(it *item, position int) error) error {
	res, err := s.r.search(&request{Query: s.query, TrackTotalHits: true, Aggs: s.aggs()})
	if err != nil {
		return err
	}
	if res.Hits.Total.Value == 0 {
		return nil
	}
	all := &res.Aggregations.bucket
	all.Count = res.Hits.Total.Value
	return s.give(all, add)
}

// give reads a bucket.
func (s *summing) give(b *bucket, add func(it *item, position int) error) error {
	values := make([]flow.Value, len(s.fields))
	for i, f := range s.fields {
		var err error
		if values[i], err = valueOf(f, b.Key[s.column(i)]); err != nil {
			return fmt.Errorf("read the server's answer: %w", err)
		}
	}
	position := 0
	if s.timed {
		ms, err := parse(flow.KindInt, string(b.Key[timeSource]))
		if err != nil {
			return fmt.Errorf("read the server's answer: %w", err)
		}
		position = int(s.view.Step.Number(int64(ms.U)*1e6) - s.view.Base())
	}
	return add(&item{
		documents: b.Count, distinct: uint64(b.Distinct.Value), counted: func() []flow.Value { return s.countedOf(values) },
		get:    func(f *flow.Field) []flow.Value { return s.valuesOf(values, f) },
		amount: func(a query.Amount) uint64 { return s.amountOf(b, a) },
	}, position)
}

// countedOf finds the values that are counted in those of a bucket.
func (s *summing) countedOf(values []flow.Value) []flow.Value {
	switch {
	case !s.counted:
		return s.valuesOf(values, s.view.Of)
	case values[len(values)-1].Kind == 0:
		return nil
	}
	return values[len(values)-1:]
}

// valuesOf finds a field's values in those of a bucket.
func (s *summing) valuesOf(values []flow.Value, f *flow.Field) (found []flow.Value) {
	for _, stored := range s.r.e.stored(f) {
		at := slices.Index(s.fields, stored)
		if at >= 0 && values[at].Kind != 0 && !slices.Contains(found, values[at]) {
			found = append(found, values[at])
		}
	}
	return found
}

func (s *summing) amountOf(b *bucket, a query.Amount) uint64 {
	if a == query.One && s.view.Measure == query.Sessions {
		return b.Count
	}
	v := b.of(a)
	switch {
	case v >= math.MaxUint64:
		s.inexact = true
		return math.MaxUint64
	case v > maxWhole:
		s.inexact = true
	}
	return uint64(v)
}
