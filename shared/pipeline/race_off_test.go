//go:build !race

package pipeline_test

// raceEnabled tells that the race detector runs, which slows tests down tenfold.
const raceEnabled = false
