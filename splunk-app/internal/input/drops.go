package input

import (
	"log/slog"
	"time"
)

// dropTeller logs that events are dropped: at once, and then once a minute while it goes on.
type dropTeller struct {
	log  *slog.Logger
	told uint64 // dropped by then
	at   time.Time
}

const dropsEvery = time.Minute

func (d *dropTeller) look(now time.Time, dropped uint64) {
	if dropped == d.told || now.Sub(d.at) < dropsEvery {
		return
	}
	d.log.Warn("events are dropped: Splunk does not read them fast enough", "dropped", dropped-d.told, "since_start", dropped)
	d.told, d.at = dropped, now
}
