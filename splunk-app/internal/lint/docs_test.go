package lint_test

import (
	"os"
	"strings"
	"testing"

	"github.com/weirflow/weir/splunk-app/internal/lint"
	"github.com/weirflow/weir/splunk-app/internal/pack"
)

// TestDocs: the page names what the app has for users: searches, macros, lookups, source types.
func TestDocs(t *testing.T) {
	page, err := os.ReadFile("../../../docs/splunk.md")
	if err != nil {
		t.Fatal(err)
	}
	app := sources(t)["weir-"+pack.Version+".tgz"]
	for _, name := range []string{"savedsearches", "macros", "transforms"} {
		conf, err := lint.ParseConf(string(app.File("default/" + name + ".conf")))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range conf {
			want := strings.SplitN(s.Name, "(", 2)[0]
			if !strings.Contains(string(page), want) {
				t.Errorf("docs/splunk.md does not name %s of %s.conf", s.Name, name)
			}
		}
	}
	for name := range sources(t) {
		if readme, err := os.ReadFile("../../../README.md"); err != nil || !strings.HasPrefix(name, "TA-") && !strings.Contains(string(readme), name) {
			t.Errorf("README.md does not name %s: %v", name, err)
		}
	}
}
