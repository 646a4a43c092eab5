package daemon

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"

	elastic "github.com/weirflow/weir/elastic/metrics"
	"github.com/weirflow/weir/elastic/sink"
	"github.com/weirflow/weir/packaging/metrics"
	"github.com/weirflow/weir/packaging/serve"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/listen/certificate"
)

// checkAPI says where counters may not be served: there are no tokens here, which the collector would want of other machines.
func checkAPI(a *config.API) error {
	switch {
	case a.Listen == "" || !a.NeedsToken() || a.TLS.ClientCA != "":
		return nil
	case a.Auth == "required":
		return fmt.Errorf("api.auth: required: weir-elastic knows no tokens: let metrics be asked for without (api.auth: auto), or with clients' certificates (api.tls.client_ca)")
	}
	return fmt.Errorf("api.listen: other machines reach %s, and weir-elastic knows no tokens: choose an address of this machine, let clients have certificates (api.tls.client_ca), or write api.auth: off", a.Listen)
}

// serve shows the counters to Prometheus, and answers probes, where api.listen says.
func (d *Daemon) serve(context.Context) error {
	a := &d.cfg.API
	if a.Listen == "" {
		return nil
	}
	c := serve.Config{Network: "tcp", Address: a.Listen, TLS: certificate.Files{Cert: a.TLS.Cert, Key: a.TLS.Key, ClientCA: a.TLS.ClientCA}}
	s, err := serve.Start(c, d.handler(), d.deps.Log)
	if err != nil {
		return err //nolint:wrapcheck // it says what is wrong
	}
	d.metrics = s.Address()
	d.later(s.Stop)
	d.deps.Log.Info("metrics", "address", s.Address().String(), "tls", c.TLS.Cert != "")
	return nil
}

func (d *Daemon) handler() http.Handler {
	core := metrics.CoreOf(d.core, d.receivers)
	core.Pipeline, core.Outputs, core.HEC = d.pipeline.Stats, d.outputs.Stats, d.outputs.HEC
	shipped := elastic.Of(func() (sink.Stats, bool) { return d.sink.Stats(), true })
	routes := serve.Probes(d.up.Load)
	maps.Copy(routes, map[string]http.Handler{"GET /metrics": metrics.Handler(core.Metrics(), shipped)})
	mux := http.NewServeMux()
	for route, h := range routes {
		mux.Handle(route, h)
	}
	if !d.cfg.API.Loopback() {
		return mux
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !serve.Names(r.Host, d.cfg.API.Hosts) {
			http.Error(w, fmt.Sprintf("%.100q is not this machine: ask 127.0.0.1 or localhost, or name it in api.hosts of weir.yaml", r.Host), http.StatusMisdirectedRequest)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// Metrics is where counters are served; nil: nowhere.
func (d *Daemon) Metrics() net.Addr { return d.metrics }
