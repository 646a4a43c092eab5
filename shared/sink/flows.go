package sink

import "slices"

// Flows says what an output that can have everything is told of flows.
type Flows string

// Choices of flows.
const (
	FlowsNone       Flows = "none"       // neither records nor sessions
	FlowsSessions   Flows = "sessions"   // sessions alone
	FlowsAggregated Flows = "aggregated" // records summed by the minute, without ephemeral ports
	FlowsAll        Flows = "all"        // every record, and sessions
)

// FlowsChoices returns all choices, from least to most.
func FlowsChoices() []Flows { return []Flows{FlowsNone, FlowsSessions, FlowsAggregated, FlowsAll} }

// Valid tells whether it is one of the choices.
func (f Flows) Valid() bool { return slices.Contains(FlowsChoices(), f) }
