package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/decode"
	"github.com/weirflow/weir/shared/detect/behavior"
	"github.com/weirflow/weir/shared/enrich"
	"github.com/weirflow/weir/shared/interfaces"
	"github.com/weirflow/weir/shared/normalize"
	"github.com/weirflow/weir/shared/pivot"
)

// Change is what of a configuration can be put into force while a pipeline runs, ready for it: inside networks, groups, policies, pivots, and
// of exporters all but their SNMP. It is for one [Core.Apply].
type Change struct {
	cfg       config.Config
	networks  *enrich.Networks
	overrides *normalize.Overrides
	exporters []decode.Exporter
	static    []interfaces.Static
	pivots    *pivot.Set
	policies  *behavior.Policies
}

// Prepare checks a configuration as [Assemble] does, and makes ready what of it differs from the one in force. Nothing changes.
func (c *Core) Prepare(cfg config.Config) (*Change, error) {
	ch := &Change{cfg: cfg, exporters: exportersOf(cfg.Exporters), static: staticInterfaces(cfg.Exporters)}
	var err error
	if ch.networks, err = enrich.NewNetworks(enrichConfig(cfg), c.Symbols); err != nil {
		return nil, fmt.Errorf("inside, groups: %w", err)
	}
	if ch.overrides, err = normalize.NewOverrides(overrides(cfg.Exporters)); err != nil {
		return nil, fmt.Errorf("exporters: %w", err)
	}
	if ch.pivots, err = Pivots(cfg, c.Geo); err != nil {
		return nil, err
	}
	if ch.policies, err = behavior.NewPolicies(cfg.Policies, c.Symbols); err != nil {
		return nil, fmt.Errorf("policies: %w", err)
	}
	return ch, nil
}

// Apply puts a change into force in the running pipeline of the core. No record is lost, none sees a part of it: batches that were begun
// before are sent on, and what comes later is decoded, normalized and enriched by the new state. Policies judge sessions by it when all that
// was received before has been looked at, for which Apply waits.
func (c *Core) Apply(ctx context.Context, p *Pipeline, ch *Change) error {
	if !p.started.Load() || p.stopped.Load() {
		return errors.New("pipeline: not running")
	}
	p.between(func() {
		c.Decoder.SetExporters(ch.exporters)
		c.normalizer.Use(ch.overrides)
		c.Interfaces.SetStatic(ch.static)
		c.enricher.Use(ch.networks)
	})
	c.Pivots.Use(ch.pivots)
	var err error
	if waited := p.afterQueued(ctx, func() { err = c.Detectors.setPolicies(ch, c) }); waited != nil {
		return waited
	}
	return err
}

// between runs f while no worker decodes; what was decoded before has been sent on.
func (p *Pipeline) between(f func()) {
	for _, w := range p.workers {
		w.mu.Lock()
		w.send()
	}
	f()
	for _, w := range p.workers {
		w.mu.Unlock()
	}
}

// afterQueued runs f on the detecting goroutine behind everything queued, and waits for it.
func (p *Pipeline) afterQueued(ctx context.Context, f func()) error {
	done := make(chan struct{})
	select {
	case p.detectq <- item{do: func() { f(); close(done) }}:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// setPolicies replaces the policies; sessions are made for the first of them. It is called on the detecting goroutine.
func (d *Detectors) setPolicies(ch *Change, c *Core) error {
	switch {
	case d.Sessions != nil:
		d.Behavior.SetPolicies(ch.policies)
	case ch.policies.Len() > 0:
		c.tellSessionsOn(ch.policies.Len())
		return d.addSessions(ch.cfg, c)
	}
	return nil
}
