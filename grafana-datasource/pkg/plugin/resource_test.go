//go:build cgo

package plugin_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/weirflow/weir/grafana-datasource/pkg/plugin"
)

// call asks a resource as a front end does.
func call(t *testing.T, d *plugin.Datasource, method, path, body string) (status int, answer string) {
	t.Helper()
	err := d.CallResource(t.Context(), &backend.CallResourceRequest{Path: path, URL: path, Method: method, Body: []byte(body)},
		backend.CallResourceResponseSenderFunc(func(res *backend.CallResourceResponse) error {
			status, answer = res.Status, string(res.Body)
			return nil
		}))
	if err != nil {
		t.Fatal(err)
	}
	return status, answer
}

const span = `"range":{"from":"1772409600000","to":"2026-03-02T01:00:00Z"}`

// TestResources: what editors and variables ask, of a real collector.
func TestResources(t *testing.T) {
	d := source(t, collector(t).URL)
	for _, c := range []struct {
		name, path, body string
		status           int
		want             string // what the answer begins with or, after ..., holds
	}{
		{"values", "variable", `{"field":"network.transport",` + span + `}`, 200, `[{"text":"udp","value":"udp"},{"text":"tcp"`},
		{"values that depend on others", "variable", `{"field":"destination.port","filter":"source.ip : 10.20.0.2",` + span + `,"limit":1}`, 200, `[{"text":"445","value":"445"}]`},
		{"values of sessions", "variable", `{"field":"client.ip","prefix":"10.29.0.3","sessions":true,` + span + `}`, 200, `[{"text":"10.29.0.3","value":"10.29.0.3"}]`},
		{"fields", "variable", `{"kind":"fields","prefix":"client."}`, 200, `[]`},
		{"fields of sessions", "variable", `{"kind":"fields","prefix":"client.","sessions":true}`, 200, `[{"text":"client.ip","value":"client.ip"}`},
		{"exporters", "variable", `{"kind":"exporters"}`, 200, `[{"text":"198.51.100.1","value":"198.51.100.1"},{"text":"198.51.100.2","value":"198.51.100.2"}]`},
		{"interfaces", "variable", `{"kind":"interfaces","exporter":"198.51.100.1",` + span + `}`, 200, `...{"text":"uplink","value":"uplink"}`},
		{"detectors", "variable", `{"kind":"detectors","prefix":"dos.",` + span + `}`, 200, `[{"text":"dos.reflection.ntp","value":"dos.reflection.ntp"},{"text":"dos.volumetric.host","value":"dos.volumetric.host"}]`},
		{"a wrong kind", "variable", `{"kind":"hosts"}`, 400, `{"message":"kind: no kind`},
		{"a wrong field", "variable", `{"field":"source.prot"}`, 400, `{"message":"field: no field \"source.prot\"; did you mean source.port?"}`},
		{"a wrong range", "variable", `{"field":"source.ip","range":{"from":"yesterday"}}`, 400, `{"message":"range.from: `},
		{"no JSON", "variable", `{`, 400, `{"message":"request: cannot be read`},
		{"completion of a field", "complete", `{"text":"source.po","cursor":9}`, 200, `{"from":0,"to":9,"kind":"field","options":[{"label":"source.port","insert":"source.port "`},
		{"completion of a value", "complete", `{"text":"source.ip : 10.29.0.3","cursor":21,` + span + `}`, 200, `{"from":12,"to":21,"kind":"value","field":"source.ip","options":[{"label":"10.29.0.3","insert":"10.29.0.3 "`},
		{"completion in the middle", "complete", `{"text":"network.direction : in and source.port : 1","cursor":22}`, 200, `{"from":20,"to":22,"kind":"value","field":"network.direction","options":[{"label":"inbound"`},
		{"completion after a letter of two units", "complete", `{"text":"network.application : \"\ud83d\ude00\" an","cursor":29}`, 200, `{"from":27,"to":29,"kind":"keyword","options":[{"label":"and"`},
		{"a right filter", "parse", `{"filter":"source.ip : 10.0.0.0/8 and not destination.port:(22 or 23)"}`, 200, `{"ok":true,"canonical":"source.ip : 10.0.0.0/8 and not destination.port : (22 or 23)","conditions":[{"key":"source.ip","operator":"=","value":"10.0.0.0/8"},{"key":"destination.port","operator":"!=|","value":"","values":["22","23"]}]}`},
		{"more than a builder shows", "parse", `{"filter":"source.port : 1 or destination.port : 2"}`, 200, `{"ok":true,"canonical":"source.port : 1 or destination.port : 2","conditions":null}`},
		{"a wrong filter", "parse", `{"filter":"source.ip : 10.0.0.1 and source.prot : 1"}`, 200, `{"ok":false,"canonical":"","error":{"column":26,"text":"no field source.prot","suggestion":"source.port"},"conditions":null}`},
		{"a builder", "build", `{"conditions":[{"key":"network.application","operator":"=","value":"a \"b\" or *"}]}`, 200, `{"ok":true,"canonical":"network.application : \"a \\\"b\\\" or *\"",`},
		{"a builder's mistake", "build", `{"conditions":[{"key":"source.port","operator":"=","value":"http"}]}`, 400, `{"message":"adhoc: source.port = http: source.port wants a number`},
		{"SPL", "translate", `{"filter":"source.ip : 10.0.0.1","to":"spl"}`, 200, `{"text":"src_ip=\"10.0.0.1\""}`},
		{"Elasticsearch", "translate", `{"filter":"source.ip : 10.0.0.1","to":"elastic"}`, 200, `...\"source.ip\": `},
		{"KQL of sessions", "translate", `{"filter":"client.ip:10.0.0.1","to":"kql","sessions":true}`, 200, `{"text":"client.ip : 10.0.0.1"}`},
		{"another language", "translate", `{"filter":"","to":"promql"}`, 400, `{"message":"to: no language`},
		{"links", "pivots", `{"subject":"203.0.113.7",` + span + `}`, 200, `...{"title":"Assets: 203.0.113.7","url":"https://assets.example.net/203.0.113.7?at=1772409600"}`},
		{"links of nothing", "pivots", `{"subject":"router"}`, 400, `{"message":"subject: `},
		{"no such thing", "nothing", `{}`, 404, `{"message":"no resource POST /nothing"}`},
		{"too much", "parse", `{"filter":"` + strings.Repeat("x", 1<<20) + `"}`, 400, `{"message":"request: longer`},
	} {
		status, answer := call(t, d, http.MethodPost, c.path, c.body)
		begins := strings.HasPrefix(answer, c.want)
		if rest, ok := strings.CutPrefix(c.want, "..."); ok {
			begins = strings.Contains(answer, rest)
		}
		if status != c.status || !begins {
			t.Errorf("%s: %d %.400s\nwanted %d %s", c.name, status, answer, c.status, c.want)
		}
	}
	var fields []map[string]any
	if status, answer := call(t, d, http.MethodGet, "fields", ""); status != 200 || json.Unmarshal([]byte(answer), &fields) != nil || len(fields) < 60 {
		t.Errorf("fields: %d %.300s", status, answer)
	}
	if status, answer := call(t, d, http.MethodGet, "pivots", ""); status != 200 || !strings.Contains(answer, `"name":"splunk"`) {
		t.Errorf("pivots: %d %.300s", status, answer)
	}
}

// TestResourcesWithoutCollector: what needs none works; the rest says what is wrong, never by a status that would log users out of Grafana.
func TestResourcesWithoutCollector(t *testing.T) {
	refused := source(t, refusing(t, 401, "authorization", "a token is needed").URL)
	broken := source(t, "")
	for _, c := range []struct {
		d          *plugin.Datasource
		path, want string
		status     int
	}{
		{refused, "variable", "weir token create", 502}, {refused, "parse", `"ok":true`, 200},
		{broken, "variable", "URL: is missing", 400}, {broken, "complete", "URL: is missing", 400}, {broken, "parse", `"ok":true`, 200},
	} {
		if status, answer := call(t, c.d, http.MethodPost, c.path, `{"field":"source.ip","text":"source.ip : ","cursor":12}`); status != c.status || !strings.Contains(answer, c.want) {
			t.Errorf("%s: %d %s", c.path, status, answer)
		}
	}
}
