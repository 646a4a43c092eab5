package pipeline

import (
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// Files of a memory's folder.
const (
	templatesFile = "templates.json"
	alertsFile    = "alerts.json"
	accountFile   = "account.json"
)

// Memory is what packagings without a store remember over a restart, in files of a folder: templates, without which data cannot be read for up
// to half an hour, open alerts, so that they go on under their ids, and the loss account, so that what is lost between two runs shows as gaps.
// Without a folder Alerts and Account are there, but are not kept.
type Memory struct {
	Alerts  *OpenAlerts
	Account *AccountFile

	dir       string // "": nothing is kept
	core      *Core
	log       *slog.Logger
	templates *Templates
}

// NewMemory returns the memory of a core in a folder, which is made by [Memory.Load]; "" is none.
func NewMemory(dir string, core *Core, log *slog.Logger) *Memory {
	return &Memory{
		Alerts: NewOpenAlerts(filepath.Join(dir, alertsFile), log), Account: NewAccountFile(filepath.Join(dir, accountFile), core.Account, log),
		dir: dir, core: core, log: log, templates: NewTemplates(filepath.Join(dir, templatesFile), core.Decoder, log),
	}
}

// Load has the core take over what the last run left, and returns the alerts that were open. A folder that cannot be made is told of: what
// it is for works, but forgets. The error is of a file that is there and cannot be read.
func (m *Memory) Load(now time.Time) ([]flow.Alert, error) {
	if m.dir != "" {
		if err := os.MkdirAll(m.dir, 0o700); err != nil {
			m.log.Warn("templates, open alerts and the loss account are not kept over a restart", "err", err)
			m.dir = ""
		}
	}
	if m.dir == "" {
		return nil, nil
	}
	if err := m.templates.Load(); err != nil {
		return nil, err
	}
	marks, err := m.Account.Load(now)
	if err != nil {
		return nil, err
	}
	open, err := m.Alerts.Load()
	if err != nil {
		return nil, err
	}
	m.core.Decoder.Restore(marks)
	m.core.Detectors.Restore(open)
	return open, nil
}

// Keep saves what has changed, each file not before its time unless it is the last occasion. Templates come first: what the account says to be
// taken could not be read without them.
func (m *Memory) Keep(now time.Time, last bool) {
	if m.dir == "" {
		return
	}
	m.templates.Keep()
	m.Account.Keep(now, last)
	m.Alerts.Keep(now, last)
}
