package telegraf_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestWeight: of Telegraf only its interfaces are linked, nothing needs cgo, and the packagings of Weir know nothing of one another.
func TestWeight(t *testing.T) {
	cmd := exec.Command("go", "list", "-deps", "./...")
	cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	const host, weir = "github.com/influxdata/telegraf", "github.com/weirflow/weir/"
	allowed := []string{host, host + "/metric", host + "/plugins/inputs"}
	for _, dep := range strings.Fields(string(out)) {
		own, inside := strings.CutPrefix(dep, weir)
		switch {
		case strings.HasPrefix(dep, host) && !slices.Contains(allowed, dep):
			t.Errorf("%s is linked", dep)
		case dep == "runtime/cgo":
			t.Error("cgo is needed")
		case inside && !strings.HasPrefix(own, "shared/") && !strings.HasPrefix(own, "telegraf-input"):
			t.Errorf("%s is linked", dep)
		}
	}
}
