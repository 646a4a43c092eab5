package health_test

import (
	"os"
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/health"
)

// TestDocs: every kind of fault is on the page about health, the detector on that of detectors.
func TestDocs(t *testing.T) {
	page, err := os.ReadFile("../../docs/health.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range health.Kinds() {
		if !strings.Contains(string(page), "`"+k.String()+"`") {
			t.Errorf("docs/health.md does not explain %s", k)
		}
	}
	detectors, err := os.ReadFile("../../docs/detectors.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(detectors), "| `"+health.DetectorName+"` |") {
		t.Errorf("docs/detectors.md does not list %s", health.DetectorName)
	}
}
