package detect

import (
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

func TestReflectionFlood(t *testing.T) {
	from, to := t0+secs(300), t0+secs(480)
	x := newExporter(60, 15).see(background(t0, t0+secs(900))...).see(reflectionOf(53, 1830, 412e6, 1400, from, to)...)
	p := &play{}
	alerts := p.run(t, x)
	a := find(t, alerts, "dos.reflection.dns")
	t.Log(titles(alerts))
	for _, h := range p.history {
		t.Log(h.DetectedAt.Sub(utc(from)), h.State, h.Severity, h.Title)
	}
	t.Logf("%+v", a)
	if a.State != flow.AlertEnded {
		t.Error(a.State)
	}
}
