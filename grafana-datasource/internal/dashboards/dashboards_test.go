package dashboards_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/weirflow/weir/grafana-datasource/internal/dashboards"
)

var update = flag.Bool("update", false, "write the dashboards anew")

const folder = "../../src/dashboards"

// TestDocs holds the plugin's files to what this package makes.
func TestDocs(t *testing.T) {
	for _, d := range dashboards.All() {
		text, err := d.JSON()
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(folder, d.Name+".json")
		if *update {
			if err := os.WriteFile(path, text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, text) {
			t.Errorf("%s is out of date: go test ./grafana-datasource/internal/dashboards -run Docs -update (%v)", path, err)
		}
	}
}

// board is of a dashboard what tests look at.
type board struct {
	UID        string
	Title      string
	Tags       []string
	Templating struct{ List []struct{ Name string } }
	Links      []struct{ Tags []string }
	Panels     []struct {
		ID      int
		Title   string
		GridPos struct{ X, Y, W, H int }
	}
}

func read(t *testing.T) map[string]board {
	t.Helper()
	boards := map[string]board{}
	files, err := filepath.Glob(folder + "/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var b board
		if err := json.Unmarshal(text, &b); err != nil {
			t.Fatal(file, err)
		}
		boards[b.UID] = b
		checkReferences(t, text, &b)
	}
	return boards
}

// Variables as they are referred to, but Grafana's own.
var reference = regexp.MustCompile(`\$(?:\{([a-z]\w*)[:}]|([a-z]\w*))`)

func checkReferences(t *testing.T, text []byte, b *board) {
	t.Helper()
	var names []string
	for _, v := range b.Templating.List {
		names = append(names, v.Name)
	}
	for _, m := range reference.FindAllSubmatch(text, -1) {
		if name := string(m[1]) + string(m[2]); !slices.Contains(names, name) {
			t.Errorf("%s: no variable %q", b.UID, name)
		}
	}
}

// TestWhole holds that variables and links lead somewhere, panels do not lie over each other, and plugin.json names every dashboard.
func TestWhole(t *testing.T) {
	boards := read(t)
	if len(boards) != len(dashboards.All()) {
		t.Errorf("%d dashboards", len(boards))
	}
	for uid, b := range boards {
		if !slices.Contains(b.Tags, "weir") || len(b.Links) == 0 || !slices.Contains(b.Links[0].Tags, "weir") {
			t.Errorf("%s is not linked", uid)
		}
		taken := map[[2]int]string{}
		for _, p := range b.Panels {
			for x := range p.GridPos.W {
				for y := range p.GridPos.H {
					at := [2]int{p.GridPos.X + x, p.GridPos.Y + y}
					if at[0] >= 24 || taken[at] != "" {
						t.Fatalf("%s: %s lies over %q or beside the grid", uid, p.Title, taken[at])
					}
					taken[at] = p.Title
				}
			}
		}
		if b.UID != "weir-host" && !bytes.Contains([]byte(b.Title), []byte("Weir: ")) {
			t.Error(b.Title)
		}
	}
	checkIncludes(t, boards)
}

func checkIncludes(t *testing.T, boards map[string]board) {
	t.Helper()
	text, err := os.ReadFile("../../src/plugin.json")
	if err != nil {
		t.Fatal(err)
	}
	var plugin struct {
		Includes []struct{ Type, Name, Path string }
	}
	if err := json.Unmarshal(text, &plugin); err != nil {
		t.Fatal(err)
	}
	named := map[string]string{}
	for _, i := range plugin.Includes {
		named[i.Path] = i.Name
	}
	for _, d := range dashboards.All() {
		if title := boards["weir-"+d.Name].Title; named["dashboards/"+d.Name+".json"] != title {
			t.Errorf("plugin.json does not include %s as %q", d.Name, title)
		}
	}
}
