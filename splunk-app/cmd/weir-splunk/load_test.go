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

// TestAlerts: the ids of alerts are those of the collector's replay of the same capture.
func TestAlerts(t *testing.T) {
	dir, cfg := t.TempDir(), traffic.DefaultConfig()
	cfg.Scenario, cfg.Seed, cfg.Scale = "flood", 7, 0.05
	if _, err := traffic.WriteDir(context.Background(), cfg, dir); err != nil {
		t.Fatal(err)
	}
	p := start(t, stanzas(t.TempDir(), []string{lab, "listen", "127.0.0.1:0", "config", filepath.Join(dir, "weir.yaml"), "clock", "export", "flows", "all", "buffer_mb", "256"}))
	path := filepath.Join(dir, "traffic.pcap")
	to := p.address(lab)
	play(t, to, path)
	conf, err := config.Load(filepath.Join(dir, "weir.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	want := replay(t, conf, path)
	p.taken(to)
	p.flows(want.records * 8 / 10) // the end waits for some seconds only, and the last wait for their order by export time
	p.stop()
	if n := len(p.of("weir:flow")); n != want.records {
		t.Errorf("%d flows, the collector has %d", n, want.records)
	}
	told, ids := map[string]bool{}, map[string]bool{}
	for id, a := range want.alerts {
		if a.State != flow.AlertPending {
			told[id] = true
		}
	}
	for _, e := range p.of("weir:alert") {
		id, _ := e.member(t, "id").(string)
		ids[id] = true
	}
	if diff := cmp.Diff(told, ids); diff != "" || len(ids) == 0 {
		t.Errorf("ids of alerts (-collector +input):\n%s", diff)
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
