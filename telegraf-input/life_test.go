package telegraf_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/internal/playtest"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/traffic"
)

const telegrafConf = `[agent]
  interval = "10s"
  flush_interval = "200ms"
  flush_jitter = "0s"
  metric_batch_size = 5000
  metric_buffer_limit = 200000
  omit_hostname = true

[[inputs.execd]]
  command = ["${WEIR_PLUGIN}", "-config", "${WEIR_CONF}", "-poll_interval", "200ms"]
  environment = ["WEIR_STATE=${WEIR_STATE}"]
  signal = "none"
  restart_delay = "200ms"
  data_format = "influx"

[[outputs.file]]
  files = ["${WEIR_OUT}"]
  data_format = "influx"
`

// flood generates a scenario with a flood and returns its folder.
func flood(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	cfg := traffic.DefaultConfig()
	cfg.Scenario, cfg.Seed, cfg.Scale = "flood", 7, 0.05
	if _, err := traffic.WriteDir(context.Background(), cfg, dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

var (
	bytesField = regexp.MustCompile(`[ ,]bytes=(\d+)i`)
	flowsField = regexp.MustCompile(`[ ,]flows=(\d+)i`)
	idField    = regexp.MustCompile(` id="([0-9a-f]+)"`)
)

func sum(t *testing.T, lines []string, measurement string, of *regexp.Regexp) (n uint64) {
	t.Helper()
	for _, line := range lines {
		if !strings.HasPrefix(line, measurement+",") {
			continue
		}
		v, err := strconv.ParseUint(of.FindStringSubmatch(line)[1], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		n += v
	}
	return n
}

// TestFlood: tens of thousands of flows lose no line when Telegraf stops just then; sums and the ids of alerts are those of the
// collector's replay of the same capture.
func TestFlood(t *testing.T) {
	binary := telegraf(t)
	dir := flood(t)
	r := start(t, binary, telegrafConf, `[[inputs.weir]]
  listen = ["127.0.0.1:0"]
  state = "${WEIR_STATE}"
  config = "`+filepath.Join(dir, "weir.yaml")+`"
  clock = "export"
  flows = true
  top_hosts = 3
  buffer = "256MiB"
`)
	path := filepath.Join(dir, "traffic.pcap")
	sent := playtest.Send(t, r.address(1), path)
	r.eventually("all datagrams", func() bool { return r.received() == sent })
	lines := r.stop()

	cfg, err := config.Load(filepath.Join(dir, "weir.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	want := playtest.Replay(t, cfg, path)
	if got := sum(t, lines, "weir_traffic", bytesField); got != want.Bytes {
		t.Errorf("%d bytes in weir_traffic, the collector has %d", got, want.Bytes)
	}
	if got := sum(t, lines, "weir_traffic", flowsField); got != want.Flows || got < 20_000 {
		t.Errorf("%d flows in weir_traffic, the collector has %d", got, want.Flows)
	}
	points := map[string]bool{}
	for _, line := range lines {
		if strings.HasPrefix(line, "weir_flow,") {
			points[line] = true
		}
	}
	if len(points) != int(want.Flows) {
		t.Errorf("%d flows as lines of their own, the collector has %d", len(points), want.Flows)
	}
	checkUnique(t, lines)
	ids := map[string]bool{}
	for _, line := range lines {
		if m := idField.FindStringSubmatch(line); m != nil && strings.HasPrefix(line, "weir_alert,") {
			ids[m[1]] = true
		}
	}
	told := map[string]bool{}
	for id, a := range want.Alerts {
		if a.State != flow.AlertPending {
			told[id] = true
		}
	}
	if diff := cmp.Diff(told, ids); diff != "" || len(ids) == 0 {
		t.Errorf("ids of alerts (-collector +plugin):\n%s", diff)
	}
}

// checkUnique: no two points have the same series and time, of which stores would keep one. What is so now may be told twice in a
// laboratory's standing time.
func checkUnique(t *testing.T, lines []string) {
	t.Helper()
	seen := map[string]bool{}
	for _, line := range lines {
		series, _, _ := strings.Cut(strings.ReplaceAll(line, `\ `, "_"), " ")
		key := series + line[strings.LastIndexByte(line, ' '):]
		if untimely.MatchString(line) {
			continue
		}
		if seen[key] {
			t.Errorf("written twice: %s", line)
			return
		}
		seen[key] = true
	}
}

// TestKilled: Telegraf starts a killed plugin again, which reads data with the templates of the run before.
func TestKilled(t *testing.T) {
	binary := telegraf(t)
	path := capture(t, "016-logstash-netflow-9-h3c.pcap") // first the template, then 16 records
	r := start(t, binary, telegrafConf, `[[inputs.weir]]
  listen = ["127.0.0.1:0"]
  state = "${WEIR_STATE}"
  clock = "export"
  flows = true
`)
	c := playtest.Datagrams(t, path)
	if len(c) != 2 {
		t.Fatalf("%d datagrams in the capture", len(c))
	}
	give(t, r.address(1), c[0])
	state := filepath.Join(filepath.Dir(r.out), "state", "templates.json")
	r.eventually("the templates' file", func() bool { _, err := os.Stat(state); return err == nil })
	kill(t, r.cmd.Process.Pid)
	give(t, r.address(2), c[1])
	r.eventually("the datagram", func() bool { return len(flows(r.metrics())) == 16 })
	r.stop()
}

func flows(lines []string) []string {
	return slices.DeleteFunc(lines, func(line string) bool { return !strings.HasPrefix(line, "weir_flow,") })
}

// kill kills the children of a process.
func kill(t *testing.T, parent int) {
	t.Helper()
	if out, err := exec.Command("pkill", "-KILL", "-P", strconv.Itoa(parent)).CombinedOutput(); err != nil {
		t.Fatalf("pkill: %v %s", err, out)
	}
}

// TestSameAsBuiltIn: with format = "netflow" the fields are those of Telegraf's own input, which gets the same datagrams.
func TestSameAsBuiltIn(t *testing.T) {
	binary := telegraf(t)
	for _, c := range []struct{ name, protocol, capture string }{
		{"netflow5", "netflow v5", "066-telegraf-netflow-v5-example.pcap"},
		{"netflow9", "netflow v9", "063-goflow2-v9.pcap"},
		{"netflow9-cisco", "netflow v9", "043-logstash-netflow-9-cisco-1941-k9-release-15-1.pcap"},
		{"ipfix", "ipfix", "030-logstash-ipfix-mikrotik-routeros-6-39-2.pcap"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path, port := capture(t, c.capture), freePort(t)
			conf := telegrafConf + "  influx_uint_support = true\n[[inputs.netflow]]\n  service_address = \"udp4://127.0.0.1:" + port + "\"\n  protocol = \"" + c.protocol + "\"\n  [inputs.netflow.tags]\n    by = \"telegraf\"\n"
			r := start(t, binary, conf, "[[inputs.weir]]\n  listen = [\"127.0.0.1:0\"]\n  state = \"${WEIR_STATE}\"\n  clock = \"export\"\n  flows = true\n  format = \"netflow\"\n")
			to := r.address(1)
			sent := playtest.Send(t, to, path)
			playtest.Send(t, "127.0.0.1:"+port, path)
			r.eventually("all datagrams", func() bool { return r.received() == sent })
			compareBuiltIn(t, r.stop())
		})
	}
}

// ownNames are fields of Telegraf's own input that Weir does not have by record, or not always: headers, times as they are on the wire, the
// other one of two elements for the same.
var ownNames = []string{
	"engine_id", "engine_type", "seq_number", "sys_uptime", "first_switched", "last_switched", "sampling_interval", "flows", "next_hop", "direction",
	"in_total_bytes", "in_total_packets", "out_bytes", "out_packets", "fwd_reason", "src_tos", "src_mask", "dst_mask", "vlan_id", "bgp_next_hop",
}

func compareBuiltIn(t *testing.T, lines []string) {
	t.Helper()
	mine, theirs := map[string]map[string]string{}, map[string]map[string]string{}
	for _, line := range lines {
		if !strings.HasPrefix(line, "netflow,") {
			continue
		}
		f := fieldsOf(t, line)
		if f["src"] == "" && f["src_port"] == "" {
			continue // options
		}
		into := mine
		if strings.Contains(line, "by=telegraf") {
			into = theirs
		}
		key, err := json.Marshal([]string{f["src"], f["dst"], f["src_port"], f["dst_port"], f["protocol"], f["in_bytes"]})
		if err != nil {
			t.Fatal(err)
		}
		into[string(key)] = f
	}
	if len(theirs) < 4 {
		t.Fatalf("Telegraf's own input has %d flows", len(theirs))
	}
	missing := map[string]string{}
	for key, want := range theirs {
		got := mine[key]
		for name, v := range want {
			if !slices.Contains(ownNames, name) && got[name] != v {
				missing[name] = v + ", not " + got[name] + " in " + key
			}
		}
	}
	if len(missing) > 0 {
		t.Errorf("fields that differ: %v", missing)
	}
}

// fieldsOf returns the fields of a line. Their texts hold no spaces but in quotes, and no quotes.
func fieldsOf(t *testing.T, line string) map[string]string {
	t.Helper()
	list := map[string]string{}
	_, text, _ := strings.Cut(line, " ")
	for _, m := range regexp.MustCompile(`([a-z_0-9]+)=("[^"]*"|[^, ]+)`).FindAllStringSubmatch(text, -1) {
		list[m[1]] = m[2]
	}
	return list
}
