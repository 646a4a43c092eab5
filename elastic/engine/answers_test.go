package engine_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/weirflow/weir/elastic/client"
	"github.com/weirflow/weir/elastic/document"
	"github.com/weirflow/weir/elastic/engine"
	"github.com/weirflow/weir/elastic/internal/servertest"
	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/interfaces"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/query/conformance"
)

// begin is when the records of talkers begin.
var begin = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// talkers returns records of n sources, the first of which sends most, each its number of records.
func talkers(t *testing.T, n int, bytes func(source, record int) uint64) *flow.Batch {
	t.Helper()
	b, reg := flow.NewBatch(0, flow.NewSymbols()), flow.NewRegistry()
	for source := range n {
		for record := range 1 + (n-source)/4 {
			line := fmt.Sprintf(`{"event.end":%q,"event.id":"%032x-1-%d","source.ip":"10.0.%d.%d","destination.port":%d,"network.bytes":%d,"network.packets":1}`,
				begin.Add(time.Duration(record)*time.Second).Format(time.RFC3339Nano), source+1, record+1, source/256, source%256, record, bytes(source, record))
			if err := flow.ParseJSON([]byte(line), reg, b); err != nil {
				t.Fatal(err)
			}
		}
	}
	return b
}

// TestEstimates: beyond the caps an answer is approximate, says by how much it may be wrong, and is not more wrong than that.
func TestEstimates(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		b := talkers(t, 120, func(source, record int) uint64 { return uint64(1000*(120-source) + record) })
		reference := conformance.NewReference(b)
		e := opener(s, func(c *engine.Config) { c.PageGroups, c.MaxGroups, c.MaxRecords = 20, 40, 0 })(t, b)
		for _, q := range []query.Question{
			{By: []string{"source.ip"}, Limit: 5},
			{By: []string{"source.ip"}, Limit: 5, Measure: query.Flows},
			{By: []string{"source.ip"}, Limit: 3, Offset: 2, Measure: query.Packets, More: []query.Measure{query.Flows, query.Bytes}},
			{By: []string{"source.ip"}, Limit: 2, Measure: query.BPS},
			{By: []string{"source.ip"}, Limit: 2, Interval: "10s"},
		} {
			want, err := reference.Aggregate(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			got, err := e.Aggregate(t.Context(), q)
			if err != nil {
				t.Errorf("%+v: %v", q, err)
				continue
			}
			if got.Exactness == query.Approximate && q.Interval == "" && got.MaxError == nil || q.Measure == query.Flows && got.Exactness != query.Exact {
				t.Errorf("%+v is %s, with error %v", q, got.Exactness, shown(got.MaxError))
			}
			// The groups lie far enough apart that the server finds those that have most: their sums, and those of the others, are right.
			if diff := cmp.Diff(want.Rows, got.Rows); diff != "" {
				t.Errorf("%+v (-want +got)\n%s", q, diff)
			}
		}
		got, err := e.Aggregate(t.Context(), query.Question{Measure: query.Distinct, Field: "source.ip"})
		if err != nil || got.Exactness != query.Approximate {
			t.Fatalf("%s, %v", got.Exactness, err)
		}
		if n := got.Rows[0][0].(uint64); n < 110 || n > 130 {
			t.Errorf("%d sources of 120", n)
		}
	})
}

