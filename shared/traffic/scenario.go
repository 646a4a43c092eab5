package traffic

import "strings"

// ScenarioInfo names a scenario and says in a line what it holds.
type ScenarioInfo struct {
	Name string
	Doc  string
}

// scenario is a row of the table below.
type scenario struct {
	ScenarioInfo
	fixedLength bool // the story has its own length, --days does not apply
	plan        func(w *world) (plan, error)
}

// plan is what a scenario puts into the world: from when to when, which sources
// make traffic, and what of it is to be found. Times are ms since the epoch.
type plan struct {
	start, end int64
	sources    []source
	truth      []Truth
}

// scenarioTable lists all scenarios; a new one is one file and one row.
func scenarioTable() []scenario {
	return []scenario{
		{ScenarioInfo{"quiet-day", "a day of ordinary traffic without any attack"}, false, planQuietDay},
		{ScenarioInfo{"flood", "half an hour of busy traffic with one UDP reflection flood on an inside host"}, true, planFlood},
		{ScenarioInfo{"walkthrough", "the reference case: SSH guessing, a scan, a hop, a scan of the Internet, 400 MB out"}, true, planWalkthrough},
		{ScenarioInfo{"mixed", "a day of background, then a day with at least ten attacks of every kind"}, true, planMixed},
	}
}

// Scenarios returns the names and one-line descriptions of all scenarios.
func Scenarios() []ScenarioInfo {
	var infos []ScenarioInfo
	for _, s := range scenarioTable() {
		infos = append(infos, s.ScenarioInfo)
	}
	return infos
}

func findScenario(name string) (scenario, bool) {
	for _, s := range scenarioTable() {
		if s.Name == name {
			return s, true
		}
	}
	return scenario{}, false
}

func scenarioNames() string {
	var names []string
	for _, s := range scenarioTable() {
		names = append(names, s.Name)
	}
	return strings.Join(names, ", ")
}
