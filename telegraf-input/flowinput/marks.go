package flowinput

import (
	"maps"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// marks is how far streams have been taken, held back until what was summed of it has been told: after a crash what was not told shows as a gap.
type marks struct {
	fresh   map[flow.StreamKey]flow.StreamMark
	waiting map[flow.StreamKey]flow.StreamMark // until the intervals of their time have been told
	since   int64
}

func newMarks() marks { return marks{fresh: map[flow.StreamKey]flow.StreamMark{}} }

func (m *marks) add(list []flow.StreamMark) {
	for i := range list {
		m.fresh[list[i].Key] = list[i]
	}
}

// told returns the marks of what has been told when it is now, if there are any; hold is how long it takes.
func (m *marks) told(now, hold int64) (list map[flow.StreamKey]flow.StreamMark) {
	if m.waiting != nil && now >= m.since+hold {
		list, m.waiting = m.waiting, nil
	}
	if m.waiting == nil && len(m.fresh) > 0 {
		m.waiting, m.fresh, m.since = m.fresh, map[flow.StreamKey]flow.StreamMark{}, now
	}
	return list
}

// all returns all marks, as all has been told.
func (m *marks) all() map[flow.StreamKey]flow.StreamMark {
	list := map[flow.StreamKey]flow.StreamMark{}
	maps.Copy(list, m.waiting)
	maps.Copy(list, m.fresh)
	*m = newMarks()
	return list
}

// marksTold returns how far streams have been taken of which all has been told; last is when everything has been.
func (t *traffic) marksTold(last bool) map[flow.StreamKey]flow.StreamMark {
	t.mu.Lock()
	defer t.mu.Unlock()
	if last {
		return t.marks.all()
	}
	s := &t.cfg.schedule
	return t.marks.told(t.now, s.period+max(s.hold, s.late)+int64(time.Second))
}
