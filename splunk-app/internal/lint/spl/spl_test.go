package spl_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/splunk-app/internal/lint/spl"
)

var macros = spl.Macros{
	"idx":       {Definition: "index=flows"},
	"of(1)":     {Args: []string{"host"}, Definition: `(src="$host$" OR dest="$host$")`},
	"both(2)":   {Args: []string{"a", "b"}, Definition: "earliest=$a$ latest=$b$"},
	"nested(1)": {Args: []string{"x"}, Definition: "`idx` `of(\"$x$\")`"},
	"loop":      {Definition: "`loop`"},
}

func TestExpand(t *testing.T) {
	for call, want := range map[string]string{
		"`idx` x=1":               "index=flows x=1",
		"`of(10.0.0.1)`":          `(src="10.0.0.1" OR dest="10.0.0.1")`,
		"`of(\"a, b\")`":          `(src="a, b" OR dest="a, b")`,
		"`both($a$, \"$b$\")` x":  "earliest=$a$ latest=$b$ x",
		"`nested(\"$src$\")` | y": `index=flows (src="$src$" OR dest="$src$") | y`,
		"no macro":                "no macro",
		"ERR `none`":              "not defined",
		"ERR `of`":                "not defined",
		"ERR `of(1,2)`":           "not defined with 2 arguments",
		"ERR `idx(1)`":            "not defined with 1 arguments",
		"ERR `idx":                "never closed",
		"ERR `of(1`":              "no closing parenthesis",
		"ERR `of(\"1)`":           "quote is never closed",
		"ERR `both(\"1\" \"2\")`": "no comma",
		"ERR `loop`":              "without an end",
	} {
		call, isError := strings.CutPrefix(call, "ERR ")
		got, err := macros.Expand(call)
		if isError != (err != nil) || isError && !strings.Contains(err.Error(), want) || !isError && got != want {
			t.Errorf("%s: %q, %v, want %q", call, got, err, want)
		}
	}
	if diff := cmp.Diff([]string{"idx", "of(1)", "both(2)"}, spl.Calls("`idx` `of(\"a,b\")` x | `both(1,2)`")); diff != "" {
		t.Error(diff)
	}
}

// world has one kind of events.
var world = spl.World{
	Fields: func(sourcetypes []string) map[string]bool {
		fields := map[string]bool{}
		for _, s := range sourcetypes {
			switch s {
			case "weir:flow":
				maps.Copy(fields, map[string]bool{"src": true, "dest": true, "bytes": true, "weir.a.b": true})
			case "weir:alert":
				maps.Copy(fields, map[string]bool{"id": true, "severity": true})
			}
		}
		return fields
	},
	Eventtypes: map[string]string{"weir_alert": "sourcetype=weir:alert"},
	Lookups:    map[string][]string{"services": {"port", "service"}},
}

