package listen

import (
	"container/heap"
	"errors"
	"io"
)

// Merge yields the datagrams of several sources in the order of their times. Within a source its own order stays, even where
// its times go back; of equal times the source named first comes first, so the same input gives the same order.
type Merge struct {
	fresh []head // sources whose first datagram has not been fetched
	heads heads
	// lent: the datagram of heads[0] was given out. Only the following call fetches that source's next one, for until then
	// the payload must hold.
	lent bool
}

// head is the next datagram of a source.
type head struct {
	Datagram
	source Source
	number int
}

// MergeSources returns a Merge of sources.
func MergeSources(sources ...Source) *Merge {
	m := &Merge{}
	for i, s := range sources {
		m.fresh = append(m.fresh, head{source: s, number: i})
	}
	return m
}

// Next returns the next datagram of all; its payload holds until the following call. An error other than [io.EOF] is that of one
// source, which is left out from then on: further calls yield what the others hold.
func (m *Merge) Next() (Datagram, error) {
	if err := m.begin(); err != nil {
		return Datagram{}, err
	}
	if err := m.advance(); err != nil {
		return Datagram{}, err
	}
	if len(m.heads) == 0 {
		return Datagram{}, io.EOF
	}
	m.lent = true
	return m.heads[0].Datagram, nil
}

// begin fetches the first datagram of every source.
func (m *Merge) begin() error {
	for len(m.fresh) > 0 {
		h := m.fresh[0]
		m.fresh = m.fresh[1:]
		d, err := h.source.Next()
		switch {
		case err == nil:
			h.Datagram = d
			heap.Push(&m.heads, h)
		case !errors.Is(err, io.EOF):
			return err
		}
	}
	return nil
}

// advance fetches the next datagram of the source that gave the last one.
func (m *Merge) advance() error {
	if !m.lent {
		return nil
	}
	m.lent = false
	d, err := m.heads[0].source.Next()
	if err == nil {
		m.heads[0].Datagram = d
		heap.Fix(&m.heads, 0)
		return nil
	}
	heap.Pop(&m.heads)
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// heads is a heap by time, then by the sources' order.
type heads []head

func (h heads) Len() int { return len(h) }
func (h heads) Less(i, j int) bool {
	if h[i].Received != h[j].Received {
		return h[i].Received < h[j].Received
	}
	return h[i].number < h[j].number
}
func (h heads) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *heads) Push(x any)   { *h = append(*h, x.(head)) }
func (h *heads) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	*h = (*h)[:last]
	return x
}
