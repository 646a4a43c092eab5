package flowinput

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pipeline"
)

// Files of the state folder.
const (
	templatesName = "templates.json"
	alertsName    = "alerts.json"
	accountName   = "account.json"
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

// state keeps templates, without which data cannot be read for up to half an hour after a restart, open alerts, so that they go on
// under their ids, and how far streams had been taken, so that what is lost between two runs shows as gaps.
type state struct {
	dir       string // "": none
	log       *slog.Logger
	templates *pipeline.Templates
	alerts    *pipeline.OpenAlerts // nil: nothing is kept
	account   *pipeline.AccountFile
}

// open makes the folder and returns the alerts that were open in the last run. A folder that cannot be made is told of: without it the
// input works, too, but forgets.
func (s *state) open() ([]flow.Alert, error) {
	if s.dir == "" {
		s.log.Warn("no folder for templates, open alerts and the loss account: after a restart data waits until exporters send templates again; set state")
		return nil, nil
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		s.log.Warn("templates, open alerts and the loss account are not kept over a restart; set state to a folder that can be written", "err", err)
		s.dir = ""
		return nil, nil
	}
	s.alerts = pipeline.NewOpenAlerts(filepath.Join(s.dir, alertsName), s.log)
	return s.alerts.Load()
}

// setAlerts takes note of changes of alerts.
func (s *state) setAlerts(list []flow.Alert) {
	if s.alerts != nil {
		s.alerts.Take(list)
	}
}

// keep saves what has changed, alerts not before their time unless it is the last occasion.
func (s *state) keep(now time.Time, last bool) {
	if s.alerts == nil {
		return
	}
	s.templates.Keep() // first: what the account says to be taken could not be read without them
	s.account.Keep(now, last)
	s.alerts.Keep(now, last)
}
