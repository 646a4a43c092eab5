//go:build cgo

package daemon_test

import (
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"github.com/weirflow/weir/collector/internal/daemon"
	"github.com/weirflow/weir/shared/headers"
	"github.com/weirflow/weir/shared/listen"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/traffic"
	"github.com/weirflow/weir/shared/traffic/encode"
)

// playSFlow gives a flood, sampled by sFlow, to a daemon whose clock is that of the datagrams, and returns the truth of the flood.
func playSFlow(t *testing.T, data string) (alerts []string, truth traffic.Truth) {
	t.Helper()
	cfg := testConfig(data, anyPort)
	cfg.Clock = pipeline.ReceiveClock
	var now atomic.Int64
	d, err := daemon.New(cfg, daemon.Deps{Now: func() time.Time { return time.Unix(0, now.Load()).UTC() }})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	gen := traffic.DefaultConfig()
	gen.Scenario, gen.Seed, gen.Protocol, gen.Sampling, gen.Hosts = "flood", 4, encode.SFlow5, 200, 60
	n := 0
	res, err := traffic.Generate(t.Context(), gen, traffic.SinkFunc(func(g traffic.Datagram) error {
		now.Store(g.Time.UnixNano())
		d.Pipeline().Handle(0, []listen.Datagram{{Payload: slices.Clone(g.Payload), Source: g.Exporter, Received: g.Time.UnixNano()}})
		if n++; n%500 == 0 {
			return d.Pipeline().Drain(t.Context())
		}
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Pipeline().Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := d.Store().Flush(t.Context()); err != nil { // the last alerts wait for a commit
		t.Fatal(err)
	}
	list, err := d.Store().Alerts(t.Context(), query.AlertQuestion{})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range list {
		if slices.Equal(a.Victims, res.Truth[0].Victims) {
			alerts = append(alerts, a.ID)
		}
	}
	stop(t, d)
	return alerts, res.Truth[0]
}

// TestHeadersAroundAnAlert: the flood's packets are kept, with their lengths, from before its start.
func TestHeadersAroundAnAlert(t *testing.T) {
	data := t.TempDir()
	alerts, truth := playSFlow(t, data)
	if len(alerts) == 0 {
		t.Fatal("the flood was not found")
	}
	f, err := headers.Open(filepath.Join(data, daemon.HeadersName), alerts[0])
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := pcapgo.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	toVictim, during := 0, 0
	for {
		data, info, err := r.ReadPacketData()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		p := gopacket.NewPacket(data, layers.LayerTypeEthernet, gopacket.Default)
		ip, ok := p.NetworkLayer().(*layers.IPv4)
		if !ok || info.Length < int(ip.Length)+18 {
			t.Fatalf("%d bytes on the wire: %v", info.Length, p)
		}
		if ip.DstIP.String() == truth.Victims[0] {
			toVictim++
			if !info.Timestamp.Before(truth.Start) {
				during++
			}
		}
	}
	if during < 100 || toVictim < during {
		t.Errorf("%d packets to the victim, %d since the flood began", toVictim, during)
	}
}

func TestPcapOverHTTP(t *testing.T) {
	cfg := testConfig(t.TempDir(), anyPort)
	dir := filepath.Join(cfg.Data, daemon.HeadersName)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "0a1b.pcap"), []byte("capture"), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, cfg)
	if status, body := get(t, cfg.Data, query.PathPcap+"0a1b"); status != http.StatusOK || body != "capture" {
		t.Errorf("status %d, %q", status, body)
	}
	for _, id := range []string{"ffff", "..%2F..%2Fweir", ""} {
		if status, body := get(t, cfg.Data, query.PathPcap+id); status != http.StatusNotFound {
			t.Errorf("%q: status %d, %q", id, status, body)
		}
	}
}

// TestNoHeaders: where none are kept there is neither memory nor folder.
func TestNoHeaders(t *testing.T) {
	cfg := testConfig(t.TempDir(), anyPort)
	cfg.SFlow.Headers = 0
	start(t, cfg)
	if status, _ := get(t, cfg.Data, "/metrics"); status != http.StatusOK {
		t.Errorf("metrics: status %d", status)
	}
	if status, _ := get(t, cfg.Data, query.PathPcap+"ffff"); status != http.StatusNotFound {
		t.Errorf("status %d", status)
	}
}
