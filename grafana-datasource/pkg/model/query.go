package model

// Type is what a query asks for: the member queryType of its JSON.
type Type string

// Types of queries.
const (
	Series     Type = "series"     // a measure over time, of the top groups where there is by
	Top        Type = "top"        // a top list by fields; without by one total
	Records    Type = "records"    // flow records, oldest first
	Sessions   Type = "sessions"   // sessions, oldest first
	Alerts     Type = "alerts"     // alerts that overlap the time range
	Graph      Type = "graph"      // who talks to whom, for the node graph panel
	Interfaces Type = "interfaces" // exporters' interfaces and what passed them
	Exporters  Type = "exporters"  // exporters with their loss accounts
)

// Format is the shape of an answer: the member format. "" is the first that the type has in [Formats].
type Format string

// Shapes of answers.
const (
	Wide        Format = "wide"        // one frame: a time, and a number with labels for each group (series; of alerts how many were open)
	Multi       Format = "multi"       // a frame for each group: a time and a number with labels (series)
	Table       Format = "table"       // rows and columns
	Numeric     Format = "numeric"     // texts, and one number, which value names: what alert rules take
	Logs        Format = "logs"        // alerts as log lines
	Annotations Format = "annotations" // alerts as annotations
	Count       Format = "count"       // how many alerts there are by a field: texts and one number
	Points      Format = "points"      // what passed interfaces over time: multi
)

// Query is a query as Grafana stores it in dashboards, alert rules and annotations. Every member may be missing. What Grafana adds itself
// (refId, datasource, key, intervalMs, maxDataPoints) is not in it.
//
// Macros stand in the texts filter, interval, minInterval, host, exporter and name: $__interval, $__interval_ms, $__from, $__to,
// $__range, $__range_s, $__range_ms, also in braces (${__from}); ${__from:date:iso}, ${__from:date:seconds} and the same of __to. As users of
// other data sources know them: $__rate_interval, $__timeFrom, $__timeTo, $__timeFilter(FIELD).
type Query struct {
	// QueryType is what is asked for; "" is series.
	QueryType Type `json:"queryType,omitempty"`
	// Format is the shape of the answer; "" is the type's own.
	Format Format `json:"format,omitempty"`
	// Filter is in Weir's filter language: docs/filter.md. Of sessions (and the measure sessions) it is one on sessions.
	Filter string `json:"filter,omitempty"`
	// Adhoc are further conditions, all of which must hold: the dashboard's ad-hoc filters.
	Adhoc []AdhocFilter `json:"adhoc,omitempty"`

	// By are the fields of groups (series, top), or the field of one side that nodes are values of (graph; "source.ip"). Of alerts
	// (count, wide) it is what they are counted by: severity_label, detector, state, exporter.
	By []string `json:"by,omitempty"`
	// Measure is bytes, packets, flows, sessions, bps, pps or distinct(FIELD). "" is bps in a series and bytes elsewhere.
	Measure string `json:"measure,omitempty"`
	// More are further measures, each a column: bytes, packets, flows, bps, pps.
	More []string `json:"more,omitempty"`
	// Limit is how many groups, records, sessions, edges, interfaces or alerts are told; 0 is the collector's own limit.
	Limit int `json:"limit,omitempty"`
	// Offset is how many records or sessions are skipped.
	Offset int `json:"offset,omitempty"`
	// Interval is the length of a bucket (1m, 1d). "" or auto follows the panel's width.
	Interval string `json:"interval,omitempty"`
	// MinInterval is the shortest bucket where the interval follows the panel.
	MinInterval string `json:"minInterval,omitempty"`
	// Zone is the time zone in which days and weeks are cut, such as Europe/Berlin; "" is UTC.
	Zone string `json:"zone,omitempty"`
	// Fill is what a series has for a bucket without records: zero (which "" is), null or none.
	Fill string `json:"fill,omitempty"`
	// Compare adds the same so much earlier, and the change (1d, 1w).
	Compare string `json:"compare,omitempty"`
	// Percentile of the buckets' sums or rates instead of the total, of a top list; needs interval.
	Percentile float64 `json:"percentile,omitempty"`
	// Both asks what went out of and came into what by and filter name.
	Both bool `json:"both,omitempty"`
	// Spread lays bytes and packets over the duration of each record.
	Spread bool `json:"spread,omitempty"`
	// AllCopies counts other exporters' copies of a record, too.
	AllCopies bool `json:"allCopies,omitempty"`
	// Invalid asks for the records that were set aside alone.
	Invalid bool `json:"invalid,omitempty"`
	// Percent adds each row's share of the total to a top list, and turns a series into shares of each bucket's total.
	Percent bool `json:"percent,omitempty"`

	// Fields are the columns of records and sessions, in this order; none are a choice of the plugin's, "*" is every field that occurs.
	Fields []string `json:"fields,omitempty"`

	// Host is an address whose alerts are wanted.
	Host string `json:"host,omitempty"`
	// MinSeverity leaves out alerts below it (0 to 100; low begins at 20, medium at 40, high at 60, critical at 80).
	MinSeverity int `json:"minSeverity,omitempty"`
	// Detectors are the names of detectors whose alerts are wanted; * stands for any text (dos.*).
	Detectors []string `json:"detectors,omitempty"`
	// States are the states of alerts that are wanted: active, clearing, watching, ended.
	States []string `json:"states,omitempty"`
	// Live has changes of alerts streamed into the panel as they come (table, logs).
	Live bool `json:"live,omitempty"`

	// Exporter is the address of an exporter (interfaces, exporters).
	Exporter string `json:"exporter,omitempty"`
	// Kind is interface (which "" is), vlan or processor (interfaces).
	Kind string `json:"kind,omitempty"`
	// Name is the name or alias of an interface; * stands for any text.
	Name string `json:"name,omitempty"`
	// Value is the number that numeric and points are about: [InterfaceValues], [ExporterValues].
	Value string `json:"value,omitempty"`

	// Hide marks a query that is switched off.
	Hide bool `json:"hide,omitempty"`
}

