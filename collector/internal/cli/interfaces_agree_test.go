package cli

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"math"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/store/duckdb"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/interfaces/snmp"
	"github.com/weirflow/weir/shared/interfaces/snmp/snmptest"
	"github.com/weirflow/weir/shared/listen"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/sink"
)

func TestMain(m *testing.M) {
	snmptest.Main()
	os.Exit(m.Run())
}

// agreement is by how much the three ways to measure an interface may differ.
const agreement = 0.02

// TestInterfacesAgree: the same generated traffic as devices' counters in sFlow, as the same counters asked of a real SNMP agent once a
// minute, and as NetFlow records, gives the same use of interfaces.
func TestInterfacesAgree(t *testing.T) {
	agent := snmptest.Start(t)
	dir := t.TempDir()
	for protocol, sampling := range map[string]string{"sflow": "5000", "netflow9": "1"} {
		must(t, "gen", "flood", "--seed", "3", "--hosts", "20", "--scale", "0.2", "--protocol", protocol, "--sampling", sampling, "--out", filepath.Join(dir, protocol))
	}
	counted := readCounters(t, filepath.Join(dir, "sflow", "traffic.pcap"))
	bySFlow, bySNMP := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	must(t, "replay", filepath.Join(dir, "sflow", "traffic.pcap"), "--data", bySFlow)
	replayPolled(t, filepath.Join(dir, "netflow9", "traffic.pcap"), bySNMP, agent, counted)

	ask := func(data, source string) []query.Interface {
		from, to := counted.first.Add(3*time.Minute).Format(time.RFC3339), counted.last.Add(-3*time.Minute).Format(time.RFC3339)
		return jsonOf[[]query.Interface](t, must(t, "interfaces", "--data", data, "--source", source, "--from", from, "--to", to, "--format", "json"))
	}
	a, b := ask(bySFlow, "sflow"), ask(bySNMP, "snmp")
	if len(a) != len(b) || len(a) < 5 {
		t.Fatalf("%d interfaces by sFlow, %d by SNMP", len(a), len(b))
	}
	compared := 0
	for i := range a {
		if a[i].Exporter != b[i].Exporter || a[i].Index != b[i].Index || a[i].Name != b[i].Name || a[i].Name == "" {
			t.Errorf("%s %d %q by sFlow, %s %d %q by SNMP", a[i].Exporter, a[i].Index, a[i].Name, b[i].Exporter, b[i].Index, b[i].Name)
		}
		for side, sides := range map[string][2]*query.InterfaceSide{"in": {&a[i].In, &b[i].In}, "out": {&a[i].Out, &b[i].Out}} {
			compared += agree(t, a[i].Exporter, a[i].Name+" "+side, sides[0], sides[1])
		}
	}
	if compared < 8 {
		t.Errorf("only %d directions have traffic enough", compared)
	}
}

// least is the traffic, in bit/s, below which a direction is not compared: a single record on the edge of the time is a great part of less.
const least = 100e3

func agree(t *testing.T, exporter, name string, sflow, polled *query.InterfaceSide) int {
	t.Helper()
	if sflow.Avg == nil || polled.Avg == nil || sflow.Share == nil || polled.Share == nil {
		t.Errorf("%s %s: no rate or no speed", exporter, name)
		return 0
	}
	if *polled.Avg < least {
		return 0
	}
	if polled.Flow.Difference == nil || polled.Flow.Compared < 15 {
		t.Errorf("%s %s: flows are not compared: %+v", exporter, name, polled.Flow)
		return 0
	}
	flows := *polled.Share * (1 + *polled.Flow.Difference)
	for what, pair := range map[string][2]float64{
		"sFlow and SNMP": {*sflow.Share, *polled.Share}, "flows and SNMP": {flows, *polled.Share}, "flows and sFlow": {flows, *sflow.Share},
	} {
		if d := pair[0]/pair[1] - 1; math.Abs(d) > agreement {
			t.Errorf("%s %s: %s differ by %.2f %%", exporter, name, what, d*100)
		}
	}
	t.Logf("%s %-12s %12.0f bit/s by SNMP, sFlow %+.2f %%, flows %+.2f %%", exporter, name, *polled.Avg, (*sflow.Avg / *polled.Avg - 1)*100, *polled.Flow.Difference*100)
	return 1
}

// counters are the devices' counters over time.
type counters struct {
	first, last time.Time
	samples     map[netip.Addr]map[uint32][]flow.InterfaceSample
	symbols     *flow.Symbols
}

