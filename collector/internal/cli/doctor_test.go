package cli

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/collector/internal/api"
	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/health"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/query/conformance"
)

// patients are exporters, and the collector that they are told by.
type patients struct {
	exporters []query.Exporter
	collector query.Collector
}

func (p *patients) Exporters(context.Context) ([]query.Exporter, error) { return p.exporters, nil }
func (p *patients) Collector(context.Context) (query.Collector, error)  { return p.collector, nil }

// serve serves patients as a collector does, and returns its URL.
func (p *patients) serve(t *testing.T) string {
	t.Helper()
	reference := conformance.NewReference(flow.NewBatch(0, flow.NewSymbols()))
	h, err := api.New(api.DefaultConfig(), api.Deps{Engine: reference, Sessions: reference, Alerts: reference, Exporters: p, Collector: p})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// patient is an exporter with faults.
func patient(ip string, domain uint32, protocol, vendor string, faults ...health.Fault) query.Exporter {
	return query.Exporter{IP: ip, Domain: domain, Protocol: protocol, Health: &health.Stream{AsOf: time.Unix(1772438400, 0), Vendor: vendor, Faults: faults}}
}

func fault(k health.Kind, level health.Level, value float64) health.Fault {
	return health.FaultOf(k, level, value, time.Unix(1772438400, 0))
}

func TestDoctor(t *testing.T) {
	p := patients{
		exporters: []query.Exporter{
			patient("192.0.2.1", 0, "netflow9", "IOS", fault(health.ActiveTimeout, health.Notice, 1800), fault(health.Loss, health.Critical, 0.07)),
			patient("192.0.2.2", 1, "ipfix", "", fault(health.ClockOffset, health.Warning, -90)),
			patient("192.0.2.2", 2, "ipfix", "", fault(health.ClockOffset, health.Warning, -90)),
			patient("192.0.2.3", 0, "sflow5", ""),
			{IP: "192.0.2.4", Refused: map[string]uint64{"version": 12}},
			{IP: "192.0.2.5", Refused: map[string]uint64{"version": 1}},
		},
		collector: query.Collector{
			Started: time.Unix(1772438400, 0), Sockets: []query.Socket{{KernelDrops: 200}, {KernelDrops: 12}}, Disk: &query.Disk{Free: 1 << 30, Total: 100 << 30},
		},
	}
	const want = `192.0.2.1 netflow9 domain 0 (IOS, as it seems)
  critical  7 % of what it sent was lost: sums are too small, and sessions look unanswered; on IOS: show ip flow export
            look for drops on the way and at the exporter; if sockets of this collector drop, see below
  notice    active timeout 1800 s: floods seen up to 30 minutes late; on IOS: ip flow-cache timeout active 1
            set the active timeout to 60 s

192.0.2.2 ipfix domain 1 and 1 more
  warning   clock 90 s behind: its times do not fit those of other exporters; they are corrected while the offset can be told; on IOS-XE: ntp server ADDRESS
            on Junos: set system ntp server ADDRESS
            on MikroTik: /system ntp client set enabled=yes servers=ADDRESS
            set the device's clock by NTP

192.0.2.4 domain 0
  notice    12 datagrams of no known protocol: they are neither NetFlow v1, v5, v7 or v9, nor IPFIX or sFlow v5, and were refused; on IOS: ip flow-export version 9
            on IOS-XE: flow exporter NAME ; export-protocol netflow-v9
            on Junos: set forwarding-options sampling instance NAME family inet output flow-server ADDRESS version9 template NAME
            set the exporter to one of these versions, or find out what else sends to the port

this collector
  critical  disk almost full: 1 % free: when it is full nothing more is stored
            shorten store.retention, bound store.retention_size or set store.keep_free in weir.yaml, or give the data folder a larger disk
  warning   212 datagrams dropped by the kernel: the socket's buffer was full: what was in them is lost, and shows as gaps of the exporters
            allow a larger buffer and use it: sysctl -w net.core.rmem_max=33554432 (and in /etc/sysctl.d/), receive: {buffer: 32MiB} in weir.yaml; or more sockets: receive: {workers: 4}
`
	url := p.serve(t)
	if diff := cmp.Diff(want, must(t, "doctor", "--url", url)); diff != "" {
		t.Errorf("weir doctor (-want +got):\n%s", diff)
	}
	list := jsonOf[[]map[string]any](t, must(t, "doctor", "--url", url, "--format", "json"))
	if len(list) != 6 || list[1]["kind"] != "active_timeout" || list[1]["exporter"] != "192.0.2.1" || list[1]["value"] != 1800.0 || list[5]["exporter"] != "" {
		t.Errorf("json %v", list)
	}
}

// TestDoctorFindsNothing: on a healthy collector, on one that nobody has sent to, and on a disk that is small in share alone.
func TestDoctorFindsNothing(t *testing.T) {
	for name, c := range map[string]struct {
		patients
		want string
	}{
		"healthy": {patients{exporters: []query.Exporter{patient("192.0.2.1", 0, "ipfix", "")}}, "nothing wrong\n"},
		"nobody":  {patients{}, "no exporter has sent anything yet\nnothing wrong\n"},
		"a large disk": {patients{
			exporters: []query.Exporter{patient("192.0.2.1", 0, "ipfix", "")}, collector: query.Collector{Disk: &query.Disk{Free: 30 << 30, Total: 10 << 40}},
		}, "nothing wrong\n"},
	} {
		url := c.serve(t)
		if got := must(t, "doctor", "--url", url); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
		if got := must(t, "doctor", "--url", url, "--format", "json"); got != "[]\n" {
			t.Errorf("%s: json %q", name, got)
		}
	}
}

// TestDoctorOfReplay: a stopped folder keeps what was known last.
func TestDoctorOfReplay(t *testing.T) {
	for _, c := range []struct {
		effects string
		says    []string
		never   string
	}{
		{"", []string{"as of 2026-03-02 00:30"}, "198.51.100."}, // no word of an exporter; this machine's disk may be almost full
		{"noflags,skew", []string{"as of 2026-03-02 00:30", "TCP flags missing in 100 %", "clock 7 s ahead", "clock 11 s behind", "ntp server"}, "nothing wrong"},
	} {
		dir := t.TempDir()
		data := filepath.Join(dir, "data")
		must(t, "gen", "flood", "--seed", "3", "--hosts", "5", "--effects", c.effects, "--out", dir)
		must(t, "replay", filepath.Join(dir, "traffic.pcap"), "--data", data)
		text := must(t, "doctor", "--data", data)
		for _, want := range c.says {
			if !strings.Contains(text, want) {
				t.Errorf("%q: weir doctor does not say %q:\n%s", c.effects, want, text)
			}
		}
		if strings.Contains(text, c.never) {
			t.Errorf("%q: weir doctor says %q:\n%s", c.effects, c.never, text)
		}
		table := must(t, "exporters", "--data", data, "--health")
		for _, want := range []string{"BOTH WAYS", "60s", "15s", "198.51.100.1"} {
			if !strings.Contains(table, want) {
				t.Errorf("weir exporters --health does not show %q:\n%s", want, table)
			}
		}
		for _, e := range jsonOf[[]query.Exporter](t, must(t, "exporters", "--data", data, "--format", "json")) {
			if e.Health == nil || e.Health.InactiveTimeout == nil || e.Health.TemplateAge == nil || e.Health.Clock == nil {
				t.Errorf("%s: health %+v", e.IP, e.Health)
			}
		}
	}
}

// freePort returns a UDP port that nobody uses just now.
func freePort(t *testing.T) int {
	t.Helper()
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.LocalAddr().(*net.UDPAddr).Port
}

// TestDoctorOfRunning goes the way of a user: a collector, a capture sent to it, and the question of what is wrong.
func TestDoctorOfRunning(t *testing.T) {
	dir := t.TempDir()
	data, port := filepath.Join(dir, "data"), freePort(t)
	must(t, "gen", "flood", "--seed", "3", "--hosts", "5", "--effects", "noflags", "--out", dir)
	yaml := fmt.Sprintf("listen: [\"127.0.0.1:%d\"]\napi: {listen: off}\n", port)
	if err := os.WriteFile(filepath.Join(dir, "run.yaml"), []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var out, errs bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		ended <- Run(ctx, []string{"run", "--config", filepath.Join(dir, "run.yaml"), "--data", data, "--clock", "export"}, command.Streams{Out: &out, Err: &errs})
	}()
	defer func() {
		stop()
		if code := <-ended; code != command.OK {
			t.Errorf("weir run: exit %d\n%s", code, errs.String())
		}
	}()
	until(t, "the collector's socket", func() bool { _, err := os.Stat(filepath.Join(data, socketName)); return err == nil })
	until(t, "an answer", func() bool { code, _, _ := weir(t, "doctor", "--data", data); return code == command.OK })
	sent := must(t, "send", filepath.Join(dir, "traffic.pcap"), "--to", fmt.Sprintf("127.0.0.1:%d", port), "--rate", "2500")
	var datagrams uint64
	if _, err := fmt.Sscanf(sent, "%d datagrams", &datagrams); err != nil {
		t.Fatal(err)
	}
	var text string
	until(t, "the fault", func() bool {
		text = must(t, "doctor", "--data", data)
		return strings.Contains(text, "TCP flags missing in 100 %")
	})
	if strings.Contains(text, "stopped") || !strings.Contains(text, "127.0.0.2 netflow9 domain 1") {
		t.Errorf("weir doctor says\n%s", text)
	}
	if !strings.Contains(must(t, "exporters", "--data", data), "weir doctor says what mends it") {
		t.Error("weir exporters does not name the fault")
	}
}

// until waits until something holds.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
