//go:build !race

package studio_test

// raceEnabled tells that the race detector runs, which makes this take minutes.
const raceEnabled = false
