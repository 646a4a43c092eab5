//go:build cgo

package duckdb

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/shared/flow"
)

// WriteAlerts keeps the last state of each alert, to be committed with the records or within Config.CommitEvery. Alerts whose
// commit fails are written with the next one.
func (s *Store) WriteAlerts(_ context.Context, alerts []flow.Alert) error {
	w := s.writer
	if w == nil {
		return store.ErrReadOnly
	}
	if err := w.enter(); err != nil {
		return err
	}
	defer w.mu.Unlock()
	for i := range alerts {
		w.alerts[alerts[i].ID] = alerts[i]
	}
	if !w.open && len(alerts) > 0 {
		w.timer.Reset(s.cfg.CommitEvery)
	}
	return nil
}

func (w *writer) writeAlerts(ctx context.Context) error {
	if len(w.alerts) == 0 {
		return nil
	}
	var ids, states, bodies []string
	for id, a := range w.alerts {
		text, err := json.Marshal(a)
		if err != nil {
			return fmt.Errorf("alert %s: %w", id, err)
		}
		w.replaced += len(text)
		ids, states, bodies = append(ids, id), append(states, string(a.State)), append(bodies, string(text))
	}
	return w.conn.exec(ctx, "INSERT INTO alerts SELECT unnest(?), unnest(?), unnest(?), ?::UBIGINT", ids, states, bodies, w.nextVersion())
}
