package cim

import "context"

// Event is an event on its way to Splunk. It and what it holds are valid until Put returns.
type Event struct {
	Kind Kind
	Time int64  // _time, ns since the Unix epoch
	Host string // the exporter's address, or the host that the feed runs on
	ID   []byte // identity: the same event told of again, by a replay, has the same
	JSON []byte // one line, without its end
}

// Putter takes events. Put may block, as far as the caller of the feed may; an error says that the event is lost, and why.
type Putter interface {
	Put(ctx context.Context, ev *Event) error
}
