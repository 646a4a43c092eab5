package normalize

import (
	"math"
	"net/netip"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

const counted = flow.HasBytes | flow.HasPackets

func TestSamplingAndScaling(t *testing.T) {
	exporter := flow.AddrFrom4(0xc0000201) // 192.0.2.1
	overrides := []Override{
		{Exporters: netip.MustParsePrefix("192.0.2.0/24"), Interval: 10},
		{Exporters: netip.MustParsePrefix("192.0.2.1/32"), Interval: 100},
		{Exporters: netip.MustParsePrefix("192.0.2.1/32"), Domain: 7, HasDomain: true, Interval: 2.5},
		{Exporters: netip.MustParsePrefix("198.51.100.0/24"), Domain: 1, HasDomain: true, Interval: 3},
		{Exporters: netip.MustParsePrefix("198.51.100.0/24"), Interval: 4},
		{Exporters: netip.MustParsePrefix("2001:db8::/32"), Interval: 5},
	}
	for _, c := range []struct {
		name         string
		exporter     flow.Addr
		domain       uint32
		record       flow.Record
		interval     float64
		source       flow.SamplingSource
		bytes, raw   uint64
		from, to     uint64
		packets      uint64
		noneOverride bool
	}{
		{name: "no information counts as 1", record: flow.Record{Source: flow.Endpoint{Bytes: 1500, Packets: 3}}, noneOverride: true,
			interval: 1, source: flow.SamplingAssumed, bytes: 1500, raw: 1500, from: 1500, packets: 3},
		{name: "header", record: flow.Record{SamplingInterval: 1000, SamplingSource: flow.SamplingHeader, Source: flow.Endpoint{Bytes: 1500, Packets: 3}}, noneOverride: true,
			interval: 1000, source: flow.SamplingHeader, bytes: 1_500_000, raw: 1500, from: 1_500_000, packets: 3000},
		{name: "options with space: 2.5, each direction rounded half up", record: flow.Record{SamplingInterval: 2.5, SamplingSource: flow.SamplingOptions,
			Source: flow.Endpoint{Bytes: 101, Packets: 1}, Destination: flow.Endpoint{Bytes: 103, Packets: 1}}, noneOverride: true,
			interval: 2.5, source: flow.SamplingOptions, bytes: 253 + 258, raw: 204, from: 253, to: 258, packets: 3 + 3},
		{name: "unknown sampler keeps 1 and its mark", record: flow.Record{SamplingSource: flow.SamplingUnknown, Source: flow.Endpoint{Bytes: 1500, Packets: 3}}, noneOverride: true,
			interval: 1, source: flow.SamplingUnknown, bytes: 1500, raw: 1500, from: 1500, packets: 3},
		{name: "interval below 1 is none", record: flow.Record{SamplingInterval: 0.5, SamplingSource: flow.SamplingHeader, Source: flow.Endpoint{Bytes: 10, Packets: 1}}, noneOverride: true,
			interval: 1, source: flow.SamplingAssumed, bytes: 10, raw: 10, from: 10, packets: 1},
		{name: "not a number is none", record: flow.Record{SamplingInterval: math.NaN(), Source: flow.Endpoint{Bytes: 10, Packets: 1}}, noneOverride: true,
			interval: 1, source: flow.SamplingAssumed, bytes: 10, raw: 10, from: 10, packets: 1},
		{name: "override of the address wins over prefix and header", exporter: exporter, record: flow.Record{SamplingInterval: 1000, SamplingSource: flow.SamplingHeader, Source: flow.Endpoint{Bytes: 10, Packets: 1}},
			interval: 100, source: flow.SamplingOverride, bytes: 1000, raw: 10, from: 1000, packets: 100},
		{name: "override of the domain", exporter: exporter, domain: 7, record: flow.Record{Source: flow.Endpoint{Bytes: 10, Packets: 1}},
			interval: 2.5, source: flow.SamplingOverride, bytes: 25, raw: 10, from: 25, packets: 3},
		{name: "override of the prefix, for an unknown sampler too", exporter: flow.AddrFrom4(0xc0000202), record: flow.Record{SamplingSource: flow.SamplingUnknown, Source: flow.Endpoint{Bytes: 10, Packets: 1}},
			interval: 10, source: flow.SamplingOverride, bytes: 100, raw: 10, from: 100, packets: 10},
		{name: "domain of a prefix before the prefix", exporter: flow.AddrFrom4(0xc6336401), domain: 1, record: flow.Record{Source: flow.Endpoint{Bytes: 10, Packets: 1}},
			interval: 3, source: flow.SamplingOverride, bytes: 30, raw: 10, from: 30, packets: 3},
		{name: "another domain of the prefix", exporter: flow.AddrFrom4(0xc6336401), domain: 2, record: flow.Record{Source: flow.Endpoint{Bytes: 10, Packets: 1}},
			interval: 4, source: flow.SamplingOverride, bytes: 40, raw: 10, from: 40, packets: 4},
		{name: "override by IPv6 prefix", exporter: flow.AddrFromNetip(netip.MustParseAddr("2001:db8::9")), record: flow.Record{Source: flow.Endpoint{Bytes: 10, Packets: 1}},
			interval: 5, source: flow.SamplingOverride, bytes: 50, raw: 10, from: 50, packets: 5},
		{name: "counters beyond 64 bits stop there", record: flow.Record{SamplingInterval: 1000, SamplingSource: flow.SamplingHeader,
			Source: flow.Endpoint{Bytes: 1 << 60, Packets: 1 << 50}, Destination: flow.Endpoint{Bytes: 1}}, noneOverride: true,
			interval: 1000, source: flow.SamplingHeader, bytes: math.MaxUint64, raw: 1<<60 + 1, from: math.MaxUint64, to: 1000, packets: 1000 << 50},
		{name: "products above 2^53 are exact", record: flow.Record{SamplingInterval: 3, SamplingSource: flow.SamplingHeader, Source: flow.Endpoint{Bytes: 1<<60 + 1, Packets: 1 << 50}}, noneOverride: true,
			interval: 3, source: flow.SamplingHeader, bytes: 3<<60 + 3, raw: 1<<60 + 1, from: 3<<60 + 3, packets: 3 << 50},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := Config{Overrides: overrides}
			if c.noneOverride {
				cfg.Overrides = nil
			}
			c.record.Present |= counted
			b := one(flow.Datagram{Exporter: c.exporter, Domain: c.domain, Exported: exported}, c.record)
			r := normalize(t, cfg, b)
			if r.SamplingInterval != c.interval || r.SamplingSource != c.source {
				t.Errorf("sampling 1:%g by %s, want 1:%g by %s", r.SamplingInterval, r.SamplingSource, c.interval, c.source)
			}
			if r.Bytes != c.bytes || r.RawBytes != c.raw || r.Source.Bytes != c.from || r.Destination.Bytes != c.to || r.Packets != c.packets {
				t.Errorf("bytes %d raw %d from %d to %d packets %d, want %d %d %d %d %d",
					r.Bytes, r.RawBytes, r.Source.Bytes, r.Destination.Bytes, r.Packets, c.bytes, c.raw, c.from, c.to, c.packets)
			}
			if got := math.Float64frombits(b.Datagrams[0].Stream.Sampling.Load()); got != c.interval || flow.SamplingSource(b.Datagrams[0].Stream.SamplingSource.Load()) != c.source {
				t.Errorf("the stream shows 1:%g", got)
			}
		})
	}
}