// readCounters reads the counter samples of a capture.
func readCounters(t *testing.T, capture string) *counters {
	t.Helper()
	core, err := pipeline.Assemble(config.Default(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	c := &counters{samples: map[netip.Addr]map[uint32][]flow.InterfaceSample{}, symbols: core.Symbols}
	b := flow.NewBatch(100, core.Symbols)
	eachDatagram(t, capture, func(d listen.Datagram) {
		b.Reset()
		if err := core.Decoder.Decode(d.Payload, d.Source, d.Received, b); err != nil {
			t.Fatal(err)
		}
		for _, s := range b.Interfaces {
			exporter, at := s.Exporter.Netip(), time.Unix(0, s.At).UTC()
			if c.samples[exporter] == nil {
				c.samples[exporter] = map[uint32][]flow.InterfaceSample{}
			}
			c.samples[exporter][s.Index] = append(c.samples[exporter][s.Index], s)
			if c.first.IsZero() {
				c.first = at
			}
			c.last = at
		}
	})
	return c
}

func eachDatagram(t *testing.T, capture string, take func(listen.Datagram)) {
	t.Helper()
	c, err := listen.OpenCapture(capture, listen.CaptureConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for {
		d, err := c.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		take(d)
	}
}

// at returns what an exporter's interfaces say at a time: between two samples counters grow evenly.
func (c *counters) at(exporter netip.Addr, now time.Time) (list []snmptest.Interface) {
	for _, index := range slices.Sorted(maps.Keys(c.samples[exporter])) {
		all := c.samples[exporter][index]
		i, _ := slices.BinarySearchFunc(all, now.UnixNano(), func(s flow.InterfaceSample, at int64) int { return cmp.Compare(s.At, at) })
		a, b := all[max(i-1, 0)], all[min(i, len(all)-1)]
		part := 0.0
		if b.At > a.At {
			part = float64(now.UnixNano()-a.At) / float64(b.At-a.At)
		}
		list = append(list, snmptest.Interface{
			Index: index, Descr: "interface", Name: c.symbols.Text(a.Name), Speed: a.Speed, Admin: 1, Oper: 1, Bits: 64,
			In: between(&a.In, &b.In, part), Out: between(&a.Out, &b.Out, part),
		})
	}
	return list
}

func between(a, b *flow.InterfaceCounters, part float64) snmptest.Counters {
	mid := func(a, b uint64) uint64 { return a + uint64(float64(b-a)*part) }
	return snmptest.Counters{Octets: mid(a.Octets, b.Octets), Unicast: mid(a.Unicast, b.Unicast)}
}

// replayPolled replays a capture and asks the agent, which has the devices' counters, once a minute of the capture's time.
func replayPolled(t *testing.T, capture, data string, agent *snmptest.Agent, c *counters) {
	t.Helper()
	core, err := pipeline.Assemble(config.Default(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	st, err := duckdb.Open(t.Context(), duckdb.Config{Dir: data}, duckdb.Deps{Symbols: core.Symbols, Account: core.Account})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	}()
	p, err := core.Pipeline(pipeline.Config{Clock: pipeline.ReceiveClock, Blocking: true}, pipeline.Sinks{Records: st, Alerts: []sink.Alerts{st}, Minutes: st}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	poll := newPolling(t, core, agent, c)
	next := c.first
	eachDatagram(t, capture, func(d listen.Datagram) {
		for ; next.UnixNano() <= d.Received && !next.After(c.last); next = next.Add(time.Minute) {
			poll(next)
		}
		p.Handle(0, []listen.Datagram{d})
	})
	if err := errors.Join(p.Finish(t.Context()), st.Flush(t.Context())); err != nil {
		t.Fatal(err)
	}
}

// newPolling returns what asks the agent for all exporters as of a time.
func newPolling(t *testing.T, core *pipeline.Core, agent *snmptest.Agent, c *counters) func(time.Time) {
	t.Helper()
	var now atomic.Int64
	var agents []snmp.Agent
	for exporter := range c.samples {
		agents = append(agents, snmp.Agent{
			Exporters: netip.PrefixFrom(exporter, exporter.BitLen()), Address: agent.Address, Timeout: 10 * time.Second, Version: "3", User: snmptest.User,
			Auth: "sha256", AuthPassword: snmp.Secret{Value: snmptest.AuthPassword}, Privacy: "aes", PrivacyPassword: snmp.Secret{Value: snmptest.PrivacyPassword},
		})
	}
	poller, err := snmp.New(snmp.Config{Agents: agents}, snmp.Deps{
		Symbols: core.Symbols, Take: core.Detectors.Interfaces.Offer, Now: func() time.Time { return time.Unix(0, now.Load()) },
	})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(ctx context.Context, exporter netip.Addr, at time.Time) error {
		now.Store(at.UnixNano())
		agent.Serve(at.Sub(c.first)+time.Hour, c.at(exporter, at)...)
		list, err := poller.Poll(ctx, exporter)
		if err == nil && !at.Before(c.first) {
			core.Detectors.Interfaces.Offer(list)
		}
		return err
	}
	for exporter := range c.samples {
		agent.Await(func() error { return ask(t.Context(), exporter, c.first.Add(-time.Minute)) })
	}
	return func(at time.Time) {
		for exporter := range c.samples {
			if err := ask(t.Context(), exporter, at); err != nil {
				t.Fatal(err)
			}
		}
	}
}
