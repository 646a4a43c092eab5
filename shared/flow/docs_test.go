package flow_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

var update = flag.Bool("update", false, "write generated files anew")

const fieldsFile = "../../docs/fields.md"

// TestFieldsDoc: docs/fields.md is what the registry says.
func TestFieldsDoc(t *testing.T) {
	want := fieldsDoc(flow.NewRegistry())
	if *update {
		if err := os.WriteFile(fieldsFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(fieldsFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is stale: run go test ./shared/flow -run TestFieldsDoc -update", fieldsFile)
	}
}

func fieldsDoc(reg *flow.Registry) string {
	var b strings.Builder
	b.WriteString(`# Fields

<!-- Generated from the registry in shared/flow: go test ./shared/flow -run TestFieldsDoc -update -->

Names are those of the Elastic Common Schema where it has one, and ` + "`weir.*`" + ` otherwise. A field is absent when its value is not known.
The same names are used in filters, in JSON and in the store.

In JSON a record is one object with flat dotted keys: numbers are numbers, times are RFC 3339 in UTC with as many decimals as they
need, addresses, MACs (` + "`00-1B-44-11-3A-B7`" + `) and keywords are strings, lists are arrays, and ` + "`weir.elements`" + ` is an object of
` + "`\"pen/id\"`" + ` to value, in which opaque bytes are hex with the prefix 0x. Computed fields are not stored; ` + "`related.*`" + ` is left out of JSON.
Records read from JSON need ` + "`event.end`" + ` (or ` + "`@timestamp`" + `); ` + "`event.created`" + ` and ` + "`event.start`" + ` are taken from it where they
are missing, and of the counters what is missing is computed from the others.

`)
	table(&b, "Fields of records", reg, flow.ScopeRecord)
	b.WriteString("\n")
	table(&b, "Fields of sessions", reg, flow.ScopeSession)
	sharedFields(&b, reg)
	return b.String()
}

// sharedFields lists the fields of records that sessions have, too.
func sharedFields(b *strings.Builder, reg *flow.Registry) {
	b.WriteString(`
Sessions have these fields of records, too. Source is the client, destination the server, and counters are those of the whole session;
` + "`@timestamp` and `event.end` are its last packet, and `observer.ip`" + ` is every exporter that saw it.

`)
	var names []string
	for _, f := range reg.Fields() {
		if f.OfSession != nil && f.Scope == flow.ScopeRecord {
			names = append(names, "`"+f.Name+"`")
		}
	}
	b.WriteString(strings.Join(names, ", ") + ".\n")
}

func table(b *strings.Builder, title string, reg *flow.Registry, scope flow.Scope) {
	fmt.Fprintf(b, "## %s\n\n| field | type | meaning | example |\n|---|---|---|---|\n", title)
	for _, f := range reg.Fields() {
		if f.Scope != scope {
			continue
		}
		kind := f.Kind.String()
		if f.List {
			kind = "list of " + kind
		}
		if f.Virtual {
			kind += ", computed"
		}
		doc := f.Doc
		if f.Unit != "" && !strings.Contains(strings.ToLower(doc), f.Unit) {
			doc += " In " + f.Unit + "."
		}
		if len(f.Values) > 0 {
			doc += " One of `" + strings.Join(f.Values, "`, `") + "`."
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | `%s` |\n", f.Name, kind, doc, f.Example)
	}
}
