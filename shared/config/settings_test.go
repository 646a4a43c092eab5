package config

import (
	"encoding/json"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestSettingsRoundTrip: what a file says, written as settings and read as those, is the same configuration.
func TestSettingsRoundTrip(t *testing.T) {
	want, err := Parse("weir.example.yaml", []byte(Example))
	if err != nil {
		t.Fatal(err)
	}
	for i := range want.Exporters {
		want.Exporters[i].SNMP = nil
	}
	base := Default()
	got, err := base.With(want.Settings())
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []struct{ want, got any }{
		{want.Inside, got.Inside}, {want.Groups, got.Groups}, {want.Exporters, got.Exporters}, {want.Policies, got.Policies}, {want.Pivots.Custom, got.Pivots.Custom},
	} {
		if diff := cmp.Diff(part.want, part.got, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b }), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("(-file +settings):\n%s", diff)
		}
	}
	if len(base.Groups) > 0 || len(base.Policies) > 0 || base.InsideGiven {
		t.Error("the configuration itself has changed")
	}
}

// TestSettingErrors: what is wrong is told as for weir.yaml, with a pointer into the value.
func TestSettingErrors(t *testing.T) {
	base, err := Parse("weir.yaml", []byte("inside: [10.0.0.0/8]\ngroups: {servers: {cidrs: [10.1.0.0/16]}}\nexporters: {192.0.2.1: {name: a}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, kind, entry, value string
		want                     []string // "" : right
	}{
		{"a group", "groups", "web", `{"cidrs": ["10.1.80.0/24"], "ports": [80, "8000-8999"]}`, nil},
		{"a pivot", "pivots", "assets", `{"url": "https://assets.example.net/{ip}"}`, nil},
		{"numbers as keys", "exporters", "192.0.2.2", `{"domains": {"256": {"sampling": {"interval": 10, "run_length": 3}}}, "interfaces": {"3": {"speed": "1Gbps"}}}`, nil},
		{"two faults", "groups", "web", `{"cidrs": ["10.1.80.1/24", "x"], "port": [80]}`, []string{
			`groups/web/cidrs/0: "10.1.80.1/24" has bits beyond its length: did you mean "10.1.80.0/24"?`,
			`groups/web/cidrs/1: "x" is not an address or CIDR: want something like 10.0.0.0/8 or 2001:db8::/32`,
			`groups/web/port: unknown key "port": did you mean "ports"?`,
		}},
		{"a filter", "policies", "p", `{"filter": "source.ip : 10.0.0.1 and source.prot : 1", "limit": "bytes > 1GB"}`, []string{`policies/p/filter: column 26: no field source.prot`}},
		{"a filter at its first column", "policies", "p", `{"filter": "sorce.ip : 10.0.0.1", "limit": "bytes > 1GB"}`, []string{`policies/p/filter: no field sorce.ip`}},
		{"a limit that does not suit", "policies", "p", `{"limit": "peers > 5"}`, []string{`policies/p/limit: limit: peers of a single session`}},
		{"no limit", "policies", "p", `{}`, []string{`policies/p: policy "p": limit: there is none`}},
		{"a group of the file", "groups", "servers", `{"ports": [1]}`, []string{"groups/servers: it is in weir.yaml"}},
		{"an exporter of the file", "exporters", "192.0.2.1/32", `{"name": "b"}`, []string{"exporters/192.0.2.1/32: it is in weir.yaml"}},
		{"inside of the file", "inside", "inside", `{"cidrs": []}`, []string{"inside/inside: it is in weir.yaml"}},
		{"a built-in pivot", "pivots", "otx.address", `{"url": "https://x.example.net/{ip}"}`, nil},
		{"credentials", "exporters", "192.0.2.2", `{"snmp": {"community": {"file": "/etc/passwd"}}}`, []string{"exporters/192.0.2.2/snmp: credentials are not taken here"}},
		{"a name", "groups", "a,b", `{"ports": [1]}`, []string{`groups/a,b: name "a,b": "," is not among`}},
		{"a kind", "outputs", "a", `{}`, []string{`outputs/a: "outputs" is no kind of setting`}},
		{"an address", "exporters", "border", `{}`, []string{`exporters/border: "border" is not an address or CIDR`}},
		{"a list", "groups", "a", `[]`, []string{"groups/a: want a JSON object"}},
		{"half of JSON", "groups", "a", `{"ports": [1`, []string{"groups/a: not JSON"}},
		{"more than JSON", "groups", "a", `{"ports": [1]} {}`, []string{"groups/a: not JSON: invalid character"}},
		{"twice", "groups", "a", `{"ports": [1], "ports": [2]}`, []string{"groups/a/ports: is there twice"}},
		{"too deep", "groups", "a", `{"ports": ` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`, []string{"groups/a: not JSON: nested deeper"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := base.With([]Setting{{Kind: SettingKind(c.kind), Name: c.entry, Value: json.RawMessage(c.value)}})
			var got []string
			var list SettingErrors
			if errors.As(err, &list) {
				got = strings.Split(list.Error(), "\n")
			} else if err != nil {
				t.Fatal(err)
			}
			if len(got) < len(c.want) || len(c.want) == 0 && len(got) > 0 {
				t.Fatalf("%q", got)
			}
			for i, want := range c.want {
				if !strings.HasPrefix(got[i], want) {
					t.Errorf("%q, want %q", got[i], want)
				}
			}
		})
	}
}

// FuzzSettings: whatever is put into a setting, it is taken or refused with a place in it, and what is taken can be written and read again.
func FuzzSettings(f *testing.F) {
	example, err := Parse("weir.example.yaml", []byte(Example))
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range example.Settings() {
		f.Add(string(s.Kind), s.Name, []byte(s.Value))
	}
	f.Add("groups", "a", []byte(`{"ports":[1e3,"0x10",null,[]],"":{"~/":1}}`))
	f.Fuzz(func(t *testing.T, kind, name string, value []byte) {
		c, err := Default().With([]Setting{{Kind: SettingKind(kind), Name: name, Value: value}})
		if err != nil {
			var list SettingErrors
			if !errors.As(err, &list) || len(list) == 0 {
				t.Fatalf("%v", err)
			}
			return
		}
		again, err := Default().With(c.Settings())
		if err != nil || len(again.Settings()) != len(c.Settings()) {
			t.Fatalf("%s: %v", value, err)
		}
	})
}

// TestSettingJSON: YAML as in weir.yaml becomes the JSON that settings have.
func TestSettingJSON(t *testing.T) {
	for text, want := range map[string]string{
		"{cidrs: [10.1.0.0/16], ports: [80, 8000-8999]}":             `{"cidrs":["10.1.0.0/16"],"ports":[80,"8000-8999"]}`,
		"domains:\n  256: {sampling: 2.5}\n":                         `{"domains":{"256":{"sampling":2.5}}}`,
		`{"schedule": {"hours": "07:00-19:00", "applies": outside}}`: `{"schedule":{"applies":"outside","hours":"07:00-19:00"}}`,
		"a: 0x10\nb: true\nc:":                                       `{"a":"0x10","b":true,"c":null}`,
	} {
		got, err := SettingJSON([]byte(text))
		if err != nil || string(got) != want {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "a: [", "a: 1\na: 2", "a: *b"} {
		if got, err := SettingJSON([]byte(text)); err == nil {
			t.Errorf("%q: %s", text, got)
		}
	}
}
