package daemon

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/weirflow/weir/collector/internal/losses"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/query"
)

// startLosses recalls what earlier runs have lost, and begins to remember when this one does. In a laboratory the clock is that of the
// capture, of which nobody knows where it will be.
func (d *Daemon) startLosses(ctx context.Context) error {
	if err := d.recallLoss(ctx); err != nil {
		return err
	}
	if d.cfg.Clock == pipeline.ExportClock {
		return nil
	}
	ledger := losses.New(losses.Config{Path: filepath.Join(d.cfg.Data, losses.FileName)}, losses.Deps{Now: d.deps.Now, Log: d.deps.Log, Total: d.loss})
	if err := ledger.Start(); err != nil {
		return err
	}
	d.losses = ledger
	d.later(ledger.Stop)
	return nil
}

// lossIn is what is known to be missing from a range, for answers; nil where that is not known.
func (d *Daemon) lossIn(from, to time.Time) *query.LossInRange {
	if d.losses == nil {
		return nil
	}
	return d.losses.Within(from, to)
}

// recallLoss sums what the accounts of earlier runs say is missing. It must come before anything is counted in this run.
func (d *Daemon) recallLoss(ctx context.Context) error {
	exporters, err := d.store.Exporters(ctx)
	if err != nil {
		return fmt.Errorf("accounts of earlier runs: %w", err)
	}
	for i := range exporters {
		d.lost.Gaps += exporters[i].Gaps
		for _, n := range exporters[i].Dropped {
			d.lost.Dropped += n
		}
	}
	return nil
}

// loss is what is known to be missing, for answers: of this run and of earlier ones. Kernel drops are of this run; those of earlier
// ones are in the gaps.
func (d *Daemon) loss() query.Loss {
	l := d.lost
	for _, s := range d.core.Account.Streams() {
		l.Gaps += s.Gaps.Load()
		l.Dropped += s.Dropped.Sum()
	}
	for _, s := range d.Sockets() {
		l.KernelDrops += s.KernelDrops
	}
	return l
}
