package detect

import (
	"github.com/weirflow/weir/shared/detect/sampling"
	"github.com/weirflow/weir/shared/flow"
)

// restored is an alert that was open when an earlier process ended. It may have been told long before that, and
// records were missed since, so it can be quiet from the start of this process on at the earliest.
type restored struct {
	flow.Alert
	since int64
}

func restoredKey(detector, key string) string { return detector + "|" + key }

// Restore takes alerts that were open when an earlier process ended: findings with the same key go on under their id, others
// end when their time has come. It is called before the first Observe.
func (e *Engine) Restore(open []flow.Alert) {
	for _, a := range open {
		switch a.State {
		case flow.AlertActive, flow.AlertClearing, flow.AlertWatching:
			e.restored[restoredKey(a.Detector, a.Key)] = &restored{Alert: a}
		}
	}
}

// endRestored ends restored alerts that were not found again, as their time passes.
func (e *Engine) endRestored() {
	for key, r := range e.restored {
		if r.since == 0 {
			r.since = max(e.ticked, r.Last.UnixNano())
		}
		quiet := e.watermark - r.since
		hold := int64(e.cfg.Life.Hold)
		switch {
		case quiet >= hold+int64(e.cfg.Life.Reopen):
			r.quiet(flow.AlertEnded)
			delete(e.restored, key)
		case quiet >= hold && r.State != flow.AlertWatching:
			r.quiet(flow.AlertWatching)
		default:
			continue
		}
		e.out[r.ID] = r.Alert
	}
}

func (r *restored) quiet(state flow.AlertState) {
	end := r.Last
	r.State, r.End = state, &end
}

// resume goes on with what an earlier process knew of a finding.
func (a *alert) resume(r *restored) {
	a.id, a.earlier = r.ID, r
	a.first = min(a.first, binOf(r.Start.UnixNano()))
	a.detected = r.DetectedAt.UnixNano()
	for u := range units {
		if units[u].name == r.Measured.Name && r.Threshold > 0 {
			a.peak = level{ratio: r.Measured.Value / r.Threshold, value: r.Measured.Value, limit: r.Threshold, unit: unit(u), raw: sampling.Sure}
		}
	}
	if r.DoS == nil {
		return
	}
	a.peakBPS, a.peakPPS = r.DoS.PeakBPS, r.DoS.PeakPPS
	for _, v := range r.DoS.Vectors {
		a.waves = max(a.waves, v.Waves)
	}
	if r.State != flow.AlertWatching {
		a.waves-- // the same wave goes on
	}
}
