package modinput

import (
	"io"
	"sync"
)

// Stream writes the events of any number of stanzas to standard output as one document. It is safe for concurrent use.
type Stream struct {
	mu    sync.Mutex
	w     io.Writer
	ended bool
	err   error // of the first write that failed
}

// NewStream returns a stream to w.
func NewStream(w io.Writer) *Stream { return &Stream{w: w} }

// Begin opens the document.
func (s *Stream) Begin() error { return s.write("<stream>\n", false) }

// Write writes events made by [AppendEvent] in one piece. It waits for the reader. After a failure it fails at once.
func (s *Stream) Write(events []byte) (int, error) {
	if err := s.writeBytes(events, false); err != nil {
		return 0, err
	}
	return len(events), nil
}

// End closes the document: nothing is written any more.
func (s *Stream) End() error { return s.write("</stream>\n", true) }

func (s *Stream) write(text string, last bool) error { return s.writeBytes([]byte(text), last) }

func (s *Stream) writeBytes(text []byte, last bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil && s.ended {
		return io.ErrClosedPipe
	}
	s.ended = s.ended || last
	if s.err == nil {
		_, s.err = s.w.Write(text)
	}
	return s.err
}