// TestBoundOfEstimates: of more groups than shards tell of, spread over several shards, a group that an approximate answer does not list has no more
// than the stated error, and where an answer says that it is exact, it is. The error is far less than all that is not listed.
func TestBoundOfEstimates(t *testing.T) {
	s := start(t, servertest.Elasticsearch)
	rng := rand.New(rand.NewPCG(7, 7))
	for name, amount := range map[string]func(source, record int) uint64{
		"all alike":   func(int, int) uint64 { return 1000 + rng.Uint64N(100) },
		"a few large": func(source, _ int) uint64 { return 1 + 1_000_000_000/uint64(1+source*source) },
		"random":      func(int, int) uint64 { return rng.Uint64N(1_000_000) },
	} {
		const n = 150
		b := talkers(t, n, amount)
		e := opener(s, func(c *engine.Config) { c.PageGroups, c.MaxGroups, c.MaxRecords = 10, 20, 0 })(t, b)
		for _, measure := range []query.Measure{query.Bytes, query.Flows} {
			q := query.Question{By: []string{"source.ip"}, Limit: 3, Measure: measure}
			got, err := e.Aggregate(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			all := q
			all.Limit = n
			want, err := conformance.NewReference(b).Aggregate(t.Context(), all)
			if err != nil {
				t.Fatal(err)
			}
			listed, rest := map[any]bool{}, 0.0
			for _, row := range got.Rows {
				listed[row[0]] = true
			}
			var most float64
			for _, row := range want.Rows {
				if !listed[row[0]] {
					most, rest = max(most, float64(row[1].(uint64))), rest+float64(row[1].(uint64))
				}
			}
			least := float64(got.Rows[2][1].(uint64))
			t.Logf("%s, %s: %s: the third has %.0f, the first that is not listed %.0f, stated is %v, the rest has %.0f", name, measure, got.Exactness, least, most, shown(got.MaxError), rest)
			switch {
			case got.Exactness == query.Exact && most > least:
				t.Errorf("%s, %s: said to be exact, and a group has %.0f where the last has %.0f", name, measure, most, least)
			case got.Exactness == query.Approximate && (got.MaxError == nil || *got.MaxError < most || *got.MaxError > rest/10):
				t.Errorf("%s, %s: stated is %v, the rest has %.0f", name, measure, shown(got.MaxError), rest)
			case name == "a few large" && measure == query.Bytes && got.Exactness != query.Exact:
				t.Errorf("%s: no other could have as much, and it is %s", name, got.Exactness)
			}
		}
	}
}

func shown(f *float64) any {
	if f == nil {
		return nil
	}
	return *f
}

// TestRounded: sums beyond what a double holds in full are made of the records where these are few, and say so where they are not.
func TestRounded(t *testing.T) {
	s := start(t, servertest.Elasticsearch)
	b := talkers(t, 3, func(source, record int) uint64 { return 1<<60 + uint64(source) + 1 })
	want, err := conformance.NewReference(b).Aggregate(t.Context(), query.Question{By: []string{"source.ip"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		records   int
		exactness query.Exactness
	}{{100, query.Exact}, {0, query.Approximate}} {
		got, err := opener(s, func(cfg *engine.Config) { cfg.MaxRecords = c.records })(t, b).Aggregate(t.Context(), query.Question{By: []string{"source.ip"}})
		if err != nil {
			t.Fatal(err)
		}
		if got.Exactness != c.exactness {
			t.Errorf("reading %d records: %s", c.records, got.Exactness)
		}
		if c.exactness == query.Exact {
			if diff := cmp.Diff(want.Rows, got.Rows); diff != "" {
				t.Error(diff)
			}
			continue
		}
		for i := range got.Rows {
			if off := math.Abs(float64(got.Rows[i][1].(uint64)) - float64(want.Rows[i][1].(uint64))); got.MaxError == nil || off > *got.MaxError {
				t.Errorf("row %d is off by %v, stated is %v", i, off, got.MaxError)
			}
		}
	}
}

// TestRefusals: what cannot be answered is refused in words, as an error about the question.
func TestRefusals(t *testing.T) {
	s := start(t, servertest.Elasticsearch)
	e := opener(s, func(c *engine.Config) { c.PageGroups, c.MaxGroups, c.MaxRecords = 10, 10, 5 })(t, talkers(t, 30, func(int, int) uint64 { return 1 }))
	for _, c := range []struct {
		name, part, text string
		q                query.Question
	}{
		{"what is approximate where it must not be", "exact", "approximately only", query.Question{By: []string{"source.ip"}, Exact: true}},
		{"spread", "spread", "cannot spread", query.Question{Spread: true, Interval: "1m"}},
		{"by a time", "by", "to the millisecond", query.Question{By: []string{"event.end"}}},
		{"too many groups of several fields", "by", "more than 10 groups", query.Question{By: []string{"source.ip", "destination.port"}}},
		{"too many groups to compare", "by", "more than 10 groups", query.Question{By: []string{"source.ip"}, Compare: "1d", From: begin, To: begin.Add(time.Hour)}},
	} {
		_, err := e.Aggregate(t.Context(), c.q)
		var bad *query.Error
		var refused *engine.Unsupported
		if !errors.As(err, &bad) || !errors.As(err, &refused) || bad.Part != c.part || !strings.Contains(bad.Text, c.text) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestPages: answers do not depend on how much a request asks for.
func TestPages(t *testing.T) {
	s := start(t, servertest.OpenSearch)
	rng, reg := rand.New(rand.NewPCG(21, 22)), flow.NewRegistry()
	b := filtertest.RandomBatch(rng, 60)
	reference := conformance.NewReference(b)
	e := opener(s, func(c *engine.Config) { c.PageSize, c.PageGroups, c.MaxGroups = 7, 7, 100 })(t, b)
	for range 40 {
		q := conformance.RandomQuestion(rng, reg, b)
		want, err := reference.Aggregate(t.Context(), q)
		if err != nil {
			continue
		}
		got, err := e.Aggregate(t.Context(), q)
		if err != nil {
			t.Fatalf("%+v: %v", q, err)
		}
		if diff := cmp.Diff(want.Rows, got.Rows, cmpopts.EquateApprox(1e-9, 0)); diff != "" || got.Exactness != want.Exactness {
			t.Errorf("%+v is %s (-want +got)\n%s", q, got.Exactness, diff)
		}
		for _, limit := range []int{1, 8, 1000} {
			q := query.Question{Filter: q.Filter, Limit: limit, Offset: 3 + 20*rng.IntN(3), AllCopies: true}
			want, _ := reference.Records(t.Context(), q)
			got, err := e.Records(t.Context(), q)
			if err != nil || len(got.Records) != len(want.Records) {
				t.Fatalf("%v", err)
			}
			for i := range got.Records {
				if got.Records[i].ID != want.Records[i].ID {
					t.Fatalf("record %d of %+v is %s, should be %s", i, q, got.Records[i].ID, want.Records[i].ID)
				}
			}
		}
	}
}

// TestAlerts holds the selection to the reference.
func TestAlerts(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		var list []flow.Alert
		for i := range 12 {
			a := flow.Alert{ID: fmt.Sprintf("%032x", 100-i), Start: begin.Add(time.Duration(i/2) * time.Hour), State: flow.AlertActive, Actors: []string{fmt.Sprintf("10.0.0.%d", i%3)}}
			if a.Last = a.Start.Add(10 * time.Minute); i%4 == 0 {
				end := a.Last.Add(time.Hour)
				a.End, a.State = &end, flow.AlertEnded
			}
			list = append(list, a)
		}
		cfg := s.config()
		cfg.Alerts = s.index(t, document.Alert, 1)
		for i := range list {
			text, err := s.encoder.AppendAlert(nil, &list[i])
			if err != nil {
				t.Fatal(err)
			}
			s.put(t, cfg.Alerts, text)
		}
		e, reference := s.open(t, cfg), conformance.NewReference(flow.NewBatch(0, flow.NewSymbols()), list...)
		for _, q := range []query.AlertQuestion{
			{}, {Limit: 3}, {Host: "10.0.0.1"}, {ID: list[1].ID}, {ID: "none"}, {From: begin.Add(70 * time.Minute)}, {To: begin.Add(2 * time.Hour)}, {From: begin.Add(100 * time.Minute), To: begin.Add(3 * time.Hour), Host: "10.0.0.2"},
		} {
			want, err := reference.Alerts(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			got, err := e.Alerts(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(ids(want), ids(got)); diff != "" {
				t.Errorf("%+v (-want +got)\n%s", q, diff)
			}
		}
		if _, err := e.Alerts(t.Context(), query.AlertQuestion{Host: "here"}); !errors.As(err, new(*query.Error)) {
			t.Errorf("%v", err)
		}
	})
}

func ids(list []flow.Alert) []string {
	names := []string{}
	for i := range list {
		names = append(names, list[i].ID)
	}
	return names
}

// TestExporters: of each exporter the latest document counts, and what these say is missing is told with answers.
func TestExporters(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		cfg := s.config()
		cfg.Exporters, cfg.Flows = s.index(t, document.Exporter, 1), s.index(t, document.Flow, 1)
		now := time.Now()
		want := []query.Exporter{}
		for _, x := range []query.Exporter{
			{IP: "192.0.2.1", Protocol: "ipfix", Domain: 1, Gaps: 7, Dropped: map[string]uint64{"queue_full": 3}},
			{IP: "192.0.2.1", Protocol: "ipfix", Domain: 2},
			{IP: "192.0.2.1", Protocol: "ipfix", Domain: 2, Port: 4000, Gaps: 5},
			{IP: "2001:db8::1", Protocol: "sflow", Source: "192.0.2.9"},
		} {
			for minute := range 3 {
				x.Datagrams = uint64(10 * minute)
				text, err := s.encoder.AppendExporter(nil, &x, now.Add(time.Duration(minute-3)*time.Minute), nil)
				if err != nil {
					t.Fatal(err)
				}
				s.put(t, cfg.Exporters, text)
			}
			want = append(want, x)
		}
		e := s.open(t, cfg)
		got, err := e.Exporters(t.Context())
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got)\n%s", err, diff)
		}
		told := filtertest.LastStates(filtertest.RandomSessions(rand.New(rand.NewPCG(4, 4)), 1))
		known := query.Exporter{IP: told.Sessions[0].Exporters[0].String(), Protocol: "ipfix", Clock: &query.Clock{Status: "good", TimesUncertaintyMs: new(int64)}}
		*known.Clock.TimesUncertaintyMs = 42
		told.Sessions[0].ExporterCount = 1
		cfg.Sessions, cfg.Exporters = s.index(t, document.Session, 1), s.index(t, document.Exporter, 1)
		text, err := s.encoder.AppendExporter(nil, &known, now, nil)
		if err != nil {
			t.Fatal(err)
		}
		s.put(t, cfg.Exporters, text)
		s.put(t, cfg.Sessions, s.sessions(told)...)
		if b, err := s.open(t, cfg).Sessions(t.Context(), query.Question{}); err != nil || len(b.Sessions) != 1 || !b.Sessions[0].HasClock || b.Sessions[0].StartUncertainty != 42 {
			t.Errorf("%+v, %v", b, err)
		}
		res, err := e.Aggregate(t.Context(), query.Question{})
		if diff := cmp.Diff(query.Loss{Gaps: 12, Dropped: 3}, res.Loss); err != nil || diff != "" {
			t.Errorf("%v (-want +got)\n%s", err, diff)
		}
	})
}

func TestInterfaceConformance(t *testing.T) {
	s := start(t, servertest.Elasticsearch)
	conformance.RunInterfaces(t, func(t *testing.T, told [][]interfaces.Minute) query.InterfaceReader {
		cfg := s.config()
		cfg.Interfaces = s.index(t, document.Interface, 2)
		cfg.PageSize = 400
		s.put(t, cfg.Interfaces, s.minutes(told)...)
		return s.open(t, cfg)
	})
}

// minutes returns the documents of what was told of interfaces: of each minute, source and run the last.
func (s *server) minutes(told [][]interfaces.Minute) (list [][]byte) {
	at := map[string]int{}
	for _, part := range told {
		for i := range part {
			keepable(&part[i])
			id, text := string(document.AppendInterfaceID(nil, &part[i], 0)), s.encoder.AppendInterface(nil, &part[i], 0)
			if n, known := at[id]; known {
				list[n] = text
				continue
			}
			at[id] = len(list)
			list = append(list, text)
		}
	}
	return list
}

// keepable takes from a random minute what no document holds and no such thing has: a speed beyond what a long holds, what leaves a VLAN,
// what passes a processor.
func keepable(m *interfaces.Minute) {
	m.Speed = min(m.Speed, math.MaxInt64)
	if m.Kind != interfaces.KindInterface {
		m.Out = interfaces.Amounts{}
	}
	if m.Kind == interfaces.KindProcessor {
		m.In = interfaces.Amounts{}
	}
}

// TestSumsOfRecords: a document that is the sum of several records counts as so many, whichever way it is answered.
func TestSumsOfRecords(t *testing.T) {
	s := start(t, servertest.Elasticsearch)
	b := talkers(t, 2, func(int, int) uint64 { return 7 })
	cfg := s.config()
	cfg.Flows = s.index(t, document.Flow, 1)
	for i := range b.Records {
		s.put(t, cfg.Flows, s.encoder.AppendSum(nil, b, &b.Records[i], uint64(5*i)))
	}
	e := s.open(t, cfg)
	for _, c := range []struct {
		q    query.Question
		want [][]any
	}{
		{query.Question{Measure: query.Flows}, [][]any{{uint64(6)}}},
		{query.Question{Measure: query.Flows, By: []string{"source.ip"}}, [][]any{{"10.0.0.1", uint64(5)}, {"10.0.0.0", uint64(1)}}},
		{query.Question{Measure: query.Flows, By: []string{"event.end"}}, [][]any{{begin.Format(time.RFC3339), uint64(6)}}},
	} {
		res, err := e.Aggregate(t.Context(), c.q)
		if diff := cmp.Diff(c.want, res.Rows); err != nil || diff != "" {
			t.Errorf("%+v: %v (-want +got)\n%s", c.q, err, diff)
		}
	}
}

// TestConnect: a namespace's data streams are found on either product by its own paths, with no more than a URL.
func TestConnect(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		index, b := document.Flow.Target("connect"), talkers(t, 3, func(int, int) uint64 { return 5 })
		s.make(t, index, document.Flow, 1)
		s.put(t, index, s.records(b)...)
		for namespace, want := range map[string]uint64{"connect": 3, "con*": 3} {
			e, err := engine.Connect(t.Context(), client.Config{Nodes: []string{s.URL}}, namespace)
			if err != nil {
				t.Fatal(err)
			}
			res, err := e.Aggregate(t.Context(), query.Question{Measure: query.Flows})
			if err != nil || res.Rows[0][0] != want {
				t.Errorf("%s: %v, %v", namespace, res.Rows, err)
			}
			if err := e.Close(); err != nil {
				t.Error(err)
			}
		}
		if _, err := engine.Connect(t.Context(), client.Config{Nodes: []string{s.URL}}, "nowhere*"); !errors.Is(err, engine.ErrNothing) {
			t.Errorf("%v", err)
		}
		if _, err := engine.Connect(t.Context(), client.Config{Nodes: []string{s.URL}}, "a/b"); err == nil {
			t.Error("a namespace with a slash is taken")
		}
	})
}

