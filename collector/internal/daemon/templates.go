package daemon

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"

	"github.com/weirflow/weir/shared/decode"
)

// templates keeps the decoder's templates and what options told in a file of the data folder. It is written before the store
// commits, so that after a crash the templates of whatever is committed are known: an exporter may not send them again for
// half an hour. That also bounds how often it is written.
type templates struct {
	path    string
	decoder *decode.Decoder
	log     *slog.Logger

	mu     sync.Mutex
	saved  uint64 // generation of what the file holds
	failed bool   // told about, until it works again
}

// load takes over what the last run left.
func (t *templates) load() error {
	f, err := os.Open(t.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("templates of the last run: %w", err)
	}
	defer f.Close()
	if err := t.decoder.Load(f); err != nil {
		// Templates come again: a broken file must not keep the collector down.
		t.log.Warn("templates of the last run are not usable; data waits until exporters send them again", "file", t.path, "err", err)
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.saved = t.decoder.Generation()
	return nil
}

// keep saves what has changed. A failure is logged and does not hold up the records, which are worth more.
func (t *templates) keep() {
	t.mu.Lock()
	defer t.mu.Unlock()
	err := t.save()
	if err != nil && !t.failed {
		t.log.Warn("templates not saved; after a crash data would wait until exporters send them again", "err", err)
	}
	t.failed = err != nil
}

// save writes the file anew when something has changed: complete and durable beside it, then renamed over it.
func (t *templates) save() error {
	generation := t.decoder.Generation() // before the state is read: what changes meanwhile is saved once more
	if generation == t.saved {
		return nil
	}
	var text bytes.Buffer
	if err := t.decoder.Save(&text); err != nil {
		return fmt.Errorf("save templates: %w", err)
	}
	if err := writeDurable(t.path+".tmp", text.Bytes()); err != nil {
		return fmt.Errorf("save templates: %w", err)
	}
	if err := os.Rename(t.path+".tmp", t.path); err != nil {
		return fmt.Errorf("save templates: %w", err)
	}
	t.saved = generation
	return nil
}

func writeDurable(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
