//go:build !race

package hec_test

const (
	acceptanceEvents = 200_000
	acceptancePiece  = 64 << 10
)
