package config

import (
	"strings"
	"testing"
	"time"
)

var exampleOutputs = []Output{
	{
		Name: "siem", Type: "syslog", MinSeverity: 20, Spool: 256 << 20, Address: "logs.example.net:6514", Transport: "tls", Format: "cef",
		Facility: "local4", Hostname: "weir-1", MaxMessage: 8 << 10, Batch: 100, Timeout: 10 * time.Second,
		CA: "/etc/weir/logs-ca.pem", Cert: "/etc/weir/weir.pem", Key: "/etc/weir/weir.key", ServerName: "logs.example.net", HEC: HEC{Flows: "sessions", Source: "weir"},
	},
	{
		Name: "on-call", Type: "webhook", MinSeverity: 60, Detectors: []string{"dos.*"}, On: []string{"raised", "ended"}, Spool: 64 << 20,
		Transport: "udp", Format: "json", Facility: "local4", MaxMessage: 8 << 10, URL: "https://hooks.example.net/weir",
		Headers: []Header{
			{Name: "Authorization", Env: "WEIR_HOOK_AUTHORIZATION"}, {Name: "X-Token", File: "/etc/weir/token"}, {Name: "X-Site", Value: "north"},
		},
		Batch: 1, Timeout: 10 * time.Second, HEC: HEC{Flows: "sessions", Source: "weir"},
	},
	{
		Name: "splunk", Type: "hec", Spool: 4 << 30, Transport: "udp", Format: "json", Facility: "local4", MaxMessage: 8 << 10, Batch: 100, Timeout: 30 * time.Second,
		CA: "/etc/weir/splunk-ca.pem",
		HEC: HEC{
			URLs: []string{"https://splunk.example.net:8088"}, Token: Secret{File: "/etc/weir/hec-token"}, Flows: "sessions", Source: "weir",
			Indexes:     map[string]string{"flow": "netflow", "session": "netflow", "traffic": "netflow", "alert": "security", "exporter": "netops", "status": "netops"},
			Sourcetypes: map[string]string{"flow": "weir:flow", "session": "weir:session", "traffic": "weir:traffic", "alert": "weir:alert", "exporter": "weir:exporter", "status": "weir:status"},
		},
	},
}

func TestOutputErrors(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"no type", "outputs:\n  a:\n    address: h:1\n", `w:2:3: output "a" has no type`},
		{"no address", "outputs:\n  a: {type: syslog}\n", `w:2:3: output "a" has no address`},
		{"no URL", "outputs:\n  a: {type: webhook}\n", `w:2:3: output "a" has no url`},
		{"a name that is no folder", "outputs:\n  ../a: {type: syslog, address: 'h:1'}\n", `w:2:3: output "../a": names have`},
		{"names that differ in case only", "outputs:\n  a: {type: syslog, address: 'h:1'}\n  A: {type: syslog, address: 'h:1'}\n", `w:3:3: output "A": there is "a" already`},
		{"a key of the other type", "outputs:\n  a: {type: syslog, address: 'h:1', batch: 3}\n", `w:2:37: batch is not for outputs of type syslog`},
		{"half a client certificate", "outputs:\n  a: {type: syslog, address: 'h:1', cert: x}\n", `cert and key belong together`},
		{"a severity that is none", "outputs:\n  a:\n    min_severity: hihg\n", `w:3:19: "hihg" is not one of info, low, medium, high, critical: did you mean "high"?`},
		{"a severity out of range", "outputs:\n  a:\n    min_severity: 101\n", `w:3:19: 101 is out of range`},
		{"a detector that is none", "outputs:\n  a:\n    detectors: ['*']\n", `is not the name of a detector`},
		{"an unknown change", "outputs:\n  a:\n    on: [raisd]\n", `did you mean "raised"?`},
		{"a header with two values", "outputs:\n  a: {type: webhook, url: 'http://h', headers: {A: {env: B, value: c}}}\n", `header A: give one of value, env and file`},
		{"a header without a form", "outputs:\n  a: {type: webhook, url: 'http://h', headers: {A: b}}\n", `a header's value belongs below value, env or file`},
		{"a hec without a URL", "outputs:\n  a: {type: hec, token: {env: T}}\n", `w:2:3: output "a" has no url`},
		{"a hec without a token", "outputs:\n  a: {type: hec, url: 'https://h:8088'}\n", `w:2:3: output "a" has no token`},
		{"a token in the open", "outputs:\n  a: {type: hec, url: 'https://h:8088', token: hunter2}\n", `token: the secret belongs below value, env or file`},
		{"a hec with headers", "outputs:\n  a: {type: hec, url: 'https://h:8088', token: {env: T}, headers: {A: {env: B}}}\n", `headers is not for outputs of type hec`},
		{"a webhook with a token", "outputs:\n  a: {type: webhook, url: 'https://h', token: {env: T}}\n", `token is not for outputs of type webhook`},
		{"a webhook with two URLs", "outputs:\n  a: {type: webhook, url: ['https://h', 'https://i']}\n", `output "a" has no url`},
		{"a hec's URL with a query", "outputs:\n  a: {type: hec, url: 'https://h:8088/?token=hunter2', token: {env: T}}\n", `without user, password and query`},
		{"flows that are none", "outputs:\n  a: {type: hec, flows: session}\n", `did you mean "sessions"?`},
		{"an index of no kind", "outputs:\n  a: {type: hec, index: {flows: main}}\n", `flows`},
		{"an index that is none", "outputs:\n  a: {type: hec, index: 'a b'}\n", `"a b" is not the name of an index`},
		{"a spool that is too small", "outputs:\n  a:\n    spool: 1KiB\n", `w:3:12: 1KiB is out of range`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("w", []byte(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v\nwant %s", err, c.want)
			}
		})
	}
}

// TestURLIsNotShown: a URL that is wrong may still hold a secret.
func TestURLIsNotShown(t *testing.T) {
	for _, text := range []string{"ftp://user:hunter2@h/x?token=hunter2", "http://h:hunter2/%zz", "hunter2", "[hunter2]"} {
		_, err := Parse("w", []byte("outputs:\n  a:\n    url: "+text+"\n"))
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestHECDefaults: an output of type hec carries more than alerts, and has room and time for it.
func TestHECDefaults(t *testing.T) {
	c, err := Parse("w", []byte("outputs:\n  a: {type: hec, url: ['https://h:8088', 'https://i:8088/services/collector'], token: {env: T}, index: main, acknowledge: false}\n"))
	if err != nil {
		t.Fatal(err)
	}
	o := c.Outputs[0]
	if o.Spool != 1<<30 || o.Timeout != 30*time.Second || len(o.HEC.URLs) != 2 || o.HEC.Index != "main" || o.HEC.Flows != "sessions" || !o.HEC.NoAck {
		t.Errorf("%+v", o)
	}
}
