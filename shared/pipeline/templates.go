package pipeline

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"

	"github.com/weirflow/weir/shared/decode"
	"github.com/weirflow/weir/shared/durable"
)

// Templates keeps the decoder's templates and what options told in a file: an exporter may not send them again for half an hour. A
// collector writes it before its store commits, so that after a crash the templates of whatever is committed are known; that also bounds
// how often it is written.
type Templates struct {
	path    string
	decoder *decode.Decoder
	log     *slog.Logger

	mu     sync.Mutex
	saved  uint64 // generation of what the file holds
	failed bool   // told about, until it works again
}

// NewTemplates returns the keeper of a file, which need not be there yet.
func NewTemplates(path string, decoder *decode.Decoder, log *slog.Logger) *Templates {
	return &Templates{path: path, decoder: decoder, log: log}
}

// Load takes over what the last run left. A broken file is told of and no error, as templates come again.
func (t *Templates) Load() error {
	f, err := os.Open(t.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("templates of the last run: %w", err)
	}
	defer f.Close()
	if err := t.decoder.Load(f); err != nil {
		t.log.Warn("templates of the last run are not usable; data waits until exporters send them again", "file", t.path, "err", err)
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.saved = t.decoder.Generation()
	return nil
}

// Keep saves what has changed. A failure is logged and does not hold up the records, which are worth more.
func (t *Templates) Keep() {
	t.mu.Lock()
	defer t.mu.Unlock()
	err := t.save()
	if err != nil && !t.failed {
		t.log.Warn("templates not saved; after a crash data would wait until exporters send them again", "err", err)
	}
	t.failed = err != nil
}

// save writes the file anew when something has changed: complete and durable beside it, then renamed over it.
func (t *Templates) save() error {
	generation := t.decoder.Generation() // before the state is read: what changes meanwhile is saved once more
	if generation == t.saved {
		return nil
	}
	var text bytes.Buffer
	if err := t.decoder.Save(&text); err != nil {
		return fmt.Errorf("save templates: %w", err)
	}
	if err := durable.Replace(t.path, text.Bytes()); err != nil {
		return fmt.Errorf("save templates: %w", err)
	}
	t.saved = generation
	return nil
}
