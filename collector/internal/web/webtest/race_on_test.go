//go:build race

package webtest_test

// raceEnabled tells that the race detector runs, which makes a day of traffic take minutes.
const raceEnabled = true
