package daemon

import "github.com/weirflow/weir/shared/flow"

// Account returns the loss account of the running pipeline.
func (d *Daemon) Account() *flow.Account { return d.core.Account }
