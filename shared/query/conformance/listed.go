package conformance

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// Asked is a question of the list, with what it is about.
type Asked struct {
	Name     string
	Question query.Question
}

// at returns a time so many seconds after the first of the records.
func at(seconds int) time.Time {
	return time.Unix(0, filtertest.Start).UTC().Add(time.Duration(seconds) * time.Second)
}

// Listed returns the questions that every engine is asked by name: each measure alone, by one and several fields, over time, and each
// way to ask in combination with others. They are valid.
func Listed() []Asked {
	var list []Asked
	for _, part := range [][]Asked{listedTotals(), listedTops(), listedSeries(), listedComparisons(), listedPercentiles(), listedDirections(), listedSpreads()} {
		list = append(list, part...)
	}
	return list
}

var listedMeasures = []query.Question{
	{Measure: query.Bytes}, {Measure: query.Packets}, {Measure: query.Flows}, {Measure: query.BPS}, {Measure: query.PPS},
	{Measure: query.Distinct, Field: "source.ip"}, {Measure: query.Distinct, Field: "related.port"},
}

// each asks with every measure.
func each(name string, ask func(q *query.Question)) (list []Asked) {
	for _, q := range listedMeasures {
		ask(&q)
		list = append(list, Asked{name + ", " + string(q.Measure) + " " + q.Field, q})
	}
	return list
}

func listedTotals() []Asked {
	list := each("total", func(*query.Question) {})
	list = append(list, each("total of a range", func(q *query.Question) { q.From, q.To = at(60), at(300) })...)
	return append(list,
		Asked{"several measures", query.Question{Measure: query.Flows, More: []query.Measure{query.Bytes, query.PPS}}},
		Asked{"with copies", query.Question{AllCopies: true}},
		Asked{"set aside", query.Question{Invalid: true, Measure: query.Flows}},
		Asked{"nothing selected", query.Question{Filter: "source.ip : 240.0.0.1"}},
		Asked{"filter", query.Question{Filter: "network.transport : tcp and not destination.port < 1024"}})
}

func listedTops() []Asked {
	list := each("by a field", func(q *query.Question) { q.By, q.Limit = []string{"source.ip"}, 4 })
	list = append(list, each("by two fields", func(q *query.Question) { q.By, q.Limit = []string{"network.transport", "destination.port"}, 5 })...)
	return append(list,
		Asked{"by three fields", query.Question{By: []string{"source.ip", "destination.ip", "weir.tcp.flags"}}},
		Asked{"by members of lists", query.Question{By: []string{"weir.source.group", "weir.tcp.flags"}, Measure: query.Flows}},
		Asked{"by either side", query.Question{By: []string{"related.ip"}, Measure: query.Packets}},
		Asked{"several measures", query.Question{By: []string{"observer.ip"}, More: []query.Measure{query.Packets, query.Flows, query.BPS}, Limit: 2}},
		Asked{"after an offset", query.Question{By: []string{"destination.port"}, Offset: 3, Limit: 3}},
		Asked{"by direction and country", query.Question{By: []string{"network.direction", "source.geo.country_iso_code"}, Limit: 100}},
		Asked{"nothing selected", query.Question{By: []string{"source.ip"}, Filter: "source.ip : 240.0.0.1"}})
}

func listedSeries() []Asked {
	list := each("series", func(q *query.Question) { q.Interval = "1m" })
	list = append(list, each("series of groups", func(q *query.Question) { q.Interval, q.By, q.Limit = "1m", []string{"source.ip"}, 3 })...)
	list = append(list, each("series of groups with gaps", func(q *query.Question) {
		q.Interval, q.By, q.Limit, q.Fill = "2m", []string{"destination.port", "network.transport"}, 3, query.FillNone
	})...)
	for _, f := range fills {
		list = append(list,
			Asked{"fill " + string(f), query.Question{Interval: "10s", Filter: "destination.port > 1000", Fill: f}},
			Asked{"fill groups " + string(f), query.Question{Interval: "1m", By: []string{"network.transport"}, Limit: 1, Fill: f, From: at(-200), To: at(900)}})
	}
	for _, z := range zones {
		list = append(list,
			Asked{"days in " + z, query.Question{Interval: "1d", Zone: z, From: at(-40 * 86400), To: at(40 * 86400), Measure: query.BPS}},
			Asked{"weeks in " + z, query.Question{Interval: "2w", Zone: z, By: []string{"observer.ip"}, From: at(-100 * 86400), To: at(100 * 86400)}})
	}
	return append(list,
		Asked{"bounds inside of buckets", query.Question{Interval: "5m", Measure: query.BPS, From: at(17), To: at(433)}},
		Asked{"bounds beside records", query.Question{Interval: "1m", From: at(60).Add(1), To: at(120).Add(1)}},
		Asked{"a range before all records", query.Question{Interval: "1h", From: at(-86400), To: at(-7200)}},
		Asked{"nothing selected", query.Question{Interval: "1h", Filter: "source.ip : 240.0.0.1"}},
		Asked{"groups after an offset", query.Question{Interval: "1m", By: []string{"source.ip"}, Offset: 2, Limit: 2}},
		Asked{"several measures", query.Question{Interval: "1m", By: []string{"source.ip"}, Limit: 2, More: []query.Measure{query.Flows}}},
		Asked{"too many rows", query.Question{Interval: "1s", From: at(-10 * 86400), To: at(10 * 86400)}})
}

