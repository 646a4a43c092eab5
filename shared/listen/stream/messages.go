package stream

import (
	"bufio"
	"fmt"

	"github.com/weirflow/weir/shared/listen"
)

// messages cuts a stream into IPFIX messages (RFC 7011, 10.4.3). The buffer of r holds the longest one.
type messages struct {
	r    *bufio.Reader
	last int // length of the message given last
	// idle is called before waiting for a message, begun before waiting for the rest of one.
	idle, begun func()
}

// partError is the end of a stream within a message.
type partError struct {
	got int // bytes of it
	err error
}

func (e *partError) Error() string { return fmt.Sprintf("%d bytes into a message: %v", e.got, e.err) }

func (e *partError) Unwrap() error { return e.err }

// next returns a message, valid until the following call. Errors: [*listen.FramingError], [*partError], between two messages that of the
// reader.
func (m *messages) next() ([]byte, error) {
	_, _ = m.r.Discard(m.last) // was peeked at, so it is there
	m.last = 0
	if m.r.Buffered() == 0 {
		m.idle()
		if _, err := m.r.Peek(1); err != nil {
			return nil, err
		}
	}
	head, err := m.peek(listen.MessageHead)
	if err != nil {
		return nil, err
	}
	n, err := listen.MessageLength(head)
	if err != nil {
		return nil, err
	}
	message, err := m.peek(n)
	if err != nil {
		return nil, err
	}
	m.last = n
	return message, nil
}

// peek waits for n bytes of a message that has begun.
func (m *messages) peek(n int) ([]byte, error) {
	if m.r.Buffered() < n {
		m.begun()
	}
	b, err := m.r.Peek(n)
	if err != nil {
		return nil, &partError{got: len(b), err: err}
	}
	return b, nil
}
