package daemon

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	elastic "github.com/weirflow/weir/elastic/sink"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/interfaces"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/sink"
)

// elasticName is the folder of what waits for Elasticsearch or OpenSearch.
const elasticName = "elastic"

// newElastic makes the sink of the section elastic, where there is one. It reads certificates, and so is for [Daemon.Start].
func (d *Daemon) newElastic() error {
	if len(d.cfg.Elastic.Nodes) == 0 {
		return nil
	}
	c, err := elastic.Connect(d.cfg.Elastic)
	if err != nil {
		return fmt.Errorf("elastic: %w", err)
	}
	cfg := elastic.FromConfig(d.cfg.Elastic, filepath.Join(d.cfg.Data, elasticName))
	cfg.EventTime, cfg.Run = d.cfg.Clock != pipeline.WallClock, uint64(d.deps.Now().UnixNano())
	d.elastic, err = elastic.New(cfg, elastic.Deps{Server: c, Log: d.deps.Log, Now: d.deps.Now, Exporters: d.exporters, Ready: elastic.Templates(c)})
	return err
}

// exporters tells how exporters do in this run.
func (d *Daemon) exporters() []query.Exporter {
	var list []query.Exporter
	for _, s := range d.core.Account.Streams() {
		x := query.ExporterOf(s)
		x.Health = d.core.Detectors.Health.Report(s.Key)
		list = append(list, x)
	}
	return list
}

func (d *Daemon) startElastic(context.Context) error {
	if err := d.newElastic(); err != nil || d.elastic == nil {
		return err
	}
	if err := d.elastic.Start(d.store.OpenAlerts()); err != nil {
		return err
	}
	d.later(d.elastic.Stop)
	return nil
}

func (d *Daemon) elasticStats() (elastic.Stats, bool) {
	if d.elastic == nil {
		return elastic.Stats{}, false
	}
	return d.elastic.Stats(), true
}

// stored is the store, with the outputs and the sink before it where there is one: they keep nobody waiting, and the store settles.
type stored struct{ d *Daemon }

func (s stored) WriteBatch(ctx context.Context, b *flow.Batch) error {
	err := s.d.outputs.WriteBatch(ctx, b)
	if s.d.elastic != nil {
		err = errors.Join(err, s.d.elastic.WriteBatch(ctx, b))
	}
	return errors.Join(err, s.d.store.WriteBatch(ctx, b))
}

func (s stored) WriteSessions(ctx context.Context, b *flow.SessionBatch) error {
	err := s.d.outputs.WriteSessions(ctx, b)
	if s.d.elastic != nil {
		err = errors.Join(err, s.d.elastic.WriteSessions(ctx, b))
	}
	return errors.Join(err, s.d.store.WriteSessions(ctx, b))
}

func (s stored) WriteInterfaces(ctx context.Context, list []interfaces.Minute) error {
	if s.d.elastic == nil {
		return s.d.store.WriteInterfaces(ctx, list)
	}
	return errors.Join(s.d.elastic.WriteInterfaces(ctx, list), s.d.store.WriteInterfaces(ctx, list))
}

// linked tells the sink of alerts with their links into other tools.
type linked struct{ d *Daemon }

var _ sink.Alerts = linked{}

func (l linked) WriteAlerts(ctx context.Context, list []flow.Alert) error {
	told := slices.Clone(list)
	for i := range told {
		told[i].Pivots = l.d.core.Pivots.OfAlert(&told[i])
	}
	return l.d.elastic.WriteAlerts(ctx, told)
}
