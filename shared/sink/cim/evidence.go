package cim

import (
	"fmt"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
)

// IndexMacro is the search macro that names the indexes of Weir's events.
const IndexMacro = "`weir_index`"

// Window returns the range of an alert's evidence, or of the alert where it has none, in whole seconds since the Unix epoch: from <= _time < to.
func Window(a *flow.Alert) (from, to int64) {
	start, end := a.Evidence.From, a.Evidence.To
	if start.IsZero() {
		start = a.Start
	}
	if !end.After(start) {
		end = a.Last
	}
	from, to = start.Unix(), end.Unix()
	if end.Nanosecond() > 0 || to <= from {
		to++
	}
	return from, max(to, from+1)
}

// Evidence returns the search for the flows behind an alert, among the events of flows that there are; "" where its filter cannot be read.
func (e *Encoder) Evidence(a *flow.Alert) string {
	kind, parse := Flow, filter.Parse
	switch e.flows {
	case FlowsSessions:
		kind, parse = Session, filter.ParseSession
	case FlowsAggregated:
		kind = Traffic
	}
	if a.Evidence.Filter == "" {
		return ""
	}
	n, err := parse(a.Evidence.Filter, e.reg)
	if err != nil {
		return ""
	}
	from, to := Window(a)
	return fmt.Sprintf("%s sourcetype=%s earliest=%d latest=%d %s", IndexMacro, kind.Sourcetype(), from, to, filter.SPL(n))
}
