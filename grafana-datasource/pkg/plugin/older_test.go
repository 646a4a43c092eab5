package plugin_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/weirflow/weir/grafana-datasource/pkg/frames"
	"github.com/weirflow/weir/grafana-datasource/pkg/plugin"
)

// TestAnOlderAnswerWhileTheCollectorIsBusy: a panel that is looked at again shows its last answer, and says so, until the next one is there;
// its question is put no faster than it is answered, and an answer that is too old is not shown.
func TestAnOlderAnswerWhileTheCollectorIsBusy(t *testing.T) {
	f := newFake(t)
	d := sourceOf(t, settingsOf(f.URL, "{}", nil))
	begun := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	var late atomic.Int64
	plugin.At(d, func() time.Time { return begun.Add(time.Duration(late.Load())) })
	answers := make(chan backend.DataResponse, 1)
	look := func(at time.Duration) {
		late.Store(int64(at))
		now := begun.Add(at)
		go func() {
			answers <- ask(t, d, `{"queryType":"top"}`, backend.TimeRange{From: now.Add(-time.Hour), To: now})
		}()
	}
	shown := func(step string, want time.Duration, older bool) {
		t.Helper()
		res := <-answers
		if res.Error != nil {
			t.Fatal(step, res.Error)
		}
		meta := res.Frames[0].Meta
		if told := meta.Custom.(frames.Custom); !told.To.Equal(begun.Add(want)) || !told.From.Equal(told.To.Add(-time.Hour)) {
			t.Errorf("%s: shown of %s to %s", step, told.From, told.To)
		}
		noted := len(meta.Notices) > 0 && strings.Contains(meta.Notices[0].Text, "As of "+begun.Add(want).Format(time.TimeOnly)+" UTC")
		if noted != older {
			t.Errorf("%s: notices %+v", step, meta.Notices)
		}
	}
	asked := func(step string, want int64) {
		t.Helper()
		if n := f.asked.Load(); n != want {
			t.Errorf("%s: the collector was asked %d times", step, n)
		}
	}
	look(0)
	<-f.arrived
	f.answer <- struct{}{}
	shown("first", 0, false)

	look(15 * time.Second) // the answer does not come
	<-f.arrived
	shown("busy", 0, true)
	look(20 * time.Second)
	shown("still busy", 0, true)
	asked("still busy", 2)

	f.answer <- struct{}{} // as of 15 s
	for plugin.Pursued(d) > 0 {
		time.Sleep(time.Millisecond)
	}
	look(20 * time.Second)
	<-f.arrived
	shown("next", 15*time.Second, true)
	look(80 * time.Second) // the answer there is is more than a minute old
	<-f.arrived
	f.answer <- struct{}{}
	f.answer <- struct{}{}
	shown("too old", 80*time.Second, false)
	asked("too old", 4)
}
