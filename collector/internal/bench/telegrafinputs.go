package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// telegrafInput is an input of Telegraf.
type telegrafInput struct {
	name, what string
	plugin     bool // in a process of its own
	conf       func(dir string, port int) string
	// taken returns how many records it has taken, after it was stopped, and how many series it has made of how many.
	taken func(dir string) (records uint64, series string, err error)
}

// telegrafAgent is what both have around them: nothing is lost in Telegraf, and it tells how many metrics it has given to each output.
const telegrafAgent = `[agent]
  interval = "10s"
  flush_interval = "1s"
  metric_batch_size = 5000
  metric_buffer_limit = 1000000
  omit_hostname = true
  debug = true

[[outputs.discard]]

`

func weirInput(plugin string) telegrafInput {
	return telegrafInput{
		name: "weir-telegraf", what: "receive, decode, normalize, watch for attacks, sum by direction, exporter, protocol and service, and the interfaces", plugin: true,
		conf: func(dir string, port int) string {
			return telegrafAgent + fmt.Sprintf(`[[inputs.execd]]
  command = [%q, "-config", %q, "-poll_interval", "1s"]
  signal = "none"
  data_format = "influx"

[[outputs.file]]
  files = [%q]
  namepass = ["weir_input"]
  data_format = "influx"
`, plugin, filepath.Join(dir, "weir.conf"), filepath.Join(dir, "input.out"))
		},
		taken: takenWeir,
	}
}

func builtInInput() telegrafInput {
	return telegrafInput{
		name: "inputs.netflow", what: "receive, decode, a metric for each record",
		conf: func(_ string, port int) string {
			return telegrafAgent + fmt.Sprintf("[[inputs.netflow]]\n  service_address = \"udp4://127.0.0.1:%d\"\n  protocol = \"netflow v9\"\n  read_buffer_size = \"512MiB\"\n", port)
		},
		taken: takenBuiltIn,
	}
}

// start starts Telegraf with the input alone, and waits until it listens.
func (in *telegrafInput) start(ctx context.Context, telegraf, dir string, port int) (*process, error) {
	weir := fmt.Sprintf("[[inputs.weir]]\n  listen = [\"127.0.0.1:%d\"]\n  state = %q\n  [inputs.weir.settings]\n    inside = [\"10.0.0.0/8\"]\n", port, filepath.Join(dir, "state"))
	for name, text := range map[string]string{"weir.conf": weir, "telegraf.conf": in.conf(dir, port)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return nil, fmt.Errorf("write configuration: %w", err)
		}
	}
	p, err := startProcess(ctx, dir, telegraf, "--config", "telegraf.conf")
	if err != nil {
		return nil, err
	}
	for begun := time.Now(); time.Since(begun) < 10*time.Second; time.Sleep(100 * time.Millisecond) {
		if _, err := queued(port); err == nil {
			return p, nil
		}
	}
	log, _ := os.ReadFile(filepath.Join(dir, "output.log"))
	return nil, errors.Join(fmt.Errorf("nothing listens on port %d:\n%s", port, log), p.stop())
}

// weirRecords are the fields of weir_input that count records, each of them once.
var weirRecords = []string{"records", "left_out_copies", "left_out_set_aside", "late_records", "future_records", "no_room_records"}

// takenWeir reads the last line that the input has told of itself.
func takenWeir(dir string) (records uint64, series string, err error) {
	text, err := os.ReadFile(filepath.Join(dir, "input.out"))
	if err != nil {
		return 0, "", fmt.Errorf("what weir-telegraf told of itself: %w", err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	last := lines[len(lines)-1]
	for _, name := range weirRecords {
		n, err := weirField(last, name)
		if err != nil {
			return 0, "", err
		}
		records += n
	}
	used, err := weirField(last, "series")
	if err != nil {
		return 0, "", err
	}
	limit, err := weirField(last, "series_limit")
	return records, fmt.Sprintf("%d of %d", used, limit), err
}

func weirField(line, name string) (uint64, error) {
	m := regexp.MustCompile(`[ ,]` + name + `=(\d+)i`).FindStringSubmatch(line)
	if m == nil {
		return 0, fmt.Errorf("no %s in %q", name, line)
	}
	return strconv.ParseUint(m[1], 10, 64)
}

var wroteBatch = regexp.MustCompile(`\[outputs\.discard\] +Wrote batch of (\d+) metrics`)

// takenBuiltIn adds up what Telegraf says that it has given to the output: a metric is a record.
func takenBuiltIn(dir string) (records uint64, series string, err error) {
	text, err := os.ReadFile(filepath.Join(dir, "output.log"))
	if err != nil {
		return 0, "", fmt.Errorf("log of Telegraf: %w", err)
	}
	for _, m := range wroteBatch.FindAllSubmatch(text, -1) {
		n, err := strconv.ParseUint(string(m[1]), 10, 64)
		if err != nil {
			return 0, "", err
		}
		records += n
	}
	return records, "", nil
}
