//go:build cgo

package daemon_test

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/daemon"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/listen/forward"
	"github.com/weirflow/weir/shared/listen/stream/streamtest"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/traffic"
	"github.com/weirflow/weir/shared/traffic/encode"
)

// exports returns the templates and n datagrams of 24 records of each of some exporters, in turn, sent from addresses of their own.
func exports(t *testing.T, protocol encode.Protocol, exporters, n int) (list []sent) {
	t.Helper()
	mix, err := traffic.NewBenchMix(traffic.BenchConfig{Seed: 3, Exporters: exporters, Protocol: protocol})
	if err != nil {
		t.Fatal(err)
	}
	from := func(i int) string { return fmt.Sprintf("127.0.0.%d:0", i+2) }
	for i := range exporters {
		templates, err := mix.Templates(i, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, sent{from(i), slices.Clone(templates)})
	}
	for range n {
		for i := range exporters {
			list = append(list, sent{from(i), slices.Clone(mix.Next(i, time.Now()))})
		}
	}
	return list
}

// accountOf is what a daemon counted of each stream, as text that can be compared.
func accountOf(d *daemon.Daemon) (list []string) {
	for _, s := range d.Account().Streams() {
		list = append(list, fmt.Sprintf("%v domain %d %v: %d datagrams of %d bytes, %d decoded, refused %v, %d sets, %d records, %d templates, %d gaps, errors %v",
			s.Key.Exporter, s.Key.Domain, s.Key.Protocol, s.Datagrams.Load(), s.Bytes.Load(), s.Decoded.Load(), s.Refused.Map(),
			s.Sets.Load(), s.Records.Load(), s.Templates.Load(), s.Gaps.Load(), s.Errors.Map()))
	}
	return list
}

// TestForwardToAnotherDaemon: what stands in front and what stands behind it have the same account.
func TestForwardToAnotherDaemon(t *testing.T) {
	loopback := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	behind := testConfig(t.TempDir(), anyPort)
	behind.Proxies = loopback
	second := start(t, behind)
	third := start(t, testConfig(t.TempDir(), anyPort))
	front := testConfig(t.TempDir(), anyPort)
	front.Forward = []config.Forward{
		{To: second.Sockets()[0].Address.String(), Proxy: true},
		{To: third.Sockets()[0].Address.String(), Exporters: []netip.Prefix{netip.MustParsePrefix("127.0.0.3/32")}},
	}
	first := start(t, front)
	list := exports(t, encode.NetFlow9, 3, 20)
	list = append(list, sent{"127.0.0.2:0", []byte("no export")}, sent{"127.0.0.4:0", nil}) // goes on as it came
	feed(t, first, list)
	await(t, func() bool { return taken(second) == uint64(len(list)) && taken(third) == 21 })
	want := accountOf(first)
	if got := accountOf(second); !slices.Equal(got, want) || len(want) != 5 {
		t.Errorf("the first daemon counts\n%s\nthe second\n%s", strings.Join(want, "\n"), strings.Join(got, "\n"))
	}
	one := strings.Replace(want[slices.IndexFunc(want, func(s string) bool { return strings.HasPrefix(s, "127.0.0.3 ") })], "127.0.0.3", "127.0.0.1", 1)
	if got := accountOf(third); len(got) != 1 || got[0] != one {
		t.Errorf("the third daemon counts %q, want %q", got, one)
	}
	for i, n := range []int{len(list), 21} {
		if s := first.Forwarded()[i]; s.Sent != uint64(n) || s.Taken != s.Sent || len(s.Dropped) > 0 {
			t.Errorf("target %d: %+v", i, s)
		}
	}
	status, metrics := get(t, front.Data, "/metrics")
	series := fmt.Sprintf("weir_forward_sent_total{target=%q} %d\n", front.Forward[0].To, len(list))
	if status != http.StatusOK || !strings.Contains(metrics, series) {
		t.Errorf("the metrics have no %s", series)
	}
}

