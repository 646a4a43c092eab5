package sink

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"github.com/weirflow/weir/shared/durable"
	"github.com/weirflow/weir/shared/flow"
)

// marks keeps the latest mark of each stream whose records are safe, in a file. An entry of the spool has the marks of its records, and is
// acknowledged only when the file holds them: so what was accepted is known after a crash, and what was not shows as a gap.
type marks struct {
	path string

	mu    sync.Mutex
	at    uint64 // sequence number of the last entry whose marks are here
	saved uint64 // that of the file
	list  map[flow.StreamKey]flow.StreamMark
}

const marksVersion = 1

// take takes the marks of an entry that is safe; entries come in order.
func (k *marks) take(sequence uint64, list []flow.StreamMark) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.at = sequence
	for _, m := range list {
		k.list[m.Key] = m
	}
}

// recall takes the marks of an entry that was on disk at the start.
func (k *marks) recall(sequence uint64, list []flow.StreamMark) {
	if sequence > k.at {
		k.take(sequence, list)
	}
}

// all returns the marks.
func (k *marks) all() []flow.StreamMark {
	k.mu.Lock()
	defer k.mu.Unlock()
	list := make([]flow.StreamMark, 0, len(k.list))
	for _, m := range k.list {
		list = append(list, m)
	}
	return list
}

// load reads the file; one that is broken, or not there, has no marks.
func (k *marks) load() error {
	k.list = map[flow.StreamKey]flow.StreamMark{}
	text, err := os.ReadFile(k.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("elastic: marks of the last run: %w", err)
	}
	if len(text) < entryHead || text[0] != marksVersion || (len(text)-entryHead)%markSize != 0 {
		return nil
	}
	k.at = binary.BigEndian.Uint64(text[1:])
	k.saved = k.at
	for text = text[entryHead:]; len(text) > 0; text = text[markSize:] {
		m := readMark(text)
		k.list[m.Key] = m
	}
	return nil
}

// save writes the file where there is something new.
func (k *marks) save() error {
	k.mu.Lock()
	if k.at == k.saved {
		k.mu.Unlock()
		return nil
	}
	at := k.at
	text := binary.BigEndian.AppendUint64([]byte{marksVersion}, at)
	for _, m := range k.list {
		text = appendMark(text, &m)
	}
	k.mu.Unlock()
	if err := durable.Replace(k.path, text); err != nil {
		return fmt.Errorf("elastic: marks: %w", err)
	}
	k.mu.Lock()
	k.saved = at
	k.mu.Unlock()
	return nil
}
