package filter_test

import (
	"encoding/json"
	"math/rand/v2"
	"regexp"
	"strconv"
	"testing"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/flow"
)

func newIndex(reg *flow.Registry) index {
	x := index{types: map[string]string{}}
	for _, f := range reg.Fields() {
		if t := filter.ElasticType(f); t != "" {
			x.types[f.Name] = t
		}
	}
	return x
}

// dsl is the query as a server gets it.
func dsl(t *testing.T, n filter.Node) object {
	t.Helper()
	text, err := json.Marshal(filter.Elastic(n))
	if err != nil {
		t.Fatalf("%s: %v", n, err)
	}
	query, err := decodeObject(text)
	if err != nil {
		t.Fatalf("%s: %v", n, err)
	}
	return query
}

// TestElasticSelectsWhatTheLanguageMeans evaluates the query over the records' own JSON.
func TestElasticSelectsWhatTheLanguageMeans(t *testing.T) {
	rng, reg := rand.New(rand.NewPCG(21, 22)), flow.NewRegistry()
	x, some, notAll := newIndex(reg), 0, 0
	for range 100 {
		b := filtertest.RandomBatch(rng, 20)
		docs := make([]object, len(b.Records))
		for i := range b.Records {
			doc, err := decodeObject(flow.AppendJSON(nil, reg, b, &b.Records[i]))
			if err != nil {
				t.Fatal(err)
			}
			docs[i] = doc
		}
		for range 100 {
			n := filtertest.Random(rng, reg)
			query, selected := dsl(t, n), map[flow.EventID]bool{}
			for i := range docs {
				if x.matches(query, docs[i]) {
					selected[b.Records[i].ID] = true
				}
			}
			if diff := filtertest.Difference(n, b, reg, selected); diff != "" {
				text, _ := json.Marshal(query)
				t.Fatalf("%s\n%s", diff, text)
			}
			if len(selected) > 0 {
				some++
			}
			if len(selected) < len(docs) {
				notAll++
			}
		}
	}
	if some < 4000 || notAll < 4000 {
		t.Errorf("of 10000 filters %d select a record and %d leave one out: the generator has gone blunt", some, notAll)
	}
}

func TestElasticOnSessions(t *testing.T) {
	rng, reg := rand.New(rand.NewPCG(23, 24)), flow.NewRegistry()
	x := newIndex(reg)
	for range 20 {
		b := filtertest.LastStates(filtertest.RandomSessions(rng, 50))
		docs := make([]object, len(b.Sessions))
		for i := range b.Sessions {
			docs[i] = sessionDocument(reg, b.Symbols, &b.Sessions[i])
		}
		for range 100 {
			n := filtertest.RandomOfSessions(rng, reg)
			query := dsl(t, n)
			for i := range docs {
				if got, want := x.matches(query, docs[i]), filtertest.MatchSession(n, b.Symbols, &b.Sessions[i]); got != want {
					t.Fatalf("%s selects %v, should be %v:\n%v\n%v", n, got, want, query, docs[i])
				}
			}
		}
	}
}

// sessionDocument has the fields of a session under their names.
func sessionDocument(reg *flow.Registry, symbols *flow.Symbols, s *flow.Session) object {
	doc := object{}
	for _, f := range reg.Fields() {
		if f.OfSession == nil {
			continue
		}
		var values []any
		for _, v := range f.OfSession(nil, symbols, s) {
			switch v.Kind {
			case flow.KindUint, flow.KindInt, flow.KindFloat:
				values = append(values, json.Number(v.String()))
			default:
				values = append(values, v.String())
			}
		}
		doc[f.Name] = values
	}
	return doc
}

// TestNumbersAsTexts: the patterns of digits are the order of numbers.
func TestNumbersAsTexts(t *testing.T) {
	reg := flow.NewRegistry()
	bounds := []uint64{0, 1, 8, 9, 10, 11, 19, 20, 89, 90, 99, 100, 101, 109, 110, 999, 1000, 1001, 65534, 65535, 99999, 100000, 4294967294, 4294967295}
	for _, bound := range bounds {
		for op, holds := range map[string]func(v uint64) bool{
			">": func(v uint64) bool { return v > bound }, ">=": func(v uint64) bool { return v >= bound },
			"<": func(v uint64) bool { return v < bound }, "<=": func(v uint64) bool { return v <= bound },
		} {
			text := "observer.ingress.interface.id " + op + " " + strconv.FormatUint(bound, 10)
			n, err := filter.Parse(text, reg)
			if err != nil {
				t.Fatal(err)
			}
			q := filter.Elastic(n)
			if q.MatchNone != nil {
				if bound != 0 || op != "<" {
					t.Errorf("%s is match_none", text)
				}
				continue
			}
			pattern := regexp.MustCompile("^(?:" + q.Regexp["observer.ingress.interface.id"] + ")$")
			for _, v := range bounds {
				if got := pattern.MatchString(strconv.FormatUint(v, 10)); got != holds(v) {
					t.Errorf("%s holds for %d: %v", text, v, got)
				}
			}
		}
	}
}

// TestElasticTypesAreThoseOfECS holds the types to those that ECS documents for its own fields.
func TestElasticTypesAreThoseOfECS(t *testing.T) {
	ecs := map[string]string{
		"event.id": "keyword", "event.duration": "long", "observer.ip": "ip",
		"network.iana_number": "keyword", "network.transport": "keyword", "network.protocol": "keyword", "network.bytes": "long", "network.packets": "long",
		"network.direction": "keyword", "network.vlan.id": "keyword", "network.application": "keyword",
		"observer.ingress.interface.id": "keyword", "observer.ingress.interface.name": "keyword",
		"observer.egress.interface.id": "keyword", "observer.egress.interface.name": "keyword",
		"@timestamp": "date_nanos", "event.start": "date_nanos", "event.end": "date_nanos", "event.created": "date_nanos", // date of ECS, finer
		"related.ip": "", "related.port": "",
	}
	for _, side := range []string{"source", "destination", "client", "server"} {
		for name, kind := range map[string]string{
			"ip": "ip", "port": "long", "mac": "keyword", "bytes": "long", "packets": "long", "as.number": "long",
			"geo.country_iso_code": "keyword", "nat.ip": "ip", "nat.port": "long",
		} {
			ecs[side+"."+name] = kind
		}
	}
	for _, f := range flow.NewRegistry().Fields() {
		want, known := ecs[f.Name]
		if f.ECS && !known {
			t.Errorf("%s: its type in ECS is not stated here", f.Name)
		}
		if got := filter.ElasticType(f); known && got != want {
			t.Errorf("%s has type %q, in ECS %q", f.Name, got, want)
		}
	}
}
