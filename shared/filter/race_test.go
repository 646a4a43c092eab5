//go:build race

package filter_test

// raceEnabled says that the race detector drops pooled values at random, so that allocations can't be counted.
const raceEnabled = true
