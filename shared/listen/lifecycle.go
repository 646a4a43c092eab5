package listen

import "errors"

// Start opens the sockets and begins to read them. Where one cannot be opened, none stays open. A Listener starts once.
func (l *Listener) Start() error { return errors.ErrUnsupported }

// Stop takes what the sockets still hold to the handler (at most one buffer's worth each), closes them and waits until every
// handler has returned. It is idempotent; the counters stay readable.
func (l *Listener) Stop() error { return nil }

// Sockets returns the account of every socket, by worker; nil before Start.
func (l *Listener) Sockets() []SocketStats { return nil }

type socket struct{}
