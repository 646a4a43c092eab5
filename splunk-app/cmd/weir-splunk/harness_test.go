package main_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
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

// binary is the built program, which splunkd would know as bin/weir.
var binary string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "weir-splunk")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		binary = filepath.Join(dir, "weir")
		build := exec.Command("go", "build", "-o", binary, ".")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			panic(fmt.Sprintf("%v\n%s", err, out))
		}
		return m.Run()
	}())
}

const secret = "the-key-of-the-session"

// stanzas returns the configuration of stanzas, each a name and then parameters and values, as splunkd writes it.
func stanzas(checkpoints string, list ...[]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<input>\n<server_host>forwarder1</server_host><server_uri>https://127.0.0.1:8089</server_uri><session_key>%s</session_key><checkpoint_dir>%s</checkpoint_dir><configuration>\n", secret, checkpoints)
	for _, s := range list {
		b.WriteString("<stanza name=\"")
		_ = xml.EscapeText(&b, []byte(s[0])) // a Builder takes all
		b.WriteString("\" app=\"TA-weir\">\n")
		params(&b, s[1:])
		b.WriteString("</stanza>\n")
	}
	b.WriteString("</configuration>\n</input>\n")
	return b.String()
}

func params(b *strings.Builder, list []string) {
	for i := 0; i < len(list); i += 2 {
		fmt.Fprintf(b, "<param name=%q>", list[i])
		_ = xml.EscapeText(b, []byte(list[i+1])) // a Builder takes all
		b.WriteString("</param>\n")
	}
}

// event is an event as a parser of XML finds it.
type event struct {
	Stanza     string    `xml:"stanza,attr"`
	Time       string    `xml:"time"`
	Sourcetype string    `xml:"sourcetype"`
	Index      string    `xml:"index"`
	Host       string    `xml:"host"`
	Data       string    `xml:"data"`
	Done       *struct{} `xml:"done"`
}

func (e *event) member(t *testing.T, name string) any {
	t.Helper()
	var all map[string]any
	if err := json.Unmarshal([]byte(e.Data), &all); err != nil {
		t.Fatalf("%v: %s", err, e.Data)
	}
	return all[name]
}

// process is a running weir-splunk.
type process struct {
	t     *testing.T
	cmd   *exec.Cmd
	stdin io.WriteCloser
	read  sync.WaitGroup

	mu      sync.Mutex
	changed chan struct{} // closed and made anew when there is something new
	out     bytes.Buffer
	events  []event
	whole   bool // the document has ended
	fault   error
	log     []string
	closed  int // of standard output and standard error
}

// start starts the program and gives it a configuration. Its standard input stays open.
func start(t *testing.T, input string) *process {
	t.Helper()
	return startWith(t, exec.Command(binary), input)
}

func startWith(t *testing.T, cmd *exec.Cmd, input string) *process {
	t.Helper()
	p := &process{t: t, cmd: cmd, changed: make(chan struct{})}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.begin(input)
	p.read.Go(func() { p.readEvents(io.TeeReader(out, writer(p.keepOut))); p.note(func() { p.closed++ }) })
	return p
}

// begin starts the process, whose standard output is the caller's.
func (p *process) begin(input string) {
	p.t.Helper()
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		p.t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // gone already, unless the test failed
		p.read.Wait()
		_ = p.cmd.Wait()
		if p.t.Failed() {
			p.t.Logf("log:\n%s", strings.Join(p.log, "\n"))
		}
	})
	p.read.Go(func() {
		for s := bufio.NewScanner(stderr); s.Scan(); {
			p.note(func() { p.log = append(p.log, s.Text()) })
		}
		p.note(func() { p.closed++ })
	})
	if _, err := io.WriteString(p.stdin, input); err != nil {
		p.t.Fatal(err)
	}
}

type writer func([]byte)

func (w writer) Write(b []byte) (int, error) { w(b); return len(b), nil }

func (p *process) keepOut(b []byte) { p.note(func() { p.out.Write(b) }) }

// note changes what is known of the process.
func (p *process) note(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
	close(p.changed)
	p.changed = make(chan struct{})
}

