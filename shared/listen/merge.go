package listen

import "io"

// Merge yields the datagrams of several sources in the order of their times. Within a source its own order stays, even where
// its times go back; of equal times the source named first comes first, so the same input gives the same order.
type Merge struct{}

// MergeSources returns a Merge of sources.
func MergeSources(sources ...Source) *Merge { return &Merge{} }

// Next returns the next datagram of all; its payload holds until the following call. An error other than [io.EOF] is that of one
// source, which is left out from then on: further calls yield what the others hold.
func (m *Merge) Next() (Datagram, error) { return Datagram{}, io.EOF }

// Captures is a [Merge] of capture files together with them.
type Captures struct {
	*Merge
	Files []*Capture // in the order of their paths
}

// MergeCaptures opens the capture files at paths and merges them by time. Where one cannot be opened, none stays open.
func MergeCaptures(paths []string, cfg CaptureConfig) (*Captures, error) { return nil, nil }

// Stats returns the sum of all files' counters.
func (c *Captures) Stats() CaptureStats { return CaptureStats{} }

// Close closes all files.
func (c *Captures) Close() error { return nil }
