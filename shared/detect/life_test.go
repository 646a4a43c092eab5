package detect

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// waves is a flood that pauses: each wave lasts a minute.
func waves(starts ...float64) (list []traffic) {
	for _, s := range starts {
		list = append(list, reflectionOf(123, 60, 15e6, 468, t0+secs(s), t0+secs(s+60))...)
	}
	return list
}

// calm is everyday traffic until a time, so that the watermark goes on.
func calm(until float64) *exporter {
	return newExporter(60, 15).see(background(t0, t0+secs(until))...)
}

func TestLifeCycle(t *testing.T) {
	p := &play{}
	p.run(t, calm(4000).see(waves(300)...))
	var states []string
	for _, a := range p.history {
		if a.Detector == "dos.reflection.ntp" {
			states = append(states, string(a.State))
			if ended := a.State == flow.AlertEnded || a.State == flow.AlertWatching; ended != (a.End != nil) {
				t.Errorf("%s with end %v", a.State, a.End)
			}
		}
	}
	if want := []string{"active", "clearing", "watching", "ended"}; !slices.Equal(states, want) {
		t.Errorf("states %v, want %v", states, want)
	}
}

// TestReopen: within half an hour of its end a finding goes on under its id, later it is a new one.
func TestReopen(t *testing.T) {
	p := &play{}
	alerts := p.run(t, calm(9000).see(waves(300, 1200, 2900, 6000)...))
	if len(alerts) != 2 {
		t.Fatalf("%d alerts, want 2:%s", len(alerts), titles(alerts))
	}
	first, second := alerts[0], alerts[1]
	if first.DoS.Vectors[0].Waves != 3 || second.DoS.Vectors[0].Waves != 1 {
		t.Errorf("waves %d and %d, want 3 and 1", first.DoS.Vectors[0].Waves, second.DoS.Vectors[0].Waves)
	}
	if !first.Start.Equal(utc(t0+secs(300))) || !first.End.Equal(utc(t0+secs(2960))) || !second.Start.Equal(utc(t0+secs(6000))) {
		t.Errorf("first from %v to %v, second from %v", first.Start, first.End, second.Start)
	}
	if first.ID == second.ID || first.Key != second.Key {
		t.Errorf("ids %s, %s; keys %s, %s", first.ID, second.ID, first.Key, second.Key)
	}
}

// TestShortPauseIsNoEnd: quiet for less than a minute.
func TestShortPauseIsNoEnd(t *testing.T) {
	p := &play{}
	alerts := p.run(t, calm(4000).see(waves(300, 400, 500)...))
	if len(alerts) != 1 || alerts[0].DoS.Vectors[0].Waves != 1 {
		t.Errorf("%s", titles(alerts))
	}
	for _, a := range p.history {
		if a.State == flow.AlertWatching && !a.Last.Equal(utc(t0+secs(560))) {
			t.Errorf("watching with last %v", a.Last)
		}
	}
}

// TestHysteresis: what raised goes on down to 0.7 of the threshold.
func TestHysteresis(t *testing.T) {
	at := func(from, to, mbps float64) []traffic {
		return reflectionOf(123, 60, mbps*1e6, 468, t0+secs(from), t0+secs(to))
	}
	for _, c := range []struct {
		name string
		mbps float64
		end  float64
	}{{"at 0.8 it goes on", 4, 600}, {"at 0.6 it is over", 3, 400}} {
		x := calm(4000).see(at(300, 400, 10)...).see(at(400, 600, c.mbps)...)
		a := find(t, (&play{}).run(t, x), "dos.reflection.ntp")
		if !a.End.Equal(utc(t0 + secs(c.end))) {
			t.Errorf("%s: ended at %v", c.name, a.End)
		}
	}
}

// TestRetelling: an alert that goes on is told again after 1, 5, 15 and 60 minutes.
func TestRetelling(t *testing.T) {
	x := newExporter(60, 15).see(background(t0, t0+secs(6000))...).see(reflectionOf(123, 40, 15e6, 468, t0+secs(300), t0+secs(5000))...)
	p := &play{}
	p.run(t, x)
	active := 0
	for _, a := range p.history {
		if a.State == flow.AlertActive {
			active++
		}
	}
	if active != 5 {
		t.Errorf("told %d times while active, want 5", active)
	}
}

