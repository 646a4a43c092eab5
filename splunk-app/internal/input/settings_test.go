package input

import (
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/sink/cim"
)

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "weir.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSettings(t *testing.T) {
	s, unknown, err := ReadSettings(map[string]string{
		"listen": "127.0.0.1:2055, :9995 tcp://:4739", "inside": "10.0.0.0/8,192.0.2.0/24", "groups": "servers: 10.1.0.0/16 2001:db8::/48; web: 10.1.80.0/24 80 8000-8999;",
		"flows": "all", "buffer_mb": "16", "clock": "export", "index_flow": "netflow", "sourcetype_alert": "acme:alert", "index": "main", "interval": "10", "_TCP_ROUTING": "x", "flws": "all",
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"flws"}, unknown); diff != "" {
		t.Errorf("unknown (-want +got):\n%s", diff)
	}
	c := &s.Collector
	if !slices.Equal(c.Listen, []string{"127.0.0.1:2055", ":9995"}) || !slices.Equal(c.Streams.TCP, []string{":4739"}) {
		t.Errorf("listens on %v, %v", c.Listen, c.Streams.TCP)
	}
	if !slices.Equal(c.Inside, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.0/24")}) || !c.InsideGiven {
		t.Errorf("inside %v", c.Inside)
	}
	names := map[string]config.Group{}
	for _, g := range c.Groups {
		names[g.Name] = g
	}
	if len(names) != 2 || len(names["servers"].CIDRs) != 2 || !slices.Equal(names["web"].Ports, []config.PortRange{{First: 80, Last: 80}, {First: 8000, Last: 8999}}) {
		t.Errorf("groups %+v", c.Groups)
	}
	if s.Flows != cim.FlowsAll || s.Buffer != 16<<20 || s.Clock != pipeline.ExportClock || s.Index[cim.Flow] != "netflow" || s.Sourcetype[cim.Alert] != "acme:alert" || len(s.Index) != 1 {
		t.Errorf("%+v", s)
	}
}

func TestSettingsDefaults(t *testing.T) {
	s, _, err := ReadSettings(map[string]string{"listen": " "})
	if err != nil {
		t.Fatal(err)
	}
	if d := config.Default(); !slices.Equal(s.Collector.Listen, d.Listen) || s.Flows != cim.FlowsSessions || s.Buffer != 64<<20 || s.Clock != pipeline.WallClock {
		t.Errorf("%+v", s)
	}
	s, _, err = ReadSettings(map[string]string{"config": file(t, "listen: [\"127.0.0.1:2056\"]\ndetect: {memory: 64MiB}\n")})
	if err != nil || !slices.Equal(s.Collector.Listen, []string{"127.0.0.1:2056"}) || s.Collector.Detect.Memory != 64<<20 {
		t.Errorf("%v, %v", s.Collector.Listen, err)
	}
	path := file(t, "listen: [\"127.0.0.1:2057\"]\n")
	t.Setenv("SPLUNK_HOME", filepath.Dir(path))
	s, _, err = ReadSettings(map[string]string{"config": "$SPLUNK_HOME/weir.yaml"})
	if err != nil || !slices.Equal(s.Collector.Listen, []string{"127.0.0.1:2057"}) {
		t.Errorf("%v, %v", s.Collector.Listen, err)
	}
	s, _, err = ReadSettings(map[string]string{"config": file(t, "listen: [\"127.0.0.1:2056\"]\n"), "listen": ":1"})
	if err != nil || !slices.Equal(s.Collector.Listen, []string{":1"}) {
		t.Errorf("%v, %v", s.Collector.Listen, err)
	}
}

