package cli

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/weirflow/weir/packaging/command"
)

// TestFilterCommand: what users and other tools get of a filter in each language.
func TestFilterCommand(t *testing.T) {
	const text = "source.ip:10.0.0.0/8 and destination.port:(22 or 3389) and network.bytes > 18446744073709551614"
	for _, c := range []struct {
		name, want string
		args       []string
	}{
		{"kql is the canonical form", "source.ip : 10.0.0.0/8 and destination.port : (22 or 3389) and network.bytes > 18446744073709551614\n", []string{text, "--to", "kql"}},
		{"kql without --to", "not source.port : 53\n", []string{"NOT source.port:0053"}},
		{"the empty filter", "\n", []string{"", "--to", "kql"}},
		{"spl has CIM names", "src_ip=\"10.0.0.0/8\" AND dest_port IN (22, 3389) AND bytes>18446744073709551614\n", []string{text, "--to", "spl"}},
		{"sql has values apart, in order", `(source_port = CAST(? AS UBIGINT) AND event_end >= ? AND network_application = ?)
53
"2026-03-02T00:00:00Z"
"a<b>&"
`, []string{`source.port : 53 and event.end >= 2026-03-02 and network.application : "a<b>&"`, "--to", "sql"}},
		{"sql of sessions", "(client_port = CAST(? AS UBIGINT)", []string{"client.port : 53 and weir.tcp.state : S0", "--sessions", "--to", "sql"}},
		{"elastic is JSON for people", "{\n  \"term\": {\n    \"network.application\": \"a<b>&\"\n  }\n}\n", []string{`network.application : "a<b>&"`, "--to", "elastic"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := must(t, append([]string{"filter"}, c.args...)...)
			if strings.HasSuffix(c.name, "sessions") {
				if !strings.Contains(got, "client_port") {
					t.Errorf("got %s", got)
				}
				return
			}
			if got != c.want {
				t.Errorf("got\n%s\nwanted\n%s", got, c.want)
			}
		})
	}
	if query := jsonOf[map[string]any](t, must(t, "filter", text, "--to", "elastic")); len(query) != 1 || query["bool"] == nil {
		t.Errorf("query is %v", query)
	}
	for _, line := range strings.Split(strings.TrimSpace(must(t, "filter", text, "--to", "sql")), "\n")[1:] {
		if !json.Valid([]byte(line)) {
			t.Errorf("parameter %s is not JSON", line)
		}
	}
}

// TestFilterCommandErrors: what is wrong with a filter is told with its place and what may have been meant.
func TestFilterCommandErrors(t *testing.T) {
	for _, c := range []struct {
		name, want string
		args       []string
	}{
		{"field", "column 1: no field sorce.ip; did you mean source.ip?", []string{"sorce.ip : 10.0.0.1", "--to", "sql"}},
		{"part of an address", "did you mean 10.0.0.0/24?", []string{"source.ip : 10.0.0.", "--to", "sql"}},
		{"number too great", "column 15: source.port is at most 65535", []string{"source.port : 70000", "--to", "spl"}},
		{"language", "--to lucene: one of sql, elastic, spl, kql", []string{"source.port : 7", "--to", "lucene"}},
		{"field of sessions", "client.ip exists on sessions only", []string{"client.ip : *", "--to", "elastic"}},
		{"two filters", "accepts 1 arg", []string{"a", "b"}},
	} {
		code, out, errs := weir(t, append([]string{"filter"}, c.args...)...)
		if code != command.WrongUse || out != "" || !strings.Contains(errs, c.want) {
			t.Errorf("%s: exit %d, %q, %q", c.name, code, out, errs)
		}
	}
}
