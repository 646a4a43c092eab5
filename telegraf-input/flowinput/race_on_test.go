//go:build race

package flowinput

const raceEnabled = true
