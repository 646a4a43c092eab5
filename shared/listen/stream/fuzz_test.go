package stream

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/weirflow/weir/shared/listen"
)

// FuzzMessages cuts any bytes into messages: they come whole and in order, byte by byte as in one piece, and what is left over is
// an error of its kind.
func FuzzMessages(f *testing.F) {
	f.Add(append(message("one"), message("two")...))
	f.Add(append(message("one"), 0, 10, 0, 5))
	f.Add(message("cut")[:18])
	f.Add([]byte{0, 9})
	f.Add([]byte{0, 10, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, stream []byte) {
		whole, err := cut(bytes.NewReader(stream))
		pieces, again := cut(iotest.OneByteReader(bytes.NewReader(stream)))
		if len(whole) != len(pieces) || (err == nil) != (again == nil) {
			t.Fatalf("%d messages and %v, in pieces %d and %v", len(whole), err, len(pieces), again)
		}
		rest := stream
		for _, m := range whole {
			if len(m) < 16 || binary.BigEndian.Uint16(m) != 10 || int(binary.BigEndian.Uint16(m[2:])) != len(m) || !bytes.HasPrefix(rest, m) {
				t.Fatalf("message of %d bytes", len(m))
			}
			rest = rest[len(m):]
		}
		var framing *listen.FramingError
		var part *partError
		switch {
		case len(rest) == 0 && errors.Is(err, io.EOF) && !errors.As(err, &part):
		case len(rest) > 0 && (errors.As(err, &framing) || (errors.As(err, &part) && part.got == len(rest))):
		default:
			t.Fatalf("%d bytes left over, %v", len(rest), err)
		}
	})
}

func cut(r io.Reader) (list [][]byte, err error) {
	m := messages{r: bufio.NewReaderSize(r, listen.MaxMessage+1), idle: func() {}, begun: func() {}}
	for {
		message, err := m.next()
		if err != nil {
			return list, err
		}
		list = append(list, bytes.Clone(message))
	}
}
