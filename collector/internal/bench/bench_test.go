//go:build cgo && linux

package bench_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/bench"
	"github.com/weirflow/weir/collector/internal/bench/history"
	"github.com/weirflow/weir/collector/internal/cli"
	"github.com/weirflow/weir/packaging/command"
)

// asWeir in the environment makes the test binary the weir command, so that the tests need no other.
const asWeir = "WEIR_TEST_BENCH_CLI"

func TestMain(m *testing.M) {
	if os.Getenv(asWeir) == "" {
		os.Exit(m.Run())
	}
	os.Exit(command.Main(cli.Run))
}

// weir returns the path of a weir command.
func weir(t *testing.T) string {
	t.Helper()
	t.Setenv(asWeir, "1")
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// small makes a history of a day up to now.
func small(t *testing.T, dir string) history.Config {
	c := history.DefaultConfig(dir)
	c.Days, c.Records, c.Until = 1, 24_000, time.Now()
	if _, err := history.Generate(t.Context(), c, history.Deps{}); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestLatency: a collector with a small history receives and answers everything, the history stays as it was, and it can be asked again.
func TestLatency(t *testing.T) {
	cfg := bench.DefaultLatencyConfig()
	cfg.Dir, cfg.Weir, cfg.Rate, cfg.Rounds, cfg.Warmup = t.TempDir(), weir(t), 2000, 1, 2*time.Second
	small(t, cfg.Dir)
	before := listing(t, history.DataDir(cfg.Dir))
	var out, log bytes.Buffer
	if err := bench.Latency(t.Context(), cfg, &out, &log); err != nil {
		text, _ := os.ReadFile(filepath.Join(cfg.Dir, "run", "output.log"))
		t.Fatalf("%v\n%s%s", err, log.String(), text)
	}
	if after := listing(t, history.DataDir(cfg.Dir)); after != before {
		t.Errorf("the history changed:\n%s\nthen\n%s", before, after)
	}
	if n := strings.Count(out.String(), "\n| overview of "); n != 2+16 {
		t.Errorf("%d rows of overviews", n)
	}
	if n := strings.Count(out.String(), "\n| records and sessions of "); n != 4+8 {
		t.Errorf("%d rows of lists", n)
	}
	m := regexp.MustCompile(`(\d+) sent, (\d+) stored`).FindStringSubmatch(out.String())
	if m == nil || m[1] != m[2] || m[1] == "0" || strings.Contains(out.String(), "lost") {
		t.Errorf("what was sent: %v\n%s", m, out.String())
	}
	for line := range strings.Lines(out.String()) {
		if strings.HasPrefix(line, "| ") && strings.HasSuffix(line, "| 0 | exact |\n") {
			t.Errorf("an answer without rows: %s", line)
		}
	}
}

// listing names the files of a folder with their sizes.
func listing(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			fmt.Fprintln(&b, path, info.Size())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestCompare: nfdump and the store give the same answers, and what was made is not made again.
func TestCompare(t *testing.T) {
	if _, err := exec.LookPath("nfcapd"); err != nil {
		if os.Getenv("WEIR_CI") != "" {
			t.Fatal("nfcapd is missing: scripts/setup test")
		}
		t.Skip("nfcapd is missing: scripts/setup test")
	}
	cfg := bench.DefaultCompareConfig()
	cfg.History = small(t, t.TempDir())
	cfg.Weir, cfg.Rounds = weir(t), 1
	for round, makes := range []bool{true, false} {
		var out, log bytes.Buffer
		if err := bench.Compare(t.Context(), cfg, bench.Streams{Out: &out, Log: &log}); err != nil {
			t.Fatalf("%v\n%s", err, log.String())
		}
		if strings.Contains(log.String(), "to nfcapd") != makes {
			t.Errorf("round %d: %s", round, log.String())
		}
		if n := strings.Count(out.String(), "| the same |\n"); n != 10 {
			t.Errorf("%d of 10 answers are the same:\n%s", n, out.String())
		}
	}
}

// TestCommands: what is not a command is said.
func TestCommands(t *testing.T) {
	for _, args := range [][]string{{"nonsense"}, {"history", "-records", "5"}, {"latency", "-dir", t.TempDir()}, {"compare", "-rounds", "x"}} {
		var log bytes.Buffer
		if err := bench.Main(context.Background(), args, bench.Streams{Out: &log, Log: &log}); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
	var log bytes.Buffer
	if err := bench.Main(t.Context(), []string{"-help"}, bench.Streams{Out: &log, Log: &log}); err != nil || !strings.Contains(log.String(), "weir-bench latency") {
		t.Errorf("help: %v, %s", err, log.String())
	}
}

// TestTelegraf: both inputs take everything of a light load, and the report has a line for each run.
func TestTelegraf(t *testing.T) {
	cfg := bench.DefaultTelegrafConfig()
	cfg.Telegraf = "../../../.tools/bin/telegraf"
	if _, err := os.Stat(cfg.Telegraf); err != nil {
		if os.Getenv("WEIR_CI") != "" {
			t.Fatalf("no Telegraf: %v", err)
		}
		t.Skipf("SKIPPED: no Telegraf (make .tools/bin/telegraf): %v", err)
	}
	cfg.Plugin = filepath.Join(t.TempDir(), "weir-telegraf")
	if out, err := exec.Command("go", "build", "-o", cfg.Plugin, "../../../telegraf-input/cmd/weir-telegraf").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	cfg.Rate, cfg.Low, cfg.Hosts, cfg.Warmup, cfg.Measure = 2400, 0, 1000, time.Second, time.Second
	var out, log bytes.Buffer
	if err := bench.Telegraf(t.Context(), cfg, bench.Streams{Out: &out, Log: &log}); err != nil {
		t.Fatalf("%v\n%s", err, log.String())
	}
	rows := regexp.MustCompile(`(?m)^\| (weir-telegraf|inputs\.netflow) \|.*\| 0\.00 % \|.*$`).FindAllString(out.String(), -1)
	if len(rows) != 3 || !strings.Contains(rows[2], "| 1000 |") || !strings.Contains(rows[0], " of 20000 |") {
		t.Errorf("report:\n%s", out.String())
	}
}
