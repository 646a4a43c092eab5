package lint_test

import (
	"strings"
	"testing"

	"github.com/weirflow/weir/splunk-app/internal/lint"
	"github.com/weirflow/weir/splunk-app/internal/pack"
)

// small is what the events of the package below have.
var small = lint.Known{Fields: map[string][]string{
	"weir:flow":  {"src", "dest", "bytes", "flags"},
	"weir:alert": {"id", "src", "severity", "spl", "window_start", "window_end"},
}}

// right is a package without a mistake, with all that the rules are about.
func right(t *testing.T) *pack.Package {
	t.Helper()
	from := sources(t)
	p := &pack.Package{ID: "weir"}
	for _, name := range []string{"default/app.conf", "app.manifest", "metadata/default.meta", "README.txt", "LICENSE", "static/appIcon.png", "static/appIcon_2x.png"} {
		p.Add(name, from["weir-"+pack.Version+".tgz"].File(name), 0o644)
	}
	p.Add("bin/weir", elfFile(), 0o755)
	for name, text := range map[string]string{
		"README/inputs.conf.spec":    "[weir://<name>]\nlisten = <string>\nstart_by_shell = <boolean>\ninterval = <number>\n",
		"default/inputs.conf":        "[weir]\nstart_by_shell = false\ninterval = 10\nindex = default\n",
		"default/macros.conf":        "[idx]\ndefinition = index=flows\n[of(1)]\nargs = host\ndefinition = src=\"$host$\"\n",
		"default/transforms.conf":    "[services]\nfilename = services.csv\n",
		"lookups/services.csv":       "port,service\n22,ssh\n",
		"default/props.conf":         "[weir:flow]\nLINE_BREAKER = ([\\r\\n]+)\nTIME_PREFIX = ^\\{\nFIELDALIAS-flags = \"flags{}\" AS flag\nEVAL-kb = round(bytes/1000)\n",
		"default/eventtypes.conf":    "[weir_alert]\nsearch = sourcetype=weir:alert\n",
		"default/tags.conf":          "[eventtype=weir_alert]\nalert = enabled\n",
		"default/savedsearches.conf": "[Top]\nsearch = `idx` sourcetype=weir:flow `of(10.0.0.1)` flag=SYN | stats sum(kb) AS kb BY dest | lookup services port AS dest OUTPUT service | table dest service kb\n[Attack]\naction.notable.param.rule_title = $severity$ on $src$\naction.notable.param.drilldown_search = `idx` src=\"$src$\"\nalert.suppress.fields = id\nsearch = `idx` eventtype=weir_alert | table id src severity\n",
		"default/workflow_actions.conf": "[flows]\ntype = search\nlabel = Flows of $dest$\nfields = dest\nsearch.search_string = `idx` sourcetype=weir:flow dest=\"$dest$\" earliest=$_time$\n" +
			"[host]\ntype = link\nlabel = Host $src$\nfields = src, window_start\neventtypes = weir_alert\nlink.uri = /app/weir/host?form.host=$src$&form.time.earliest=$window_start$&form.time.latest=$window_end$\n",
		"default/data/ui/nav/default.xml": `<nav><view name="host" default="true"/><view name="search"/></nav>`,
		"default/data/ui/views/host.xml": `<dashboard version="2"><label>Host</label><definition><![CDATA[{
			"dataSources": {
				"flows": {"type": "ds.search", "options": {"query": "` + "`idx`" + ` sourcetype=weir:flow src=$host|s$ | stats sum(bytes) AS bytes BY dest", "queryParameters": {"earliest": "$time.earliest$", "latest": "$time.latest$"}}},
				"top": {"type": "ds.chain", "options": {"extend": "flows", "query": "| sort 5 -bytes"}}},
			"visualizations": {"table": {"type": "splunk.table", "title": "Peers of $host$", "dataSources": {"primary": "top"}, "options": {},
				"eventHandlers": [{"type": "drilldown.customUrl", "options": {"url": "/app/weir/host?form.host=$row.dest.value|u$&form.time.earliest=$time.earliest$"}}]}},
			"inputs": {"in_host": {"type": "input.text", "options": {"token": "host"}}, "in_time": {"type": "input.timerange", "options": {"token": "time"}}},
			"layout": {"globalInputs": ["in_time", "in_host"], "tabs": {"items": [{"layoutId": "one"}]}, "layoutDefinitions": {"one": {"type": "grid", "structure": [{"item": "table", "type": "block"}]}}}
		}]]></definition></dashboard>`,
	} {
		p.Add(name, []byte(text), 0o644)
	}
	return p
}

