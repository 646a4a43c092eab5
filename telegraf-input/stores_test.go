package telegraf_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/listen"
	"github.com/weirflow/weir/shared/listen/send"
	"github.com/weirflow/weir/shared/traffic"
)

// cell is what numbers are summed by; at is the start of the minute, or empty.
type cell struct{ at, direction, protocol, service string }

// amounts are bytes and flows.
type amounts [2]float64

// scenario is half an hour with a flood that has just ended, replayed by the collector.
type scenario struct {
	t        *testing.T
	weir     string // the command
	dir      string
	from, to time.Time
	flood    traffic.Truth
	sent     int           // datagrams
	last     int64         // when the last one was sent, ns
	calm     int           // of them before the flood's middle
	proceed  chan struct{} // closed: what comes after that may be sent
}

func newScenario(t *testing.T) *scenario {
	t.Helper()
	s := &scenario{t: t, dir: t.TempDir(), proceed: make(chan struct{})}
	s.weir = filepath.Join(s.dir, "weir")
	if out, err := exec.Command("go", "build", "-trimpath", "-o", s.weir, "../collector/cmd/weir").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	cfg := traffic.DefaultConfig()
	cfg.Scenario, cfg.Seed, cfg.Scale = "flood", 7, 0.05
	cfg.Start = time.Now().Add(-31 * time.Minute).Truncate(time.Minute).UTC()
	result, err := traffic.WriteDir(context.Background(), cfg, s.dir)
	if err != nil {
		t.Fatal(err)
	}
	// Flows that ended before the start are exported after it.
	s.from, s.to, s.flood = result.Start.Add(-time.Hour), result.End.Add(time.Minute), result.Truth[0]
	s.count()
	if out, err := exec.Command(s.weir, "replay", s.capture(), "--data", s.data()).CombinedOutput(); err != nil {
		t.Fatalf("replay: %v: %s", err, out)
	}
	return s
}

func (s *scenario) capture() string { return filepath.Join(s.dir, "traffic.pcap") }
func (s *scenario) data() string    { return filepath.Join(s.dir, "data") }

// count counts the datagrams, and those until the flood has been there for six of its nine minutes.
func (s *scenario) count() {
	s.t.Helper()
	c := s.open()
	defer c.Close()
	for {
		d, err := c.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			s.t.Fatal(err)
		}
		s.sent, s.last = s.sent+1, d.Received
		if d.Received < s.flood.Start.Add(6*time.Minute).UnixNano() {
			s.calm++
		}
	}
}

