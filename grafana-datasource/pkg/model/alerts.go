package model

import (
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// SelectsAlert tells whether an alert is wanted by what the collector is not asked for: its severity, detector and state.
func (q *Query) SelectsAlert(a *flow.Alert) bool {
	return a.Severity >= q.MinSeverity && q.selectsState(a) && q.selectsDetector(a)
}

func (q *Query) selectsState(a *flow.Alert) bool {
	states := nonEmpty(q.States)
	return len(states) == 0 || slices.ContainsFunc(states, func(s string) bool { return strings.EqualFold(s, string(a.State)) })
}

func (q *Query) selectsDetector(a *flow.Alert) bool {
	names := nonEmpty(q.Detectors)
	return len(names) == 0 || slices.ContainsFunc(names, func(name string) bool { return matches(name, a.Detector) })
}

// matches tells whether a text is as a name says, in which * stands for any text.
func matches(name, text string) bool {
	parts := strings.Split(name, "*")
	return len(parts) == 1 && name == text || len(parts) > 1 && filter.MatchParts(parts, text)
}

// widthOf is the nominal length of an interval that was checked.
func widthOf(interval string) time.Duration {
	s, err := query.ParseInterval("interval", interval)
	if err != nil {
		return 0
	}
	return s.Width
}