// TestJudge: searches that are right, and those with a mistake, with what is said of it.
func TestJudge(t *testing.T) {
	for _, c := range []struct{ name, search, want string }{
		{"terms", `index=x sourcetype=weir:flow src="10.0.0.1" OR dest IN (1, 2) NOT bytes>5 "free text" earliest=-5m`, ""},
		{"unknown field in terms", `sourcetype=weir:flow srcip="10.0.0.1"`, "srcip"},
		{"field of another kind", `sourcetype=weir:flow id=*`, "no event has the field id"},
		{"several kinds", `sourcetype IN (weir:flow, weir:alert) id=* src=*`, ""},
		{"event type", `eventtype=weir_alert id=* | table id`, ""},
		{"event type without the field", `eventtype=weir_alert src=*`, "src"},
		{"stats", `sourcetype=weir:flow | stats sum(bytes) AS b, count BY src | eval k=round(b/1000, 1) | where k>1 AND count>2 | sort 10 -b | table src k count`, ""},
		{"gone after stats", `sourcetype=weir:flow | stats count BY src | table dest`, "dest"},
		{"sum of what is not there", `sourcetype=weir:flow | stats sum(byte) AS b`, "byte"},
		{"unknown aggregation", `sourcetype=weir:flow | stats summe(bytes)`, "summe"},
		{"percentile", `sourcetype=weir:flow | stats p95(bytes) AS b perc99(bytes) BY src`, ""},
		{"condition in stats", `sourcetype=weir:flow | stats count(eval(bytes>1000 AND like(src, "10.%"))) AS big BY dest | table big`, ""},
		{"wrong condition in stats", `sourcetype=weir:flow | stats count(eval(size>1000)) AS big`, "size"},
		{"default names", `sourcetype=weir:flow | stats sum(bytes) count | rename "sum(bytes)" AS b | table b count`, ""},
		{"timechart", `sourcetype=weir:flow | timechart span=1m limit=5 useother=f sum(bytes) AS b BY src | fields _time *`, ""},
		{"chart", `sourcetype=weir:flow | chart sum(bytes) OVER src BY dest`, ""},
		{"top", `sourcetype=weir:flow | top limit=5 src BY dest | table src percent`, ""},
		{"top of nothing", `sourcetype=weir:flow | top 5 source_ip`, "source_ip"},
		{"dots need quotes in expressions", `sourcetype=weir:flow | eval x=weir.a.b`, "weir"},
		{"quoted dots", `sourcetype=weir:flow weir.a.b=1 | eval x='weir.a.b'+1 | table x weir.a.b`, ""},
		{"unknown function", `sourcetype=weir:flow | eval x=ronud(bytes)`, "ronud"},
		{"keywords are no fields", `sourcetype=weir:flow | where NOT isnull(src) AND src IN ("a") OR src LIKE "b%" XOR true()`, ""},
		{"several assignments", `sourcetype=weir:flow | eval a=bytes*8, b=a/2, c=if(b>1, "x,y", "z") | table a b c`, ""},
		{"no assignment", `sourcetype=weir:flow | eval bytes*8`, "no assignment"},
		{"rename", `sourcetype=weir:flow | rename src AS a, dest AS "the target" | table a "the target"`, ""},
		{"renamed away", `sourcetype=weir:flow | rename src AS a | table src`, "src"},
		{"rename without a name", `sourcetype=weir:flow | rename src AS`, "name is missing"},
		{"fields minus", `sourcetype=weir:flow | fields - src | table src`, "src"},
		{"fields", `sourcetype=weir:flow | fields src bytes | table dest`, "dest"},
		{"wildcard", `sourcetype=weir:flow | fields s* | table src`, ""},
		{"wildcard of nothing", `sourcetype=weir:flow | fields q*`, "like q*"},
		{"rex", `sourcetype=weir:flow | rex field=src "^(?<net>\d+)\." | table net`, ""},
		{"rex that does not compile", `sourcetype=weir:flow | rex field=src "^(?<net>\d+"`, "missing closing"},
		{"lookup", `sourcetype=weir:flow | lookup services port AS bytes OUTPUT service AS name | table name`, ""},
		{"lookup without the column", `sourcetype=weir:flow | lookup services dport AS bytes OUTPUT service`, "no column dport"},
		{"no such lookup", `sourcetype=weir:flow | lookup hosts src`, "no lookup hosts"},
		{"table alone", `| inputlookup services | stats count BY service`, ""},
		{"subsearch", `sourcetype=weir:flow [| makeresults | eval earliest=now()-300, latest=now() | return earliest latest] src=*`, ""},
		{"mistake in a subsearch", `sourcetype=weir:flow [search sourcetype=weir:flow | table host_ip] src=*`, "host_ip"},
		{"append", `sourcetype=weir:flow | append [search sourcetype=weir:alert | stats count AS n BY id] | table src id n`, ""},
		{"join", `sourcetype=weir:flow | join type=left src [search sourcetype=weir:flow | stats count AS n BY src] | table n`, ""},
		{"dashboard's forms", `sourcetype=weir:flow src="$host$" $more$ | where bytes>$least$ | sort $order$`, ""},
		{"what depends on the data", `sourcetype=weir:flow | xyseries src dest bytes | table 10.0.0.1`, ""},
		{"convert and bin", `sourcetype=weir:flow | bin _time span=1m AS minute | convert ctime(minute) AS m | table m minute`, ""},
		{"sorts and dedups", `sourcetype=weir:flow | sort 0 - bytes +src num(dest) | dedup 2 src, dest sortby -_time | head 5`, ""},
		{"streamstats", `sourcetype=weir:flow | streamstats window=5 current=f avg(bytes) AS mean BY src | where bytes>3*mean`, ""},
		{"apostrophe in a term", `sourcetype=weir:flow don't`, ""},
	} {
		s, err := spl.Parse(c.search)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got := strings.Join(world.Judge(s).Problems, "; ")
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestParse: what is no search at all.
func TestParse(t *testing.T) {
	for search, want := range map[string]string{
		`index=x | stats count | | table x`: "pipe without a command",
		`index=x |`:                         "pipe without a command",
		`index=x "abc`:                      "quote is never closed",
		`index=x (a OR b`:                   "never closed",
		`index=x a)`:                        "never opened",
		`index=x (a | stats count)`:         "do not match",
		`index=x [search y`:                 "bracket is never closed",
		`index=x y]`:                        "never opened",
		"index=x `m`":                       "not expanded",
		`index=x | stat count`:              `"stat" is no command`,
		`index=x | delete`:                  `"delete" is no command`,
		`| sendemail to=a`:                  `"sendemail" is no command`,
	} {
		if s, err := spl.Parse(search); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v, want %q", search, s, err, want)
		}
	}
	s, err := spl.Parse(`index=x a="b|c]" | rex field=_raw "[|]" | append [search y | head 1]`)
	if err != nil || len(s.Commands) != 3 || s.Commands[2].Name != "append" || len(s.Commands[2].Subs) != 1 || len(s.Commands[2].Subs[0].Commands) != 2 {
		t.Errorf("%+v, %v", s, err)
	}
}

// TestOutcome: which fields a search ends with.
func TestOutcome(t *testing.T) {
	s, err := spl.Parse(`sourcetype=weir:flow | stats sum(bytes) AS b BY src | eval c=b*8 | fields src c`)
	if err != nil {
		t.Fatal(err)
	}
	out := world.Judge(s)
	if !slices.Equal(out.Fields, []string{"c", "src"}) || out.Open || len(out.Problems) > 0 {
		t.Errorf("%+v", out)
	}
}

// FuzzParse: whatever stands in a search, it is judged or refused.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{`index=x | eval a='b'."c" | stats count(eval(x>1)) AS n BY y`, "`of(\"a\")` [| makeresults]", `| rename a AS`, `| sort -`, `| lookup services`, `| stats count(`, `x IN (`, `x=`, `$a$ | where $b`} {
		f.Add(seed)
	}
	f.Fuzz(func(_ *testing.T, text string) {
		expanded, err := macros.Expand(text)
		if err != nil {
			return
		}
		if s, err := spl.Parse(expanded); err == nil {
			world.Judge(s)
		}
	})
}
