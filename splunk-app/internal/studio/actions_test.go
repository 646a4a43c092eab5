package studio_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/weirflow/weir/splunk-app/internal/lint/spl"
)

// actions are those that Splunk's menus offer on the alert about an upload: each search finds something.
func (l *lab) actions(t *testing.T) {
	e := l.events.engine(t, all...)
	alerts, err := e.Search("sourcetype=weir:alert signature_id=exfil.session | `weir_last_state`", "-24h@h", "now")
	if err != nil || len(alerts.Rows) == 0 {
		t.Fatalf("no alert: %v", err)
	}
	alert := alerts.Rows[0]
	at, err := strconv.Atoi(alert["window_start"][0])
	if err != nil {
		t.Fatal(err)
	}
	macros := spl.Macros{}
	for _, s := range conf(t, "macros") {
		var args []string
		if s.Of["args"] != "" {
			args = strings.Split(strings.ReplaceAll(s.Of["args"], " ", ""), ",")
		}
		macros[s.Name] = spl.Macro{Args: args, Definition: s.Of["definition"]}
	}
	// What the macros' subsearches come to: the engine has no makeresults.
	for name, span := range map[string][2]int{"weir_around": {43200, 43201}, "weir_sessions_around": {300, 3901}, "weir_sessions_during": {0, 7200}} {
		m := macros[name+"(2)"]
		_, rest, _ := strings.Cut(m.Definition, "]")
		rest = strings.ReplaceAll(rest, "coalesce(`weir_moment(\"$at$\")`, now())", strconv.Itoa(at))
		macros[name+"(2)"] = spl.Macro{Args: m.Args, Definition: fmt.Sprintf("earliest=%d latest=%d%s", at-span[0], at+span[1], rest)}
	}
	ran := 0
	for _, s := range conf(t, "workflow_actions") {
		field, _, _ := strings.Cut(s.Of["fields"], ",")
		if s.Of["type"] != "search" || len(alert[field]) == 0 {
			continue
		}
		text := s.Of["search.search_string"]
		for name, values := range alert {
			text = strings.ReplaceAll(text, "$"+name+"$", values[0])
		}
		if text, err = macros.Expand(text); err != nil {
			t.Fatal(err)
		}
		ran++
		found, err := e.Search(text, "-30d", "now")
		if err != nil || len(found.Rows) == 0 {
			t.Errorf("%s finds nothing, %v: %s", s.Name, err, text)
		}
	}
	if ran < 20 { // three for each of five fields, two for each side of the alert, its evidence
		t.Errorf("%d searches ran", ran)
	}
}
