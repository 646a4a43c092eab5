package pipeline

import (
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"github.com/weirflow/weir/shared/clock"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/decode"
	"github.com/weirflow/weir/shared/decode/template"
	"github.com/weirflow/weir/shared/enrich"
	"github.com/weirflow/weir/shared/enrich/geo"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/interfaces"
	"github.com/weirflow/weir/shared/interfaces/snmp"
	"github.com/weirflow/weir/shared/listen/certificate"
	"github.com/weirflow/weir/shared/listen/stream"
	"github.com/weirflow/weir/shared/normalize"
	"github.com/weirflow/weir/shared/pivot"
	"github.com/weirflow/weir/shared/sink"
)

// Core is all steps of the way of the data, built from a configuration and not yet started. Every packaging makes one and adds
// its sinks by [Core.Pipeline].
type Core struct {
	Account    *flow.Account
	Symbols    *flow.Symbols
	Registry   *flow.Registry
	Decoder    *decode.Decoder
	Clocks     *clock.Clocks // of the exporters
	Detectors  *Detectors
	Interfaces *interfaces.Table
	SNMP       *snmp.Poller // asks the exporters that the configuration has credentials for; who wants it starts and stops it
	Geo        *geo.Locator // the pipeline starts and stops it
	Pivots     *pivot.Set   // links into other tools

	normalizer *normalize.Normalizer
	enricher   *enrich.Enricher
	roles      *enrich.Roles
	log        *slog.Logger
}

// Assemble builds the steps from a configuration; its errors name the part of the configuration that is wrong.
func Assemble(cfg config.Config, log *slog.Logger) (*Core, error) {
	c := &Core{Account: flow.NewAccount(), Symbols: flow.NewSymbols(), Registry: flow.NewRegistry(), log: log}
	decoding := decode.DefaultConfig()
	decoding.Exporters = exportersOf(cfg.Exporters)
	c.Decoder = decode.New(decoding, decode.Deps{Account: c.Account, Symbols: c.Symbols, Log: log})
	var err error
	if c.Clocks, err = clock.New(clock.DefaultConfig()); err != nil {
		return nil, err
	}
	if c.normalizer, err = normalize.New(normalize.Config{Overrides: overrides(cfg.Exporters)}, normalize.Deps{Clock: c.Clocks}); err != nil {
		return nil, fmt.Errorf("exporters: %w", err)
	}
	if c.Geo, err = geo.New(geoConfig(cfg), geo.Deps{Log: log}); err != nil {
		return nil, err
	}
	if c.Pivots, err = Pivots(cfg, c.Geo); err != nil {
		return nil, err
	}
	c.Interfaces = interfaces.NewTable(interfaces.TableConfig{Static: staticInterfaces(cfg.Exporters)}, c.Symbols)
	if c.enricher, err = enrich.New(enrichConfig(cfg), enrich.Deps{Symbols: c.Symbols, Geo: c.Geo, Interfaces: c.Interfaces}); err != nil {
		return nil, fmt.Errorf("inside, groups, services: %w", err)
	}
	if c.roles, err = enrich.NewRoles(rolesOf(cfg)); err != nil {
		return nil, fmt.Errorf("roles: %w", err)
	}
	if c.Detectors, err = newDetectors(cfg, c); err != nil {
		return nil, fmt.Errorf("detect: %w", err)
	}
	if c.SNMP, err = newPoller(cfg, c); err != nil {
		return nil, fmt.Errorf("exporters: %w", err)
	}
	return c, nil
}

// Sinks is where a pipeline's results go; any may be empty.
type Sinks struct {
	Records  sink.Records
	Sessions sink.Sessions
	Alerts   []sink.Alerts
	Minutes  sink.Interfaces
}

// Pipeline returns the pipeline of the steps with its sinks; now is the wall clock.
func (c *Core) Pipeline(cfg Config, sinks Sinks, now func() time.Time) (*Pipeline, error) {
	return New(cfg, Deps{
		Account: c.Account, Symbols: c.Symbols, Decoder: c.Decoder, Normalize: c.normalizer, Enrich: c.enricher,
		Detector: c.Detectors, Records: sinks.Records, Sessions: sinks.Sessions, Alerts: sinks.Alerts, Minutes: sinks.Minutes, Parts: []Component{c.Geo}, Now: now, Log: c.log,
	})
}

func exportersOf(exporters []config.Exporter) (list []decode.Exporter) {
	for _, e := range exporters {
		list = append(list, decode.Exporter{Match: e.Match, SplitByPort: e.Split == "port", Firewall: template.Firewall{
			UpdatesTotal: e.Firewall.Updates == "total", TeardownDelta: e.Firewall.Teardown == "delta",
		}})
	}
	return list
}

func overrides(exporters []config.Exporter) (list []normalize.Override) {
	for _, e := range exporters {
		if e.Sampling != 0 {
			list = append(list, normalize.Override{Exporters: e.Match, Interval: e.Sampling})
		}
		for _, d := range e.Domains {
			if d.Sampling != 0 {
				list = append(list, normalize.Override{Exporters: e.Match, Domain: d.ID, HasDomain: true, Interval: d.Sampling})
			}
		}
	}
	return list
}

// CheckFiles loads the files that the configuration names, as a pipeline's start does, and forgets them.
func CheckFiles(cfg config.Config) error {
	if s := cfg.Streams; len(s.TLS) > 0 {
		if _, err := (stream.TLS{Cert: s.Cert, Key: s.Key, ClientCA: s.ClientCA}).Load(); err != nil {
			return fmt.Errorf("listen.tls: %w", err)
		}
	}
	if t := cfg.API.TLS; t.Cert != "" {
		if _, err := (certificate.Files{Cert: t.Cert, Key: t.Key, ClientCA: t.ClientCA}).Load(); err != nil {
			return fmt.Errorf("api.tls: %w", err)
		}
	}
	return geo.Check(geoConfig(cfg))
}

func geoConfig(cfg config.Config) geo.Config {
	return geo.Config{Country: cfg.Geo.Country, ASN: cfg.Geo.ASN}
}

// rolesOf are the roles of a configuration; it was read with the names of [config.RoleNames] alone.
func rolesOf(cfg config.Config) (list []enrich.RoleOf) {
	for _, r := range cfg.Roles {
		role, _ := enrich.ParseRole(r.Name)
		list = append(list, enrich.RoleOf{Role: role, Prefixes: r.CIDRs})
	}
	return list
}

func enrichConfig(cfg config.Config) enrich.Config {
	e := enrich.Config{Inside: append([]netip.Prefix(nil), cfg.Inside...)}
	for _, g := range cfg.Groups {
		group := enrich.Group{Name: g.Name, Prefixes: g.CIDRs}
		for _, p := range g.Ports {
			group.Ports = append(group.Ports, enrich.PortRange(p))
		}
		e.Groups = append(e.Groups, group)
	}
	for _, s := range cfg.Services {
		e.Services = append(e.Services, enrich.Service{Name: s.Name, Ports: enrich.PortRange(s.Port), Transport: s.Transport})
	}
	return e
}
