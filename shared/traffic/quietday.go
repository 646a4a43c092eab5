package traffic

import "time"

// planQuietDay is one day, or as many as asked for, of background alone.
func planQuietDay(w *world) (plan, error) {
	start := w.cfg.Start.UnixMilli()
	length := 24 * time.Hour * time.Duration(max(1, w.cfg.Days))
	return plan{
		start: start, end: start + length.Milliseconds(),
		sources: background(w, start),
	}, nil
}
