package pipeline

import (
	"github.com/weirflow/weir/shared/detect"
	"github.com/weirflow/weir/shared/detect/behavior"
	"github.com/weirflow/weir/shared/session"
)

// fullMemory is what the tables of all detectors take at their default caps: sessions and copies 300 MB, rates 350, behavior 250.
const fullMemory = 900 << 20

// leastHeld is the least number of records that wait to be put in order: with fewer, sessions would depend on the order of arrival at
// everyday rates.
const leastHeld = 1 << 18

// sizes are the caps of the detectors' tables.
type sizes struct {
	rates    detect.Budget
	sessions session.Config
	behavior behavior.Budget
}

// sizesOf returns the caps for so many bytes; 0 is the defaults.
func sizesOf(memory int64) sizes {
	s := sizes{rates: detect.DefaultConfig().Budget, sessions: session.DefaultConfig(), behavior: behavior.DefaultConfig().Budget}
	if memory == 0 {
		return s
	}
	share := float64(memory) / fullMemory
	for _, n := range []*int{
		&s.rates.Cells, &s.rates.Pages, &s.rates.Sets, &s.rates.Hot, &s.rates.Asked, &s.rates.Waiting,
		&s.sessions.Sessions, &s.sessions.Held, &s.sessions.Servers,
		&s.behavior.Sources, &s.behavior.Pairs, &s.behavior.Hosts, &s.behavior.Contacts, &s.behavior.Findings,
	} {
		*n = max(1, int(min(float64(*n)*share, 1<<29)))
	}
	s.sessions.Held = max(s.sessions.Held, leastHeld)
	return s
}
