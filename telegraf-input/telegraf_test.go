// Package telegraf_test runs weir-telegraf under a real Telegraf.
package telegraf_test

import (
	"bufio"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// captures is where recorded captures are, beside the repository.
const captures = "../../shared/captures/pcap"

// capture returns the path of a recorded capture; without the folder the test is skipped.
func capture(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(captures, name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("SKIPPED: no recorded captures: %v", err)
	}
	return path
}

// telegraf returns the binary of a real Telegraf, which make test builds.
func telegraf(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("../.tools/bin/telegraf")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("WEIR_CI") != "" {
			t.Fatalf("no Telegraf: %v", err)
		}
		t.Skipf("SKIPPED: no Telegraf (make .tools/bin/telegraf): %v", err)
	}
	return path
}

// pluginBinary builds weir-telegraf once.
var pluginBinary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "weir-telegraf")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "weir-telegraf")
	out, err := exec.Command("go", "build", "-o", path, "./cmd/weir-telegraf").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := pluginBinary(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

func plugin(t *testing.T) string {
	t.Helper()
	path, err := pluginBinary()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// run is a Telegraf that runs.
type run struct {
	t     *testing.T
	cmd   *exec.Cmd
	out   string // the file that metrics go to
	ended chan struct{}

	mu    sync.Mutex
	lines []string // of its log
}

// start runs a Telegraf with a configuration, in which ${WEIR_PLUGIN}, ${WEIR_CONF}, ${WEIR_STATE} and ${WEIR_OUT} stand for what their names
// say. Lines are of the configuration of weir-telegraf.
func start(t *testing.T, binary, conf, weirConf string) *run {
	t.Helper()
	dir := t.TempDir()
	r := &run{t: t, out: filepath.Join(dir, "metrics.out"), ended: make(chan struct{})}
	write(t, filepath.Join(dir, "weir.conf"), weirConf)
	write(t, filepath.Join(dir, "telegraf.conf"), conf)
	r.cmd = exec.Command(binary, "--config", filepath.Join(dir, "telegraf.conf"))
	r.cmd.Env = append(os.Environ(), "WEIR_CONF="+filepath.Join(dir, "weir.conf"), "WEIR_STATE="+filepath.Join(dir, "state"), "WEIR_OUT="+r.out, "WEIR_PLUGIN="+plugin(t))
	log, err := r.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go r.read(bufio.NewScanner(log))
	t.Cleanup(func() {
		_ = r.cmd.Process.Kill() // where the test has not ended it
		<-r.ended
		if t.Failed() {
			t.Log(r.log())
		}
	})
	return r
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (r *run) read(s *bufio.Scanner) {
	for s.Scan() {
		r.mu.Lock()
		r.lines = append(r.lines, s.Text())
		r.mu.Unlock()
	}
	_ = r.cmd.Wait() // killed, in the end
	close(r.ended)
}

func (r *run) log() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.lines, "\n")
}

// eventually waits until ok holds.
func (r *run) eventually(what string, ok func() bool) {
	r.t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			r.t.Fatalf("waited in vain for %s", what)
		}
	}
}

var listening = regexp.MustCompile(`listening address=(\S+)`)

// address waits until the plugin has been started n times, and returns where it receives.
func (r *run) address(n int) string {
	r.t.Helper()
	var found [][]string
	r.eventually("the plugin to listen", func() bool { found = listening.FindAllStringSubmatch(r.log(), -1); return len(found) >= n })
	return found[n-1][1]
}

// metrics returns the lines written so far.
func (r *run) metrics() []string {
	text, err := os.ReadFile(r.out)
	if err != nil {
		return nil
	}
	return strings.Split(strings.TrimRight(string(text), "\n"), "\n")
}

// received returns how many datagrams the plugin said last that it received.
func (r *run) received() (n int) {
	for _, line := range r.metrics() {
		if strings.HasPrefix(line, "weir_input datagrams=") {
			_, _ = fmt.Sscanf(line, "weir_input datagrams=%di", &n)
		}
	}
	return n
}

// stop ends Telegraf as a service manager does, and returns all metrics.
func (r *run) stop() []string {
	r.t.Helper()
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		r.t.Fatal(err)
	}
	select {
	case <-r.ended:
	case <-time.After(30 * time.Second):
		r.t.Fatal("Telegraf does not end")
	}
	return r.metrics()
}

// give sends a datagram, always from the same address.
func give(t *testing.T, to string, payload []byte) {
	t.Helper()
	conn, err := net.DialUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 9), Port: 0}, net.UDPAddrFromAddrPort(netip.MustParseAddrPort(to)))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write(payload); err != nil {
		t.Fatal(err)
	}
}

// freePort returns a UDP port of the loopback that nobody has.
func freePort(t *testing.T) string {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, port, _ := net.SplitHostPort(conn.LocalAddr().String())
	return port
}
