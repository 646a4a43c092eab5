package daemon

import (
	"context"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/query"
)

// Collector implements [query.CollectorReader].
func (d *Daemon) Collector(context.Context) (query.Collector, error) {
	p, s := d.pipeline.Stats(), d.store.Stats()
	c := query.Collector{
		Started: d.began.UTC(), Sockets: []query.Socket{}, DroppedBatches: p.DroppedBatches, DroppedForSinks: p.DroppedForSinks,
		CommitErrors: s.CommitErrors, MissingFiles: s.Missing,
	}
	for _, socket := range d.Sockets() {
		c.Sockets = append(c.Sockets, query.Socket{
			Address: socket.Address.String(), ReceiveBuffer: socket.ReceiveBuffer, Datagrams: socket.Datagrams,
			KernelDrops: socket.KernelDrops, Truncated: socket.Truncated, Refused: socket.Refused,
		})
	}
	if free, total, err := store.Space(d.cfg.Data); err == nil {
		c.Disk = &query.Disk{Free: free, Total: total}
	}
	return c, nil
}
