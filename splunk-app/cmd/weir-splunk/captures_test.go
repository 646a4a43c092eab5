package main_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/listen"
	"github.com/weirflow/weir/shared/listen/send"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/sink"
)

// captures is the folder of recorded captures, beside the repository.
const captures = "../../../../shared/captures/pcap"

func capture(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(captures, name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("SKIPPED: no recorded captures: %v", err)
	}
	return path
}

// play sends captures and returns how many datagrams there were.
func play(t *testing.T, to string, paths ...string) int {
	t.Helper()
	c, err := listen.MergeCaptures(paths, listen.CaptureConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	sender, err := send.New(send.Config{To: to, Rate: 4000}, send.Deps{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	sent, err := sender.Send(context.Background(), c)
	if err != nil || sent.Failed+sent.Unreachable > 0 {
		t.Fatalf("sent %+v, %v", sent, err)
	}
	return int(sent.Datagrams)
}

// load returns the datagrams of a capture.
func load(t *testing.T, path string) (list [][]byte) {
	t.Helper()
	c, err := listen.OpenCapture(path, listen.CaptureConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for {
		d, err := c.Next()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, slices.Clone(d.Payload))
	}
}

// source is a socket of an exporter, which does not care whether anybody listens.
type source struct {
	*net.UDPConn
	to *net.UDPAddr
}

func dial(t *testing.T, to string) source {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 9), Port: 0})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return source{conn, net.UDPAddrFromAddrPort(netip.MustParseAddrPort(to))}
}

func give(t *testing.T, s source, payload []byte) {
	t.Helper()
	if _, err := s.WriteToUDP(payload, s.to); err != nil {
		t.Fatal(err)
	}
}

// taken waits until the program has taken all datagrams that were sent to an address.
func (p *process) taken(to string) {
	p.t.Helper()
	port := netip.MustParseAddrPort(to).Port()
	p.until("all datagrams to be taken", func() bool { return queued(p.t, port) == 0 })
}

// queued returns how many bytes wait in the sockets of a port, by the kernel's table; -1 where there is none.
func queued(t *testing.T, port uint16) (bytes int) {
	t.Helper()
	text, err := os.ReadFile("/proc/net/udp")
	if err != nil {
		t.Skipf("SKIPPED: the kernel does not tell: %v", err)
	}
	found := false
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) > 4 && strings.HasSuffix(f[1], fmt.Sprintf(":%04X", port)) {
			var tx, rx int
			if _, err := fmt.Sscanf(f[4], "%x:%x", &tx, &rx); err == nil {
				found, bytes = true, bytes+rx
			}
		}
	}
	if !found {
		return -1
	}
	return bytes
}

// kept keeps what a replay by the collector's own pipeline comes to.
type kept struct {
	records int
	alerts  map[string]flow.Alert
}

func (k *kept) WriteBatch(_ context.Context, b *flow.Batch) error {
	k.records += len(b.Records)
	s := flow.NewSettlement()
	s.Add(b, nil)
	s.Commit()
	return nil
}

func (k *kept) WriteAlerts(_ context.Context, list []flow.Alert) error {
	for _, a := range list {
		k.alerts[a.ID] = a
	}
	return nil
}

// replay runs the collector's pipeline over captures.
func replay(t *testing.T, cfg config.Config, paths ...string) *kept {
	t.Helper()
	k := &kept{alerts: map[string]flow.Alert{}}
	core, err := pipeline.Assemble(cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := core.Pipeline(pipeline.Config{Clock: pipeline.ReceiveClock, Blocking: true}, pipeline.Sinks{Records: k, Alerts: []sink.Alerts{k}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	if err := p.Replay(context.Background(), paths, pipeline.ReplayConfig{}); err != nil {
		t.Fatal(err)
	}
	if err := p.Finish(context.Background()); err != nil {
		t.Fatal(err)
	}
	return k
}
