package health_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/health"
	"github.com/weirflow/weir/shared/traffic/encode"
)

// lossy loses every tenth datagram from a minute on for two minutes.
func lossy(n int, d []byte) []byte {
	if n > 60*2 && n < 180*2 && n%10 == 0 {
		return nil
	}
	return d
}

// lastOf returns the last state of each alert.
func lastOf(list []flow.Alert) map[string]flow.Alert {
	last := map[string]flow.Alert{}
	for _, a := range list {
		last[a.ID] = a
	}
	return last
}

// TestAlertLife: active while the fault lasts, clearing when it is gone, watching after five minutes, ended after six hours.
func TestAlertLife(t *testing.T) {
	l := newLab(t, health.Config{}, health.Deps{})
	l.run(simulated{mangle: lossy}, 6*time.Hour+15*time.Minute)
	var states []flow.AlertState
	for _, a := range l.alerts {
		if len(states) == 0 || states[len(states)-1] != a.State {
			states = append(states, a.State)
		}
	}
	want := []flow.AlertState{flow.AlertActive, flow.AlertClearing, flow.AlertWatching, flow.AlertEnded}
	if diff := cmp.Diff(want, states); diff != "" {
		t.Fatalf("states (-want +got):\n%s", diff)
	}
	if n := len(lastOf(l.alerts)); n != 1 {
		t.Fatalf("%d alerts, want one: %v", n, l.alerts)
	}
	first, last := l.alerts[0], l.alerts[len(l.alerts)-1]
	if first.Detector != "infra.exporter" || first.Key != "192.0.2.1|loss" || first.Exporters[0] != "192.0.2.1" || first.Evidence.Filter != "observer.ip : 192.0.2.1" {
		t.Errorf("alert %+v", first)
	}
	if took := first.DetectedAt.Sub(begin.Add(time.Minute)); took > time.Minute {
		t.Errorf("found after %s", took)
	}
	if last.SeverityLabel != "high" || last.End == nil || last.Measured.Unit != "%" || last.Threshold != 5 {
		t.Errorf("in the end %+v: a tenth is critical", last)
	}
}

// TestAlertsDoNotDependOnBatches: the same alerts, told alike, whatever the sizes of batches.
func TestAlertsDoNotDependOnBatches(t *testing.T) {
	var want map[string]flow.Alert
	for _, size := range []int{1, 7, 100, 5000} {
		l := newLab(t, health.Config{}, health.Deps{})
		l.size = size
		l.run(simulated{mangle: lossy, config: encode.Config{Sampling: 100}, skew: 8 * time.Second}, 12*time.Minute)
		got := lastOf(l.alerts)
		if want == nil {
			want = got
		}
		if diff := cmp.Diff(want, got); diff != "" || len(got) != 2 {
			t.Errorf("batches of %d: %d alerts (-want +got):\n%s", size, len(got), diff)
		}
	}
}

// TestSilence: an exporter that stops is silent a minute later, and its alert ends after it has come back.
func TestSilence(t *testing.T) {
	l := newLab(t, health.Config{}, health.Deps{})
	l.run(simulated{}, 10*time.Minute)
	if len(l.alerts) > 0 {
		t.Fatalf("alerts %v", l.alerts)
	}
	at := begin.Add(10 * time.Minute)
	for _, c := range []struct {
		after time.Duration
		want  string
	}{{50 * time.Second, ""}, {80 * time.Second, "low"}, {12 * time.Minute, "high"}} {
		l.monitor.Advance(at.Add(c.after).UnixNano())
		l.alerts = append(l.alerts, l.monitor.Changes()...)
		got := ""
		if n := len(l.alerts); n > 0 {
			got = l.alerts[n-1].SeverityLabel
		}
		if got != c.want {
			t.Errorf("after %s: %q, want %q", c.after, got, c.want)
		}
	}
	if n := len(l.alerts); n == 0 || len(l.alerts[n-1].Techniques) == 0 || l.alerts[n-1].Techniques[0].ID != "T1562" {
		t.Errorf("alerts %v", l.alerts)
	}
	l.monitor.Advance(at.Add(25 * time.Hour).UnixNano())
	if s := l.monitor.Stats(); s.Streams != 0 {
		t.Errorf("%d streams watched a day later", s.Streams)
	}
}

func TestDisabled(t *testing.T) {
	for _, name := range []string{"infra.exporter", "infra.*"} {
		l := newLab(t, health.Config{Disabled: []string{name}}, health.Deps{})
		l.run(simulated{skew: time.Minute}, time.Minute)
		if names, _ := l.faults(); len(l.alerts) > 0 || len(names) != 1 {
			t.Errorf("%s disabled: %d alerts, faults %v", name, len(l.alerts), names)
		}
	}
}

// TestRestore: an alert that an earlier process had open goes on under its id.
func TestRestore(t *testing.T) {
	first := newLab(t, health.Config{}, health.Deps{})
	first.run(simulated{skew: time.Minute}, time.Minute)
	open := first.alerts[len(first.alerts)-1]
	open.ID, open.Start = "before", open.Start.Add(-time.Hour)
	second := newLab(t, health.Config{}, health.Deps{})
	second.monitor.Restore([]flow.Alert{open, {Detector: "scan.horizontal", Key: "192.0.2.1|clock", ID: "another"}})
	second.run(simulated{skew: time.Minute}, time.Minute)
	if got := second.alerts[0]; got.ID != "before" || !got.Start.Equal(open.Start) {
		t.Errorf("goes on as %s since %s", got.ID, got.Start)
	}
}

// TestCaps: streams beyond the cap are counted, and harm nothing.
func TestCaps(t *testing.T) {
	l := newLab(t, health.Config{Streams: 1}, health.Deps{})
	l.run(simulated{}, 5*time.Second)
	l.run(simulated{config: encode.Config{Protocol: encode.IPFIX, Domain: 9}}, 5*time.Second)
	if s := l.monitor.Stats(); s.Streams != 1 || s.Caps["streams"] == 0 {
		t.Errorf("%+v", s)
	}
}

// TestNothingAllocated: what has been seen before costs no memory.
func TestNothingAllocated(t *testing.T) {
	l := newLab(t, health.Config{}, health.Deps{})
	l.size = 1 << 20
	l.run(simulated{}, 30*time.Second)
	b := l.last
	if len(b.Records) < 200 {
		t.Fatalf("%d records", len(b.Records))
	}
	if n := testing.AllocsPerRun(20, func() { l.monitor.Observe(b) }); n > 0 {
		t.Errorf("%g allocations a batch", n)
	}
}
