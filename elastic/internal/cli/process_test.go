package cli_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// process is weir-elastic run in a process of its own.
type process struct {
	t       *testing.T
	cmd     *exec.Cmd
	says    output
	metrics string // address
}

// freePort returns a port of 127.0.0.1 that was free just now, of UDP or TCP.
func freePort(t *testing.T, network string) string {
	t.Helper()
	if network == "udp" {
		c, err := net.ListenPacket("udp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		return c.LocalAddr().String()
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func startProcess(t *testing.T, metrics string, args ...string) *process {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, cmd: exec.Command(binary, args...), metrics: metrics}
	p.cmd.Env = append(os.Environ(), asCommand+"=1")
	p.cmd.Stdout, p.cmd.Stderr = &p.says, &p.says
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // gone already, unless the test failed
		_ = p.cmd.Wait()
	})
	p.until("it receives", func() bool {
		resp, err := http.Get("http://" + metrics + "/readyz")
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	return p
}

// until waits for what must come.
func (p *process) until(what string, so func() bool) {
	p.t.Helper()
	p.within(2*time.Minute, what, so)
}

// within is until, for what takes its time.
func (p *process) within(most time.Duration, what string, so func() bool) {
	p.t.Helper()
	for deadline := time.Now().Add(most); !so(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.t.Fatalf("%s: in vain\n%v\n%s", what, p.counters(), p.says.String())
		}
	}
}

// counters returns the metrics by name; those with labels are summed, and besides there under the value of the last label, like
// "weir_elastic_dropped_total full".
func (p *process) counters() map[string]float64 {
	p.t.Helper()
	resp, err := http.Get("http://" + p.metrics + "/metrics")
	if err != nil {
		p.t.Fatalf("%v\n%s", err, p.says.String())
	}
	defer resp.Body.Close()
	out := map[string]float64{}
	lines := bufio.NewScanner(io.LimitReader(resp.Body, 8<<20))
	for lines.Scan() {
		series, text, ok := strings.Cut(lines.Text(), " ")
		v, err := strconv.ParseFloat(text, 64)
		if !ok || err != nil {
			continue // a comment
		}
		name, labels, labeled := strings.Cut(series, "{")
		out[name] += v
		if labeled {
			last := labels[strings.LastIndexByte(labels, '=')+1:]
			out[name+" "+strings.Trim(last, `"}`)] += v
		}
	}
	return out
}

// stop tells it to stop, and returns what it has said.
func (p *process) stop() string {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		p.t.Fatalf("%v\n%s", err, p.says.String())
	}
	return p.says.String()
}
