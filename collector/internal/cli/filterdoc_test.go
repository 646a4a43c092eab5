package cli

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
)

const (
	filterPage   = "../../../docs/filter.md"
	examplesPage = "../../../docs/filter-examples.md"
)

// TestFilterDoc: the language's page lists the registry's fields, and the page of examples shows what the command makes of every
// example on it.
func TestFilterDoc(t *testing.T) {
	page := readPage(t, filterPage)
	page = fillMarks(t, page, "fields", filterFields(flow.NewRegistry()))
	checkPage(t, filterPage, page)
	checkPage(t, examplesPage, examplesDoc(t, page))
}

func readPage(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil && !*update {
		t.Fatal(err)
	}
	return string(text)
}

func checkPage(t *testing.T, path, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if readPage(t, path) != want {
		t.Errorf("%s is stale: run make docs", path)
	}
}

// fillMarks replaces what stands between a part's marks.
func fillMarks(t *testing.T, page, name, text string) string {
	t.Helper()
	first, last := "<!-- generated: "+name+" -->\n", "<!-- end: "+name+" -->\n"
	head, rest, ok := strings.Cut(page, first)
	_, tail, closed := strings.Cut(rest, last)
	if !ok || !closed {
		t.Fatalf("the page has no marks of %s", name)
	}
	return head + first + text + last + tail
}

// filterFields lists what each field takes in filters, and what it is elsewhere.
func filterFields(reg *flow.Registry) string {
	var b strings.Builder
	b.WriteString("| field | on | takes | Elasticsearch | Splunk |\n|---|---|---|---|---|\n")
	for _, f := range reg.Fields() {
		on := "both"
		switch {
		case f.Scope == flow.ScopeSession:
			on = "sessions"
		case f.OfSession == nil:
			on = "records"
		}
		elastic := filter.ElasticType(f)
		if elastic == "" {
			elastic = "either side"
		}
		splunk := "`" + filter.SplunkName(f) + "`"
		switch f.Name {
		case "related.ip":
			splunk = "`src_ip` or `dest_ip`"
		case "related.port":
			splunk = "`src_port` or `dest_port`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", f.Name, on, takes(f), elastic, splunk)
	}
	return b.String()
}

func takes(f *flow.Field) string {
	text := map[flow.Kind]string{
		flow.KindUint: "numbers", flow.KindInt: "numbers, also below 0", flow.KindFloat: "numbers with a fraction", flow.KindIP: "addresses, prefixes",
		flow.KindMAC: "hardware addresses", flow.KindKeyword: "texts, wildcards", flow.KindTime: "times", flow.KindObject: "only `*`",
	}[f.Kind]
	switch {
	case f.Name == "event.id", f.Name == "weir.duplicate_of":
		text = "identities"
	case f.Name == "network.transport":
		text = "protocols by keyword or number, wildcards"
	case strings.HasSuffix(f.Name, "country_iso_code"):
		text = "countries of two letters, wildcards"
	case len(f.Values) > 0:
		text = "`" + strings.Join(f.Values, "` `") + "`, wildcards"
	}
	if f.Max != 0 {
		text += fmt.Sprintf(" up to %d", f.Max)
	}
	if f.List {
		text += "; a list"
	}
	return text
}

// examplesDoc shows every example of the language's page in all translations.
func examplesDoc(t *testing.T, page string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("# Filters in other languages\n\nThe examples of [filter.md](filter.md) as `weir filter --to` translates them. Made by `make docs`.\n")
	kind, seen := "", map[string]bool{}
	for line := range strings.Lines(page) {
		line = strings.TrimSpace(line)
		if rest, ok := strings.CutPrefix(line, "```"); ok {
			kind = rest
			continue
		}
		if !strings.HasPrefix(kind, "kql") || seen[line] {
			continue
		}
		seen[line] = true
		fmt.Fprintf(&b, "\n## `%s`\n", line)
		for _, to := range []string{"kql", "sql", "elastic", "spl"} {
			args := []string{"filter", line, "--to", to}
			if kind == "kql sessions" {
				args = append(args, "--sessions")
			}
			fence := map[string]string{"elastic": "json", "spl": "spl", "sql": "sql", "kql": "text"}[to]
			fmt.Fprintf(&b, "\n```%s\n%s```\n", fence, must(t, args...))
		}
	}
	if len(seen) < 25 {
		t.Errorf("only %d examples found", len(seen))
	}
	return b.String()
}
