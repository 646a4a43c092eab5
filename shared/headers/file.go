package headers

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/weirflow/weir/shared/flow"
)

// file is one that is being written. Its first error stays.
type file struct {
	path        string
	limit, size int64
	f           *os.File // nil between two times
	buf         *bufio.Writer
	w           *writer
	err         error
}

func (f *file) write(h *flow.PacketHeader, n int) {
	if f.f == nil && f.err == nil {
		f.err = f.open()
	}
	if f.err != nil {
		return
	}
	f.size += int64(n)
	f.err = f.w.write(h)
}

func (f *file) open() (err error) {
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return fmt.Errorf("folder of headers: %w", err)
	}
	flags, begin := os.O_WRONLY|os.O_CREATE|os.O_APPEND, f.size == 0
	if begin {
		flags |= os.O_EXCL
		f.size = fileHeader
	}
	if f.f, err = os.OpenFile(f.path, flags, 0o600); err != nil {
		return fmt.Errorf("file of headers: %w", err)
	}
	f.buf = bufio.NewWriterSize(f.f, 16<<10)
	f.w, err = newWriter(f.buf, begin)
	return err
}

// close ends the writing for now and returns the first error, once.
func (f *file) close() error {
	err := f.err
	if f.f != nil {
		err = errors.Join(err, f.buf.Flush(), f.f.Close())
		f.f = nil
	}
	return err
}
