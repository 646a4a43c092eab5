package main_test

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/traffic"
	"github.com/weirflow/weir/shared/traffic/encode"
)

// until looks until ok, where nothing tells of the change.
func (p *process) until(what string, ok func() bool) {
	p.t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.t.Fatalf("%s: did not come", what)
		}
	}
}

// exporter sends datagrams of IPFIX, whose sequence numbers count records.
type exporter struct {
	t    *testing.T
	mix  *traffic.BenchMix
	conn source
	sent int // records
}

func newExporter(t *testing.T, to string) *exporter {
	t.Helper()
	mix, err := traffic.NewBenchMix(traffic.BenchConfig{Seed: 1, Protocol: encode.IPFIX, Exporters: 1})
	if err != nil {
		t.Fatal(err)
	}
	return &exporter{t: t, mix: mix, conn: dial(t, to)}
}

func (e *exporter) announce() {
	e.t.Helper()
	d, err := e.mix.Templates(0, time.Now())
	if err != nil {
		e.t.Fatal(err)
	}
	give(e.t, e.conn, d)
}

// send sends datagrams at a pace that a socket's buffer bears.
func (e *exporter) send(datagrams int) {
	pace := time.NewTicker(time.Millisecond)
	defer pace.Stop()
	for i := range datagrams {
		if i%10 == 0 {
			<-pace.C
		}
		give(e.t, e.conn, e.mix.Next(0, time.Now()))
		e.sent += e.mix.RecordsPerDatagram()
	}
}

// TestKilled: of what is sent to an input that is killed amid the load, and started again, each record is an event, or missing by the sequence
// numbers; templates are known at once.
func TestKilled(t *testing.T) {
	port, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listen, checkpoints := port.LocalAddr().String(), t.TempDir()
	port.Close()
	input := stanzas(checkpoints, []string{lab, "listen", listen, "flows", "all"})
	first := start(t, input)
	e := newExporter(t, first.address(lab))
	e.announce()
	e.send(100)
	first.kept("lab", "account.json", checkpoints)
	first.flows(e.sent)
	e.send(100)
	first.signal(os.Kill)
	first.wait()
	if first.whole {
		t.Error("a killed process has ended its document")
	}
	e.send(50) // nobody is there
	second := start(t, input)
	second.address(lab)
	before := e.sent
	e.send(20)
	second.flows(e.sent - before)
	second.stop()
	there := len(first.of("weir:flow")) + len(second.of("weir:flow"))
	gaps := gapsOf(t, second)
	if lost := e.sent - there; lost < 50*e.mix.RecordsPerDatagram() || gaps < lost {
		t.Errorf("%d records sent, %d are events, gaps of %d are told", e.sent, there, gaps)
	}
	if status := second.of("weir:status"); status[len(status)-1].member(t, "exporters_waiting") != 0.0 {
		t.Errorf("sets wait for templates: %s", status[len(status)-1].Data)
	}
	text, err := os.ReadFile(filepath.Join(checkpoints, "lab", "account.json"))
	if err != nil || !json.Valid(text) {
		t.Errorf("account: %v, %s", err, text)
	}
}

// gapsOf returns the gaps that the exporter's last event tells of.
func gapsOf(t *testing.T, p *process) int {
	t.Helper()
	list := p.of("weir:exporter")
	gaps, ok := list[len(list)-1].member(t, "gaps").(float64)
	if !ok {
		t.Fatalf("no gaps: %s", list[len(list)-1].Data)
	}
	return int(gaps)
}
