package complete_test

import (
	"strings"
	"testing"

	"github.com/weirflow/weir/grafana-datasource/pkg/complete"
	"github.com/weirflow/weir/grafana-datasource/pkg/model"
	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
)

func TestAt(t *testing.T) {
	reg := flow.NewRegistry()
	for _, c := range []struct {
		name, text, kind, field, prefix string
		begin                           int
	}{
		{"nothing yet", "", complete.Field, "", "", 0},
		{"a field", "source.i", complete.Field, "", "source.i", 0},
		{"behind not", "not ", complete.Field, "", "", 4},
		{"in a parenthesis", "(source.port : 1 or des", complete.Field, "", "des", 20},
		{"a field is there", "source.ip ", complete.Operator, "source.ip", "", 10},
		{"half an operator", "network.bytes >", complete.Operator, "network.bytes", ">", 14},
		{"behind an operator", "source.ip : ", complete.Value, "source.ip", "", 12},
		{"right behind a colon", "source.ip:", complete.Value, "source.ip", "", 10},
		{"half a value", "source.ip:10.1", complete.Value, "source.ip", "10.1", 10},
		{"half a comparison", "network.bytes >= 10", complete.Value, "network.bytes", "10", 17},
		{"in quotes", `network.application : "ms te`, complete.Value, "network.application", "ms te", 22},
		{"an escaped quote", `network.application : "a\"b`, complete.Value, "network.application", `a"b`, 22},
		{"in a list", "destination.port : (22 or 33", complete.Value, "destination.port", "33", 26},
		{"a list begins", "destination.port : (", complete.Value, "destination.port", "", 20},
		{"behind not in a list", "destination.port : (not ", complete.Value, "destination.port", "", 24},
		{"a value is there", "source.ip : 10.0.0.1 ", complete.Keyword, "", "", 21},
		{"half a word", "source.ip : 10.0.0.1 an", complete.Keyword, "", "an", 21},
		{"behind a list", "source.port : (1 or 2) ", complete.Keyword, "", "", 23},
		{"behind a quote", `network.application : "x" `, complete.Keyword, "", "", 26},
		{"behind and", "source.ip : 10.0.0.1 and ", complete.Field, "", "", 25},
		{"behind everything", "* a", complete.Keyword, "", "a", 2},
		{"an unknown field", "sourc.ip : 1", complete.Value, "", "1", 11},
		{"nonsense", `)) : "" ( = `, complete.Field, "", "", 12},
	} {
		p := complete.At(c.text, reg)
		field := ""
		if p.Field != nil && p.Kind != complete.Field && p.Kind != complete.Keyword {
			field = p.Field.Name
		}
		if p.Kind != c.kind || field != c.field || p.Prefix != c.prefix || p.Begin != c.begin {
			t.Errorf("%s: %s %s %q at %d", c.name, p.Kind, field, p.Prefix, p.Begin)
		}
	}
}

func labels(list []model.Completion) string {
	var out []string
	for _, c := range list {
		out = append(out, c.Label)
	}
	return strings.Join(out, " ")
}

func TestOptions(t *testing.T) {
	reg := flow.NewRegistry()
	fields := model.Fields(func(name string) string { return name })
	for _, c := range []struct {
		text     string
		sessions bool
		want     string
	}{
		{"source.po", false, "source.port"},
		{"nat.ip", false, "source.nat.ip destination.nat.ip"},
		{"client.p", false, ""},
		{"client.p", true, "client.port client.packets"},
		{"no", false, "weir.source.group not"},
		{"source.ip ", false, ": : * > >= < <="},
		{"network.protocol ", false, ": : *"},
		{"network.bytes <", false, "< <="},
		{"network.direction : in", false, "inbound internal"},
		{"weir.tcp.flags : (SYN and a", false, "ACK"},
		{"source.port : 1 ", false, "and or"},
		{"(source.port : 1 ", false, "and or )"},
		{"source.port : 1 o", false, "or"},
		{"source.ip : ", false, ""},
	} {
		got := labels(complete.Options(complete.At(c.text, reg), fields, c.sessions))
		if c.text == "no" {
			if !strings.HasSuffix(got, "not") {
				t.Errorf("%s: %s", c.text, got)
			}
			continue
		}
		if got != c.want {
			t.Errorf("%s: %q, wanted %q", c.text, got, c.want)
		}
	}
}

// TestInsert: a value is inserted so that the filter means it.
func TestInsert(t *testing.T) {
	f := flow.NewRegistry().Lookup("network.application")
	for _, value := range []string{"http", "ms-teams", "ge-0/0/1", "a b", `say "x"`, `back\slash`, "*", "and", "NOT", "(x)", "é", "a:b", "x>y", ""} {
		n, err := filter.Parse(f.Name+" : "+complete.Insert(value), flow.NewRegistry())
		compare, ok := n.(filter.Compare)
		if err != nil || !ok || len(compare.Values) != 1 || compare.Values[0].S != value || compare.Values[0].Parts != nil {
			t.Errorf("%q is inserted as %s: %v, %v", value, complete.Insert(value), n, err)
		}
	}
}

func FuzzAt(f *testing.F) {
	for _, text := range []string{"source.ip : 10.0.0.0/8 and not (destination.port : (22 or 33", `a : "\`, "a \\", ":::", "((((", "\xff\xfe : \x00"} {
		f.Add(text)
	}
	reg := flow.NewRegistry()
	fields := model.Fields(func(name string) string { return name })
	f.Fuzz(func(t *testing.T, text string) {
		p := complete.At(text, reg)
		if p.Begin < 0 || p.Begin > len(text) || p.Kind == "" {
			t.Fatalf("%+v", p)
		}
		complete.Options(p, fields, false)
	})
}
