package flow

import (
	"sync"
	"time"
)

// ClockStatus says what is known about an exporter's clock.
type ClockStatus uint8

// Statuses of a clock.
const (
	ClockUnknown ClockStatus = iota // too little has been seen
	ClockGood                       // its offset is known: the exporter's own times, or corrected ones, can be relied on
	ClockBad                        // it cannot be relied on: records take the time of receipt
)

var clockStatuses = [...]string{"unknown", "good", "bad"}

// String returns the name used in weir.clock.status.
func (s ClockStatus) String() string { return nameOf(clockStatuses[:], uint8(s)) }

// ParseClockStatus is the inverse of [ClockStatus.String].
func ParseClockStatus(s string) (ClockStatus, bool) {
	n, ok := numberOf(clockStatuses[:], s)
	return ClockStatus(n), ok
}

// ClockReason says why a clock is not good.
type ClockReason uint8

// Reasons of a [ClockStatus].
const (
	ClockNoReason ClockReason = iota
	ClockFew                  // fewer datagrams, or over less time, than an estimate needs
	ClockUnsteady             // the offset wanders by more than half a second from minute to minute
	ClockSteps                // the clock is set again and again
	ClockFrozen               // the uptime stands still while the time of the header goes on
	ClockDelay                // no clock in the protocol: the time of receipt is used (sFlow)
)

var clockReasons = [...]string{"", "few", "unsteady", "steps", "frozen", "receipt"}

// String returns the reason's name, "" for none.
func (r ClockReason) String() string { return nameOf(clockReasons[:], uint8(r)) }

// ParseClockReason is the inverse of [ClockReason.String].
func ParseClockReason(s string) (ClockReason, bool) {
	n, ok := numberOf(clockReasons[:], s)
	return ClockReason(n), ok
}

// ClockState is what is known about the clock of an exporter and domain. The zero value is a clock of which nothing is known.
type ClockState struct {
	Status ClockStatus
	Reason ClockReason
	// Corrected says that records' times are corrected by the estimate; else they are the exporter's own.
	Corrected bool
	// Offset is what has to be added to the exporter's clock to get the collector's: negative where the exporter is ahead. It is
	// meaningful from the first datagram on, but see Uncertainty.
	Offset      time.Duration
	Uncertainty time.Duration // how far Offset may be off
	// TimesError is how far the times of the latest datagram's records may be off as they are stored; [UnknownError] where that is not
	// known.
	TimesError time.Duration
	DriftPPM   float64 // how fast the exporter's clock runs, in millionths: positive gains on the collector's
	Datagrams  uint64  // seen of it
	Steps      uint64  // times that the clock was set or began anew
}

// UnknownError stands for an error of which nothing is known.
const UnknownError = -1

// ClockCorrection is what has to be added to the times of a datagram's records, in ns, of whole milliseconds, so that it can be taken
// off again without a rest.
type ClockCorrection struct {
	// Uptime is for times on the uptime clock that were placed by the datagram's export time and uptime, Wall for those that the
	// exporter told as time of day.
	Uptime, Wall int64
	// UptimeError and WallError say how far the times may be off then; [UnknownError] where that is not known, and nothing is added.
	UptimeError, WallError int64
	Receipt                bool // the clock is bad: take the time of receipt
	Seconds                bool // the header's export time is cut to whole seconds
}

// UnknownClock returns the correction of a clock of which nothing is known.
func UnknownClock() ClockCorrection {
	return ClockCorrection{UptimeError: UnknownError, WallError: UnknownError}
}

// StreamClock holds the latest state of a stream's clock. It is safe for concurrent use.
type StreamClock struct {
	mu    sync.Mutex
	state ClockState
}

// Store takes note of the state.
func (c *StreamClock) Store(state ClockState) {
	c.mu.Lock()
	c.state = state
	c.mu.Unlock()
}

// Load returns the latest state.
func (c *StreamClock) Load() ClockState {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}
