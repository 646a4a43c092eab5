// Package weirtest runs a real collector for tests: the command weir itself, built from this tree, with a scenario in its store.
package weirtest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Scenario is traffic that the generator makes and the collector has stored. The same arguments give the same records and alerts.
type Scenario struct {
	Name string   // of a scenario of weir gen
	Args []string // more arguments of weir gen
}

// Collector is a running collector.
type Collector struct {
	URL  string // of its API
	Data string // its data folder
	UDP  string // where it receives, HOST:PORT
	weir string
	dir  string
	run  *exec.Cmd
	log  *bytes.Buffer
}

// Build builds the command weir into a folder and returns its path. Flags are those of make, whose compiled packages it finds.
func Build(ctx context.Context, dir string) (string, error) {
	weir := filepath.Join(dir, "weir")
	return weir, build(ctx, nil, "-o", weir, "github.com/weirflow/weir/collector/cmd/weir")
}

// BuildPlugin builds the plugin's executable as it is shipped into a folder and returns its path.
func BuildPlugin(ctx context.Context, dir string) (string, error) {
	path := filepath.Join(dir, "gpx_weir_flow_datasource")
	return path, build(ctx, []string{"CGO_ENABLED=0"}, "-tags", "arrow_json_stdlib", "-ldflags", "-s -w", "-o", path, "github.com/weirflow/weir/grafana-datasource/pkg")
}

func build(ctx context.Context, env []string, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", append([]string{"build", "-trimpath"}, args...)...)
	cmd.Env = append(cmd.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", args[len(args)-1], err, out)
	}
	return nil
}

// Start replays scenarios into a new data folder below dir and runs a collector on it. Config is added to the weir.yaml of the first scenario.
func Start(ctx context.Context, weir, dir, config string, scenarios ...Scenario) (*Collector, error) {
	c := &Collector{Data: filepath.Join(dir, "data"), weir: weir, dir: dir, log: &bytes.Buffer{}}
	for i, s := range scenarios {
		capture, err := c.Generate(ctx, s, fmt.Sprint("set", i))
		if err != nil {
			return nil, err
		}
		if _, err := c.Run(ctx, "replay", capture, "--data", c.Data); err != nil {
			return nil, err
		}
	}
	conf, err := c.writeConfig(config, len(scenarios) > 0)
	if err != nil {
		return nil, err
	}
	c.run = exec.Command(weir, "run", "--config", conf, "--data", c.Data, "--clock", "export")
	c.run.Stdout, c.run.Stderr = c.log, c.log
	if err := c.run.Start(); err != nil {
		return nil, err
	}
	if err := c.ready(ctx); err != nil {
		c.Stop()
		return nil, err
	}
	return c, nil
}

// writeConfig writes a weir.yaml that listens on free ports of loopback.
func (c *Collector) writeConfig(config string, beside bool) (string, error) {
	var base []byte
	if beside {
		var err error
		if base, err = os.ReadFile(filepath.Join(c.dir, "set0", "weir.yaml")); err != nil {
			return "", err
		}
	}
	api, err := freeTCP()
	if err != nil {
		return "", err
	}
	udp, err := freeUDP()
	if err != nil {
		return "", err
	}
	c.UDP, c.URL = udp, "http://"+api
	text := strings.ReplaceAll(string(base)+config, "API_LISTEN", api)
	if !strings.Contains(config, "API_LISTEN") {
		text += fmt.Sprintf("\napi: {listen: %q}\n", api)
	}
	path := filepath.Join(c.dir, "weir.yaml")
	return path, os.WriteFile(path, []byte(text+fmt.Sprintf("\nlisten: [%q]\n", udp)), 0o600)
}

func freeTCP() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

func freeUDP() (string, error) {
	l, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer func() { _ = l.Close() }()
	return l.LocalAddr().String(), nil
}

// ready waits until the API answers.
func (c *Collector) ready(ctx context.Context) error {
	return c.until(ctx, func(ctx context.Context) bool {
		_, err := c.get(ctx, "/readyz")
		return err == nil
	})
}

// until waits until something is so, a minute at most.
func (c *Collector) until(ctx context.Context, so func(context.Context) bool) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !so(ctx) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("the collector is not as it should be: %w\n%s", ctx.Err(), c.log)
		}
	}
	return nil
}

// get reads a path of the API.
func (c *Collector) get(ctx context.Context, path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL+path, nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", path, res.Status)
	}
	return io.ReadAll(res.Body)
}

// Run runs a command of weir and returns what it printed.
func (c *Collector) Run(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, c.weir, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("weir %s: %w\n%s", strings.Join(args, " "), err, errs.String())
	}
	return out.Bytes(), nil
}

// Generate makes the capture of a scenario and returns its path.
func (c *Collector) Generate(ctx context.Context, s Scenario, folder string) (string, error) {
	set := filepath.Join(c.dir, folder)
	_, err := c.Run(ctx, append([]string{"gen", s.Name, "--out", set}, s.Args...)...)
	return filepath.Join(set, "traffic.pcap"), err
}

// Followed waits until somebody follows the collector's alerts.
func (c *Collector) Followed(ctx context.Context) error {
	return c.until(ctx, func(ctx context.Context) bool {
		body, err := c.get(ctx, "/metrics")
		return err == nil && bytes.Contains(body, []byte("\nweir_api_alert_readers 1\n"))
	})
}

// Stop ends the collector.
func (c *Collector) Stop() {
	if c.run == nil || c.run.Process == nil {
		return
	}
	_ = c.run.Process.Signal(os.Interrupt)
	_ = c.run.Wait()
	c.run = nil
}
