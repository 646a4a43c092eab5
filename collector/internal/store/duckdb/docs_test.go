//go:build cgo

package duckdb

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/flow"
)

// page is docs/store.md.
const page = "../../../../docs/store.md"

// TestDocColumns holds the table of columns on the page to the columns; -update writes it anew.
func TestDocColumns(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(string(text), rule)
	if len(parts) != 4 {
		t.Fatal("the page has no three tables of columns")
	}
	for i, columns := range [][]store.Column{store.Columns(), store.RollupColumns(), store.SessionColumns()} {
		if end := strings.Index(parts[i+1], "\n\n"); end >= 0 {
			parts[i+1] = columnTable(columns) + parts[i+1][end:]
		}
	}
	want := strings.Join(parts, rule)
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(text) != want {
		t.Error("docs/store.md is not up to date: run go test ./collector/internal/store/duckdb -run Doc -update")
	}
}

// rule stands under the head of a table.
const rule = "|---|---|---|---|\n"

func columnTable(columns []store.Column) string {
	var table strings.Builder
	for _, c := range columns {
		field := c.Field
		if field != "" {
			field = "`" + field + "`"
		}
		fmt.Fprintf(&table, "| `%s` | %s | %s | %s |\n", c.Name, c.Type, field, c.Doc)
	}
	return strings.TrimSuffix(table.String(), "\n")
}

// TestDocStatements runs every statement of the page's sql blocks over sealed files, in another DuckDB.
func TestDocStatements(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	s := openInternal(t, store.Config{RollupRows: 1}, store.Deps{})
	b := flow.NewBatch(0, flow.NewSymbols())
	for _, line := range []string{
		`{"event.end":"2026-03-02T08:00:00Z","source.ip":"10.1.2.3","destination.ip":"10.1.0.9","network.bytes":100,"source.mac":"00-1B-44-11-3A-B7"}`,
		`{"event.end":"2026-03-02T08:00:00Z","source.ip":"2001:db8::ff","destination.ip":"10.2.0.9","network.bytes":200,"weir.raw.bytes":20}`,
	} {
		if err := flow.ParseJSON([]byte(line), flow.NewRegistry(), b); err != nil {
			t.Fatal(err)
		}
	}
	account := flow.NewAccount()
	for i := range b.Records {
		b.Records[i].ID.Record, b.Records[i].Meta = uint32(i), uint32(i)
		b.Datagrams = append(b.Datagrams, flow.Datagram{Stream: account.Stream(flow.StreamKey{}), Records: 1})
	}
	if err := s.WriteBatch(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if err := s.SealAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := another(t)
	for _, block := range strings.Split(string(text), "```sql\n")[1:] {
		sql, _, _ := strings.Cut(block, "```")
		sql = strings.ReplaceAll(sql, "weir-data", filepath.ToSlash(s.cfg.Dir))
		for statement := range strings.SplitSeq(sql, ";\n") {
			if strings.TrimSpace(statement) == "" {
				continue
			}
			if err := c.exec(t.Context(), statement); err != nil {
				t.Errorf("%s\n%v", statement, err)
			}
		}
	}
	for sql, want := range map[string]string{
		"SELECT string_agg(ip_text(source_ip_hi, source_ip_lo), ' ' ORDER BY network_bytes) FROM flows": "10.1.2.3 2001:0db8:0000:0000:0000:0000:0000:00ff",
		"SELECT string_agg(CAST(source_bytes AS VARCHAR), ' ' ORDER BY network_bytes) FROM flows":       "100 200",
		"SELECT string_agg(CAST(weir_raw_bytes AS VARCHAR), ' ' ORDER BY network_bytes) FROM flows":     "100 20",
		"SELECT max(mac_text(source_mac)) FROM flows":                                                   "00-1B-44-11-3A-B7",
		"SELECT CAST(count(*) AS VARCHAR) FROM flows WHERE destination_ip_lo = ipv4('10.1.0.9')":        "1",
	} {
		if got, err := one[string](t.Context(), c, sql); err != nil || got != want {
			t.Errorf("%s: %q, %v; should be %q", sql, got, err, want)
		}
	}
}
