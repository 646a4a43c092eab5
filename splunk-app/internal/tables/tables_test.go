package tables_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/splunk-app/internal/tables"
)

var update = flag.Bool("update", false, "write the files anew")

const (
	trees  = "../../app"
	shared = "../../../shared"
)

// golden compares a file of the source trees with what it follows from.
func golden(t *testing.T, name string, got []byte, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(trees, name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s is old (-update writes it):\n%s", file, diff)
	}
}

func TestDocServices(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(shared, "enrich/services.txt"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := tables.Services(string(text))
	golden(t, "weir/lookups/weir_services.csv", got, err)
	for _, want := range []string{"\n22,tcp,ssh\n", "\n53,tcp,dns\n53,udp,dns\n", "\n443,tcp,"} {
		if !strings.Contains(string(got), want) {
			t.Errorf("no %q", want)
		}
	}
}

func TestDocTechniques(t *testing.T) {
	got, err := tables.Techniques(os.DirFS(shared))
	golden(t, "weir/lookups/weir_techniques.csv", got, err)
	// The documentation names them, too.
	page, err := os.ReadFile("../../../docs/detectors.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(got)), "\n")[1:] {
		if id, _, _ := strings.Cut(line, ","); !strings.Contains(string(page), id) {
			t.Errorf("docs/detectors.md does not name %s", id)
		}
	}
}

// TestRefuse: what would make a wrong table is an error.
func TestRefuse(t *testing.T) {
	for _, text := range []string{"ssh 22", "ssh 22x tcp", "ssh 70000 tcp", "ssh 1-x tcp"} {
		if got, err := tables.Services(text); err == nil {
			t.Errorf("%s: %s", text, got)
		}
	}
	for text, want := range map[string]string{
		`{ID: "T1498", Name: "One"}, {ID: "T1498", Name: "Other"}`: "is called",
		`{ID: "T9999", Name: "New"}`:                               "which tactics",
	} {
		if _, err := tables.Techniques(fstest.MapFS{"a/b.go": {Data: []byte(text)}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestDocProps: the settings of source types, and that lists have their names.
func TestDocProps(t *testing.T) {
	golden(t, "TA-weir/default/props.conf", tables.Props(), nil)
	app := tables.SearchProps()
	golden(t, "weir/default/props.conf", app, nil)
	for _, want := range []string{
		"\n[weir:flow]\n", "\n[weir:session]\n", "\n[weir:traffic]\n", "\n[weir:alert]\n", "\n[weir:incident]\n", "\n[weir:exporter]\n", "\n[weir:status]\n",
		`FIELDALIAS-list_actors = "actors{}" AS "actors"`, `FIELDALIAS-list_tcp_flag = "tcp_flag{}" AS "tcp_flag"`, `FIELDALIAS-stream_exporter_ip = "dvc" AS exporter_ip`,
	} {
		if !strings.Contains(string(app), want) {
			t.Errorf("no %s", want)
		}
	}
}
