package input

import "github.com/weirflow/weir/shared/sink/cim"

// status is what the input tells of itself each minute.
func (i *instance) status() cim.Report {
	r := i.core.Report("weir-splunk", i.receivers, i.exporters())
	r.Listen = i.addresses()
	if i.stopping.Load() {
		r.State = "stopping"
	}
	r.Events, r.Lost = i.box.counts()
	r.Message = r.Line()
	return r
}
