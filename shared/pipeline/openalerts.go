package pipeline

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/weirflow/weir/shared/durable"
	"github.com/weirflow/weir/shared/flow"
)

// OpenAlerts keeps the alerts that are open in a file, for packagings without a store: after a restart they go on under their ids.
type OpenAlerts struct {
	path string
	log  *slog.Logger

	mu      sync.Mutex
	alerts  map[string]flow.Alert // by id
	changed bool
	saved   time.Time
	failed  bool // told about, until it works again
}

// NewOpenAlerts returns the keeper of a file, which need not be there yet.
func NewOpenAlerts(path string, log *slog.Logger) *OpenAlerts {
	return &OpenAlerts{path: path, log: log, alerts: map[string]flow.Alert{}}
}

// Load returns the alerts that were open in the last run. A broken file is told of and no error: what goes on is raised again.
func (o *OpenAlerts) Load() ([]flow.Alert, error) {
	text, err := os.ReadFile(o.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open alerts of the last run: %w", err)
	}
	var list []flow.Alert
	if err := json.Unmarshal(text, &list); err != nil {
		o.log.Warn("open alerts of the last run are not usable; those that go on are raised again", "file", o.path, "err", err)
		return nil, nil
	}
	o.Take(list)
	return list, nil
}

// Take takes note of changes.
func (o *OpenAlerts) Take(list []flow.Alert) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i := range list {
		if list[i].State == flow.AlertEnded {
			delete(o.alerts, list[i].ID)
		} else {
			o.alerts[list[i].ID] = list[i]
		}
		o.changed = true
	}
}

// openAlertsEvery is how often they are saved at most: each changes every few seconds.
const openAlertsEvery = 5 * time.Second

// Keep saves what has changed, not before its time unless it is the last occasion. A failure is logged.
func (o *OpenAlerts) Keep(now time.Time, last bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.changed || (!last && now.Sub(o.saved) < openAlertsEvery) {
		return
	}
	o.saved = now
	err := o.save()
	if o.changed = err != nil; err != nil && !o.failed {
		o.log.Warn("open alerts not saved; after a crash those that go on would be raised again", "err", err)
	}
	o.failed = err != nil
}

func (o *OpenAlerts) save() error {
	list := make([]flow.Alert, 0, len(o.alerts))
	for _, a := range o.alerts {
		list = append(list, a)
	}
	slices.SortFunc(list, func(a, b flow.Alert) int { return strings.Compare(a.ID, b.ID) })
	text, err := json.Marshal(list)
	if err != nil {
		return fmt.Errorf("open alerts: %w", err)
	}
	return durable.Replace(o.path, text)
}
