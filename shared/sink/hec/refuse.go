package hec

import "fmt"

// refuse leaves out the event that is to blame: those before it were taken, those behind it are posted at once. Where the answer blames none,
// halves find it.
func (s *sender) refuse(w *work, a *answer) {
	if w.events > 1 && (a.bad < 0 || a.bad >= w.events) {
		s.halve(w, a)
		return
	}
	bad := max(0, min(a.bad, w.events-1))
	lines, err := w.lines()
	if err != nil {
		s.broken(w, err)
		return
	}
	s.drop(w, bad, lines[bad], a)
	s.split(w, a, lines, bad, bad+1)
}

// resume goes on at the event that is to blame, which is not dropped: its index is what is wrong.
func (s *sender) resume(w *work, a *answer) {
	if a.bad <= 0 || a.bad >= w.events {
		return
	}
	lines, err := w.lines()
	if err != nil {
		s.broken(w, err)
		return
	}
	s.split(w, a, lines, a.bad, a.bad)
}

// split settles the events before one place as taken, and leaves those from another on to be posted.
func (s *sender) split(w *work, a *answer, lines [][]byte, before, from int) {
	var rest []*work
	if from < w.events {
		part, err := w.cut(lines, from, w.events)
		if err != nil {
			s.broken(w, err)
			return
		}
		rest = append(rest, part)
	}
	w.job.works += len(rest)
	s.queue = append(rest, s.queue[1:]...)
	if before == 0 {
		s.finish(w)
		return
	}
	head := &work{job: w.job, events: before, runs: w.runs, body: w.body}
	if a.ack >= 0 { // else there is no more to know of it
		if part, err := w.cut(lines, 0, before); err == nil {
			head = part
		}
	}
	s.took(head, a)
}

// halve posts the halves of a work. An event by itself is dropped.
func (s *sender) halve(w *work, a *answer) {
	lines, err := w.lines()
	if err != nil {
		s.broken(w, err)
		return
	}
	if w.events == 1 {
		s.drop(w, 0, lines[0], a)
		s.queue = s.queue[1:]
		s.finish(w)
		return
	}
	first, err := w.cut(lines, 0, w.events/2)
	if err != nil {
		s.broken(w, err)
		return
	}
	second, err := w.cut(lines, w.events/2, w.events)
	if err != nil {
		s.broken(w, err)
		return
	}
	w.job.works++
	s.queue = append([]*work{first, second}, s.queue[1:]...)
}

// drop counts and tells of an event that is never taken; of what it holds only its id is told.
func (s *sender) drop(w *work, place int, text []byte, a *answer) {
	reason, why := reasonOf(a.status, a.code), a.text
	if a.class == tooLarge {
		reason, why = "too_large", errTooLarge.Error()
	}
	s.lane.counts.refuse(reason)
	s.lane.refusals.Failed(fmt.Errorf("%s event %q of %d bytes: status %d, code %d: %s", w.kindOf(place), idOf(text), len(text), a.status, a.code, why))
}

// broken leaves out a work whose body cannot be read.
func (s *sender) broken(w *work, err error) {
	s.lane.log.Error("hec: events in the spool cannot be read and are left out", "events", w.events, "err", err)
	for range w.events {
		s.lane.counts.refuse("damaged")
	}
	s.queue = s.queue[1:]
	s.finish(w)
}
