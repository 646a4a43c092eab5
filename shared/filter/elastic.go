package filter

import (
	"github.com/weirflow/weir/shared/flow"
)

// ElasticQuery is one clause of the query DSL of Elasticsearch and OpenSearch: exactly one member is set. Its JSON stands below
// "query" in a search.
type ElasticQuery struct {
	MatchAll  *struct{}              `json:"match_all,omitempty"`
	MatchNone *struct{}              `json:"match_none,omitempty"`
	Bool      *ElasticBool           `json:"bool,omitempty"`
	Exists    *ElasticExists         `json:"exists,omitempty"`
	Term      map[string]any         `json:"term,omitempty"`   // field to value
	Terms     map[string][]any       `json:"terms,omitempty"`  // field to values, of which one must match
	Prefix    map[string]string      `json:"prefix,omitempty"` // field to the text's beginning
	Wildcard  map[string]string      `json:"wildcard,omitempty"`
	Regexp    map[string]string      `json:"regexp,omitempty"` // field to a pattern for the whole text
	Range     map[string]ElasticSpan `json:"range,omitempty"`
}

// ElasticBool joins clauses: all of Filter hold, one of Should where there are any, none of MustNot. Nothing is scored.
type ElasticBool struct {
	Filter  []ElasticQuery `json:"filter,omitempty"`
	Should  []ElasticQuery `json:"should,omitempty"`
	MustNot []ElasticQuery `json:"must_not,omitempty"`
	// MinimumShouldMatch is 1 with Should: beside Filter none would have to match otherwise.
	MinimumShouldMatch int `json:"minimum_should_match,omitempty"`
}

// ElasticExists holds when the field has a value.
type ElasticExists struct {
	Field string `json:"field"`
}

// ElasticSpan bounds a field's values: one member is set.
type ElasticSpan struct {
	Greater      any `json:"gt,omitempty"`
	GreaterEqual any `json:"gte,omitempty"`
	Less         any `json:"lt,omitempty"`
	LessEqual    any `json:"lte,omitempty"`
}

// Types of fields in an index.
const (
	ElasticIP        = "ip"
	ElasticKeyword   = "keyword"
	ElasticLong      = "long"
	ElasticDouble    = "double"
	ElasticDate      = "date_nanos" // date, where milliseconds are enough
	ElasticFlattened = "flattened"
)

// ElasticType returns the type that a field has in an index and that [Elastic] counts on: the one that ECS gives it, which for
// three numbers is keyword, or the nearest; "" for those that stand for others and are in no index (related.*).
func ElasticType(f *flow.Field) string {
	if _, virtual := relatedFields[f.Name]; virtual {
		return ""
	}
	switch f.Kind {
	case flow.KindIP:
		return ElasticIP
	case flow.KindTime:
		return ElasticDate
	case flow.KindFloat:
		return ElasticDouble
	case flow.KindObject:
		return ElasticFlattened
	case flow.KindUint, flow.KindInt:
		if !elasticKeywords[f.Name] {
			return ElasticLong
		}
	}
	return ElasticKeyword
}

// elasticKeywords are the numbers that ECS keeps as texts.
var elasticKeywords = map[string]bool{
	"network.iana_number": true, "network.vlan.id": true, "observer.ingress.interface.id": true, "observer.egress.interface.id": true,
}

// Elastic translates a filter into the query DSL, over the canonical names with the types of [ElasticType]. related.* become
// either side; a comparison that no value of the type can meet becomes match_none.
func Elastic(n Node) ElasticQuery {
	switch n := n.(type) {
	case And:
		return elasticAll(n)
	case Or:
		return elasticAny(elasticList(n))
	case Not:
		return ElasticQuery{Bool: &ElasticBool{MustNot: []ElasticQuery{Elastic(n.Of)}}}
	case Compare:
		return elasticSides(n.Field, func(name string) ElasticQuery { return elasticCompare(n, name) })
	case Exists:
		return elasticSides(n.Field, elasticExists)
	}
	return elasticNone()
}

func elasticNone() ElasticQuery { return ElasticQuery{MatchNone: &struct{}{}} }

func elasticExists(name string) ElasticQuery {
	return ElasticQuery{Exists: &ElasticExists{Field: name}}
}

// elasticSides asks for either side in place of the fields that stand for both.
func elasticSides(f *flow.Field, one func(name string) ElasticQuery) ElasticQuery {
	if pair, ok := relatedFields[f.Name]; ok {
		return elasticAny([]ElasticQuery{one(pair[0]), one(pair[1])})
	}
	return one(f.Name)
}

func elasticList(nodes []Node) []ElasticQuery {
	list := make([]ElasticQuery, len(nodes))
	for i, n := range nodes {
		list[i] = Elastic(n)
	}
	return list
}

// elasticAll joins members, those that are negated as must_not: one level less.
func elasticAll(n And) ElasticQuery {
	switch len(n) {
	case 0:
		return ElasticQuery{MatchAll: &struct{}{}}
	case 1:
		return Elastic(n[0])
	}
	var b ElasticBool
	for _, m := range n {
		if not, ok := m.(Not); ok {
			b.MustNot = append(b.MustNot, Elastic(not.Of))
		} else {
			b.Filter = append(b.Filter, Elastic(m))
		}
	}
	return ElasticQuery{Bool: &b}
}

func elasticAny(list []ElasticQuery) ElasticQuery {
	switch len(list) {
	case 0:
		return elasticNone()
	case 1:
		return list[0]
	}
	return ElasticQuery{Bool: &ElasticBool{Should: list, MinimumShouldMatch: 1}}
}
