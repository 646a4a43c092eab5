package interfaces

import (
	"os"
	"strings"
	"testing"
)

// TestDetectorsDoc: docs/detectors.md has a row for each detector.
func TestDetectorsDoc(t *testing.T) {
	text, err := os.ReadFile("../../docs/detectors.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range Detectors() {
		if !strings.Contains(string(text), "| `"+name+"` |") {
			t.Errorf("docs/detectors.md does not list %s", name)
		}
	}
}
