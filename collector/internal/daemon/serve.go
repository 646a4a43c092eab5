package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/weirflow/weir/collector/internal/api"
	"github.com/weirflow/weir/collector/internal/audit"
	"github.com/weirflow/weir/collector/internal/metrics"
	"github.com/weirflow/weir/collector/internal/web"
	"github.com/weirflow/weir/shared/listen/certificate"
	"github.com/weirflow/weir/shared/pivot/link"
)

// server is the API on one listening socket.
type server struct {
	http.Server
	ended chan error
}

// Bounds of a connection. Bodies have a bound of their own, and answers take what questions take.
const (
	headerWithin   = 10 * time.Second
	idleWithin     = 2 * time.Minute
	maxHeaderBytes = 64 << 10
)

// serve opens the API on the data folder's socket and, unless it is off, on TCP. Streams of alerts end before servers stop.
func (d *Daemon) serve(context.Context) error {
	handler, site, err := d.handler()
	if err != nil {
		return err
	}
	if d.audit, err = audit.Open(audit.Config{Dir: d.cfg.Data}, d.deps.Log); err != nil {
		return err
	}
	d.later(d.audit.Close)
	guard := func(a api.Access) http.Handler {
		return api.Guard(a, api.GuardDeps{Tokens: d.tokens, Audit: d.audit, Now: d.deps.Now, PageError: site.Fail}, handler)
	}
	socket := filepath.Join(d.cfg.Data, SocketName)
	if err := os.Remove(socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove the socket of the last run: %w", err)
	}
	if err := d.listenAPI(guard(api.Access{Socket: true}), "unix", socket); err != nil {
		return err
	}
	if err := os.Chmod(socket, 0o600); err != nil {
		return fmt.Errorf("protect the socket: %w", err)
	}
	if d.cfg.API.Listen != "" {
		if err := d.listenTCP(guard); err != nil {
			return err
		}
	}
	d.later(d.live.Stop)
	return nil
}

// listenTCP opens the API to this machine or to others. Configurations that were not read from a file are held to the same rule.
func (d *Daemon) listenTCP(guard func(api.Access) http.Handler) error {
	a := &d.cfg.API
	if !a.Loopback() && !a.Secure() && a.Plain != "allowed" {
		return fmt.Errorf("api: other machines reach %s, and tokens would pass in clear: give it api.tls, or write api.plain: allowed", a.Listen)
	}
	access := api.Access{Token: a.NeedsToken(), Loopback: a.Loopback(), Hosts: a.Hosts}
	if access.Token {
		if list, err := d.tokens.List(); err != nil {
			return fmt.Errorf("api: %w", err)
		} else if len(list) == 0 {
			d.deps.Log.Warn("the API wants a token of everyone, and there is none yet: weir token create NAME --data " + d.cfg.Data)
		}
	}
	return d.listenAPI(guard(access), "tcp", a.Listen)
}

func (d *Daemon) listenAPI(handler http.Handler, network, address string) error {
	s := &server{Server: http.Server{
		Handler: handler, ReadHeaderTimeout: headerWithin, IdleTimeout: idleWithin, MaxHeaderBytes: maxHeaderBytes,
		ErrorLog: slog.NewLogLogger(d.deps.Log.Handler(), slog.LevelDebug), // of clients' faults, mostly
	}, ended: make(chan error, 1)}
	serve := s.Serve
	if t := d.cfg.API.TLS; network == "tcp" && t.Cert != "" {
		certs, err := certificate.NewReloader(certificate.Files{Cert: t.Cert, Key: t.Key, ClientCA: t.ClientCA}, d.deps.Log, "h2", "http/1.1")
		if err != nil {
			return fmt.Errorf("api.tls: %w", err)
		}
		s.TLSConfig = certs.Config()
		serve = func(l net.Listener) error { return s.ServeTLS(l, "", "") }
	}
	l, err := net.Listen(network, address)
	if err != nil {
		return fmt.Errorf("api: %w%s", err, hint(network, address))
	}
	encrypted := s.TLSConfig != nil // serving changes it
	go func() { s.ended <- serve(l) }()
	d.servers = append(d.servers, s)
	d.later(s.stop)
	d.deps.Log.Info("api", "address", l.Addr().String(), "tls", encrypted)
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

func (d *Daemon) handler() (http.Handler, *web.Site, error) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		metrics.New(metrics.Deps{
			Account: d.core.Account, Sockets: d.Sockets, Streams: d.Streams, Forward: d.Forwarded, Pipeline: d.pipeline.Stats, Detect: d.core.Detectors.Rates.Stats, Detectors: d.core.Detectors.Stats, Store: d.store.Stats,
			Geo: d.core.Geo.Stats, Outputs: d.outputs.Stats, Elastic: d.elasticStats, Interfaces: d.core.Detectors.Interfaces.Stats, SNMP: d.core.SNMP.Stats, Headers: d.headerStats, API: d.apiStats,
		}))
	linked := link.NewReader(d.core.Pivots, d.store)
	deps := api.Deps{
		Engine: d.store, Sessions: d.store, Alerts: linked, Exporters: d.store, Interfaces: d.store, Collector: d, Pivots: linked,
		Captures: filepath.Join(d.cfg.Data, HeadersName), Settings: d.settings, Live: d.live, Tokens: d.tokens,
		Hours: d.store.Hours, Now: d.deps.Now,
		Extra: map[string]http.Handler{
			"GET /metrics": promhttp.HandlerFor(registry, promhttp.HandlerOpts{}),
			"GET /healthz": http.HandlerFunc(d.healthz),
			"GET /readyz":  http.HandlerFunc(d.readyz),
		},
	}
	site, err := d.addPages(&deps, linked)
	if err != nil {
		return nil, nil, err
	}
	handler, err := api.New(d.apiConfig(), deps)
	return handler, site, err
}

// addPages adds the web page, which asks what the API asks.
func (d *Daemon) addPages(deps *api.Deps, linked *link.Reader) (*web.Site, error) {
	site, err := web.New(web.Deps{
		Engine: d.store, Sessions: d.store, Alerts: linked, Exporters: d.store, Pivots: linked, Afford: api.Affordable(d.apiConfig(), *deps), Now: d.deps.Now,
	})
	if err != nil {
		return nil, err
	}
	deps.Pages, deps.PageError = site.Pages(), site.Fail
	maps.Copy(deps.Extra, site.Files())
	return site, nil
}

// apiConfig is what the configuration says of costs.
func (d *Daemon) apiConfig() api.Config {
	c, l := api.DefaultConfig(), d.cfg.API.Limits
	c.MaxBody, c.Timeout, c.Concurrent, c.PerToken, c.Budget = l.Body, l.Timeout, l.Concurrent, min(l.PerToken, l.Concurrent), l.Budget
	return c
}

// apiStats are the counters of the API.
func (d *Daemon) apiStats() metrics.APIStats {
	return metrics.APIStats{Live: d.live.Stats(), Audit: d.audit.Stats()}
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
