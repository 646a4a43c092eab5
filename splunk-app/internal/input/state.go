package input

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pipeline"
)

// Files of a stanza's folder.
const (
	templatesName = "templates.json"
	alertsName    = "alerts.json"
	accountName   = "account.json"
)

// state is what survives a restart of a stanza, in a folder of its own: templates, without which data cannot be read for up to half an hour,
// open alerts, so that they go on under their ids, and the loss account, so that what was lost in between shows as gaps. Without a folder the
// account is there, but is not kept.
type state struct {
	dir       string // "": nothing is kept
	log       *slog.Logger
	templates *pipeline.Templates
	alerts    *pipeline.OpenAlerts
	account   *pipeline.AccountFile
}

// stateDir returns the folder of a stanza below the scheme's. Other signs than letters, digits, - and _ are written as %XX, so that stanzas never
// share a folder nor leave the scheme's.
func stateDir(checkpoints, stanza string) string {
	if checkpoints == "" {
		return ""
	}
	name := strings.TrimPrefix(stanza, SchemeName+"://")
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return filepath.Join(checkpoints, b.String())
}

// load makes the folder and returns what the last run left there: it is taken over by the core.
func (s *state) load(core *pipeline.Core, now time.Time) (open []flow.Alert, err error) {
	if s.dir != "" {
		if err := os.MkdirAll(s.dir, 0o700); err != nil {
			s.log.Warn("templates, open alerts and the loss account are not kept over a restart", "err", err)
			s.dir = ""
		}
	} else {
		s.log.Warn("there is no checkpoint folder: templates, open alerts and the loss account are not kept over a restart")
	}
	s.templates = pipeline.NewTemplates(filepath.Join(s.dir, templatesName), core.Decoder, s.log)
	s.alerts = pipeline.NewOpenAlerts(filepath.Join(s.dir, alertsName), s.log)
	s.account = pipeline.NewAccountFile(filepath.Join(s.dir, accountName), core.Account, s.log)
	if s.dir == "" {
		return nil, nil
	}
	if err := s.templates.Load(); err != nil {
		return nil, err
	}
	marks, err := s.account.Load(now)
	if err != nil {
		return nil, err
	}
	if open, err = s.alerts.Load(); err != nil {
		return nil, err
	}
	core.Decoder.Restore(marks)
	core.Detectors.Restore(open)
	return open, nil
}

// keep saves what has changed, each file not before its time unless it is the last occasion. Templates come first: what the account says to be
// taken could not be read without them.
func (s *state) keep(now time.Time, last bool) {
	if s.dir == "" {
		return
	}
	s.templates.Keep()
	s.account.Keep(now, last)
	s.alerts.Keep(now, last)
}
