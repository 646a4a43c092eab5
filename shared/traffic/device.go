package traffic

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/weirflow/weir/shared/traffic/encode"
)

// flushAfter is how long a flow waits for its datagram to fill up, ms.
const flushAfter = 1000

// device is an exporter: it encodes the flows of its cache and sends them.
type device struct {
	addr      netip.AddrPort
	collector netip.AddrPort
	enc       *encode.Exporter
	pending   []encode.Flow
	since     int64 // when the oldest pending flow came
	delay     time.Duration
	buf       []byte
}

func newDevices(cfg Config) ([]*device, error) {
	names := [][]encode.Interface{
		border: {{Index: ifUplink, Name: "uplink"}, {Index: ifInside, Name: "office"}, {Index: ifPublic, Name: "dmz"}, {Index: ifServers, Name: "servers"}},
		core:   {{Index: ifInside, Name: "office"}, {Index: ifPublic, Name: "dmz"}, {Index: ifServers, Name: "servers"}},
	}
	var devices []*device
	for i, interfaces := range names {
		r := stream(cfg.Seed, "device", i)
		up := cfg.Uptime
		if up == 0 {
			up = time.Duration(between(r, 24*3600_000, 40*24*3600_000)) * time.Millisecond
		}
		enc, err := encode.New(encode.Config{
			Protocol: cfg.Protocol, Domain: uint32(i + 1), Boot: cfg.Start.Add(-up),
			Sampling: cfg.Sampling, Interfaces: interfaces,
		})
		if err != nil {
			return nil, fmt.Errorf("device %d: %w", i, err)
		}
		devices = append(devices, &device{
			addr:      netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 51, 100, byte(i + 1)}), uint16(50000+i)),
			collector: netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 51, 100, 250}), cfg.Protocol.Port()),
			enc:       enc,
			delay:     time.Duration(between(r, 100, 900)) * time.Microsecond,
		})
	}
	return devices, nil
}

// add takes a flow at time now (ms) and reports whether a datagram is full.
func (d *device) add(f *encode.Flow, now int64) (full bool) {
	if len(d.pending) == 0 {
		d.since = now
	}
	d.pending = append(d.pending, *f)
	return len(d.pending) >= d.enc.MaxRecords()
}

// due is when pending flows must be sent at the latest.
func (d *device) due() (ms int64, ok bool) { return d.since + flushAfter, len(d.pending) > 0 }

// send encodes and sends all pending flows at time now.
func (d *device) send(now int64, g *generator) error {
	at := time.UnixMilli(now).UTC()
	flows := d.pending
	for len(flows) > 0 {
		payload, used, err := d.enc.Next(d.buf[:0], at, flows)
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
