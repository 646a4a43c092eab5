package daemon

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"

	"github.com/weirflow/weir/collector/internal/api"
	"github.com/weirflow/weir/collector/internal/audit"
	"github.com/weirflow/weir/collector/internal/metrics"
	"github.com/weirflow/weir/collector/internal/web"
	core "github.com/weirflow/weir/packaging/metrics"
	"github.com/weirflow/weir/packaging/serve"
	"github.com/weirflow/weir/shared/listen/certificate"
	"github.com/weirflow/weir/shared/pivot/link"
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
	c := serve.Config{Network: network, Address: address}
	if t := d.cfg.API.TLS; network == "tcp" {
		c.TLS = certificate.Files{Cert: t.Cert, Key: t.Key, ClientCA: t.ClientCA}
	}
	s, err := serve.Start(c, handler, d.deps.Log)
	if err != nil {
		return err //nolint:wrapcheck // it says what is wrong
	}
	d.later(s.Stop)
	d.deps.Log.Info("api", "address", s.Address().String(), "tls", c.TLS.Cert != "")
	return nil
}

func (d *Daemon) handler() (http.Handler, *web.Site, error) {
	shown := core.CoreOf(d.core, d.receivers)
	shown.Pipeline, shown.Outputs, shown.HEC = d.pipeline.Stats, d.outputs.Stats, d.outputs.HEC
	counters := metrics.New(metrics.Deps{Core: shown, Store: d.store.Stats, Elastic: d.elasticStats, Headers: d.headerStats, API: d.apiStats})
	linked := link.NewReader(d.core.Pivots, d.store)
	deps := api.Deps{
		Engine: d.store, Sessions: d.store, Alerts: linked, Exporters: d.store, Interfaces: d.store, Collector: d, Pivots: linked,
		Captures: filepath.Join(d.cfg.Data, HeadersName), Settings: d.settings, Live: d.live, Tokens: d.tokens, Sealer: d.store,
		Hours: d.store.Hours, Now: d.deps.Now,
		Extra: serve.Probes(d.up.Load),
	}
	deps.Extra["GET /metrics"] = core.Handler(counters)
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
