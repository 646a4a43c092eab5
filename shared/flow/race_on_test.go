//go:build race

package flow_test

// raceEnabled: under the race detector sync.Pool drops entries at random, so allocations are not counted.
const raceEnabled = true