// TestRules: every rule finds a mistake that is put into a package without one, and nothing else.
func TestRules(t *testing.T) {
	for _, f := range lint.Check(right(t), small) {
		t.Fatalf("the package is not right: %s", f)
	}
	const saved, macros, props, host = "default/savedsearches.conf", "default/macros.conf", "default/props.conf", "default/data/ui/views/host.xml"
	const actions, inputs, spec, nav = "default/workflow_actions.conf", "default/inputs.conf", "README/inputs.conf.spec", "default/data/ui/nav/default.xml"
	for _, c := range []struct{ name, file, old, new, rule, want string }{
		{"not executable", "bin/weir", "MODE", "", "executable", "cannot be executed"},
		{"executable outside of bin", saved, "MODE", "", "executable", "outside of bin"},
		{"no ELF", "bin/weir", "\x7fELF", "\x7fEXE", "executable", "no executable for Linux"},
		{"another name of the executable", "bin/weir", "NAME", "bin/weir-splunk", "scheme", "no executable bin/weir"},
		{"another name of the scheme in the spec", spec, "[weir://", "[weir-flows://", "scheme", "no executable bin/weir-flows"},
		{"another name of the scheme in the settings", inputs, "[weir]", "[wier]", "scheme", "no defaults"},
		{"a setting that the spec does not tell of", inputs, "interval = 10", "intervall = 10", "scheme", "does not tell of intervall"},
		{"started by a shell", inputs, "start_by_shell = false", "start_by_shell = true", "scheme", "no signal"},
		{"no table", "lookups/services.csv", "GONE", "", "lookup", "there is no lookups/services.csv"},
		{"table without rows", "lookups/services.csv", "\n22,ssh", "", "lookup", "no table with rows"},
		{"table that nothing names", "lookups/services.csv", "COPY", "lookups/other.csv", "lookup", "no stanza"},
		{"lookup with another name", saved, "lookup services", "lookup service", "field", "no lookup service"},
		{"column that the table lacks", saved, "OUTPUT service", "OUTPUT name", "field", "no column name"},
		{"unknown macro", saved, "`idx` eventtype", "`index` eventtype", "macro", "`index` is not defined"},
		{"macro with another number of arguments", saved, "`of(10.0.0.1)`", "`of(10.0.0.1, 2)`", "macro", "with 2 arguments"},
		{"macro whose name has another number", macros, "[of(1)]", "[of(2)]", "macro", "must be called of(1)"},
		{"macro without its argument", macros, "src=\"$host$\"", "src=\"$hots$\"", "macro", "does not occur"},
		{"macro that nothing calls", macros, "[idx]", "[more]\ndefinition = x=1\n[idx]", "macro", "nothing calls it"},
		{"regular expression", props, "([\\r\\n]+)", "([\\r\\n]+", "regex", "missing closing"},
		{"alias of what is not there", props, "\"flags{}\"", "\"flag_bits{}\"", "field", "no event has the field flag_bits"},
		{"calculation with what is not there", props, "round(bytes", "round(byte", "field", "byte"},
		{"tag of no event type", "default/tags.conf", "eventtype=weir_alert", "eventtype=weir_alerts", "tag", "no event type weir_alerts"},
		{"action for no event type", actions, "eventtypes = weir_alert", "eventtypes = weir_attack", "tag", "no event type weir_attack"},
		{"field that is not emitted", saved, "sum(kb)", "sum(kilobytes)", "field", "kilobytes"},
		{"field that is of other events", saved, "flag=SYN", "severity=high", "field", "severity"},
		{"field that is gone", saved, "table dest service kb", "table src service kb", "field", "src"},
		{"notable that fills in what is not there", saved, "$severity$ on", "$signature$ on", "field", "no field signature"},
		{"suppression by what is not there", saved, "suppress.fields = id", "suppress.fields = alert_id", "field", "no field alert_id"},
		{"a pipe too many", saved, "| table dest", "| | table dest", "search", "pipe without a command"},
		{"a bracket that is not closed", saved, "| table dest", "| append [search x | table dest", "search", "never closed"},
		{"a quote that is not closed", saved, "flag=SYN", "flag=\"SYN", "search", "never closed"},
		{"unknown command", saved, "| table dest", "| tabel dest", "search", "no command"},
		{"command that deletes", saved, "| table dest service kb", "| delete", "search", "no command"},
		{"unknown function", props, "round(", "runden(", "field", "runden"},
		{"event type with what is not there", "default/eventtypes.conf", "sourcetype=weir:alert", "sourcetype=weir:alert detector=*", "field", "detector"},
		{"action that fills in what it does not ask for", actions, "Flows of $dest$", "Flows of $src$", "field", "src"},
		{"action on alerts for what they lack", actions, "fields = src, window_start", "fields = src, start", "field", "no alert has the field start"},
		{"action without https", actions, "/app/weir/host?", "http://weir.example.net/host?", "navigation", "neither https"},
		{"action into a view that is not there", actions, "/app/weir/host?", "/app/weir/hosts?", "navigation", "no view hosts"},
		{"action with another token", actions, "form.host=", "form.ip=", "token", "no input ip"},
		{"navigation to a view that is not there", nav, `<view name="search"/>`, `<view name="hosts"/>`, "navigation", "no such view"},
		{"view that is not in the navigation", nav, `<view name="host" default="true"/><view name="search"/>`, `<view name="search" default="true"/>`, "navigation", "not in the navigation"},
		{"no first view", nav, ` default="true"`, "", "navigation", "0 views"},
		{"navigation that is no XML", nav, "<nav>", "<nav", "navigation", "XML"},
		{"dashboard that is no JSON", host, `"inputs": {`, `"inputs" {`, "dashboard", "no JSON"},
		{"dashboard of another kind", host, `version="2"`, `version="1.1"`, "dashboard", "no dashboard of Dashboard Studio"},
		{"panel without its data source", host, `"primary": "top"`, `"primary": "peers"`, "dashboard", "no data source peers"},
		{"data source that nothing shows", host, `"primary": "top"`, `"primary": "flows"`, "dashboard", "nothing shows"},
		{"chain of nothing", host, `"extend": "flows"`, `"extend": "flow"`, "dashboard", "extends flow"},
		{"panel without a place", host, `{"item": "table", "type": "block"}`, ``, "dashboard", "has no place"},
		{"place without a panel", host, `{"item": "table", `, `{"item": "tabel", "type": "block"}, {"item": "table", `, "dashboard", "is not there"},
		{"input that is not there", host, `["in_time", "in_host"]`, `["in_time", "in_host", "in_more"]`, "dashboard", "no such input"},
		{"tab without a layout", host, `{"layoutId": "one"}`, `{"layoutId": "one"}, {"layoutId": "two"}`, "dashboard", "no such layout"},
		{"token that nothing sets", host, "Peers of $host$", "Peers of $ip$", "token", "nothing sets the token ip"},
		{"token in a search that nothing sets", host, "src=$host|s$", "src=$source|s$", "token", "nothing sets the token source"},
		{"time that nothing sets", host, `"$time.latest$"`, `"$global_time.latest$"`, "token", "global_time"},
		{"drilldown into a view that is not there", host, "/app/weir/host?", "/app/weir/hosts?", "navigation", "no view hosts"},
		{"drilldown with another token", host, "form.host=", "form.ip=", "token", "no input ip"},
		{"drilldown with a field that the panel lacks", host, "$row.dest.value|u$", "$row.peer.value|u$", "field", "no field peer"},
		{"field of a dashboard's search", host, "sum(bytes)", "sum(octets)", "field", "octets"},
		{"stanza that stands twice", macros, "[of(1)]", "[idx]\ndefinition = x\n[of(1)]", "conf", "stands twice"},
		{"no setting", saved, "[Top]\n", "[Top]\nsearch\n", "conf", "no setting"},
		{"no picture", "static/appIcon.png", "PNG", "GIF", "file", "no PNG"},
		{"missing", "README.txt", "GONE", "", "file", "is missing"},
	} {
		p := right(t)
		mutate(t, p, c.file, c.old, c.new)
		found := lint.Check(p, small)
		hit := false
		for _, f := range found {
			hit = hit || f.Rule == c.rule && strings.Contains(f.String(), c.want)
		}
		if !hit {
			t.Errorf("%s: found %v, not %s: %s", c.name, found, c.rule, c.want)
		}
	}
}

