package traffic

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/weirflow/weir/shared/traffic/encode"
)

// flushAfter is how long a flow waits for its datagram to fill up, ms.
const flushAfter = 1000

// Speeds of the interfaces, bit/s.
const (
	uplinkSpeed = 1e9
	lanSpeed    = 1e10
)

// device is an exporter: it encodes the flows of its cache and sends them.
type device struct {
	addr      netip.AddrPort
	collector netip.AddrPort
	enc       *encode.Exporter
	pending   []encode.Flow
	since     int64 // when the oldest pending flow came
	delay     time.Duration
	buf       []byte
	skew      int64 // of its clock, ms ahead
	loss      loser // on the way to the collector
	off       outage
	conf      encode.Config
	sampler   *sampler // sFlow: in place of enc and pending
}

func newDevices(cfg Config) ([]*device, error) {
	names := [][]encode.Interface{
		border: {{Index: ifUplink, Name: "uplink", Speed: uplinkSpeed}, {Index: ifInside, Name: "office", Speed: lanSpeed},
			{Index: ifPublic, Name: "dmz", Speed: lanSpeed}, {Index: ifServers, Name: "servers", Speed: lanSpeed}},
		core: {{Index: ifInside, Name: "office", Speed: lanSpeed}, {Index: ifPublic, Name: "dmz", Speed: lanSpeed}, {Index: ifServers, Name: "servers", Speed: lanSpeed}},
	}
	if cfg.Effects.Duplicates {
		names = append(names, []encode.Interface{{Index: ifUplink, Name: "internet", Speed: lanSpeed}, {Index: ifInside, Name: "customer", Speed: uplinkSpeed}})
	}
	var devices []*device
	for i, interfaces := range names {
		d, err := newDevice(cfg, i, interfaces)
		if err != nil {
			return nil, fmt.Errorf("device %d: %w", i, err)
		}
		devices = append(devices, d)
	}
	return devices, nil
}

func newDevice(cfg Config, i int, interfaces []encode.Interface) (*device, error) {
	r := stream(cfg.Seed, "device", i)
	up := cfg.Uptime
	if up == 0 {
		up = time.Duration(between(r, 24*3600_000, 40*24*3600_000)) * time.Millisecond
	}
	if cfg.Effects.Wrap {
		up = uptimeRange - wrapsAfter
	}
	conf := encode.Config{
		Protocol: cfg.Protocol, Domain: uint32(i + 1), Boot: cfg.Start.Add(-up),
		Sampling: cfg.Sampling, Interfaces: interfaces,
	}
	d := &device{
		addr:      netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 51, 100, byte(i + 1)}), uint16(50000+i)),
		collector: netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 51, 100, 250}), cfg.Protocol.Port()),
		conf:      conf, skew: cfg.Effects.skewOf(i),
		delay: time.Duration(between(r, 100, 900)) * time.Microsecond,
	}
	if cfg.Effects.Loss {
		d.loss.r = stream(cfg.Seed, "loss", i)
	}
	return d, d.boot(cfg, r)
}

// boot makes the part of the device that meters and encodes.
func (d *device) boot(cfg Config, r *rand.Rand) (err error) {
	if cfg.Protocol == encode.SFlow5 {
		d.sampler, err = newSampler(d, cfg, between(r, 0, pollEvery-1))
		return err
	}
	d.enc, err = encode.New(d.conf)
	return err
}

// restart plans that the device is off for a minute from a time (ms) on.
func (d *device) restart(at int64) { d.off = outage{at, at + offline} }

// wake makes the device a new one when it comes back: what it had not sent is
// gone, it counts from zero and has been up since then.
func (d *device) wake(now int64) error {
	if d.off.until == 0 || now < d.off.until || d.conf.Boot.UnixMilli() == d.off.until+d.skew {
		return nil
	}
	d.conf.Boot = time.UnixMilli(d.off.until + d.skew).UTC()
	d.pending = d.pending[:0]
	enc, err := encode.New(d.conf)
	if err != nil {
		return fmt.Errorf("device %s: %w", d.addr.Addr(), err)
	}
	d.enc = enc
	return nil
}

// dead reports whether the device is off at a time.
func (d *device) dead(now int64) bool { return now >= d.off.from && now < d.off.until }

// add takes a flow at time now (ms) and reports whether a datagram is full.
func (d *device) add(f *encode.Flow, now int64) (full bool) {
	if len(d.pending) == 0 {
		d.since = now
	}
	d.pending = append(d.pending, *f)
	return len(d.pending) >= d.enc.MaxRecords()
}

// due is when pending flows must be sent at the latest.
func (d *device) due() (ms int64, ok bool) {
	return d.since + flushAfter, len(d.pending) > 0 || d.sampler != nil && len(d.sampler.pending) > 0
}

// send encodes and sends all pending flows at time now. A device that is off
// forgets them.
func (d *device) send(now int64, g *generator) error {
	if d.sampler != nil {
		return d.sampler.send(now, g)
	}
	if d.dead(now) {
		d.pending = d.pending[:0]
		return nil
	}
	at, clock := time.UnixMilli(now).UTC(), time.UnixMilli(now+d.skew).UTC()
	flows := d.pending
	for len(flows) > 0 {
		payload, used, err := d.enc.Next(d.buf[:0], clock, flows)
		if err != nil {
			return fmt.Errorf("device %s: %w", d.addr.Addr(), err)
		}
		d.buf, flows = payload, flows[used:]
		if err := g.put(d, at.Add(d.delay), payload); err != nil {
			return err
		}
	}
	d.pending = d.pending[:0]
	return nil
}
