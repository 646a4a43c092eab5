package behavior

import (
	"os"
	"strings"
	"testing"
)

// TestDocsListEveryDetector: one row a detector.
func TestDocsListEveryDetector(t *testing.T) {
	text, err := os.ReadFile("../../../docs/detectors.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range Detectors() {
		if strings.HasPrefix(name, brutePrefix) && name != successName {
			name = brutePrefix + "<service>"
		}
		if !strings.Contains(string(text), "| `"+name+"` |") {
			t.Errorf("docs/detectors.md does not list %s", name)
		}
	}
}
