package config

import (
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/pivot"
)

var examplePivots = pivot.Config{
	Collector: "https://weir.example.net",
	Splunk:    pivot.Splunk{URL: "https://splunk.example.net:8000", App: "search", Search: "index=netflow"},
	Kibana:    pivot.Kibana{URL: "https://kibana.example.net/s/noc", DataView: "weir-records"},
	Grafana:   pivot.Grafana{URL: "https://grafana.example.net", DataSource: "weir", Query: `{"filter": "{filter}"}`, Org: 1},
	Disabled:  []string{"otx"},
	Custom: []pivot.Custom{{
		Name: "assets", Title: "Asset database", URL: "https://assets.example.net/search?address={ip}",
		Applies: []pivot.Kind{pivot.Address}, Addresses: pivot.PrivateAddresses,
	}},
}

func TestPivotErrors(t *testing.T) {
	custom := "pivots:\n  custom:\n    a:\n      "
	for _, c := range []struct{ name, text, want string }{
		{"an unknown form", custom + "url: https://h/{addr}\n", `w:4:22: no form {addr}: known are {ip}`},
		{"a form that is nearly one", custom + "url: 'https://h/{prot}'\n", `w:4:23: no form {prot}`},
		{"a suggestion", custom + "url: https://h/{prot}\n", `did you mean {port}?`},
		{"another scheme", custom + "url: javascript:alert(1)\n", `w:4:12: a template begins with http:// or https://`},
		{"no URL", custom + "title: x\n", `w:3:5: pivot "a" has no url`},
		{"for what it cannot know", custom + "url: https://h/{ip}\n      applies_to: [alert]\n", `w:5:19: pivot a: {ip} is never known of alert`},
		{"an unknown kind", custom + "applies_to: [host]\n", `want one of address, port, as, alert, incident`},
		{"an unknown scope", custom + "addresses: inside\n", `want one of all, public, private`},
		{"an unknown service", "pivots:\n  disabled: [abuse-ipdb]\n", `did you mean "abuseipdb"?`},
		{"a base with a query", "pivots:\n  kibana: {url: 'https://h/?x'}\n", `w:2:17: a base URL has no query`},
		{"a base of another scheme", "pivots:\n  splunk: {url: 'ftp://h'}\n", `not a URL like https://HOST/PATH`},
		{"a base with a password", "pivots:\n  splunk: {url: 'https://a:b@h'}\n", `no user and password`},
		{"Grafana without a data source", "pivots:\n  grafana: {url: 'https://h'}\n", `pivots.grafana has no datasource`},
		{"a query that is no JSON", "pivots:\n  grafana:\n    query: 'up{'\n", `w:3:12: not a JSON object`},
		{"a query with an unknown form", "pivots:\n  grafana:\n    query: '{\"q\": \"{fliter}\"}'\n", `did you mean {filter}?`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("w", []byte(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v\nwant %s", err, c.want)
			}
		})
	}
}
