package traffic

import (
	"bytes"
	"context"
	"net/netip"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/traffic/encode"
	"github.com/weirflow/weir/shared/traffic/internal/readback"
)

// testUptime is what the devices of tests have been up for: known, so that
// sysUptime gives absolute times without estimating the boot.
const testUptime = 1000 * time.Hour

// seen is a record as an independent reader finds it on the wire.
type seen struct {
	readback.Record
	device     netip.Addr
	start, end int64 // ms
	sent       time.Time
	header     readback.Header
}

// collector reads the datagrams of a generation back and checks what must hold
// for every capture: time order and sequence numbers without gaps.
type collector struct {
	t         *testing.T
	cfg       Config
	readers   map[netip.Addr]*readback.Reader
	next      map[netip.Addr]uint32
	last      time.Time
	datagrams int
	options   []readback.Record
	visit     func(s *seen)
}

func newCollector(t *testing.T, cfg Config, visit func(s *seen)) *collector {
	return &collector{t: t, cfg: cfg, visit: visit, readers: map[netip.Addr]*readback.Reader{}, next: map[netip.Addr]uint32{}}
}

// testConfig is the default config for a scenario and seed with known uptime.
func testConfig(scenario string, seed uint64, p encode.Protocol) Config {
	c := DefaultConfig()
	c.Scenario, c.Seed, c.Protocol, c.Uptime = scenario, seed, p, testUptime
	return c
}

// generate runs the scenario and calls visit for each record on the wire.
func generate(t *testing.T, cfg Config, visit func(s *seen)) (*Result, *collector) {
	t.Helper()
	c := newCollector(t, cfg, visit)
	res, err := Generate(context.Background(), cfg, c)
	if err != nil {
		t.Fatal(err)
	}
	return res, c
}

// WriteDatagram implements Sink.
func (c *collector) WriteDatagram(d Datagram) error {
	exporter := d.Exporter.Addr()
	if c.readers[exporter] == nil {
		c.readers[exporter] = readback.NewReader()
	}
	got, err := c.readers[exporter].Read(bytes.Clone(d.Payload))
	if err != nil {
		c.t.Fatalf("datagram %d: %v", c.datagrams, err)
	}
	c.order(d, got)
	for i := range got.Records {
		s := &seen{Record: got.Records[i], device: exporter, sent: d.Time, header: got.Header}
		s.start, s.end = s.StartMs, s.EndMs
		if got.Header.Version != 10 {
			s.start, s.end = c.absolute(s.First, d.Time), c.absolute(s.Last, d.Time)
		}
		c.visit(s)
	}
	c.options = append(c.options, got.Options...)
	c.datagrams++
	return nil
}

func (c *collector) order(d Datagram, got readback.Datagram) {
	if d.Time.Before(c.last) || d.Time.Unix() < int64(got.Header.Secs) || d.Time.Unix() > int64(got.Header.Secs)+1 {
		c.t.Fatalf("datagram %d: sent %s after one of %s, header says %d", c.datagrams, d.Time, c.last, got.Header.Secs)
	}
	c.last = d.Time
	exporter := d.Exporter.Addr()
	if got.Header.Sequence != c.next[exporter] {
		c.t.Fatalf("datagram %d of %s: sequence %d, want %d", c.datagrams, exporter, got.Header.Sequence, c.next[exporter])
	}
	switch got.Header.Version {
	case 9:
		c.next[exporter]++
	default:
		c.next[exporter] += uint32(len(got.Records) + len(got.Options))
	}
}

// absolute turns sysUptime into ms since the epoch: the latest time that has
// this uptime and is not after the datagram.
func (c *collector) absolute(uptime uint32, sent time.Time) int64 {
	boot := c.cfg.Start.Add(-c.cfg.Uptime).UnixMilli()
	now := sent.UnixMilli()
	return now - int64(uint32(now-boot)-uptime)
}
