package telegraf_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/internal/playtest"
)

// TestNative: a Telegraf that has the input built in writes what the plugin does in a process of its own, and loses nothing when it stops.
func TestNative(t *testing.T) {
	path := capture(t, "016-logstash-netflow-9-h3c.pcap")
	binary := filepath.Join(t.TempDir(), "telegraf")
	if out, err := exec.Command("scripts/native", binary, "custom,inputs.weir,outputs.file,serializers.influx").CombinedOutput(); err != nil {
		if os.Getenv("WEIR_CI") != "" {
			t.Fatalf("%v: %s", err, out)
		}
		t.Skipf("SKIPPED: Telegraf cannot be built here: %v: %s", err, out)
	}
	usage, err := exec.Command(binary, "--usage", "weir").Output()
	if err != nil || !strings.Contains(string(usage), "[[inputs.weir]]") {
		t.Errorf("usage: %v\n%s", err, usage)
	}
	conf := strings.Replace(read(t, "testdata/netflow9-groups/weir.conf"), "clock =", "period = \"60s\"\n  hold = 60\n  buffer = \"8MiB\"\n  clock =", 1) + `
  [inputs.weir.limits]
    group = 100
[agent]
  interval = "200ms"
  flush_interval = "200ms"
  flush_jitter = "0s"
  omit_hostname = true
[[outputs.file]]
  files = ["${WEIR_OUT}"]
  data_format = "influx"
`
	r := start(t, binary, conf, "")
	sent := playtest.Send(t, r.address(1), path)
	r.eventually("all datagrams", func() bool { return r.received() == sent })
	want := strings.Split(strings.TrimSpace(read(t, "testdata/netflow9-groups/expected.out")), "\n")
	if diff := cmp.Diff(want, steady(r.stop(), false)); diff != "" {
		t.Errorf("metrics (-in a process of its own +built in):\n%s", diff)
	}
}
