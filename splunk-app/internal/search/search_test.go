package search_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/splunk-app/internal/search"
)

// events are three sessions and two alerts; what searches find of them was worked out by hand.
func events() []search.Event {
	one := func(pairs ...string) search.Event {
		e := search.Event{}
		for i := 0; i < len(pairs); i += 2 {
			e[pairs[i]] = strings.Split(pairs[i+1], "|")
		}
		return e
	}
	return []search.Event{
		one("_time", "1300", "sourcetype", "weir:alert", "id", "a", "state", "ended", "severity", "high", "actors", "10.0.0.1|10.0.0.2"),
		one("_time", "1250", "sourcetype", "weir:session", "src", "10.0.0.1", "dest", "192.0.2.9", "bytes", "900", "dest_port", "443"),
		one("_time", "1200", "sourcetype", "weir:session", "src", "10.0.0.2", "dest", "192.0.2.9", "bytes", "60", "dest_port", "53"),
		one("_time", "1130", "sourcetype", "weir:alert", "id", "a", "state", "active", "severity", "high"),
		one("_time", "1100", "sourcetype", "weir:session", "src", "10.0.0.1", "dest", "192.0.2.7", "bytes", "40", "dest_port", "53", "weir.direction", "internal"),
	}
}

// table writes a result: its columns, then its rows.
func table(r *search.Result) string {
	lines := []string{strings.Join(r.Fields, " ")}
	for _, row := range r.Rows {
		var cells []string
		for _, f := range r.Fields {
			cells = append(cells, strings.Join(row[f], "|"))
		}
		lines = append(lines, strings.Join(cells, " "))
	}
	return strings.Join(lines, "; ")
}

