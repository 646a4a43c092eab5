package flowinput

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pipeline"
)

// Files of the state folder.
const (
	templatesName = "templates.json"
	alertsName    = "alerts.json"
)

// stateDir returns the folder where what must survive a restart is kept: the one configured, the one that systemd gives, or one of the
// user's; "" where there is none.
func stateDir(configured string) string {
	if configured != "" {
		return configured
	}
	if dir := os.Getenv("STATE_DIRECTORY"); dir != "" {
		first, _, _ := strings.Cut(dir, ":")
		return filepath.Join(first, "weir")
	}
	if dir, err := os.UserCacheDir(); err == nil {
		return filepath.Join(dir, "weir-telegraf")
	}
	return ""
}

// state keeps templates, without which data cannot be read for up to half an hour after a restart, and open alerts, so that they go on
// under their ids.
type state struct {
	dir       string // "": nothing is kept
	log       *slog.Logger
	templates *pipeline.Templates

	mu      sync.Mutex
	alerts  map[string]flow.Alert // open ones, by id
	changed bool
	saved   time.Time // when alerts were saved last
	failed  bool      // told about, until it works again
}

// open makes the folder and returns the alerts that were open in the last run. A folder that cannot be made is told of: without it the
// input works, too, but forgets.
func (s *state) open() ([]flow.Alert, error) {
	s.alerts = map[string]flow.Alert{}
	if s.dir == "" {
		s.log.Warn("no folder for templates and open alerts: after a restart data waits until exporters send templates again; set state")
		return nil, nil
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		s.log.Warn("templates and open alerts are not kept over a restart; set state to a folder that can be written", "err", err)
		s.dir = ""
		return nil, nil
	}
	text, err := os.ReadFile(filepath.Join(s.dir, alertsName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open alerts of the last run: %w", err)
	}
	var list []flow.Alert
	if err := json.Unmarshal(text, &list); err != nil {
		s.log.Warn("open alerts of the last run are not usable; those that go on are raised again", "err", err)
		return nil, nil
	}
	for _, a := range list {
		s.alerts[a.ID] = a
	}
	return list, nil
}

// setAlerts takes note of changes of alerts.
func (s *state) setAlerts(list []flow.Alert) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range list {
		if a.State == flow.AlertEnded {
			delete(s.alerts, a.ID)
		} else {
			s.alerts[a.ID] = a
		}
		s.changed = true
	}
}

// alertsEvery is how often alerts are saved at most: each of them changes every few seconds.
const alertsEvery = 5 * time.Second

// keep saves what has changed, alerts not before their time unless it is the last occasion.
func (s *state) keep(now time.Time, last bool) {
	if s.dir == "" {
		return
	}
	s.templates.Keep()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.changed || (!last && now.Sub(s.saved) < alertsEvery) {
		return
	}
	s.saved = now
	err := s.saveAlerts()
	s.changed = err != nil
	if err != nil && !s.failed {
		s.log.Warn("open alerts not saved", "err", err)
	}
	s.failed = err != nil
}

// saveAlerts writes the file anew beside the old one and puts it in its place.
func (s *state) saveAlerts() error {
	list := make([]flow.Alert, 0, len(s.alerts))
	for _, a := range s.alerts {
		list = append(list, a)
	}
	slices.SortFunc(list, func(a, b flow.Alert) int { return strings.Compare(a.ID, b.ID) })
	text, err := json.Marshal(list)
	if err != nil {
		return err
	}
	path := filepath.Join(s.dir, alertsName)
	if err := os.WriteFile(path+".tmp", text, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".tmp", path)
}