// say sends messages over a connection and closes it.
func say(t *testing.T, conn net.Conn, err error, messages []sent) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range messages {
		if _, err := conn.Write(m.payload); err != nil {
			t.Fatal(err)
		}
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestConnections: what comes over TCP and TLS is counted and stored as what comes in datagrams is.
func TestConnections(t *testing.T) {
	list := exports(t, encode.IPFIX, 1, 10)
	datagrams := start(t, testConfig(t.TempDir(), anyPort))
	feed(t, datagrams, list)
	want := strings.Replace(accountOf(datagrams)[0], "127.0.0.2", "127.0.0.1", 1)
	want = strings.Replace(want, " 2 templates", " 0 templates", 1) // they ended with the connection

	ca := streamtest.NewAuthority(t)
	cert, key := ca.Issue("collector")
	dials := map[string]func(to string) (net.Conn, error){
		"tcp": func(to string) (net.Conn, error) { return net.Dial("tcp", to) },
		"tls": func(to string) (net.Conn, error) { return tls.Dial("tcp", to, ca.Client("exporter")) },
	}
	for name, dial := range dials {
		t.Run(name, func(t *testing.T) {
			cfg := testConfig(t.TempDir(), "")
			cfg.Listen = nil
			if cfg.Streams.TCP = []string{anyPort}; name == "tls" {
				cfg.Streams = config.Streams{TLS: []string{anyPort}, Cert: cert, Key: key, ClientCA: ca.CA}
			}
			d := start(t, cfg)
			conn, err := dial(d.Streams()[0].Address.String())
			say(t, conn, err, list)
			await(t, func() bool { return d.Streams()[0].Closed["exporter"] == 1 })
			if got := accountOf(d); len(got) != 1 || got[0] != want {
				t.Errorf("counted %q, want %q", got, want)
			}
			if err := d.Pipeline().Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := d.Store().Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			r, err := d.Store().Aggregate(t.Context(), query.Question{Measure: query.Flows, AllCopies: true})
			if err != nil || r.Rows[0][0] != uint64(240) {
				t.Errorf("rows %v, %v, want 240 records", r.Rows, err)
			}
		})
	}
}

// TestBadConnection: a connection that is not IPFIX is closed, counted and harms nobody.
func TestBadConnection(t *testing.T) {
	cfg := testConfig(t.TempDir(), anyPort)
	cfg.Streams.TCP = []string{anyPort}
	d := start(t, cfg)
	conn, err := net.Dial("tcp", d.Streams()[0].Address.String())
	say(t, conn, err, []sent{{payload: []byte("GET / HTTP/1.1\r\n\r\n")}})
	await(t, func() bool { return d.Streams()[0].Closed["framing"] == 1 })
	if n := d.Account().Stream(flow.StreamKey{Exporter: flow.AddrFrom4(0x7f000001)}).Refused[flow.RefusedVersion].Load(); n != 1 {
		t.Errorf("%d refused", n)
	}
	feed(t, d, benchDatagrams(t, 3))
}

// TestForwardToItself: a target that is this collector gets nothing, by whatever address.
func TestForwardToItself(t *testing.T) {
	list, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	probe, err := net.ListenPacket("udp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	port := probe.LocalAddr().(*net.UDPAddr).Port
	_ = probe.Close()
	cfg := testConfig(t.TempDir(), fmt.Sprintf(":%d", port))
	for _, a := range list {
		if n := a.(*net.IPNet); !n.IP.IsLinkLocalUnicast() {
			cfg.Forward = append(cfg.Forward, config.Forward{To: net.JoinHostPort(n.IP.String(), fmt.Sprint(port))})
		}
	}
	d := start(t, cfg)
	await(t, func() bool {
		return !slices.ContainsFunc(d.Forwarded(), func(s forward.Stats) bool { return s.ResolveErrors == 0 })
	})
	if s := d.Forwarded(); slices.ContainsFunc(s, func(s forward.Stats) bool { return s.Resolved }) {
		t.Errorf("%+v", s)
	}
}

// TestForwardSpoofed: with the exporters' own addresses the collector behind needs no setting.
func TestForwardSpoofed(t *testing.T) {
	second := start(t, testConfig(t.TempDir(), anyPort))
	front := testConfig(t.TempDir(), anyPort)
	front.Forward = []config.Forward{{To: second.Sockets()[0].Address.String(), Spoof: true}}
	first, err := daemon.New(front, daemon.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Start(t.Context()); err != nil {
		if !strings.Contains(err.Error(), "CAP_NET_RAW") && !strings.Contains(err.Error(), "Linux") {
			t.Error(err)
		}
		return // no raw sockets here, and that is said
	}
	defer stop(t, first)
	list := exports(t, encode.IPFIX, 3, 5)
	feed(t, first, list)
	await(t, func() bool { return taken(second) == uint64(len(list)) })
	if want, got := accountOf(first), accountOf(second); !slices.Equal(got, want) || len(want) != 3 {
		t.Errorf("the first daemon counts\n%s\nthe second\n%s", strings.Join(want, "\n"), strings.Join(got, "\n"))
	}
}
