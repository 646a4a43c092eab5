package route

import (
	"slices"
	"strings"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/sink"
)

// maxOpen is how many open alerts an output remembers to have told. Beyond it the longest known is forgotten, which may be told
// as raised once more, under its id.
const maxOpen = 1 << 16

// choice decides what an output is told.
type choice struct {
	least     int
	detectors []string
	on        []sink.Change
	open      map[string]telling // by the id of an alert
	order     []string           // ids as they were added; those that ended may still be in it

	unrouted, unchanged uint64
}

// telling is what an output knows of an alert, as far as changes of it are worth an event.
type telling struct {
	state     flow.AlertState
	label     string
	magnitude int
}

func tellingOf(a *flow.Alert) telling { return telling{a.State, a.SeverityLabel, sink.Magnitude(a)} }

func newChoice(c *config.Output) *choice {
	ch := &choice{least: c.MinSeverity, detectors: c.Detectors, open: map[string]telling{}}
	for _, on := range c.On {
		ch.on = append(ch.on, sink.Change(on))
	}
	return ch
}

// take returns what is to be told of an alert, if anything. An alert that was told once is told of to its end, even if its severity
// falls: who was called must learn that it is over.
func (c *choice) take(a *flow.Alert) (sink.Change, bool) {
	was, known := c.open[a.ID]
	if a.State == flow.AlertPending || !c.wants(a.Detector) || (!known && a.Severity < c.least) {
		c.unrouted++
		return "", false
	}
	now := tellingOf(a)
	if known && now == was {
		c.unchanged++
		return "", false
	}
	change := sink.Changed
	switch {
	case !known:
		change = sink.Raised
	case a.State == flow.AlertEnded:
		change = sink.Ended
	}
	if a.State == flow.AlertEnded {
		delete(c.open, a.ID)
	} else {
		c.remember(a.ID, now, known)
	}
	if len(c.on) > 0 && !slices.Contains(c.on, change) {
		c.unrouted++
		return "", false
	}
	return change, true
}

// recall remembers an alert of an earlier run as told.
func (c *choice) recall(a *flow.Alert) {
	if a.State != flow.AlertPending && c.wants(a.Detector) && a.Severity >= c.least {
		c.remember(a.ID, tellingOf(a), false)
	}
}

// known returns those of the alerts that were told.
func (c *choice) known(list []flow.Alert) (told []flow.Alert) {
	for i := range list {
		if _, ok := c.open[list[i].ID]; ok {
			told = append(told, list[i])
		}
	}
	return told
}

func (c *choice) remember(id string, t telling, known bool) {
	c.open[id] = t
	if known {
		return
	}
	c.order = append(c.order, id)
	for len(c.open) > maxOpen {
		delete(c.open, c.order[0])
		c.order = c.order[1:]
	}
	if len(c.order) > 2*maxOpen {
		c.order = slices.DeleteFunc(c.order, func(id string) bool { _, ok := c.open[id]; return !ok })
	}
}

func (c *choice) wants(detector string) bool {
	return len(c.detectors) == 0 || slices.ContainsFunc(c.detectors, func(p string) bool {
		stem, below := strings.CutSuffix(p, "*")
		return detector == p || (below && strings.HasPrefix(detector, stem))
	})
}
