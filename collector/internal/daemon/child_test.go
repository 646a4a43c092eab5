package daemon_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirflow/weir/collector/internal/daemon"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/query"
)

// childSealRows makes a daemon seal so often that some kills hit a seal.
const childSealRows = 60_000

// testConfig is the default configuration with ports that are free.
func testConfig(data, listen string) daemon.Config {
	cfg := config.Default()
	cfg.Data, cfg.Listen, cfg.API.Listen, cfg.Receive.Workers = data, []string{listen}, "", 2
	return daemon.Config{Config: cfg}
}

// child is a daemon in a process of its own.
type child struct {
	t     *testing.T
	cmd   *exec.Cmd
	input io.WriteCloser
	says  bytes.Buffer // standard error
}

// startChild starts the test binary as a daemon and returns once it receives.
func startChild(t *testing.T, data, listen string) *child {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &child{t: t, cmd: exec.Command(binary)}
	c.cmd.Env = append(os.Environ(), childData+"="+data, childListen+"="+listen)
	c.cmd.Stderr = &c.says
	if c.input, err = c.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	output, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.cmd.Process.Kill() // gone already, unless the test failed
		_ = c.cmd.Wait()
	})
	if line, err := bufio.NewReader(output).ReadString('\n'); err != nil || strings.TrimSpace(line) != "up" {
		_ = c.cmd.Wait()
		t.Fatalf("the daemon does not start: %q, %v\n%s", line, err, c.says.String())
	}
	return c
}

// kill ends the process by SIGKILL.
func (c *child) kill() {
	c.t.Helper()
	if err := c.cmd.Process.Kill(); err != nil {
		c.t.Fatal(err)
	}
}

// wait waits until a killed process is gone.
func (c *child) wait() {
	_ = c.cmd.Wait() // says "signal: killed"
	c.tell()
}

// tell shows what the daemon warned of.
func (c *child) tell() {
	if c.says.Len() > 0 {
		c.t.Logf("the daemon says:\n%s", c.says.String())
	}
}

// stop stops the daemon as a signal does.
func (c *child) stop() {
	c.t.Helper()
	_ = c.input.Close()
	err := c.cmd.Wait()
	c.tell()
	if err != nil {
		c.t.Fatalf("stop: %v", err)
	}
}

// askExporters asks the daemon over its socket.
func askExporters(t *testing.T, data string) []query.Exporter {
	t.Helper()
	client, err := query.NewClient(query.ClientConfig{Socket: filepath.Join(data, daemon.SocketName)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	list, err := client.Exporters(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return list
}
