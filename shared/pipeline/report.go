package pipeline

import (
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/sink/cim"
)

// Report is how a pipeline does that is called component, for Splunk, by what is known of exporters; r may be nil. Events and Lost, and the message that
// is made of them, are left to who sends it.
func (c *Core) Report(component string, r *Receivers, list []query.Exporter) cim.Report {
	out := cim.ReportOf(component, list)
	for _, s := range c.Account.Streams() {
		out.Records += s.Records.Load()
		out.Dropped += s.Dropped.Sum()
		out.Gaps += s.Gaps.Load()
	}
	if r == nil {
		return out
	}
	for _, s := range r.Sockets() {
		out.Datagrams += s.Datagrams
		out.KernelDrops += s.KernelDrops
	}
	for _, s := range r.Streams() {
		out.Datagrams += s.Messages
	}
	return out
}
