package daemon

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"sync"
	"time"
)

// saveEvery is how often templates and what options told are written when they have changed.
const saveEvery = time.Second

// templates writes the decoder's templates to the data folder, so that they survive a restart and a kill.
type templates struct {
	d     *Daemon
	saved uint64
	stop  chan struct{}
	done  sync.WaitGroup
}

func (d *Daemon) keepTemplates(context.Context) error {
	d.templates = &templates{d: d, saved: d.core.Decoder.Generation(), stop: make(chan struct{})}
	d.templates.done.Add(1)
	go d.templates.run()
	d.later(func() error {
		close(d.templates.stop)
		d.templates.done.Wait()
		return d.templates.save()
	})
	return nil
}

func (t *templates) run() {
	defer t.done.Done()
	ticker := time.NewTicker(saveEvery)
	defer ticker.Stop()
	for {
		select {
		case <-t.stop:
			return
		case <-ticker.C:
		}
		if err := t.save(); err != nil {
			t.d.deps.Log.Warn("templates not saved", "err", err)
		}
	}
}

// save writes the file anew when something has changed: complete beside it, then renamed over it.
func (t *templates) save() error {
	generation := t.d.core.Decoder.Generation()
	if generation == t.saved {
		return nil
	}
	var text bytes.Buffer
	if err := t.d.core.Decoder.Save(&text); err != nil {
		return fmt.Errorf("save templates: %w", err)
	}
	path := t.d.templatesPath()
	if err := os.WriteFile(path+".tmp", text.Bytes(), 0o600); err != nil {
		return fmt.Errorf("save templates: %w", err)
	}
	if err := os.Rename(path+".tmp", path); err != nil {
		return fmt.Errorf("save templates: %w", err)
	}
	t.saved = generation
	return nil
}