// TestLossInRange: of what exporters lost, an answer tells what was noticed at about its own time.
func TestLossInRange(t *testing.T) {
	each(t, func(t *testing.T, s *server) {
		cfg := s.config()
		cfg.Exporters, cfg.Flows = s.index(t, document.Exporter, 2), s.index(t, document.Flow, 1)
		now := time.Now().Truncate(time.Minute)
		put := func(x query.Exporter, at time.Time, lost *document.ExporterLoss) {
			t.Helper()
			text, err := s.encoder.AppendExporter(nil, &x, at, lost)
			if err != nil {
				t.Fatal(err)
			}
			s.put(t, cfg.Exporters, text)
		}
		ago := func(minutes int) time.Time { return now.Add(-time.Duration(minutes) * time.Minute) }
		one, two := query.Exporter{IP: "192.0.2.1", Protocol: "ipfix"}, query.Exporter{IP: "192.0.2.2", Protocol: "ipfix"}
		put(one, ago(70), nil) // as before there were such documents
		put(one, ago(50), &document.ExporterLoss{From: ago(51), Gaps: 5})
		put(two, ago(50), &document.ExporterLoss{From: ago(51), Gaps: 2, Dropped: 3})
		put(one, ago(40), &document.ExporterLoss{From: ago(49), Gaps: 100}) // the process was down
		put(one, ago(39), &document.ExporterLoss{From: ago(40)})
		e := s.open(t, cfg)
		for _, c := range []struct {
			name     string
			from, to time.Time
			want     *query.LossInRange
		}{
			{"no range", time.Time{}, time.Time{}, &query.LossInRange{Gaps: 107, Dropped: 3}},
			{"two exporters", ago(53), ago(51), &query.LossInRange{Gaps: 7, Dropped: 3}},
			{"while nobody listened", ago(46), ago(44), &query.LossInRange{Gaps: 100}},
			{"without loss", ago(39), ago(38), &query.LossInRange{}},
			{"before such documents", ago(75), ago(65), nil},
			{"nobody tells yet", ago(10), now, nil},
		} {
			res, err := e.Aggregate(t.Context(), query.Question{From: c.from, To: c.to})
			if diff := cmp.Diff(c.want, res.Loss.InRange); err != nil || diff != "" {
				t.Errorf("%s: %v (-want +got)\n%s", c.name, err, diff)
			}
		}
	})
}
