package filter_test

import (
	"os"
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
)

// TestDocsAreTrue parses every example of the language's page, and wants the errors that it shows.
func TestDocsAreTrue(t *testing.T) {
	page, err := os.ReadFile("../../docs/filter.md")
	if err != nil {
		t.Fatal(err)
	}
	reg, kind, examples := flow.NewRegistry(), "", 0
	for line := range strings.Lines(string(page)) {
		line = strings.TrimSpace(line)
		if rest, ok := strings.CutPrefix(line, "```"); ok {
			kind = rest
			continue
		}
		var err error
		switch kind {
		case "kql":
			_, err = filter.Parse(line, reg)
		case "kql sessions":
			_, err = filter.ParseSession(line, reg)
		default:
			continue
		}
		examples++
		if err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	if examples < 20 {
		t.Errorf("only %d examples found", examples)
	}
	for _, wrong := range []string{"source.prot : 80", "source.port : https", "10.0.0.1", "source.ip : 10.1.*", "source.ip : 10.0.0.", "source.port : 70000",
		"network.bytes : > 1000", "network.direction : inbuond"} {
		_, err := filter.Parse(wrong, reg)
		if err == nil || !strings.Contains(string(page), "\n"+err.Error()+"\n") {
			t.Errorf("the page does not show what %s gives: %v", wrong, err)
		}
	}
}

// TestExamplesOfTheFieldsAreValues holds the field reference to the language. Identities are shortened there.
func TestExamplesOfTheFieldsAreValues(t *testing.T) {
	reg := flow.NewRegistry()
	for _, f := range reg.Fields() {
		if strings.Contains(f.Example, "...") {
			continue
		}
		parse := filter.Parse
		if f.Scope == flow.ScopeSession {
			parse = filter.ParseSession
		}
		if _, err := parse(f.Name+" : "+f.Example, reg); err != nil {
			t.Errorf("%s : %s: %v", f.Name, f.Example, err)
		}
	}
}
