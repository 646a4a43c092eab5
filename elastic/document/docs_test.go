package document_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/weirflow/weir/elastic/document"
)

var update = flag.Bool("update", false, "rewrite the reference page")

const page = "../../docs/elastic-fields.md"

// TestFieldsDoc: docs/elastic-fields.md is what the tables say.
func TestFieldsDoc(t *testing.T) {
	want := fieldsPage()
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is stale: run go test ./elastic/document -run TestFieldsDoc -update", page)
	}
}

func fieldsPage() string {
	var b strings.Builder
	b.WriteString(`# Fields in Elasticsearch and OpenSearch

<!-- Generated from elastic/document: go test ./elastic/document -run TestFieldsDoc -update -->

Documents follow ECS ` + document.ECSVersion + `; fields below ` + "`weir.`" + ` are Weir's own. Names and types are those that [filters](filter.md) ask for. A field is absent when
its value is not known. ` + "`object`" + ` is kept whole and not searched. How documents come to be is in [elastic.md](elastic.md).
`)
	for _, kind := range document.Kinds() {
		fmt.Fprintf(&b, "\n## %s: `%s`\n\n%s\n\n| field | type | of ECS | meaning |\n|---|---|---|---|\n", title(kind), kind.Target("NAMESPACE"), kind.Doc())
		for _, f := range document.Fields(kind) {
			writeRow(&b, f)
		}
		if kind == document.Flow || kind == document.Session {
			b.WriteString("\nFields of [records and sessions](fields.md) that are left out:\n\n| field | reason |\n|---|---|\n")
			for _, o := range document.LeftOut(kind) {
				fmt.Fprintf(&b, "| `%s` | %s |\n", o.Name, o.Reason)
			}
		}
	}
	return b.String()
}

func title(kind document.Kind) string {
	name := strings.ReplaceAll(kind.String(), "-", " ")
	return strings.ToUpper(name[:1]) + name[1:]
}

func writeRow(b *strings.Builder, f document.Field) {
	typ, ecs, doc := f.Type, "", f.Doc
	if f.List {
		typ = "list of " + typ
	}
	if f.ECS {
		ecs = "yes"
	}
	if f.Always != "" {
		doc += " Always `" + f.Always + "`."
	}
	fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", f.Name, typ, ecs, doc)
}
