package sink

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/weirflow/weir/elastic/document"
	"github.com/weirflow/weir/shared/durable"
	"github.com/weirflow/weir/shared/query"
)

// losses tells what was lost of exporters from document to document, so that answers can tell what of it is of their own time. It is used by one
// goroutine at a time.
type losses struct {
	path   string // of the file with the time of the last documents, by which the next run knows since when it may have lost something; "": none
	from   time.Time
	before map[string]document.ExporterLoss // counters as of the last document
}

// lossesName is the file in the sink's folder.
const lossesName = "told"

// newLosses returns what is kept of losses. In a replay they are not of the time at which they are noticed.
func newLosses(cfg *Config) *losses {
	l := &losses{before: map[string]document.ExporterLoss{}}
	if !cfg.EventTime {
		l.path = filepath.Join(cfg.Dir, lossesName)
	}
	return l
}

// start takes over when the last run told of exporters. Without one, something may be lost from now on.
func (l *losses) start(now time.Time) {
	l.from = now
	text, err := os.ReadFile(l.path)
	if err != nil {
		return
	}
	if at, err := time.Parse(time.RFC3339Nano, string(text)); err == nil && at.Before(now) {
		l.from = at
	}
}

// since returns what an exporter has lost since its last document; nil: that is not known.
func (l *losses) since(x *query.Exporter, at time.Time) *document.ExporterLoss {
	if l.path == "" {
		return nil
	}
	key := string(x.AppendID(nil, time.Time{}))
	is, was := document.ExporterLoss{From: at, Gaps: x.Gaps}, l.before[key]
	for _, n := range x.Dropped {
		is.Dropped += n
	}
	l.before[key] = is
	// One that is new may have lost something since the others were told of. Counters do not fall.
	return &document.ExporterLoss{From: l.from, Gaps: is.Gaps - min(was.Gaps, is.Gaps), Dropped: is.Dropped - min(was.Dropped, is.Dropped)}
}

// told says that documents have been made of all.
func (l *losses) told(at time.Time) error {
	l.from = at
	if l.path == "" {
		return nil
	}
	if err := durable.Replace(l.path, at.UTC().AppendFormat(nil, time.RFC3339Nano)); err != nil {
		return fmt.Errorf("elastic: %w", err)
	}
	return nil
}
