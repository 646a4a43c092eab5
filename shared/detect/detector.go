package detect

import "github.com/weirflow/weir/shared/flow"

// detector is what one kind of finding adds to the engine.
type detector interface {
	// identify names a finding, when it is raised on the traffic of a window.
	identify(e *Engine, h *hot, v level) identity
	// holds tells whether the further conditions are met in a window that is final.
	holds(e *Engine, h *hot, v level, sources uint64) bool
	// describe tells what a finding says as of now.
	describe(e *Engine, h *hot, a *alert) description
}

// identity is what stays the same for the life of an alert.
type identity struct {
	detector string
	service  service // of reflection: a row of the table, or one made for the port
	port     uint16
}

// description is what the text of an alert depends on.
type description struct {
	what       string // "DNS reflection flood"
	vector     string // name among the DoS vectors
	service    *flow.Service
	techniques []flow.Technique
	filter     string // selects the flows, besides the victim's address
	caveat     string // what could not be judged
}

// kind is a detector at its place in the engine.
type kind struct {
	detector
	early    bool    // has no further conditions: raises as soon as a rate has passed the threshold
	severity float64 // base
	// assess gives the verdict over the loud windows of an alert.
	assess func(e *Engine, h *hot, sum span) verdict
}

// evidenceFields are the fields that evidence filters name.
func evidenceFields() []string {
	return []string{"destination.ip", "source.port", "network.transport"}
}

// networkDoS returns the ATT&CK technique of all floods with a sub-technique.
func networkDoS(sub ...flow.Technique) []flow.Technique {
	return append([]flow.Technique{{ID: "T1498", Name: "Network Denial of Service"}}, sub...)
}

// Detectors returns the names of all detectors, with the services of the table filled in.
func (e *Engine) Detectors() []string {
	names := []string{volumetricName, unlistedName}
	for i := range e.services {
		names = append(names, reflectionPrefix+e.services[i].name)
	}
	return names
}
