package pipeline

import (
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// Clock says where a pipeline's processing time comes from.
type Clock uint8

// Clocks. WallClock is for live traffic. ReceiveClock takes the receive times of the datagrams (a replay's virtual clock).
// ExportClock takes their export times as receive times (laboratory: a day of traffic sent in a minute).
const (
	WallClock Clock = iota
	ReceiveClock
	ExportClock
)

// virtual tells whether time passes only with the datagrams.
func (c Clock) virtual() bool { return c != WallClock }

// timeline is the processing clock of a running pipeline; it never goes back. It is used by the detecting goroutine.
type timeline struct {
	clock Clock
	wall  func() time.Time
	last  int64
}

// at returns the processing time of a batch in ns since the Unix epoch; nil asks for the time between batches.
func (t *timeline) at(b *flow.Batch) int64 {
	now := t.last
	switch {
	case !t.clock.virtual():
		now = t.wall().UnixNano()
	case b != nil:
		for i := range b.Datagrams {
			now = max(now, b.Datagrams[i].Received)
		}
	}
	t.last = max(t.last, now)
	return t.last
}

// receiveByExport makes the export times of what was decoded since the datagram before the receive times: ExportClock.
func receiveByExport(b *flow.Batch, firstDatagram, firstRecord int) {
	for i := firstDatagram; i < len(b.Datagrams); i++ {
		if d := &b.Datagrams[i]; d.Exported != 0 {
			d.Received = d.Exported
		}
	}
	for i := firstRecord; i < len(b.Records); i++ {
		r := &b.Records[i]
		r.Created = b.Datagrams[r.Meta].Received
	}
}
