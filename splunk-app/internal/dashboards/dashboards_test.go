package dashboards_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/weirflow/weir/splunk-app/internal/dashboards"
)

var update = flag.Bool("update", false, "write the views anew")

// views is the folder of the app's.
const views = "../../app/weir/default/data/ui/views"

// TestDocViews holds the app's views to what is made here.
func TestDocViews(t *testing.T) {
	for _, d := range dashboards.All() {
		want, err := d.XML()
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(views, d.Name+".xml")
		if *update {
			if err := os.MkdirAll(views, 0o755); err != nil { //nolint:gosec // it is source
				t.Fatal(err)
			}
			if err := os.WriteFile(path, want, 0o644); err != nil { //nolint:gosec // it is source
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what is made of the source (%v): -update writes it", path, err)
		}
	}
}
