package sink

import (
	"encoding/json"
	"fmt"
	"sync/atomic"

	"github.com/weirflow/weir/shared/sink/spool"
)

// Delivery counts what an output does with its events.
type Delivery struct {
	Delivered atomic.Uint64 // events surely delivered; over UDP: sent
	Again     atomic.Uint64 // events sent again, because it was not sure that they arrived
	Failures  atomic.Uint64 // attempts that failed
	Refused   atomic.Uint64 // events that the receiver will never take, or that could not be made into a message: dropped
}

// Encode returns an event as an entry of a spool. Its sequence number is the entry's.
func Encode(e *Event) ([]byte, error) {
	b, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("event of alert %s: %w", e.ID, err)
	}
	return b, nil
}

// Decode returns the event of an entry.
func Decode(entry spool.Entry) (Event, error) {
	var e Event
	if err := json.Unmarshal(entry.Data, &e); err != nil {
		return e, fmt.Errorf("entry %d of the spool: %w", entry.Sequence, err)
	}
	e.Sequence = entry.Sequence
	return e, nil
}
