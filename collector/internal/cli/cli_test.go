package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/packaging/command"
)

// weir runs a command line and returns what it printed.
func weir(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = Run(context.Background(), args, command.Streams{In: strings.NewReader(""), Out: &out, Err: &errs})
	return code, out.String(), errs.String()
}

// must runs a command line that has to succeed.
func must(t *testing.T, args ...string) string {
	t.Helper()
	code, out, errs := weir(t, args...)
	if code != command.OK {
		t.Fatalf("weir %s: exit %d\n%s", strings.Join(args, " "), code, errs)
	}
	return out
}

// TestWrongUse: wrong use is exit code 2, a failed run 1, and the message says what to do.
func TestWrongUse(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"unknown command", []string{"ruin"}, 2, "unknown command"},
		{"command misspelled", []string{"qurey"}, 2, "did you mean query?"},
		{"unknown flag", []string{"run", "--fast"}, 2, "unknown flag"},
		{"argument where none goes", []string{"alerts", "x"}, 2, "weir alerts --help"},
		{"decode without a file", []string{"decode"}, 2, "at least 1 arg"},
		{"decode of a missing file", []string{"decode", dir + "/no.pcap"}, 1, "no.pcap"},
		{"decode of something else", []string{"decode", "cli_test.go"}, 1, "neither pcap nor pcapng"},
		{"unknown field", []string{"query", "source.prot : 53", "--data", dir}, 2, "source.port"},
		{"filter cut short", []string{"query", "source.port : (53 or", "--data", dir}, 2, "column"},
		{"unknown measure", []string{"query", "--measure", "bites"}, 2, "bites"},
		{"unknown grouping", []string{"query", "--by", "source.ipp"}, 2, "source.ip"},
		{"unknown zone", []string{"query", "--interval", "1d", "--zone", "Europe/Berlyn"}, 2, "zone: no time zone"},
		{"interval without a unit", []string{"query", "--interval", "5"}, 2, "interval: "},
		{"comparison of everything", []string{"query", "--compare", "1d"}, 2, "--from"},
		{"comparison across buckets", []string{"query", "--compare", "90s", "--interval", "1m", "--from", "now-1h"}, 2, "multiple of the interval"},
		{"both directions of neither side", []string{"query", "--both"}, 2, "names a side"},
		{"series of a list", []string{"query", "--records", "--interval", "1m"}, 2, "lists records"},
		{"unknown second measure", []string{"query", "--measure", "bytes,bites"}, 2, "bites"},
		{"values of no field", []string{"query", "--values", "source.prot"}, 2, "source.port"},
		{"prefix of nothing", []string{"query", "--prefix", "10."}, 2, "--values"},
		{"values and a graph", []string{"query", "--values", "source.ip", "--graph"}, 2, "exclude each other"},
		{"graph of either side", []string{"query", "--graph", "--by", "related.ip"}, 2, "of no side"},
		{"graph by rates", []string{"query", "--graph", "--measure", "bps"}, 2, "bytes, packets or flows"},
		{"folder without data", []string{"query", "--data", dir}, 1, "holds no data of weir"},
		{"wrong format", []string{"alerts", "--format", "xml"}, 2, "text or json"},
		{"gen without a folder", []string{"gen", "flood"}, 2, "--out"},
		{"unknown scenario", []string{"gen", "fire", "--out", dir}, 2, "flood"},
		{"wrong protocol", []string{"gen", "flood", "--out", dir, "--protocol", "x"}, 2, "x"},
		{"wrong start", []string{"gen", "flood", "--out", dir, "--start", "noon"}, 2, "2026-03-02T00:00:00Z"},
		{"wrong speed", []string{"replay", "x.pcap", "--speed", "-1", "--data", dir}, 2, "--speed"},
		{"send without a target", []string{"send", "x.pcap"}, 2, "--to"},
		{"wrong clock", []string{"run", "--clock", "sun"}, 2, "wall or export"},
		{"config without a verb", []string{"config"}, 2, "check FILE"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, out, errs := weir(t, c.args...)
			if code != c.code || !strings.Contains(errs, c.says) || out != "" {
				t.Errorf("exit %d, want %d; stderr %q should say %q; stdout %q", code, c.code, errs, c.says, out)
			}
		})
	}
}

// TestHelpHasExamples: every command says what it does, with an example.
func TestHelpHasExamples(t *testing.T) {
	var check func(c *cobra.Command)
	check = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			if sub.Short == "" || !strings.Contains(sub.Example, "weir ") {
				t.Errorf("%s: short %q, example %q", sub.CommandPath(), sub.Short, sub.Example)
			}
			check(sub)
		}
	}
	check(newRoot(command.Streams{Out: &bytes.Buffer{}, Err: &bytes.Buffer{}}))
}

// TestConfigCheck: every error at once with line and column; the example has none.
func TestConfigCheck(t *testing.T) {
	dir := t.TempDir()
	good, bad := filepath.Join(dir, "good.yaml"), filepath.Join(dir, "bad.yaml")
	if err := os.WriteFile(good, []byte(must(t, "config", "example")), 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, "config", "check", good)
	if err := os.WriteFile(bad, []byte("lisen: [\":2055\"]\ninside: [10.0.0.0/33]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, errs := weir(t, "config", "check", bad)
	for _, want := range []string{"bad.yaml:1:1", "listen", "bad.yaml:2:10"} {
		if code != command.Failed || !strings.Contains(errs, want) {
			t.Errorf("exit %d, stderr without %q:\n%s", code, want, errs)
		}
	}
}

// TestConfigCheckLoadsFiles: files that the configuration names are looked into.
func TestConfigCheckLoadsFiles(t *testing.T) {
	lite, err := filepath.Abs("../../../shared/enrich/geo/testdata/lite.mmdb")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "weir.yaml")
	for _, c := range []struct {
		name, text string
		code       int
		says       []string
	}{
		{"a good file for both", "geo: {country: " + lite + ", asn: " + lite + "}", command.OK, nil},
		{"a missing one", "geo: {asn: /nowhere/asn.mmdb}", command.Failed, []string{"weir.yaml", "geo.asn", "/nowhere/asn.mmdb", "no such file", "download"}},
		{"a missing certificate", "listen: {addresses: ['tls://:4740'], tls: {cert: /nowhere/c.pem, key: /nowhere/c.key}}", command.Failed, []string{"weir.yaml", "listen.tls", "/nowhere/c.pem", "no such file"}},
		{"something else", "geo: {country: " + path + "}", command.Failed, []string{"geo.country", path, "not a file in MaxMind's DB format"}},
	} {
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		code, _, errs := weir(t, "config", "check", path)
		for _, want := range c.says {
			if !strings.Contains(errs, want) {
				t.Errorf("%s: stderr without %q:\n%s", c.name, want, errs)
			}
		}
		if code != c.code {
			t.Errorf("%s: exit %d\n%s", c.name, code, errs)
		}
	}
}

// jsonOf decodes what a command printed, which must be JSON alone.
func jsonOf[T any](t *testing.T, text string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("not JSON alone: %v\n%.300s", err, text)
	}
	return v
}
