package listen

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

const (
	// MessageHead is how many bytes of an IPFIX message tell its length.
	MessageHead = 4
	// MaxMessage is the most bytes of an IPFIX message, by its 16-bit length field.
	MaxMessage = 65535

	messageVersion = 10
	messageHeader  = 16 // bytes
	setHeader      = 4  // bytes

	tlsRecord = 0x1603 // first bytes of a connection over TLS (RFC 8446, 5.1)
)

// FramingError says why bytes are not the beginning of an IPFIX message: there is no way to find the next one.
type FramingError struct {
	Reason flow.Reason // flow.RefusedVersion or flow.RefusedLength
	Value  uint16      // version or length that stands there
}

// Error implements error.
func (e *FramingError) Error() string {
	switch {
	case e.Value == tlsRecord:
		return "no IPFIX message but TLS: it is for tls:// addresses"
	case e.Reason == flow.RefusedVersion:
		return fmt.Sprintf("no IPFIX message: version %d instead of 10", e.Value)
	}
	return fmt.Sprintf("IPFIX message of length %d, shorter than its header of 16 bytes", e.Value)
}

// MessageLength returns the length in bytes of the IPFIX message that begins with head, of [MessageHead] bytes (RFC 7011, 3.1).
// The error is a [*FramingError].
func MessageLength(head []byte) (int, error) {
	version, length := binary.BigEndian.Uint16(head), binary.BigEndian.Uint16(head[2:])
	switch {
	case version != messageVersion:
		return 0, &FramingError{Reason: flow.RefusedVersion, Value: version}
	case length < messageHeader:
		return 0, &FramingError{Reason: flow.RefusedLength, Value: length}
	}
	return int(length), nil
}

// messageError is what is wrong with an IPFIX file, and where.
type messageError struct {
	offset int64 // byte at which the message begins
	err    error
	cut    bool // the file ends within the message
}

func (e *messageError) Error() string { return fmt.Sprintf("at byte %d: %v", e.offset, e.err) }

func (e *messageError) Unwrap() error { return e.err }

// messageReader reads an IPFIX file: messages back to back (RFC 5655).
type messageReader struct {
	r      *bufio.Reader
	offset int64 // of the message in the buffer
	length int   // of that message; 0 before the first
}

func (m *messageReader) next() (capturedPacket, error) {
	_, _ = m.r.Discard(m.length) // was peeked at, so it is there
	m.offset += int64(m.length)
	m.length = 0
	head, err := m.r.Peek(MessageHead)
	if err != nil {
		return capturedPacket{}, m.fail(err, len(head), MessageHead)
	}
	n, err := MessageLength(head)
	if err != nil {
		return capturedPacket{}, &messageError{offset: m.offset, err: err}
	}
	data, err := m.r.Peek(n)
	if err != nil {
		return capturedPacket{}, m.fail(err, len(data), n)
	}
	m.length = n
	exported := binary.BigEndian.Uint32(data[4:])
	return capturedPacket{data: data, message: true, time: time.Unix(int64(exported), 0)}, nil
}

// fail makes the error of a message of which only some bytes are there; before the first of them it is the end.
func (m *messageReader) fail(err error, got, want int) error {
	switch {
	case errors.Is(err, io.EOF) && got == 0:
		return io.EOF
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return &messageError{offset: m.offset, err: fmt.Errorf("the file ends %d bytes into an IPFIX message of %d", got, want), cut: true}
	}
	return &messageError{offset: m.offset, err: err}
}

// isMessages tells whether r is at the start of IPFIX messages: a header, and behind it a set, or at its end the next header or that
// of the file.
func isMessages(r *bufio.Reader) bool {
	head, err := r.Peek(MessageHead)
	if err != nil {
		return false
	}
	n, err := MessageLength(head)
	if err != nil {
		return false
	}
	data, _ := r.Peek(n + 2)
	return len(data) == n || (len(data) == n+2 && binary.BigEndian.Uint16(data[n:]) == messageVersion) || beginsWithSet(data, n)
}

// beginsWithSet tells whether the header of a message of n bytes is followed by that of a set that fits (RFC 7011, 3.3.2).
func beginsWithSet(data []byte, n int) bool {
	if len(data) < messageHeader+setHeader {
		return false
	}
	id, size := binary.BigEndian.Uint16(data[messageHeader:]), int(binary.BigEndian.Uint16(data[messageHeader+2:]))
	return (id == 2 || id == 3 || id >= 256) && size >= setHeader && size <= n-messageHeader
}
