package input

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the generated files anew")

// Marks around what is generated.
const (
	begin = "<!-- BEGIN %: made from the table of parameters by 'make docs' -->\n"
	end   = "<!-- END % -->\n"
)

// golden compares a file with what it should be, or writes it.
func golden(t *testing.T, path, want string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s is out of date, run make docs (-want +got):\n%s", path, diff)
	}
}

// TestDocFiles: the app's files and the page are made of the table.
func TestDocFiles(t *testing.T) {
	golden(t, "../../app/TA-weir/README/inputs.conf.spec", Spec())
	golden(t, "../../app/TA-weir/default/inputs.conf", Conf())
	const page = "../../../docs/splunk-input.md"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	want := string(text)
	for name, part := range map[string]string{"parameters": Reference(), "events": Kinds()} {
		b, e := strings.ReplaceAll(begin, "%", name), strings.ReplaceAll(end, "%", name)
		before, rest, ok := strings.Cut(want, b)
		_, after, ok2 := strings.Cut(rest, e)
		if !ok || !ok2 {
			t.Fatalf("the page has no %q and %q", b, e)
		}
		want = before + b + part + e + after
	}
	golden(t, page, want)
}
