package detect

import (
	"bytes"
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the generated part of docs/detectors.md")

const docsPath = "../../docs/detectors.md"

// TestDocsListEveryDetector: one row a detector, and the service table as it is.
func TestDocsListEveryDetector(t *testing.T) {
	text, err := os.ReadFile(docsPath)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := bytes.Cut(text, []byte("<!-- services -->\n"))
	_, after, ok2 := bytes.Cut(rest, []byte("<!-- /services -->\n"))
	if !ok || !ok2 {
		t.Fatal("docs/detectors.md has no place for the services")
	}
	want := string(before) + "<!-- services -->\n" + serviceDocs(t) + "<!-- /services -->\n" + string(after)
	if *update {
		if err := os.WriteFile(docsPath, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if !*update && want != string(text) {
		t.Error("docs/detectors.md does not show the service table as it is: run go test ./shared/detect -update")
	}
	p := &play{}
	for _, name := range p.make(t).Detectors() {
		service, reflected := strings.CutPrefix(name, reflectionPrefix)
		if row := "| `" + name + "` |"; !strings.Contains(want, row) && (!reflected || !strings.Contains(want, "| "+service+" |")) {
			t.Errorf("docs/detectors.md does not list %s", name)
		}
	}
}

func serviceDocs(t *testing.T) string {
	t.Helper()
	r := csv.NewReader(strings.NewReader(serviceTable))
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("| Service | Protocol | Source port | Amplification | Bytes a packet | Mbit/s (ISP) | One direction only | Proper use at a border |\n|---|---|---|---|---|---|---|---|\n")
	for _, row := range rows[1:] {
		if row[colRule] != "reflection" {
			continue
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s (%s0) | %s | %s |\n", row[colName], row[colTransport],
			strings.ReplaceAll(row[colPorts], " ", ", "), row[colBAF], row[colBPP], row[colMbps], row[colMbps], row[colBlind], row[colLegit])
	}
	return b.String()
}
