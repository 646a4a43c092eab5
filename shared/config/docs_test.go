package config

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write generated files anew")

const docsFile = "../../docs/configuration.md"

// TestConfigurationDoc: docs/configuration.md is what the schema says.
func TestConfigurationDoc(t *testing.T) {
	want := configurationDoc()
	if *update {
		if err := os.WriteFile(docsFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(docsFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is stale: run go test ./shared/config -run TestConfigurationDoc -update", docsFile)
	}
}

func configurationDoc() string {
	var b strings.Builder
	b.WriteString(`# Configuration

<!-- Generated from the schema in shared/config: go test ./shared/config -run TestConfigurationDoc -update -->

All packagings read one file, weir.yaml. Every key has a default, so an empty file is a right one. What is not known here is an error:
` + "`weir config check FILE`" + ` tells all errors at once, with line and column. Commands take the file by ` + "`--config`" + `; without it they read
a weir.yaml beside their input, if there is one.

Sizes are numbers with KiB, MiB, GiB (powers of 1024) or KB, MB, GB (powers of 1000); durations have ms, s, m, h, d or w; rates may
have k, M, G or T (powers of 1000). CIDRs may be single addresses. Ports are numbers or ranges like 8000-8999.

| key | value | default | meaning |
|---|---|---|---|
`)
	c := Default()
	rows(&b, schema(&c), "")
	b.WriteString("\n## Example with every key\n\n```yaml\n" + Example + "```\n")
	return b.String()
}

func rows(b *strings.Builder, keys []key, path string) {
	for _, k := range keys {
		name, kind, def := path+k.name, k.kind, k.def
		below := name + "."
		if k.named != "" {
			kind = "keys by " + k.named
			below += "<" + k.named + ">."
		} else if kind == "" {
			kind = "keys"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", name, kind, def, k.doc)
		rows(b, k.keys, below)
	}
}

// TestDefaultsInSchema: the default that the reference names is the one that Default has.
func TestDefaultsInSchema(t *testing.T) {
	for path, k := range leaves() {
		if strings.HasPrefix(k.def, "the ") || strings.HasPrefix(k.def, "what ") || strings.HasPrefix(k.def, "all") || k.def == "none" || k.def == "" || strings.Contains(path, "NAME") || strings.HasPrefix(path, "listen.forward.") {
			continue
		}
		def := k.def
		if path == "inside" {
			def = `[10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, "fc00::/7"]`
		}
		text := def
		for words := strings.Split(path, "."); len(words) > 0; words = words[:len(words)-1] {
			text = fmt.Sprintf("{%s: %s}", words[len(words)-1], text)
		}
		got, err := Parse(path, []byte(text))
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
		got.InsideGiven = false
		if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", Default()) {
			t.Errorf("%s: %s is not the default", path, def)
		}
	}
}

func leaves() map[string]key {
	c, m := Default(), map[string]key{}
	walk(schema(&c), "", func(path string, k key) {
		if len(k.keys) == 0 {
			m[path] = k
		}
	})
	return m
}