// mutate puts a mistake into a file: a text in place of another, or what a word in capitals says.
func mutate(t *testing.T, p *pack.Package, file, old, replacement string) {
	t.Helper()
	kept := &pack.Package{ID: p.ID}
	for _, f := range p.Files {
		if f.Name == file {
			switch old {
			case "MODE":
				f.Mode ^= 0o111
			case "GONE":
				continue
			case "NAME":
				f.Name = replacement
			case "COPY":
				kept.Add(replacement, f.Data, f.Mode)
			default:
				if !strings.Contains(string(f.Data), old) {
					t.Fatalf("%s has no %q", file, old)
				}
				f.Data = []byte(strings.Replace(string(f.Data), old, replacement, 1))
			}
		}
		kept.Add(f.Name, f.Data, f.Mode)
	}
	*p = *kept
}

// TestParseConf: how files of settings are read.
func TestParseConf(t *testing.T) {
	conf, err := lint.ParseConf("# comment\n[a]\nx = 1 = 2\ny = one \\\n  two\n\n[b]\n")
	if err != nil || len(conf) != 2 || conf[0].Of["x"] != "1 = 2" || conf[0].Of["y"] != "one \ntwo" || conf[1].Line != 7 {
		t.Errorf("%+v, %v", conf, err)
	}
	if s, ok := conf.Stanza("b"); !ok || len(s.Keys) != 0 {
		t.Error("no stanza b")
	}
	for _, text := range []string{"x = 1", "[a", "[a]\n[a]", "[a]\nx = 1\nx = 2", "[a]\nword"} {
		if conf, err := lint.ParseConf(text); err == nil {
			t.Errorf("%q: %+v", text, conf)
		}
	}
}

// FuzzParseConf: settings are read or refused, and every one that is read has a stanza.
func FuzzParseConf(f *testing.F) {
	f.Add("[a]\nx = 1\\\n2\n[b]\n# c\n")
	f.Fuzz(func(t *testing.T, text string) {
		conf, err := lint.ParseConf(text)
		if err != nil {
			return
		}
		for _, s := range conf {
			if len(s.Keys) != len(s.Of) {
				t.Errorf("%+v", s)
			}
		}
	})
}
