package durable_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/weirflow/weir/shared/durable"
)

func TestReplace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	for _, text := range []string{"first, the longer one", "second"} {
		if err := durable.Replace(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("%q, %v; want %q", got, err, text)
		}
	}
	if _, err := os.Stat(path + ".tmp"); !os.IsNotExist(err) {
		t.Errorf("the file beside it is still there: %v", err)
	}
	if err := durable.Replace(filepath.Join(path, "below a file"), nil); err == nil {
		t.Error("no error for a folder that is none")
	}
}
