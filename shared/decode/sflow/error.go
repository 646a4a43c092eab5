package sflow

import (
	"fmt"

	"github.com/weirflow/weir/shared/flow"
)

// Error is what is wrong with a datagram. Decode counts every fault in the stream's loss account and returns the first.
type Error struct {
	Reason flow.Reason
	Sample int    // number of the sample in the datagram, from 0; -1 for the header
	Format uint32 // of the sample, or of the record in it
	Detail string
	Err    error // of the library, where it found the fault
}

// Error says reason, place and detail, and never repeats bytes of the datagram.
func (e *Error) Error() string {
	text := fmt.Sprintf("sflow: %s: %s", e.Reason, e.Detail)
	if e.Sample >= 0 {
		text = fmt.Sprintf("sflow: %s: sample %d: format %d: %s", e.Reason, e.Sample, e.Format, e.Detail)
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the library's error.
func (e *Error) Unwrap() error { return e.Err }
