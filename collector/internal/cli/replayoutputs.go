package cli

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"

	"github.com/weirflow/weir/collector/internal/daemon"
	"github.com/weirflow/weir/collector/internal/store/duckdb"
	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/sink/route"
)

// replayOutputs are the outputs that a replay tells, none where it is not to.
func replayOutputs(cfg config.Config, told bool, files []string, core *pipeline.Core, log *slog.Logger) (*route.Outputs, error) {
	if !told {
		cfg.Outputs = nil
	} else if len(cfg.Outputs) == 0 {
		return nil, command.Usagef("--outputs: weir.yaml has none")
	}
	return route.New(route.Config{
		Outputs: cfg.Outputs, Dir: filepath.Join(cfg.Data, daemon.OutputsName), EventTime: true, Run: pipeline.RunOf(files),
	}, route.Deps{Log: log, Pivots: core.Pivots.OfAlert, Exporters: func() []query.Exporter {
		var list []query.Exporter
		for _, s := range core.Account.Streams() {
			x := query.ExporterOf(s)
			x.Health = core.Detectors.Health.Report(s.Key)
			list = append(list, x)
		}
		return list
	}})
}

// replayed is where records and sessions of a replay go. The store settles them.
type replayed struct {
	outputs *route.Outputs
	store   *duckdb.Store
}

// WriteBatch gives records to both.
func (r replayed) WriteBatch(ctx context.Context, b *flow.Batch) error {
	return errors.Join(r.outputs.WriteBatch(ctx, b), r.store.WriteBatch(ctx, b))
}

// WriteSessions gives sessions to both.
func (r replayed) WriteSessions(ctx context.Context, b *flow.SessionBatch) error {
	return errors.Join(r.outputs.WriteSessions(ctx, b), r.store.WriteSessions(ctx, b))
}
