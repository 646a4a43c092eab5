package cim

import (
	"slices"
	"strings"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
)

// Types of fields. Splunk has no types: they say what the texts are.
const (
	typeString  = "string"
	typeNumber  = "number"
	typeAddress = "address" // IPv4 or IPv6
	typeMAC     = "mac"     // lower case with colons
	typeTime    = "time"    // seconds since the Unix epoch, with decimals
	typeBoolean = "boolean" // true or false
	typeObject  = "object"  // of JSON; its members are fields NAME.MEMBER
)

// Field is a field that events of a kind may have. It is absent when its value is not known.
type Field struct {
	Name   string
	Type   string   // string, number, address, mac, time, boolean, object
	Unit   string   // of a number, or ""
	CIM    bool     // of one of CIM's models; else Weir's own
	List   bool     // an array of JSON, also of one value: Splunk calls it NAME{}, and props.conf aliases it to NAME
	Always string   // the value that all events of the kind have; "" where it differs
	Values []string // what the value may be, where that is little
	Doc    string   // one sentence
	// Example is a value as it stands in a search.
	Example  string
	Registry []string // canonical names of the fields that filters ask for by this name
}

// Fields returns all fields that events of the kind may have, in the order in which they stand in them, but for "timestamp", with which all
// begin. The slice is the caller's.
func Fields(kind Kind) []Field {
	var list []Field
	switch kind {
	case Flow, Traffic, Session:
		list = trafficFields(kind)
	case Alert:
		list = alertFields()
	case Exporter:
		list = exporterFields()
	case Status:
		list = statusFields()
	}
	first := Field{Name: "timestamp", Type: typeTime, Doc: timestampDoc[kind], Example: "1772439300.250000"}
	if kind.IsTraffic() {
		first.Registry = []string{"@timestamp", "event.end"}
	}
	return slices.Concat([]Field{first}, list, commonFields())
}

var timestampDoc = [...]string{
	Flow:     "Last packet of the flow: _time.",
	Session:  "Last packet of the session, or of its part: _time.",
	Traffic:  "Last packet of the flows: _time.",
	Alert:    "When the change was told of: _time.",
	Exporter: "When it was so: _time.",
	Status:   "When it was so: _time.",
}

// commonFields are those that events of all kinds have.
func commonFields() []Field {
	return []Field{{Name: "vendor_product", Type: typeString, CIM: true, Always: "Weir", Doc: "What made the event.", Example: "Weir"}}
}

// Omission is a field of the registry that events of a kind do not have.
type Omission struct{ Name, Reason string }

// LeftOut returns the fields of the registry that events of flows, sums or sessions do not have, each with the reason. Together with [Fields] it
// names every field of the registry.
func LeftOut(kind Kind) []Omission {
	var list []Omission
	have := map[string]bool{}
	for _, f := range Fields(kind) {
		for _, name := range f.Registry {
			have[name] = true
		}
	}
	for _, f := range flow.NewRegistry().Fields() {
		if !have[f.Name] {
			list = append(list, Omission{f.Name, reasonLeftOut(kind, f)})
		}
	}
	return list
}

func reasonLeftOut(kind Kind, f *flow.Field) string {
	side, isRelated := strings.CutPrefix(f.Name, "related.")
	switch {
	case isRelated:
		return "stands for src_" + side + " and dest_" + side + ", which filters ask for instead"
	case f.Scope == flow.ScopeSession:
		return "is known of sessions only"
	case kind == Traffic:
		return "is of single records: a sum is made of many"
	}
	return "is of single records: a session is made of many"
}

// trafficFields are those of the registry in its order, then what CIM has besides.
func trafficFields(kind Kind) []Field {
	list := cimFields(kind)
	at := map[string]int{}
	for _, f := range flow.NewRegistry().Fields() {
		if !isIn(kind, f) {
			continue
		}
		name := filter.SplunkName(f)
		if i, twice := at[name]; twice {
			list[i].Registry = append(list[i].Registry, f.Name)
			continue
		}
		if name == "_time" {
			continue // it is "timestamp"
		}
		at[name] = len(list)
		list = append(list, ofRegistry(kind, f, name))
	}
	return append(list, ownFields(kind)...)
}
