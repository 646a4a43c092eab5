package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/weirflow/weir/internal/playtest"
	"github.com/weirflow/weir/shared/config"
)

const lab = "weir://lab"

// laboratory returns the configuration of a stanza that sends every record.
func laboratory(checkpoints string, more ...string) string {
	return stanzas(checkpoints, append([]string{lab, "listen", "127.0.0.1:0", "clock", "export", "flows", "all"}, more...))
}

// TestEnds: however it is told to end, the document is whole and has all that was received.
func TestEnds(t *testing.T) {
	path := capture(t, "030-logstash-ipfix-mikrotik-routeros-6-39-2.pcap")
	records := playtest.Replay(t, config.Default(), path).Records
	for name, end := range map[string]func(*process){
		"SIGTERM": func(p *process) { p.signal(syscall.SIGTERM) },
		"SIGINT":  func(p *process) { p.signal(os.Interrupt) },
		"SIGTERM after standard input was closed at once, as splunkd does": func(p *process) { p.signal(syscall.SIGTERM) },
		"closed standard input": func(p *process) {
			p.logged("^INFO standard input is held open")
			p.stdin.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, laboratory(t.TempDir()))
			if strings.Contains(name, "at once") {
				p.stdin.Close()
			}
			to := p.address(lab)
			playtest.Send(t, to, path)
			p.taken(to)
			end(p)
			p.ended()
			status := p.of("weir:status")
			if len(p.of("weir:flow")) != records || len(p.of("weir:session")) == 0 || len(status) == 0 {
				t.Fatalf("%d flows of %d, %d sessions, %d times its status", len(p.of("weir:flow")), records, len(p.of("weir:session")), len(status))
			}
			last := status[len(status)-1]
			if m := last.member(t, "message"); m != "stopping, 1 exporter, none without templates" {
				t.Errorf("says %q at the end", m)
			}
		})
	}
}

// TestFirstStatus: whoever waits to see that it works need not wait for a minute.
func TestFirstStatus(t *testing.T) {
	p := start(t, stanzas(t.TempDir(), []string{lab, "listen", "127.0.0.1:0"}))
	to := p.address(lab)
	p.eventually("its status", func() bool { return len(p.of("weir:status")) > 0 })
	p.stop()
	first := p.of("weir:status")[0]
	if m := first.member(t, "message"); m != "listening, no exporter yet" {
		t.Errorf("says %q", m)
	}
	if list, ok := first.member(t, "listen").([]any); !ok || len(list) != 1 || list[0] != to {
		t.Errorf("listens on %v, not %s", list, to)
	}
}

// TestNoConfiguration: standard input that ends without a configuration is an error, and a whole document.
func TestNoConfiguration(t *testing.T) {
	for name, input := range map[string]string{"nothing": "", "half of it": laboratory("")[:200], "another document": "<items></items>"} {
		out, log, code := run(t, input)
		if code != 1 || out != "<stream>\n</stream>\n" || !strings.HasPrefix(log, "ERROR standard input") || strings.Count(log, "\n") != 1 || strings.Contains(log, secret) {
			t.Errorf("%s: exit code %d, %q, %q", name, code, out, log)
		}
	}
	if out, log, code := run(t, stanzas("")); code != 0 || out != "<stream>\n</stream>\n" || log != "INFO no stanza is configured\n" {
		t.Errorf("no stanza: exit code %d, %q, %q", code, out, log)
	}
}

// TestPortTaken: it says so and ends; what is not checked before can fail when it starts.
func TestPortTaken(t *testing.T) {
	first := start(t, laboratory(t.TempDir()))
	out, log, code := run(t, stanzas(t.TempDir(), []string{lab, "listen", first.address(lab)}))
	if code != 1 || out == "" || !strings.Contains(log, "ERROR weir://lab: ") || !strings.Contains(log, "address already in use") {
		t.Errorf("exit code %d, %q, %q", code, out, log)
	}
	first.stop()
}

// TestBrokenPipe: when nobody reads any more it ends in order, and keeps its state.
func TestBrokenPipe(t *testing.T) {
	path, checkpoints := capture(t, "066-telegraf-netflow-v5-example.pcap"), t.TempDir()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, cmd: exec.Command(binary), changed: make(chan struct{})}
	p.cmd.Stdout = w
	p.begin(laboratory(checkpoints))
	w.Close()
	to := p.address(lab)
	r.Close()
	playtest.Send(t, to, path)
	if code := p.wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	p.logged(`^INFO stopping: standard output cannot be written: `)
	for _, line := range p.log {
		if strings.HasPrefix(line, "ERROR") || strings.Contains(line, "goroutine") {
			t.Errorf("says %q", line)
		}
	}
}

// TestOrphan: an input whose splunkd has gone ends.
func TestOrphan(t *testing.T) {
	dir := t.TempDir()
	input := filepath.Join(dir, "input.xml")
	if err := os.WriteFile(input, []byte(laboratory(dir)), 0o600); err != nil {
		t.Fatal(err)
	}
	// A shell that starts the program beside it, and ends when its standard input does. The program's standard input has ended at once.
	p := startWith(t, exec.Command("sh", "-c", `"$0" < "$1" & read line`, binary, input), "")
	p.address(lab)
	p.stdin.Close()
	if code := p.wait(); code > 1 || !p.whole || p.fault != nil { // wait waits for the program, too, which has the pipes
		t.Errorf("exit code %d, %v, whole %v", code, p.fault, p.whole)
	}
	p.logged("^INFO stopping: the process that started it is gone$")
}

// TestRestart: templates are known in the next run, so that data is decoded at once.
func TestRestart(t *testing.T) {
	datagrams := playtest.Datagrams(t, capture(t, "016-logstash-netflow-9-h3c.pcap")) // first the template, then 16 records
	checkpoints := t.TempDir()
	first := start(t, laboratory(checkpoints))
	give(t, dial(t, first.address(lab)), datagrams[0])
	first.kept("lab", "templates.json", checkpoints)
	first.stop()
	second := start(t, laboratory(checkpoints))
	give(t, dial(t, second.address(lab)), datagrams[1])
	second.flows(16)
	second.stop()
}

// kept waits until a file of a stanza's state is there.
func (p *process) kept(stanza, name, checkpoints string) {
	p.t.Helper()
	path := filepath.Join(checkpoints, stanza, name)
	p.until("the file "+name, func() bool { _, err := os.Stat(path); return err == nil })
}