func listedComparisons() []Asked {
	list := each("with minutes before", func(q *query.Question) { q.Compare, q.From, q.To = "5m", at(300), at(600) })
	list = append(list, each("top, with minutes before", func(q *query.Question) {
		q.Compare, q.From, q.To, q.By, q.Limit = "5m", at(300), at(600), []string{"source.ip"}, 3
	})...)
	return append(list,
		Asked{"series with minutes before", query.Question{Compare: "4m", Interval: "1m", From: at(240), To: at(500), Measure: query.BPS}},
		Asked{"series of groups", query.Question{Compare: "4m", Interval: "2m", By: []string{"network.transport"}, Limit: 2, From: at(241), To: at(500)}},
		Asked{"days of a zone", query.Question{Compare: "1w", Interval: "1d", Zone: "Europe/Berlin", From: at(0), To: at(40 * 86400)}},
		Asked{"a day before, when there was nothing", query.Question{Compare: "1d", From: at(0), To: at(600)}})
}

func listedPercentiles() []Asked {
	list := each("95th percentile", func(q *query.Question) { q.Percentile, q.Interval = 95, "30s" })
	list = append(list, each("median of groups", func(q *query.Question) {
		q.Percentile, q.Interval, q.By, q.Limit, q.To = 50, "1m", []string{"observer.ip"}, 3, at(900)
	})...)
	return append(list,
		Asked{"more buckets than records", query.Question{Percentile: 99.9, Interval: "1s", By: []string{"destination.port"}, Measure: query.BPS}},
		Asked{"of both directions", query.Question{Percentile: 95, Interval: "1m", By: []string{"source.ip"}, Measure: query.BPS, Direction: query.DirectionBoth}},
		Asked{"nothing selected", query.Question{Percentile: 95, Interval: "5m", Filter: "source.ip : 240.0.0.1"}})
}

func listedDirections() (list []Asked) {
	for _, m := range rates {
		both := query.Question{Measure: m, Direction: query.DirectionBoth}
		for _, by := range []string{"source.ip", "destination.port", "weir.source.group"} {
			q := both
			q.By, q.Limit = []string{by}, 4
			list = append(list, Asked{"both directions of " + by, q})
			q.Interval = "2m"
			list = append(list, Asked{"series of both directions of " + by, q})
		}
		both.Filter = "destination.ip : 10.0.0.0/8 and network.transport : tcp"
		list = append(list, Asked{"both directions of a network", both})
	}
	return list
}

func listedSpreads() (list []Asked) {
	for _, m := range rates {
		q := query.Question{Measure: m, Interval: "1m", Spread: true}
		list = append(list, Asked{"spread", q})
		q.From, q.To = at(120), at(400)
		list = append(list, Asked{"spread in a range", q})
		q.By, q.Limit = []string{"network.transport"}, 2
		list = append(list, Asked{"spread of groups", q})
		q.Direction, q.By = query.DirectionBoth, []string{"source.ip"}
		list = append(list, Asked{"spread of both directions", q})
	}
	return append(list,
		Asked{"spread over days of a zone", query.Question{Interval: "1d", Zone: "Asia/Kolkata", Spread: true}},
		Asked{"percentile of what is spread", query.Question{Interval: "1m", Spread: true, Percentile: 95, Measure: query.BPS, From: at(60), To: at(420)}},
		Asked{"spread, with minutes before", query.Question{Interval: "1m", Spread: true, Compare: "4m", From: at(240), To: at(480)}})
}

// RunListed holds an engine to the reference in the listed questions.
func RunListed(t *testing.T, open Open) {
	t.Helper()
	b := ListedBatch()
	engine, reference := open(t, b), NewReference(b)
	for _, asked := range Listed() {
		t.Run(asked.Name, func(t *testing.T) { checkAggregate(t, engine, reference, asked.Question) })
	}
}

// ListedBatch returns the records that [RunListed] asks about, for tests that keep them in several stores.
func ListedBatch() *flow.Batch { return filtertest.RandomBatch(rand.New(rand.NewPCG(7, 7)), records) }