func (s *scenario) open() *listen.Capture {
	s.t.Helper()
	c, err := listen.OpenCapture(s.capture(), listen.CaptureConfig{})
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

// play sends everything, and waits in the middle of the flood.
func (s *scenario) play(to string) {
	s.t.Helper()
	c := s.open()
	defer c.Close()
	sender, err := send.New(send.Config{To: to, Rate: 8000}, send.Deps{Now: time.Now, Admit: func(ctx context.Context, upTo uint64) error {
		if upTo > uint64(s.calm) {
			<-s.proceed
		}
		return nil
	}})
	if err != nil {
		s.t.Error(err)
		return
	}
	if got, err := sender.Send(context.Background(), c); err != nil || int(got.Datagrams) != s.sent || got.Unreachable > 0 {
		s.t.Errorf("sent %+v of %d, %v", got, s.sent, err)
	}
}

// query asks the collector's command.
func (s *scenario) query(args ...string) [][]any {
	s.t.Helper()
	cmd := exec.Command(s.weir, append(args, "--data", s.data(), "--format", "json")...)
	var problem bytes.Buffer
	cmd.Stderr = &problem
	out, err := cmd.Output()
	if err != nil {
		s.t.Fatalf("%v: %v %s", args, err, problem.String())
	}
	var answer struct {
		Rows      [][]any
		Truncated bool
	}
	if err := json.Unmarshal(out, &answer); err != nil || answer.Truncated {
		s.t.Fatalf("%v: %v in %s", args, err, out)
	}
	return answer.Rows
}

// cells returns what weir query has by direction, protocol and service until a time, and by minute, too, where that is asked for.
func (s *scenario) cells(to time.Time, byMinute bool) map[cell]amounts {
	s.t.Helper()
	list := map[cell]amounts{}
	for i, measure := range []string{"bytes", "flows"} {
		args := []string{
			"query", "--by", "network.direction,network.transport,network.protocol", "--limit", "1000", "--measure", measure,
			"--from", s.from.Format(time.RFC3339), "--to", to.Format(time.RFC3339), "--exact",
		}
		if byMinute {
			args = append(args, "--interval", "1m", "--fill", "none")
		}
		for _, row := range s.query(args...) {
			c := cell{}
			if byMinute {
				c.at, row = text(row[0]), row[1:]
			}
			c.direction, c.protocol, c.service = text(row[0]), text(row[1]), text(row[2])
			a := list[c]
			a[i], _ = row[3].(float64)
			list[c] = a
		}
	}
	return list
}

func text(v any) string { s, _ := v.(string); return s }

// storesConf is the shipped files for the three outputs as one.
func storesConf(t *testing.T, db influxDB, m *monitoring) (conf, weirConf string, s *scenario) {
	t.Helper()
	s = newScenario(t)
	output := func(path string, replace ...string) string {
		text := shipped(t, path, replace...)
		return text[strings.Index(text, "[[outputs."):]
	}
	conf = shipped(t, "examples/telegraf-influxdb.conf", `"/usr/local/bin/weir-telegraf", "-config", "/etc/telegraf/weir.conf"`,
		`"${WEIR_PLUGIN}", "-config", "${WEIR_CONF}", "-poll_interval", "250ms"`, `flush_interval = "10s"`, "flush_interval = \"200ms\"\n  flush_jitter = \"0s\"",
		"http://127.0.0.1:8086", db.url) +
		output("examples/telegraf-prometheus.conf", `":9273"`, `"`+m.target+`"`) +
		output("examples/telegraf-file.conf", "/var/lib/telegraf/weir.out", "${WEIR_OUT}")
	weirConf = shipped(t, "examples/weir-prometheus.conf", `[":2055", ":4739", ":6343"]`, `["127.0.0.1:0"]`, "/var/lib/weir-telegraf", "${WEIR_STATE}",
		"  [inputs.weir.settings]\n    inside = [\"10.0.0.0/8\", \"172.16.0.0/12\", \"192.168.0.0/16\", \"fc00::/7\"]\n",
		"  clock = \"export\"\n  hold = \"30s\"\n  config = \""+filepath.Join(s.dir, "weir.yaml")+"\"\n")
	return conf, weirConf, s
}

// TestStores: the shipped files, by which Telegraf writes to InfluxDB, to Prometheus and into a file, give each of them the numbers of
// weir query for a replay of the same datagrams. While the flood is there, the rule for it fires and Alertmanager tells the right receiver.
func TestStores(t *testing.T) {
	t.Parallel()
	binary := telegraf(t)
	db, m := startInfluxDB(t), startMonitoring(t)
	conf, weirConf, s := storesConf(t, db, m)
	r := start(t, binary, conf, weirConf)
	address := r.address(1)
	done := make(chan struct{})
	go func() { defer close(done); s.play(address) }()
	proceed := sync.OnceFunc(func() { close(s.proceed); <-done })
	t.Cleanup(proceed)

	checkFiring(t, m, s)
	proceed()
	r.eventually("all datagrams", func() bool { return r.received() == s.sent })
	checkPrometheus(t, m, s)
	checkPrometheusPanels(t, m)
	lines := r.stop()

	want := s.cells(s.to, true)
	if diff := cmp.Diff(want, influxCells(db, s.from, s.to)); diff != "" || len(want) < 100 {
		t.Errorf("InfluxDB has of %d cells (-weir query +InfluxDB):\n%s", len(want), diff)
	}
	total := 0.0
	for _, a := range want {
		total += a[0]
	}
	if got := sum(t, lines, "weir_traffic", bytesField); got != uint64(total) {
		t.Errorf("%d bytes in the file, %d by weir query", got, uint64(total))
	}
	checkAlerts(t, db, s)
	checkInfluxPanels(t, db)
	checkHours(t, db)
}

// told returns the end of the minutes that are told of as a whole while the scenario's last datagram is the newest: see hold.
func (s *scenario) told() time.Time {
	return time.Unix(0, s.last).Add(-30 * time.Second).Truncate(time.Minute).UTC()
}

// alerts returns the detectors of alerts by id.
func (s *scenario) alerts() map[string]string {
	s.t.Helper()
	out, err := exec.Command(s.weir, "alerts", "--data", s.data(), "--format", "json").Output()
	if err != nil {
		s.t.Fatal(err)
	}
	var rows []struct{ ID, Detector string }
	if err := json.Unmarshal(out, &rows); err != nil {
		s.t.Fatal(err)
	}
	list := map[string]string{}
	for _, a := range rows {
		list[a.ID] = a.Detector
	}
	return list
}