func TestResponderCountersAlone(t *testing.T) {
	b := one(flow.Datagram{}, flow.Record{Present: flow.HasReverseBytes, Destination: flow.Endpoint{Bytes: 70}})
	if r := normalize(t, Config{}, b); r.Bytes != 70 || !r.Present.Has(flow.HasBytes) || r.Present.Has(flow.HasPackets) {
		t.Errorf("bytes %d, present %b", r.Bytes, r.Present)
	}
}

func TestValidity(t *testing.T) {
	times := flow.HasStart | flow.HasEnd
	day := 24 * time.Hour
	for _, c := range []struct {
		name   string
		record flow.Record
		want   flow.Reason
	}{
		{"all right", flow.Record{Present: times | counted, Start: at(-time.Second), End: at(0), Source: flow.Endpoint{Bytes: 1500, Packets: 1}}, 0},
		{"no counters", flow.Record{Present: times, Start: at(-time.Second), End: at(0)}, 0},
		{"bytes without packets", flow.Record{Present: times | counted, Start: at(-time.Second), End: at(0), Source: flow.Endpoint{Bytes: 1500}}, flow.InvalidNoPackets},
		{"bytes where packets are not exported", flow.Record{Present: times | flow.HasBytes, Start: at(-time.Second), End: at(0), Source: flow.Endpoint{Bytes: 1500}}, 0},
		{"neither bytes nor packets", flow.Record{Present: times | counted, Start: at(-time.Second), End: at(0)}, 0},
		{"end a minute after receipt", flow.Record{Present: times, Start: at(0), End: at(61 * time.Second)}, 0},
		{"end more than a minute after receipt", flow.Record{Present: times, Start: at(0), End: at(61*time.Second + 1)}, flow.InvalidFuture},
		{"years old", flow.Record{Present: times, Start: 1e18, End: 1e18 + 1}, 0},
		{"a day long", flow.Record{Present: times, Start: at(-day), End: at(0)}, 0},
		{"longer than a day", flow.Record{Present: times, Start: at(-day - 1), End: at(0)}, flow.InvalidDuration},
		{"a firewall's connection of three days", flow.Record{Present: times | flow.HasFirewallEvent, FirewallEvent: 2, Start: at(-3 * day), End: at(0)}, 0},
		{"largest packet", flow.Record{Present: times | counted, Start: at(0), End: at(0), Source: flow.Endpoint{Bytes: 2 * 65575, Packets: 2}}, 0},
		{"larger than packets are", flow.Record{Present: times | counted, Start: at(0), End: at(0), Source: flow.Endpoint{Bytes: 2*65575 + 1, Packets: 2}}, flow.InvalidPacketSize},
		{"1 Tbit in a second", flow.Record{Present: times | counted, Start: at(-time.Second), End: at(0), Source: flow.Endpoint{Bytes: 125e9, Packets: 1e8}}, 0},
		{"more than 1 Tbit in a second", flow.Record{Present: times | counted, Start: at(-time.Second), End: at(0), Source: flow.Endpoint{Bytes: 126e9, Packets: 1e8}}, flow.InvalidRate},
		{"the same over two seconds", flow.Record{Present: times | counted, Start: at(-2 * time.Second), End: at(0), Source: flow.Endpoint{Bytes: 126e9, Packets: 1e8}}, 0},
		{"a clock of whole seconds", flow.Record{Present: times | counted, Start: at(0), End: at(0), Source: flow.Endpoint{Bytes: 1e9, Packets: 1e6}}, 0},
		{"no start: no rate", flow.Record{Present: flow.HasEnd | counted, End: at(0), Source: flow.Endpoint{Bytes: 126e9, Packets: 1e8}}, 0},
		{"scaled bytes are not judged", flow.Record{Present: times | counted, Start: at(0), End: at(0), SamplingInterval: 1e6, SamplingSource: flow.SamplingHeader,
			Source: flow.Endpoint{Bytes: 1e9, Packets: 1e6}}, 0},
		{"both addresses unspecified", flow.Record{Present: times | flow.HasSourceIP | flow.HasDestinationIP, Start: at(0), End: at(0),
			Source: flow.Endpoint{IP: flow.AddrFrom4(0)}, Destination: flow.Endpoint{IP: flow.AddrFrom4(0)}}, flow.InvalidAddress},
		{"DHCP's unspecified source", flow.Record{Present: times | flow.HasSourceIP | flow.HasDestinationIP, Start: at(0), End: at(0),
			Source: flow.Endpoint{IP: flow.AddrFrom4(0)}, Destination: flow.Endpoint{IP: flow.AddrFrom4(0xffffffff)}}, 0},
		{"a layer 2 record without addresses", flow.Record{Present: times, Start: at(0), End: at(0)}, 0},
		{"a reason given before stays", flow.Record{Present: times, Start: at(0), End: at(0), Invalid: flow.InvalidAddress}, flow.InvalidAddress},
	} {
		t.Run(c.name, func(t *testing.T) {
			if r := normalize(t, Config{}, one(flow.Datagram{}, c.record)); r.Invalid != c.want {
				t.Errorf("invalid %q, want %q", r.Invalid, c.want)
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	for name, cfg := range map[string]Config{
		"interval below 1": {Overrides: []Override{{Exporters: netip.MustParsePrefix("192.0.2.1/32"), Interval: 0.5}}},
		"no exporter":      {Overrides: []Override{{Interval: 5}}},
		"negative limit":   {MaxFuture: -1},
	} {
		if _, err := New(cfg, Deps{}); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