// TestSettingsRefuse: each error is one sentence that begins with its parameter.
func TestSettingsRefuse(t *testing.T) {
	for name, c := range map[string]struct {
		params map[string]string
		want   string
	}{
		"listen":             {map[string]string{"listen": "nowhere"}, `listen: "nowhere" is not HOST:PORT: want an address like ":2055".`},
		"listen twice":       {map[string]string{"listen": ":1,:1"}, `listen: address ":1" is listed twice.`},
		"TLS":                {map[string]string{"listen": "tls://:4740"}, `listen: tls:// addresses need certificates; write them into the file of config.`},
		"no file":            {map[string]string{"config": "/nonexistent/weir.yaml"}, `config: read configuration: open /nonexistent/weir.yaml: no such file or directory.`},
		"inside":             {map[string]string{"inside": "10.0.0.0/33"}, `inside: `},
		"groups":             {map[string]string{"groups": "servers 10.0.0.0/8"}, `groups: "servers 10.0.0.0/8" is not a group; write NAME: CIDR ... PORT ..., with ; between groups.`},
		"group twice":        {map[string]string{"groups": "a: 80; a: 81"}, `groups: group "a" is there twice.`},
		"CIDR of a group":    {map[string]string{"groups": "a: 10.0.0.0.0"}, `groups: `},
		"file and groups":    {map[string]string{"config": "/x", "groups": "a: 80"}, `config: a file and inside or groups exclude each other; write them into the file.`},
		"flows":              {map[string]string{"flows": "some"}, `flows: "some" is not a choice; use none, sessions, aggregated or all.`},
		"buffer":             {map[string]string{"buffer_mb": "0"}, `buffer_mb: "0" is not a number of MiB from 1 to 16384.`},
		"buffer with a unit": {map[string]string{"buffer_mb": "64MB"}, `buffer_mb: "64MB" is not a number of MiB from 1 to 16384.`},
		"log level":          {map[string]string{"log_level": "loud"}, `log_level: "loud" is not a level; use debug, info, warn or error.`},
		"clock":              {map[string]string{"clock": "sundial"}, `clock: "sundial" is not a clock; use wall or export.`},
		"index":              {map[string]string{"index_flow": "Net Flow"}, `index_flow: "Net Flow" cannot be the name of an index.`},
		"sourcetype":         {map[string]string{"sourcetype_flow": "a b"}, `sourcetype_flow: "a b" cannot be the name of a sourcetype.`},
		"several": {
			map[string]string{"flows": "some", "buffer_mb": "-1", "clock": "x"},
			`flows: "some" is not a choice; use none, sessions, aggregated or all. buffer_mb: "-1" is not a number of MiB from 1 to 16384. clock: "x" is not a clock; use wall or export.`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := ReadSettings(c.params)
			if err == nil {
				t.Fatal("taken")
			}
			got := sentences(err)
			if got != c.want && (strings.HasSuffix(c.want, ".") || !strings.HasPrefix(got, c.want)) {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// TestFileFaults: those of a file say where they stand.
func TestFileFaults(t *testing.T) {
	_, _, err := ReadSettings(map[string]string{"config": file(t, "insde: []\nlisten: [x]\n")})
	if err == nil {
		t.Fatal("taken")
	}
	if got := sentences(err); strings.Count(got, "config: ") != 2 || !strings.Contains(got, "weir.yaml:1:1: ") {
		t.Error(got)
	}
}

// TestEveryParameter: each has all texts, a name as Splunk allows it, and an example and a default that are taken.
func TestEveryParameter(t *testing.T) {
	path := file(t, "listen: [\"127.0.0.1:2056\"]\n")
	seen := map[string]bool{}
	for _, p := range parameters() {
		if p.Title == "" || p.Description == "" || p.Example == "" || p.Type == "" || seen[p.Name] || slices.Contains(implicit, p.Name) {
			t.Errorf("%+v", p.Parameter)
		}
		seen[p.Name] = true
		if strings.Trim(p.Name, "abcdefghijklmnopqrstuvwxyz_") != "" || !strings.HasSuffix(p.Description, ".") {
			t.Errorf("%s: %s", p.Name, p.Description)
		}
		for _, v := range []string{p.Example, p.Default} {
			if p.Name == "config" && v != "" {
				v = path
			}
			if strings.HasPrefix(p.Name, "index_") && v == p.Default {
				continue // in words
			}
			if _, _, err := ReadSettings(map[string]string{p.Name: v}); err != nil {
				t.Errorf("%s = %s: %v", p.Name, v, err)
			}
		}
	}
}

// FuzzGroups: what is taken makes a configuration, or an error of it.
func FuzzGroups(f *testing.F) {
	f.Add("servers: 10.1.0.0/16 2001:db8::/48; web: 10.1.80.0/24 80 8000-8999")
	f.Add("a: 1-; ::; b: 99999")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := parseGroups(text)
		if err != nil {
			return
		}
		c, err := parsed("groups", groupsValue(list))
		if err == nil && len(c.Groups) != len(list) {
			t.Errorf("%q: %d groups, %d in the configuration", text, len(list), len(c.Groups))
		}
	})
}

func TestStateDir(t *testing.T) {
	for stanza, want := range map[string]string{
		"weir://dmz": "dmz", "weir://../../etc": "%2E%2E%2F%2E%2E%2Fetc", "weir://a b": "a%20b", "weir://a%20b": "a%2520b", "weir://": "",
	} {
		if got := stateDir("/c", stanza); got != filepath.Join("/c", want) {
			t.Errorf("%s: %s", stanza, got)
		}
	}
	if got := stateDir("", "weir://dmz"); got != "" {
		t.Errorf("without a folder: %s", got)
	}
}