// readEvents parses the stream as it comes.
func (p *process) readEvents(r io.Reader) {
	d := xml.NewDecoder(r)
	for depth := 0; ; {
		token, err := d.Token()
		if err != nil {
			p.note(func() {
				if !errors.Is(err, io.EOF) {
					p.fault = err
				}
			})
			_, _ = io.Copy(io.Discard, r) // the process is not to wait
			return
		}
		switch token := token.(type) {
		case xml.StartElement:
			if token.Name.Local == "stream" && depth == 0 {
				depth++
				continue
			}
			var e event
			err := d.DecodeElement(&e, &token)
			p.note(func() { p.events, p.fault = append(p.events, e), errors.Join(p.fault, err) })
		case xml.EndElement:
			depth--
			p.note(func() { p.whole = depth == 0 })
		}
	}
}

// patience is how long is waited for what must come.
const patience = time.Minute

// eventually waits until ok.
func (p *process) eventually(what string, ok func() bool) {
	p.t.Helper()
	deadline := time.After(patience)
	for {
		p.mu.Lock()
		good, over, changed := ok(), p.closed == 2, p.changed
		p.mu.Unlock()
		if good {
			return
		}
		if over {
			p.t.Fatalf("%s: did not come before the process ended", what)
		}
		select {
		case <-changed:
		case <-deadline:
			p.mu.Lock()
			defer p.mu.Unlock()
			p.t.Fatalf("%s: did not come; there are %d events, %d of them flows", what, len(p.events), len(p.of("weir:flow")))
		}
	}
}

// logged waits for a line of the log and returns its first group.
func (p *process) logged(pattern string) (found string) {
	p.t.Helper()
	re := regexp.MustCompile(pattern)
	p.eventually(pattern, func() bool {
		for _, line := range p.log {
			if m := re.FindStringSubmatch(line); m != nil {
				found = m[len(m)-1]
				return true
			}
		}
		return false
	})
	return found
}

// address waits until a stanza listens and returns where.
func (p *process) address(stanza string) string {
	p.t.Helper()
	return p.logged(`^INFO listening stanza=` + regexp.QuoteMeta(stanza) + ` address=([0-9.:]+) `)
}

// of returns the events of a sourcetype that there are by now. The caller holds the lock, or the process has ended.
func (p *process) of(sourcetype string) (list []event) {
	for _, e := range p.events {
		if e.Sourcetype == sourcetype {
			list = append(list, e)
		}
	}
	return list
}

// flows waits for so many flow records.
func (p *process) flows(n int) {
	p.t.Helper()
	p.eventually(fmt.Sprintf("%d flows", n), func() bool { return len(p.of("weir:flow")) >= n })
}

// wait waits for the end of the process and returns its exit code.
func (p *process) wait() int {
	p.t.Helper()
	p.read.Wait()
	err := p.cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	return p.cmd.ProcessState.ExitCode()
}

// ended waits for the end, which is to be in order: a whole document and exit code 0. The key of the session is nowhere, and
// every line of the log has its level.
func (p *process) ended() {
	p.t.Helper()
	if code := p.wait(); code != 0 || p.fault != nil || !p.whole {
		p.t.Errorf("exit code %d, %v, whole %v: ...%s", code, p.fault, p.whole, p.out.Bytes()[max(0, p.out.Len()-300):])
	}
	if log := strings.Join(p.log, "\n"); strings.Contains(log, secret) || strings.Contains(p.out.String(), secret) {
		p.t.Error("the key of the session is told")
	}
	for _, line := range p.log {
		if !regexp.MustCompile(`^(DEBUG|INFO|WARN|ERROR) .`).MatchString(line) {
			p.t.Errorf("a line without a level: %q", line)
		}
	}
}

func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// stop ends the process as splunkd does.
func (p *process) stop() {
	p.t.Helper()
	p.signal(syscall.SIGTERM)
	p.ended()
}

// run runs the program with arguments to its end.
func run(t *testing.T, input string, args ...string) (out, log string, code int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(binary, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(input), &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()
}
