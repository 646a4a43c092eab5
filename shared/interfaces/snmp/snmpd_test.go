package snmp_test

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/interfaces/snmp"
	"github.com/weirflow/weir/shared/interfaces/snmp/snmptest"
)

func TestMain(m *testing.M) {
	snmptest.Main()
	goleak.VerifyTestMain(m)
}

var exporter = netip.MustParseAddr("192.0.2.1")

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// asking returns a poller of the agent at an address.
func asking(t *testing.T, agent snmp.Agent, symbols *flow.Symbols) *snmp.Poller {
	t.Helper()
	agent.Exporters = netip.PrefixFrom(exporter, 32)
	agent.Timeout = 5 * time.Second
	p, err := snmp.New(snmp.Config{Agents: []snmp.Agent{agent}}, snmp.Deps{
		Symbols: symbols, Take: func([]flow.InterfaceSample) {}, Now: func() time.Time { return noon },
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func v2c(address string) snmp.Agent {
	return snmp.Agent{Address: address, Community: snmp.Secret{Value: snmptest.Community}}
}

// TestRealAgent asks Net-SNMP's snmpd by both versions of the protocol.
func TestRealAgent(t *testing.T) {
	agent := snmptest.Start(t)
	served := []snmptest.Interface{
		{Index: 3, Descr: "Gigabit 0/0/1", Name: "ge-0/0/1", Alias: "uplink", Speed: 1e9, Admin: 1, Oper: 1, Bits: 64,
			In:  snmptest.Counters{Octets: 1 << 40, Unicast: 5_000_000_000, Multicast: 7, Broadcast: 8, Discards: 9, Errors: 10},
			Out: snmptest.Counters{Octets: 1<<40 + 1, Unicast: 2, Multicast: 3, Broadcast: 4, Discards: 5, Errors: 6}},
		{Index: 20, Descr: "old0", Speed: 100e6, Admin: 1, Oper: 2, Bits: 32,
			In: snmptest.Counters{Octets: 4_000_000_000, Unicast: 11, Discards: 12, Errors: 13}, Out: snmptest.Counters{Octets: 14, Unicast: 15}},
		{Index: 400, Descr: "Hundred", Name: "et-1", Speed: 100e9, Admin: 2, Oper: 2, Bits: 64},
	}
	for i := range 40 { // more than a request takes
		served = append(served, snmptest.Interface{Index: uint32(1000 + i), Descr: "x", Name: "x", Speed: 10e6, Admin: 1, Oper: 1, Bits: 64})
	}
	agent.Serve(time.Hour, served...)
	secret := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(secret, []byte(snmptest.PrivacyPassword+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("WEIR_TEST_AUTH", snmptest.AuthPassword)
	v3 := snmp.Agent{
		Address: agent.Address, Version: "3", User: snmptest.User, Auth: "sha256", AuthPassword: snmp.Secret{Env: "WEIR_TEST_AUTH"},
		Privacy: "aes", PrivacyPassword: snmp.Secret{File: secret},
	}
	for name, a := range map[string]snmp.Agent{"v2c": v2c(agent.Address), "v3": v3} {
		t.Run(name, func(t *testing.T) {
			symbols := flow.NewSymbols()
			var got []flow.InterfaceSample
			agent.Await(func() (err error) {
				got, err = asking(t, a, symbols).Poll(t.Context(), exporter)
				return err
			})
			if len(got) != len(served) {
				t.Fatalf("%d interfaces, %d are served", len(got), len(served))
			}
			if diff := cmp.Diff(wanted(symbols), got[:3]); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	t.Run("wrong credentials", func(t *testing.T) {
		for name, change := range map[string]func(*snmp.Agent){
			"user":     func(a *snmp.Agent) { a.User = "nobody" },
			"password": func(a *snmp.Agent) { a.AuthPassword = snmp.Secret{Value: "not-the-password"} },
		} {
			a := v3
			change(&a)
			_, err := asking(t, a, flow.NewSymbols()).Poll(t.Context(), exporter)
			if err == nil || strings.Contains(err.Error(), "not-the-password") {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// wanted are the first three samples as RFC 2863 has them.
func wanted(symbols *flow.Symbols) []flow.InterfaceSample {
	const no = flow.NoCounter
	common := func(index uint32, bits uint8, speed uint64, admin, oper flow.InterfaceStatus, name, alias string) flow.InterfaceSample {
		return flow.InterfaceSample{
			Exporter: flow.AddrFromNetip(exporter), Index: index, Source: flow.InterfaceSNMP, At: noon.UnixNano(), Boot: noon.Add(-time.Hour).UnixNano(),
			Speed: speed, Type: 6, Admin: admin, Oper: oper, OctetBits: bits, PacketBits: bits, Name: symbols.Intern(name), Alias: symbols.Intern(alias),
		}
	}
	a := common(3, 64, 1e9, flow.StatusUp, flow.StatusUp, "ge-0/0/1", "uplink")
	a.In = flow.InterfaceCounters{Octets: 1 << 40, Unicast: 5_000_000_000, Multicast: 7, Broadcast: 8, Discards: 9, Errors: 10}
	a.Out = flow.InterfaceCounters{Octets: 1<<40 + 1, Unicast: 2, Multicast: 3, Broadcast: 4, Discards: 5, Errors: 6}
	b := common(20, 32, 100e6, flow.StatusUp, flow.StatusDown, "old0", "")
	b.In = flow.InterfaceCounters{Octets: 4_000_000_000, Unicast: 11, Multicast: no, Broadcast: no, Discards: 12, Errors: 13}
	b.Out = flow.InterfaceCounters{Octets: 14, Unicast: 15, Multicast: no, Broadcast: no}
	c := common(400, 64, 100e9, flow.StatusDown, flow.StatusDown, "et-1", "")
	return []flow.InterfaceSample{a, b, c}
}

// TestPolling: what is configured is asked at its interval, and told; Stop ends it.
func TestPolling(t *testing.T) {
	agent := snmptest.Start(t)
	agent.Serve(time.Hour, snmptest.Interface{Index: 1, Descr: "one", Name: "one", Speed: 1e6, Admin: 1, Oper: 1, Bits: 64})
	a := v2c(agent.Address)
	a.Exporters, a.Interval = netip.PrefixFrom(exporter, 32), time.Second
	got := make(chan []flow.InterfaceSample, 100)
	p, err := snmp.New(snmp.Config{Agents: []snmp.Agent{a}}, snmp.Deps{Symbols: flow.NewSymbols(), Take: func(l []flow.InterfaceSample) { got <- l }})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case l := <-got:
		if len(l) != 1 {
			t.Errorf("%d samples", len(l))
		}
	case <-time.After(60 * time.Second):
		t.Error("nothing was told")
	}
	for range 2 {
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	}
	if s := p.Stats(); s.Polls == 0 || s.Exporters != 1 {
		t.Errorf("%+v", s)
	}
}

// TestNobodyAnswers: failures are counted by their reason, told once, and no secret is in the log.
func TestNobodyAnswers(t *testing.T) {
	for _, c := range []struct {
		reason string
		change func(*snmp.Agent)
	}{
		{"refused", func(a *snmp.Agent) { a.Address = "127.0.0.1:9" }},
		{"secret", func(a *snmp.Agent) { a.Community = snmp.Secret{Env: "WEIR_TEST_UNSET"} }},
		{"secret", func(a *snmp.Agent) { a.Community = snmp.Secret{File: "/nonexistent/file"} }},
	} {
		t.Run(c.reason, func(t *testing.T) {
			a := snmp.Agent{Exporters: netip.PrefixFrom(exporter, 32), Address: "127.0.0.1:9", Community: snmp.Secret{Value: "s3cret"}, Timeout: time.Second, Retries: -1}
			c.change(&a)
			var log lines
			p, err := snmp.New(snmp.Config{Agents: []snmp.Agent{a}}, snmp.Deps{
				Symbols: flow.NewSymbols(), Take: func([]flow.InterfaceSample) { t.Error("samples of nobody") }, Log: slog.New(slog.NewTextHandler(&log, nil)),
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Start(); err != nil {
				t.Fatal(err)
			}
			for deadline := time.Now().Add(30 * time.Second); p.Stats().Failures[c.reason] == 0 && time.Now().Before(deadline); {
				time.Sleep(5 * time.Millisecond)
			}
			if err := p.Stop(); err != nil {
				t.Error(err)
			}
			if s := p.Stats(); s.Failures[c.reason] == 0 || s.Unanswered != 1 {
				t.Errorf("%+v", s)
			}
			if text := log.String(); strings.Count(text, "does not tell its interfaces") != 1 || strings.Contains(text, "s3cret") {
				t.Errorf("log: %s", text)
			}
		})
	}
}

// lines is a log that may be written by several goroutines.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func TestPollCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := asking(t, v2c("127.0.0.1:9"), flow.NewSymbols()).Poll(ctx, exporter); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
