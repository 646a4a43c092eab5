package engine

import (
	"context"
	"sync"
	"time"

	"github.com/weirflow/weir/shared/query"
)

// exportersAge is for how long exporters are not asked for again where an answer only tells of them: their documents come by the minute.
const exportersAge = time.Minute

// known is what is known of exporters, as of some time.
type known struct {
	sync.Mutex
	exporters []query.Exporter
	at        time.Time
}

// knownExporters returns what [Engine.Exporters] does, or did within [exportersAge]. The list must not be changed.
func (e *Engine) knownExporters(ctx context.Context) ([]query.Exporter, error) {
	e.known.Lock()
	defer e.known.Unlock()
	if now := e.now(); !e.known.at.IsZero() && now.Sub(e.known.at) < exportersAge {
		return e.known.exporters, nil
	}
	list, err := e.Exporters(ctx)
	if err != nil {
		return nil, err
	}
	e.known.exporters, e.known.at = list, e.now()
	return list, nil
}

// loss returns what is known to be missing: the sums over the exporters.
func (e *Engine) loss(ctx context.Context) (l query.Loss, err error) {
	list, err := e.knownExporters(ctx)
	for i := range list {
		l.Gaps += list[i].Gaps
		for _, n := range list[i].Dropped {
			l.Dropped += n
		}
	}
	return l, err
}
