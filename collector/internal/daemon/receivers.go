package daemon

import (
	"context"
	"errors"
	"net/netip"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/listen"
	"github.com/weirflow/weir/shared/listen/forward"
	"github.com/weirflow/weir/shared/listen/stream"
	"github.com/weirflow/weir/shared/pipeline"
)

// labBuffer is the least kernel buffer of a laboratory's socket, in bytes, where the system allows it. It is memory only while it is
// filled.
const labBuffer = 512 << 20

// receivers are where flow exports come from, and what is sent on of them.
type receivers struct {
	udp     *listen.Listener // nil: none
	streams *stream.Listener // nil: none
	forward *forward.Forwarder
}

// newReceivers builds them; they hand over to the daemon's pipeline, which is there before they start.
func (d *Daemon) newReceivers() (err error) {
	now := func() int64 { return d.deps.Now().UnixNano() }
	if d.receivers.forward, err = forward.New(forwardConfig(d.cfg.Config), forward.Deps{Now: now, Own: d.own, Log: d.deps.Log}); err != nil {
		return err
	}
	s := d.cfg.Streams
	if len(s.TCP)+len(s.TLS) > 0 {
		d.receivers.streams, err = stream.New(streamConfig(d.cfg.Config), stream.Deps{
			Handle: d.handleMessages, Ended: func(session uint64) { d.pipeline.EndSession(session) },
			Refused: func(source netip.Addr, size int, why flow.Reason) { d.pipeline.Refused(0, source, size, why) },
			Now:     now, Log: d.deps.Log,
		})
		if err != nil || len(d.cfg.Listen) == 0 {
			return err
		}
	}
	d.receivers.udp, err = listen.New(d.listenConfig(), listen.Deps{
		Handle: d.handleDatagrams, Refused: d.refused, Now: now, Log: d.deps.Log,
	})
	return err
}

func (d *Daemon) listenConfig() listen.Config {
	workers, buffer := d.cfg.Receive.Workers, d.cfg.Receive.Buffer
	if d.cfg.Clock == pipeline.ExportClock {
		workers = 1                     // datagrams must stay in the order of their export times
		buffer = max(buffer, labBuffer) // and come as fast as they can be sent
	}
	return listen.Config{
		Addresses: d.cfg.Listen, Workers: workers, ReceiveBuffer: int(buffer), Allow: d.cfg.AllowExporters, Proxies: d.cfg.Proxies,
	}
}

func streamConfig(cfg config.Config) stream.Config {
	s := cfg.Streams
	c := stream.Config{
		MaxConnections: s.MaxConnections, IdleTimeout: s.IdleTimeout, Allow: cfg.AllowExporters, Proxies: cfg.Proxies,
		TLS: stream.TLS{Cert: s.Cert, Key: s.Key, ClientCA: s.ClientCA},
	}
	for _, a := range s.TCP {
		c.Addresses = append(c.Addresses, stream.Address{Address: a})
	}
	for _, a := range s.TLS {
		c.Addresses = append(c.Addresses, stream.Address{Address: a, TLS: true})
	}
	return c
}

func forwardConfig(cfg config.Config) (c forward.Config) {
	for _, f := range cfg.Forward {
		c.Targets = append(c.Targets, forward.Target{
			To: f.To, Exporters: f.Exporters, Ports: f.Ports, Proxy: f.Proxy, Spoof: f.Spoof, Queue: int(f.Queue),
		})
	}
	return c
}

// udpWorkers is how many workers the UDP sockets have; that of the connections comes after them.
func (r *receivers) udpWorkers() int {
	if r.udp == nil {
		return 0
	}
	return r.udp.Workers()
}

// workers is how many receive workers the pipeline needs.
func (r *receivers) workers() int {
	if r.streams == nil {
		return r.udpWorkers()
	}
	return r.udpWorkers() + 1
}

func (d *Daemon) handleDatagrams(worker int, batch []listen.Datagram) {
	d.receivers.forward.Offer(batch)
	d.pipeline.Handle(worker, batch)
}

func (d *Daemon) handleMessages(messages []listen.Datagram) {
	d.pipeline.Handle(d.receivers.udpWorkers(), messages)
}

// receive starts forwarding first, so that nothing received is left out.
func (d *Daemon) receive(context.Context) error {
	r := &d.receivers
	if err := r.forward.Start(); err != nil {
		return err
	}
	d.later(r.forward.Stop)
	if r.udp != nil {
		if err := r.udp.Start(); err != nil {
			return err
		}
		d.later(r.udp.Stop)
	}
	if r.streams != nil {
		if err := r.streams.Start(); err != nil {
			return errors.Join(err, r.streams.Stop())
		}
		d.later(r.streams.Stop)
	}
	d.tellReceivers()
	return nil
}

func (d *Daemon) tellReceivers() {
	for _, s := range d.Sockets() {
		d.deps.Log.Info("listening", "address", s.Address, "socket", s.Worker, "receive_buffer", s.ReceiveBuffer)
	}
	for _, s := range d.Streams() {
		d.deps.Log.Info("listening for connections", "address", s.Address, "tls", s.TLS)
	}
	for _, f := range d.cfg.Forward {
		d.deps.Log.Info("forwarding", "target", f.To, "proxy", f.Proxy, "spoof", f.Spoof)
	}
}

// Sockets returns the UDP sockets' counters; they tell which ports were taken.
func (d *Daemon) Sockets() []listen.SocketStats {
	if d.receivers.udp == nil {
		return nil
	}
	return d.receivers.udp.Sockets()
}

// Streams returns the counters of the addresses where connections are accepted; they tell which ports were taken.
func (d *Daemon) Streams() []stream.Stats {
	if d.receivers.streams == nil {
		return nil
	}
	return d.receivers.streams.Stats()
}

// Forwarded returns the counters of the collectors to which datagrams are sent on.
func (d *Daemon) Forwarded() []forward.Stats { return d.receivers.forward.Stats() }

// refused counts what the listener did not hand over.
func (d *Daemon) refused(worker int, source netip.Addr, size int, why flow.Reason) {
	d.pipeline.Refused(worker, source, size, why)
}
