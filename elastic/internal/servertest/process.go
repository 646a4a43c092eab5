package servertest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// startTimeout is generous: the machine may have much else to do.
const startTimeout = 2 * time.Minute

// process is a server's process. Its standard input stays open as long as this process lives; at its end the server ends itself.
type process struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
	ended chan struct{}
}

// running tells whether the process has not ended.
func (p *process) running() bool {
	if p == nil {
		return false
	}
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

func (p *process) kill(t testing.TB) {
	t.Helper()
	p.signal(t, syscall.SIGKILL)
}

func (p *process) stop(t testing.TB) {
	t.Helper()
	p.signal(t, syscall.SIGTERM)
}

func (p *process) signal(t testing.TB, sig os.Signal) {
	t.Helper()
	if !p.running() {
		return
	}
	if err := p.cmd.Process.Signal(sig); err != nil && p.running() {
		t.Fatalf("ending a server: %v", err)
	}
	select {
	case <-p.ended:
	case <-time.After(startTimeout):
		t.Fatalf("the server does not end")
	}
	_ = p.stdin.Close()
}

// start runs the server and waits until it answers.
func (s *Server) start(t testing.TB) {
	t.Helper()
	log, err := os.OpenFile(s.log(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	args := []string{"-Xms256m", "-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true"}
	args = append(args, "-cp", s.recipe().classPath(toolsOf(t)), s.recipe().main, s.home)
	cmd := exec.Command(s.recipe().java(t).command("java"), args...)
	cmd.Stdout, cmd.Stderr, cmd.Dir = log, log, s.home
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("%s: %v", s.Kind, err)
	}
	p := &process{cmd: cmd, stdin: stdin, ended: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // how it ended is in its log
		close(p.ended)
	}()
	s.process = p
	s.await(t)
}

// await asks until the server can be used.
func (s *Server) await(t testing.TB) {
	t.Helper()
	var last error
	for deadline := time.Now().Add(startTimeout); time.Now().Before(deadline); {
		status, body, err := s.do(http.MethodGet, "/_cluster/health?wait_for_status=yellow&timeout=30s", nil)
		if err == nil && status == http.StatusOK {
			return
		}
		last = fmt.Errorf("status %d: %s: %w", status, body, err)
		select {
		case <-s.process.ended:
			t.Fatalf("%s ended at its start: %s", s.Kind, s.tail())
		case <-time.After(100 * time.Millisecond):
		}
	}
	s.process.kill(t)
	t.Fatalf("%s does not answer (%v): %s", s.Kind, last, s.tail())
}

func (s *Server) log() string { return filepath.Join(s.home, "server.log") }

// tail is the end of the server's log.
func (s *Server) tail() []byte {
	text, err := os.ReadFile(s.log())
	if err != nil {
		return nil
	}
	lines := bytes.Split(text, []byte("\n"))
	return bytes.Join(lines[max(0, len(lines)-40):], []byte("\n"))
}
