//go:build race

package hec_test

// Events are fewer under the race detector, which takes a multiple of the time, and pieces are smaller, so that all faults happen.
const (
	acceptanceEvents = 20_000
	acceptancePiece  = 8 << 10
)
