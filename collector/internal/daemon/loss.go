package daemon

import (
	"context"
	"fmt"

	"github.com/weirflow/weir/shared/query"
)

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
