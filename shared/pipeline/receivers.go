package pipeline

import (
	"errors"
	"log/slog"
	"net/netip"
	"slices"
	"time"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/listen"
	"github.com/weirflow/weir/shared/listen/forward"
	"github.com/weirflow/weir/shared/listen/stream"
)

// labBuffer is the least kernel buffer of a laboratory's socket, in bytes, where the system allows it. It is memory only while it is
// filled.
const labBuffer = 512 << 20

// Receivers are where flow exports come from, and what is sent on of them: the UDP sockets, the listeners for connections and the
// forwarder of a configuration. [NewReceivers] is inert.
type Receivers struct {
	cfg      config.Config
	clock    Clock
	log      *slog.Logger
	udp      *listen.Listener // nil: none
	streams  *stream.Listener // nil: none
	forward  *forward.Forwarder
	pipeline *Pipeline // from Start on
	undo     []func() error
}

// ReceiversDeps is what receivers are given from outside.
type ReceiversDeps struct {
	Now func() time.Time // the wall clock
	Log *slog.Logger
}

// NewReceivers checks the parts listen, receive and allow_exporters of a configuration. With [ExportClock] there is one worker, which keeps
// datagrams in the order of their export times.
func NewReceivers(cfg config.Config, clock Clock, deps ReceiversDeps) (r *Receivers, err error) {
	r = &Receivers{cfg: cfg, clock: clock, log: deps.Log}
	now := func() int64 { return deps.Now().UnixNano() }
	if r.forward, err = forward.New(forwardConfig(cfg), forward.Deps{Now: now, Own: r.own, Log: deps.Log}); err != nil {
		return nil, err
	}
	if s := cfg.Streams; len(s.TCP)+len(s.TLS) > 0 {
		r.streams, err = stream.New(streamConfig(cfg), stream.Deps{
			Handle: r.handleMessages, Ended: func(session uint64) { r.pipeline.EndSession(session) },
			Refused: func(source netip.Addr, size int, why flow.Reason) { r.pipeline.Refused(0, source, size, why) },
			Now:     now, Log: deps.Log,
		})
		if err != nil || len(cfg.Listen) == 0 {
			return r, err
		}
	}
	r.udp, err = listen.New(r.listenConfig(), listen.Deps{Handle: r.handleDatagrams, Refused: r.refused, Now: now, Log: deps.Log})
	return r, err
}

func (r *Receivers) listenConfig() listen.Config {
	workers, buffer := r.cfg.Receive.Workers, r.cfg.Receive.Buffer
	if r.clock == ExportClock {
		workers = 1                     // datagrams must stay in the order of their export times
		buffer = max(buffer, labBuffer) // and come as fast as they can be sent
	}
	return listen.Config{
		Addresses: r.cfg.Listen, Workers: workers, ReceiveBuffer: int(buffer), Allow: r.cfg.AllowExporters, Proxies: r.cfg.Proxies,
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
func (r *Receivers) udpWorkers() int {
	if r.udp == nil {
		return 0
	}
	return r.udp.Workers()
}

// Workers is how many receive workers the pipeline needs.
func (r *Receivers) Workers() int {
	if r.streams == nil {
		return r.udpWorkers()
	}
	return r.udpWorkers() + 1
}

func (r *Receivers) handleDatagrams(worker int, batch []listen.Datagram) {
	r.forward.Offer(batch)
	r.pipeline.Handle(worker, batch)
}

func (r *Receivers) handleMessages(messages []listen.Datagram) {
	r.pipeline.Handle(r.udpWorkers(), messages)
}

// refused counts what the listener did not hand over.
func (r *Receivers) refused(worker int, source netip.Addr, size int, why flow.Reason) {
	r.pipeline.Refused(worker, source, size, why)
}

// Start begins to hand over to a running pipeline; forwarding starts first, so that nothing received is left out. On an error nothing
// stays open.
func (r *Receivers) Start(p *Pipeline) error {
	r.pipeline = p
	parts := []Component{r.forward}
	if r.udp != nil {
		parts = append(parts, r.udp)
	}
	if r.streams != nil {
		parts = append(parts, r.streams)
	}
	for _, part := range parts {
		if err := part.Start(); err != nil {
			return errors.Join(err, part.Stop(), r.Stop())
		}
		r.undo = append(r.undo, part.Stop)
	}
	r.tell()
	return nil
}

// Stop ends receiving in the reverse order of Start. It is idempotent.
func (r *Receivers) Stop() error {
	var errs []error
	for _, stop := range slices.Backward(r.undo) {
		errs = append(errs, stop())
	}
	r.undo = nil
	return errors.Join(errs...)
}

func (r *Receivers) tell() {
	for _, s := range r.Sockets() {
		r.log.Info("listening", "address", s.Address, "socket", s.Worker, "receive_buffer", s.ReceiveBuffer)
	}
	for _, s := range r.Streams() {
		r.log.Info("listening for connections", "address", s.Address, "tls", s.TLS)
	}
	for _, f := range r.cfg.Forward {
		r.log.Info("forwarding", "target", f.To, "proxy", f.Proxy, "spoof", f.Spoof)
	}
}

// Sockets returns the UDP sockets' counters; they tell which ports were taken.
func (r *Receivers) Sockets() []listen.SocketStats {
	if r.udp == nil {
		return nil
	}
	return r.udp.Sockets()
}

// Streams returns the counters of the addresses where connections are accepted; they tell which ports were taken.
func (r *Receivers) Streams() []stream.Stats {
	if r.streams == nil {
		return nil
	}
	return r.streams.Stats()
}

// Forwarded returns the counters of the collectors to which datagrams are sent on.
func (r *Receivers) Forwarded() []forward.Stats { return r.forward.Stats() }