// TestFlapping: more than five raises in an hour become one recurring alert that stays open over its pauses.
func TestFlapping(t *testing.T) {
	var starts []float64
	for i := range 9 {
		starts = append(starts, 300+float64(i)*200)
	}
	p := &play{}
	a := find(t, p.run(t, calm(6000).see(waves(starts...)...)), "dos.reflection.ntp")
	if !strings.HasSuffix(a.Title, "(recurring)") || a.DoS.Vectors[0].Waves != 6 {
		t.Errorf("%s with %d waves", a.Title, a.DoS.Vectors[0].Waves)
	}
	watching := 0
	for _, h := range p.history {
		if h.State == flow.AlertWatching {
			watching++
		}
	}
	if watching > 6 {
		t.Errorf("told watching %d times", watching)
	}
}

// TestSilentExporter: an exporter that falls silent does not hold up the others, and with all silent time passes still.
func TestSilentExporter(t *testing.T) {
	quiet := newExporter(60, 15).see(background(t0, t0+secs(200))...)
	quiet.ip = addr("192.0.2.2")
	for i := range quiet.records {
		quiet.records[i].Exporter = quiet.ip
	}
	x := newExporter(60, 15).see(background(t0, t0+secs(900))...).see(reflectionOf(123, 60, 15e6, 468, floodFrom, floodTo)...)
	a := find(t, (&play{}).run(t, x, quiet), "dos.reflection.ntp")
	if late := a.DetectedAt.Sub(utc(floodFrom)); late > 105*time.Second {
		t.Errorf("detected after %v", late)
	}

	p := &play{unfinised: true}
	p.run(t, newExporter(60, 15).see(background(t0, floodTo)...).see(reflectionOf(123, 60, 15e6, 468, floodFrom, floodTo)...))
	end := floodTo + secs(15)
	p.engine.Advance(end + secs(600))
	p.take(p.engine)
	if a := find(t, p.alerts(), "dos.reflection.ntp"); a.State != flow.AlertWatching {
		t.Errorf("ten minutes after the last record the alert is %s", a.State)
	}
	p.engine.Advance(end + secs(2400))
	p.take(p.engine)
	if a := find(t, p.alerts(), "dos.reflection.ntp"); a.State != flow.AlertEnded {
		t.Errorf("forty minutes after the last record the alert is %s", a.State)
	}
}

// TestRestore: a new process goes on with the ids of the last, and ends what does not come back.
func TestRestore(t *testing.T) {
	x := func() *exporter {
		return calm(1500).see(reflectionOf(123, 60, 15e6, 468, floodFrom, floodFrom+secs(600))...)
	}
	whole := find(t, (&play{}).run(t, x()), "dos.reflection.ntp")
	before := &play{stopAt: floodFrom + secs(250), unfinised: true}
	open := before.run(t, x())
	was := find(t, open, "dos.reflection.ntp")
	if was.State != flow.AlertActive || was.ID != whole.ID {
		t.Fatalf("before: %s %s, want active %s", was.State, was.ID, whole.ID)
	}
	gone := was
	gone.ID, gone.Key, gone.Victims = "gone", "10.9.9.9|udp/123", []string{"10.9.9.9"}

	after := &play{}
	after.make(t).Restore(append(open, gone))
	rest := x()
	rest.records = slices.DeleteFunc(rest.records, func(s sent) bool { return s.Created <= floodFrom+secs(255) })
	alerts := after.run(t, rest)
	for _, a := range alerts {
		switch a.ID {
		case whole.ID:
			if a.State != flow.AlertEnded || !a.Start.Equal(whole.Start) || !a.End.Equal(*whole.End) || !a.DetectedAt.Equal(was.DetectedAt) || a.DoS.Vectors[0].Waves != 1 {
				t.Errorf("restored: %+v %+v", a, a.DoS)
			}
		case "gone":
			if a.State != flow.AlertEnded || a.End == nil || !a.End.Equal(a.Last) {
				t.Errorf("what did not come back is %s", a.State)
			}
		default:
			if a.Detector == "dos.reflection.ntp" {
				t.Errorf("a new id: %+v", a)
			}
		}
	}
}
