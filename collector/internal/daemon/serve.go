package daemon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/weirflow/weir/collector/internal/api"
	"github.com/weirflow/weir/collector/internal/metrics"
	"github.com/weirflow/weir/shared/pivot/link"
)

// server is the API on one listening socket.
type server struct {
	http.Server
	ended chan error
}

// serve opens the API on the data folder's socket and, unless it is off, on TCP.
func (d *Daemon) serve(context.Context) error {
	handler, err := d.handler()
	if err != nil {
		return err
	}
	socket := filepath.Join(d.cfg.Data, SocketName)
	if err := os.Remove(socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove the socket of the last run: %w", err)
	}
	if err := d.listenAPI(handler, "unix", socket); err != nil {
		return err
	}
	if err := os.Chmod(socket, 0o600); err != nil {
		return fmt.Errorf("protect the socket: %w", err)
	}
	if d.cfg.API.Listen == "" {
		return nil
	}
	return d.listenAPI(handler, "tcp", d.cfg.API.Listen)
}

func (d *Daemon) listenAPI(handler http.Handler, network, address string) error {
	l, err := net.Listen(network, address)
	if err != nil {
		return fmt.Errorf("api: %w%s", err, hint(network, address))
	}
	s := &server{Server: http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}, ended: make(chan error, 1)}
	go func() { s.ended <- s.Serve(l) }()
	d.servers = append(d.servers, s)
	d.later(s.stop)
	d.deps.Log.Info("api", "address", l.Addr().String())
	return nil
}

// longestSocket is how long the path of a Unix socket may be on every system.
const longestSocket = 103

// hint says what to do when an address cannot be had.
func hint(network, address string) string {
	switch {
	case network == "tcp":
		return " (is another weir running? api.listen in weir.yaml chooses another address, off none)"
	case len(address) > longestSocket:
		return fmt.Sprintf(" (a socket's path may have %d characters; choose a data folder with a shorter one)", longestSocket)
	}
	return ""
}

// stopWithin is how long questions in progress may take when the daemon stops.
const stopWithin = 5 * time.Second

func (s *server) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		_ = s.Close() // questions that take longer are cut off
	}
	if err := <-s.ended; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("api: %w", err)
	}
	return nil
}

func (d *Daemon) handler() (http.Handler, error) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		metrics.New(metrics.Deps{
			Account: d.core.Account, Sockets: d.Sockets, Streams: d.Streams, Forward: d.Forwarded, Pipeline: d.pipeline.Stats, Detect: d.core.Detectors.Rates.Stats, Detectors: d.core.Detectors.Stats, Store: d.store.Stats,
			Geo: d.core.Geo.Stats, Outputs: d.outputs.Stats, Interfaces: d.core.Detectors.Interfaces.Stats, SNMP: d.core.SNMP.Stats, Headers: d.headerStats,
		}))
	linked := link.NewReader(d.core.Pivots, d.store)
	return api.New(api.DefaultConfig(), api.Deps{
		Engine: d.store, Sessions: d.store, Alerts: linked, Exporters: d.store, Interfaces: d.store, Collector: d, Pivots: linked, Now: d.deps.Now,
		Captures: filepath.Join(d.cfg.Data, HeadersName), Settings: api.NewSettings(d.cfg.Config),
		Extra: map[string]http.Handler{
			"GET /metrics": promhttp.HandlerFor(registry, promhttp.HandlerOpts{}),
			"GET /healthz": http.HandlerFunc(d.healthz),
			"GET /readyz":  http.HandlerFunc(d.readyz),
		},
	})
}

// headerStats are the counters of the headers that are kept, zero where none are.
func (d *Daemon) headerStats() metrics.HeaderStats {
	if d.keeper == nil {
		return metrics.HeaderStats{}
	}
	return metrics.HeaderStats{Ring: d.ring.Stats(), Kept: d.keeper.Stats()}
}

// healthz answers as long as the process does.
func (d *Daemon) healthz(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") }

// readyz says whether datagrams are received.
func (d *Daemon) readyz(w http.ResponseWriter, _ *http.Request) {
	if !d.up.Load() {
		http.Error(w, "starting or stopping", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ready")
}
