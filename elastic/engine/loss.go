package engine

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/weirflow/weir/shared/query"
)

// lossAge is for how long what is known to be missing is not asked for again: documents of exporters come by the minute.
const lossAge = time.Minute

// known is what is known to be missing, as of some time.
type known struct {
	sync.Mutex
	loss query.Loss
	at   time.Time
}

// loss returns what is known to be missing: the sums over [Engine.Exporters].
func (e *Engine) loss(ctx context.Context) (query.Loss, error) {
	e.known.Lock()
	defer e.known.Unlock()
	if now := e.now(); !e.known.at.IsZero() && now.Sub(e.known.at) < lossAge {
		return e.known.loss, nil
	}
	list, err := e.Exporters(ctx)
	if err != nil {
		return query.Loss{}, fmt.Errorf("what is missing: %w", err)
	}
	e.known.loss = query.Loss{}
	for i := range list {
		e.known.loss.Gaps += list[i].Gaps
		for _, n := range list[i].Dropped {
			e.known.loss.Dropped += n
		}
	}
	e.known.at = e.now()
	return e.known.loss, nil
}
