package main_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/internal/playtest"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/traffic"
)

// TestStalledReader: a Splunk that stops to read costs events, which are counted, but no datagram: the sockets are not held up.
func TestStalledReader(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	p := &process{t: t, cmd: exec.Command(binary), changed: make(chan struct{})}
	p.cmd.Stdout = w
	p.begin(stanzas(t.TempDir(), []string{lab, "listen", "127.0.0.1:0", "flows", "all", "buffer_mb", "1"}))
	w.Close()
	e := newExporter(t, p.address(lab))
	e.announce()
	const datagrams = 500 // their records are more than ten times the buffer
	e.send(datagrams)
	p.taken(e.conn.to.String()) // while nobody reads events
	p.logged("^WARN events are dropped: Splunk does not read them fast enough stanza=")
	p.read.Go(func() { p.readEvents(r); p.note(func() { p.closed++ }) })
	p.eventually("events", func() bool { return len(p.events) > 0 })
	p.stop()
	status := p.of("weir:status")
	last := status[len(status)-1]
	records, lost := last.member(t, "records").(float64), last.member(t, "events_lost").(float64)
	flows, sessions := len(p.of("weir:flow")), len(p.of("weir:session"))
	t.Logf("%d records sent, %v received, %d flows and %d sessions told, %v events dropped: %s", e.sent, records, flows, sessions, lost, last.member(t, "message"))
	if int(records) != e.sent || gapsOf(t, p) != 0 {
		t.Errorf("of %d records %v were received, gaps of %d", e.sent, records, gapsOf(t, p))
	}
	if dropped := last.member(t, "records_dropped").(float64); flows+int(dropped) != e.sent {
		t.Errorf("%d records sent, %d are events, %v are dropped by the account", e.sent, flows, dropped)
	}
	if lost == 0 || flows+int(lost) < e.sent || flows >= e.sent {
		t.Errorf("of %d records %d are events, %v were dropped", e.sent, flows, lost)
	}
}

// slowly reads some kilobytes at a time.
type slowly struct{ from io.Reader }

func (s slowly) Read(b []byte) (int, error) {
	time.Sleep(20 * time.Millisecond) // it is slow: 200 kB/s
	return s.from.Read(b[:min(len(b), 4096)])
}

// TestSlowEnd: what cannot be written in time at the end is left out, and the document is whole.
func TestSlowEnd(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	p := &process{t: t, cmd: exec.Command(binary), changed: make(chan struct{})}
	p.cmd.Stdout = w
	p.begin(stanzas(t.TempDir(), []string{lab, "listen", "127.0.0.1:0", "flows", "all", "buffer_mb", "2"}))
	w.Close()
	e := newExporter(t, p.address(lab))
	e.announce()
	e.send(500) // fill the buffer
	p.taken(e.conn.to.String())
	p.read.Go(func() { p.readEvents(slowly{r}); p.note(func() { p.closed++ }) })
	p.signal(os.Interrupt)
	if code := p.wait(); code != 1 || !p.whole || p.fault != nil {
		t.Errorf("exit code %d, whole %v, %v", code, p.whole, p.fault)
	}
	p.logged("^ERROR not everything could be written before the end")
}

