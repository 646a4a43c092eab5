package pivot_test

import (
	"os"
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/pivot"
)

// TestDocs: the page has every form, service and kind.
func TestDocs(t *testing.T) {
	page, err := os.ReadFile("../../docs/pivots.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, names := range [][]string{pivot.FormNames(), pivot.Services(), pivot.Kinds()} {
		for _, name := range names {
			if !strings.Contains(string(page), "`"+name+"`") {
				t.Errorf("docs/pivots.md has no `%s`", name)
			}
		}
	}
}
