package route

import (
	"slices"
	"strings"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/sink"
)

// maxOpen is how many open alerts an output remembers to have told: see [sink.Told].
const maxOpen = 1 << 16

// choice decides what an output is told.
type choice struct {
	least     int
	detectors []string
	on        []sink.Change
	told      *sink.Told

	unrouted, unchanged uint64
}

func newChoice(c *config.Output) *choice {
	ch := &choice{least: c.MinSeverity, detectors: c.Detectors, told: sink.NewTold(maxOpen)}
	for _, on := range c.On {
		ch.on = append(ch.on, sink.Change(on))
	}
	return ch
}

// take returns what is to be told of an alert, if anything. An alert that was told once is told of to its end, even if its severity
// falls: who was called must learn that it is over.
func (c *choice) take(a *flow.Alert) (sink.Change, bool) {
	if a.State == flow.AlertPending || !c.wants(a.Detector) || (!c.told.Knows(a.ID) && a.Severity < c.least) {
		c.unrouted++
		return "", false
	}
	change, ok := c.told.Take(a)
	switch {
	case !ok:
		c.unchanged++
		return "", false
	case len(c.on) > 0 && !slices.Contains(c.on, change):
		c.unrouted++
		return "", false
	}
	return change, true
}

// recall remembers an alert of an earlier run as told.
func (c *choice) recall(a *flow.Alert) {
	if a.State != flow.AlertPending && c.wants(a.Detector) && a.Severity >= c.least {
		c.told.Recall([]flow.Alert{*a})
	}
}

// known returns those of the alerts that were told.
func (c *choice) known(list []flow.Alert) (told []flow.Alert) {
	for i := range list {
		if c.told.Knows(list[i].ID) {
			told = append(told, list[i])
		}
	}
	return told
}

func (c *choice) wants(detector string) bool {
	return len(c.detectors) == 0 || slices.ContainsFunc(c.detectors, func(p string) bool {
		stem, below := strings.CutSuffix(p, "*")
		return detector == p || (below && strings.HasPrefix(detector, stem))
	})
}