// flood generates a scenario with a flood and returns its folder.
func flood(t *testing.T) (dir string, conf config.Config) {
	t.Helper()
	dir = t.TempDir()
	cfg := traffic.DefaultConfig()
	cfg.Scenario, cfg.Seed, cfg.Scale = "flood", 7, 0.02
	if _, err := traffic.WriteDir(context.Background(), cfg, dir); err != nil {
		t.Fatal(err)
	}
	conf, err := config.Load(filepath.Join(dir, "weir.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return dir, conf
}

// alerts returns the ids of the alerts told of by now, each with its changes. The caller holds the lock, or the process has ended.
func (p *process) alerts() map[string][]string {
	ids := map[string][]string{}
	for _, e := range p.of("weir:alert") {
		id, _ := e.member(p.t, "id").(string)
		change, _ := e.member(p.t, "change").(string)
		ids[id] = append(ids[id], change)
	}
	return ids
}

// TestAlerts: the ids of alerts are those of the collector's replay of the same capture.
func TestAlerts(t *testing.T) {
	dir, conf := flood(t)
	path, want := filepath.Join(dir, "traffic.pcap"), map[string]bool{}
	for id, a := range playtest.Replay(t, conf, path).Alerts {
		if a.State != flow.AlertPending {
			want[id] = true
		}
	}
	p := start(t, stanzas(t.TempDir(), []string{lab, "listen", "127.0.0.1:0", "config", filepath.Join(dir, "weir.yaml"), "clock", "export", "flows", "none"}))
	to := p.address(lab)
	playtest.Send(t, to, path)
	p.taken(to)
	p.eventually(fmt.Sprintf("%d alerts", len(want)), func() bool { return len(p.alerts()) >= len(want) })
	p.stop()
	ids := map[string]bool{}
	for id, changes := range p.alerts() {
		if ids[id] = true; changes[0] != "raised" {
			t.Errorf("alert %s begins with %v", id, changes)
		}
	}
	if diff := cmp.Diff(want, ids); diff != "" || len(ids) == 0 {
		t.Errorf("ids of alerts (-collector +input):\n%s", diff)
	}
}

// TestAlertsGoOn: an alert that is open when the input ends is not raised again in the next run, but goes on under its id.
func TestAlertsGoOn(t *testing.T) {
	dir, conf := flood(t)
	path, checkpoints := filepath.Join(dir, "traffic.pcap"), t.TempDir()
	want := len(playtest.Replay(t, conf, path).Alerts)
	input := stanzas(checkpoints, []string{lab, "listen", "127.0.0.1:0", "config", filepath.Join(dir, "weir.yaml"), "clock", "export", "flows", "none"})
	first := start(t, input)
	from := dial(t, first.address(lab))
	datagrams := playtest.Datagrams(t, path)
	sent := 0
	first.until("an alert", func() bool { // as far as the first alert, which is open then
		for n := 0; n < 50 && sent < len(datagrams); n, sent = n+1, sent+1 {
			give(t, from, datagrams[sent])
		}
		first.mu.Lock()
		defer first.mu.Unlock()
		return len(first.alerts()) > 0
	})
	first.stop()
	if sent == len(datagrams) {
		t.Skip("the machine is too busy: the first alert came when all was sent")
	}
	second := start(t, input)
	from = dial(t, second.address(lab))
	for n, d := range datagrams[sent:] {
		if give(t, from, d); n%50 == 0 {
			second.taken(from.to.String())
		}
	}
	second.eventually("the rest", func() bool { return len(second.alerts()) > 0 })
	second.stop()
	before, after := first.alerts(), second.alerts()
	goOn := 0
	for id, changes := range after {
		if len(before[id]) > 0 {
			if goOn++; changes[0] == "raised" {
				t.Errorf("alert %s is raised again: %v, then %v", id, before[id], changes)
			}
		}
	}
	if n := len(before) + len(after) - goOn; goOn == 0 || n > want {
		t.Errorf("%d alerts, then %d, of which %d are the same; the collector has %d", len(before), len(after), goOn, want)
	}
}

// TestRate measures how many flow events a second are told. It runs with WEIR_RATE=1 and asserts nothing: machines differ.
func TestRate(t *testing.T) {
	if os.Getenv("WEIR_RATE") == "" {
		t.Skip("a measurement: set WEIR_RATE=1")
	}
	const seconds = 20
	for _, rate := range []int{50_000, 100_000, 200_000} {
		t.Run(fmt.Sprint(rate), func(t *testing.T) {
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			p := &process{t: t, cmd: exec.Command(binary), changed: make(chan struct{})}
			p.cmd.Stdout = w
			p.begin(stanzas(t.TempDir(), []string{lab, "listen", "127.0.0.1:0", "flows", "all"}))
			w.Close()
			flows, size := 0, 0
			var lastStatus string
			p.read.Go(func() {
				for s := bufio.NewReaderSize(r, 1<<20); ; {
					line, err := s.ReadBytes('\n')
					size += len(line)
					if bytes.Contains(line, []byte("weir:flow<")) {
						flows++
					} else if bytes.Contains(line, []byte("weir:status<")) {
						lastStatus = string(line)
					}
					if err == io.EOF {
						return
					}
				}
			})
			e := newExporter(t, p.address(lab))
			e.announce()
			begun := time.Now()
			e.sendAt(rate, seconds*time.Second)
			took := time.Since(begun)
			p.taken(e.conn.to.String())
			p.signal(os.Interrupt)
			if code := p.wait(); code != 0 {
				t.Errorf("exit code %d", code)
			}
			u := p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()
			t.Logf("%d records sent in %v: %d flow events, %.0f/s, %d MB, %v of CPU; %s", e.sent, took, flows, float64(flows)/took.Seconds(), size>>20, u, lastStatus)
		})
	}
}

// sendAt sends so many records a second.
func (e *exporter) sendAt(rate int, during time.Duration) {
	begun := time.Now()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for range ticker.C {
		passed := time.Since(begun)
		if passed > during {
			return
		}
		for e.sent < int(passed.Seconds()*float64(rate)) {
			give(e.t, e.conn, e.mix.Next(0, time.Now()))
			e.sent += e.mix.RecordsPerDatagram()
		}
	}
}