// AdhocFilter is a condition made by clicking: of a dashboard's ad-hoc filters or of a value in a table.
type AdhocFilter struct {
	Key string `json:"key"`
	// Operator is =, !=, <, >, <=, >=, =| (one of values), !=| (none of values), =~ or !~ (* stands for any text),
	// exists or !exists.
	Operator string   `json:"operator"`
	Value    string   `json:"value"`
	Values   []string `json:"values,omitempty"`
}

// Formats returns the shapes that a type of query has, its own first.
func Formats(t Type) []Format {
	switch t {
	case Series:
		return []Format{Wide, Multi, Table}
	case Top, Records, Sessions:
		return []Format{Table}
	case Alerts:
		return []Format{Table, Logs, Annotations, Count, Wide}
	case Graph:
		return []Format{Table} // two tables: nodes and edges
	case Interfaces:
		return []Format{Table, Points, Numeric}
	case Exporters:
		return []Format{Table, Numeric}
	}
	return nil
}

// Types returns all types of queries in the order in which users are shown them.
func Types() []Type {
	return []Type{Series, Top, Records, Sessions, Alerts, Graph, Interfaces, Exporters}
}

// InterfaceValues returns the numbers of an interface that numeric may be about, the first being what "" is.
func InterfaceValues() []string {
	return []string{"bps", "share", "errors", "discards", "flow_bps", "peak_bps", "p95_bps", "peak_share", "difference"}
}

// PointValues returns the numbers of an interface that points may be about, the first being what "" is.
func PointValues() []string { return []string{"bps", "share", "pps", "errors", "discards", "flow_bps"} }

// ExporterValues returns the numbers of an exporter that numeric may be about, the first being what "" is. silent_seconds is how long
// before the end of the time range it was last heard of.
func ExporterValues() []string {
	return []string{"silent_seconds", "records", "gaps", "dropped", "refused", "waiting_sets", "clock_offset_seconds"}
}