func TestSearch(t *testing.T) {
	const sessions = `sourcetype="weir:session" `
	for _, c := range []struct{ name, spl, earliest, latest, want string }{
		{"sums by a field", sessions + `| stats sum(bytes) AS bytes, count BY src`, "", "", "src bytes count; 10.0.0.1 940 2; 10.0.0.2 60 1"},
		{"the latest is not included", sessions + `| stats count`, "1100", "1250", "count; 2"},
		{"time in the search wins", sessions + `earliest=1200 latest=1300 | stats count`, "0", "10", "count; 2"},
		{"times that are relative", sessions + `| stats count`, "-2m", "now", "count; 2"},
		{"nothing found counts as 0", `sourcetype=weir:flow | stats count`, "", "", "count; 0"},
		{"OR binds closer than AND", `src=10.0.0.1 OR src=10.0.0.2 dest_port=53 | stats count`, "", "", "count; 2"},
		{"a field that is missing", sessions + `NOT weir.direction=* | stats count`, "", "", "count; 2"},
		{"!= wants the field", `severity!=low | stats count`, "", "", "count; 2"},
		{"networks", `src=10.0.0.2/31 | stats count`, "", "", "count; 1"},
		{"a list", sessions + `dest_port IN (53, 80) | stats count`, "", "", "count; 2"},
		{"a field of several values", `actors=10.0.0.2 | stats count`, "", "", "count; 1"},
		{"groups of several values", `sourcetype=weir:alert | stats count BY actors`, "", "", "actors count; 10.0.0.1 1; 10.0.0.2 1"},
		{"the first of each", `sourcetype=weir:alert | sort 0 -_time | dedup id | table id, state`, "", "", "id state; a ended"},
		{"a macro", "`last` | table state", "", "", "state; ended"},
		{"arithmetic", sessions + `| eval kb=round(bytes*8/1000, 1) | sort 1 -kb | table kb`, "", "", "kb; 7.2"},
		{"texts", sessions + `| eval to=dest.":".dest_port | sort to | head 1 | table to`, "", "", "to; 192.0.2.7:53"},
		{"null goes on", sessions + `| eval x=coalesce('weir.direction', "none") | stats count BY x`, "", "", "x count; internal 1; none 2"},
		{"cases", sessions + `| eval size=case(bytes>=900, "large", bytes>50, "some", true(), "little") | stats count BY size`, "", "", "size count; large 1; little 1; some 1"},
		{"an expression in stats", sessions + `| stats sum(eval(if(dest_port=53, bytes, 0))) AS dns`, "", "", "dns; 100"},
		{"where compares numbers", sessions + `| where bytes>100 | stats count`, "", "", "count; 1"},
		{"columns with spaces", sessions + `| stats sum(bytes) AS b | eval "all bytes"=b | table "all bytes"`, "", "", "all bytes; 1000"},
		{"a row of each value", `state=ended | mvexpand actors | table actors`, "", "", "actors; 10.0.0.1; 10.0.0.2"},
		{"sums in every row", sessions + `| stats sum(bytes) AS b BY src | eventstats sum(b) AS all | eval share=round(b*100/all) | table src, share`, "", "", "src share; 10.0.0.1 94; 10.0.0.2 6"},
		{"columns that are hidden stay", sessions + `| stats count | eval _x=1 | table count, _x`, "", "", "count _x; 3 1"},
		{"per second over time", sessions + `| timechart span=2m per_second(bytes) AS rate`, "1080", "1320", "_time rate _span; 1080 0.3333333333333333 120; 1200 8 120"},
		{"bins without events, by a field", sessions + `| timechart span=1m count BY src`, "1080", "1260", "_time 10.0.0.1 10.0.0.2 _span; 1080 1 0 60; 1140 0 0 60; 1200 1 1 60"},
		{"the greatest and the rest", sessions + `| timechart span=5m limit=1 sum(bytes) BY dest`, "900", "1300", "_time 192.0.2.9 OTHER _span; 900  40 300; 1200 960  300"},
		{"a search within", sessions + `[search sourcetype=weir:alert | mvexpand actors | rename actors AS src | stats count BY src | fields src] | stats count`, "", "", "count; 3"},
		{"a table", sessions + `| lookup ports port AS dest_port OUTPUT service | stats count BY service`, "", "", "service count; dns 2"},
		{"a type of events", `eventtype=alerts | eval severity=nullif(severity, "high") | stats count, count(severity) AS others`, "", "", "count others; 2 0"},
		{"time as text", sessions + `| sort 1 _time | eval at=strftime(_time, "%H:%M:%S") | table at`, "", "", "at; 00:18:20"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := &search.Engine{Events: events(), Now: time.Unix(1310, 0), Macros: map[string]string{"last": "sourcetype=weir:alert | dedup id"}}
			e.EventTypes = map[string]string{"alerts": "sourcetype=weir:alert id=*"}
			e.Lookups = map[string][]search.Event{"ports": {{"port": {"53"}, "service": {"dns"}}}}
			got, err := e.Search(c.spl, c.earliest, c.latest)
			if err != nil {
				t.Fatal(err)
			}
			if table(got) != c.want {
				t.Errorf("got  %s\nwant %s", table(got), c.want)
			}
		})
	}
}

// TestUnknown: what the engine does not know is an error, so that no search passes that it misunderstands.
func TestUnknown(t *testing.T) {
	e := &search.Engine{Events: events()}
	for _, text := range []string{
		`src=* | statz count`, `src=* | eval x=foo(1)`, `src=* | stats median(bytes)`, `src=* | stats count BY`, `src="`, `(src=*`, `src=* | eval x=weir.direction.(`,
		`src=* | head many`, `src=* | timechart span=x count`, `word`, `src=* | where bytes>`,
	} {
		if got, err := e.Search(text, "", ""); err == nil {
			t.Errorf("%s: found %s", text, fmt.Sprint(got.Rows))
		}
	}
	if _, err := e.Search("src=*", "yesterday", ""); err == nil {
		t.Error("a time that nobody knows is taken")
	}
}
