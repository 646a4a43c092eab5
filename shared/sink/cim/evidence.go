package cim

import (
	"fmt"
	"slices"
	"time"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
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

// Evidence returns the search for the flows behind an alert, among the events of flows that there are; "" where its filter cannot be read, or asks
// for what those events do not have.
//
// Evidence is a filter on records. A session has the sides of both directions in one event, whose source is the client: it is asked for with the
// sides either way. Its time is that of its last packet, so that it is looked for beyond the end of the window, too: every session has an
// event at least each hour, and a little later than that.
func (e *Encoder) Evidence(a *flow.Alert) string {
	if a.Evidence.Filter == "" {
		return ""
	}
	from, to := Window(a)
	if e.flows == FlowsSessions {
		return e.sessionsBehind(a.Evidence.Filter, from, to)
	}
	n, err := filter.Parse(a.Evidence.Filter, e.reg)
	if err != nil {
		return ""
	}
	kind := Flow
	if e.flows == FlowsAggregated {
		kind = Traffic
		if slices.ContainsFunc(filter.Fields(n), func(name string) bool { return notInSums[name] }) {
			return ""
		}
	}
	return search(kind, from, to, filter.SPL(n))
}

// sessionSlack is how much later than an hour after the last one the event of a session may be.
const sessionSlack = 2 * time.Hour

func (e *Encoder) sessionsBehind(text string, from, to int64) string {
	n, err := filter.ParseSession(text, e.reg)
	if err != nil {
		return ""
	}
	if swapped := query.SidesSwapped(n, e.reg); swapped.String() != n.String() {
		n = filter.Or{n, swapped}
	}
	begun := filter.Compare{Field: e.reg.Lookup("event.start"), Op: filter.Less, Values: []filter.Value{{Value: flow.Time(to * 1e9)}}}
	return search(Session, from, to+int64(sessionSlack/time.Second), filter.SPL(filter.And{begun, n}))
}

func search(kind Kind, from, to int64, terms string) string {
	return fmt.Sprintf("%s sourcetype=%s earliest=%d latest=%d %s", IndexMacro, kind.Sourcetype(), from, to, terms)
}
