package sink_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/sink"
	"github.com/weirflow/weir/shared/sink/spool"
)

func TestMagnitude(t *testing.T) {
	for v, want := range map[float64]int{-3: 0, 0: 0, 0.5: 0, 1: 0, 9.99: 0, 10: 1, 999: 2, 1000: 3, 1.2e9: 9} {
		if got := sink.Magnitude(&flow.Alert{Measured: flow.Measure{Value: v}}); got != want {
			t.Errorf("%g: %d, want %d", v, got, want)
		}
	}
}

func TestShorten(t *testing.T) {
	e := sink.Event{Alert: flow.Alert{
		Title: strings.Repeat("ü", 150), Actors: []string{"a", "b", "c"}, ActorsTotal: 3, Victims: []string{"d"}, Evidence: flow.Evidence{Filter: "x"},
		DoS: &flow.DoS{Vectors: make([]flow.Vector, 3)},
	}}
	whole := e.DoS
	e.Shorten(2)
	if len(e.Actors) != 2 || len(e.Victims) != 1 || len(e.DoS.Vectors) != 2 || e.ActorsTotal != 3 || e.Evidence.Filter != "x" || !e.Shortened {
		t.Errorf("to 2: %+v", e)
	}
	if len(whole.Vectors) != 3 {
		t.Error("what others hold was cut")
	}
	e.Shorten(0)
	if len(e.Actors) != 0 || e.DoS != nil || e.Evidence.Filter != "" || e.Title != strings.Repeat("ü", 100) {
		t.Errorf("to 0: %+v", e)
	}
}

// TestEncodeDecode: what comes back is what went in, with the sequence number of its entry.
func TestEncodeDecode(t *testing.T) {
	end := time.Date(2026, 3, 2, 14, 0, 0, 5, time.UTC)
	e := sink.Event{Change: sink.Ended, ToldAt: end, Alert: flow.Alert{ID: "x", State: flow.AlertEnded, End: &end, Actors: []string{}, Victims: []string{"v"}}}
	b, err := sink.Encode(&e)
	if err != nil {
		t.Fatal(err)
	}
	got, err := sink.Decode(spool.Entry{Sequence: 9, Data: b})
	if err != nil {
		t.Fatal(err)
	}
	e.Sequence = 9
	if diff := cmp.Diff(e, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := sink.Decode(spool.Entry{Data: []byte("{")}); err == nil {
		t.Error("half an entry was taken")
	}
}

// TestOutage: one line when it begins, one a minute, one when it ends; nothing of what came between.
func TestOutage(t *testing.T) {
	var log bytes.Buffer
	now := time.Date(2026, 3, 2, 14, 0, 0, 0, time.UTC)
	o := sink.NewOutage(slog.New(slog.NewTextHandler(&log, nil)), func() time.Time { return now }, "output x")
	lines := func() int { return strings.Count(log.String(), "\n") }
	o.Worked()
	for second := range 90 {
		o.Failed(errors.New("away"))
		if want := 1 + second/60; lines() != want {
			t.Fatalf("%d lines after %d s, want %d", lines(), second, want)
		}
		now = now.Add(time.Second)
	}
	o.Worked()
	o.Worked()
	for range 10 { // it flaps: within a minute of the last warning nothing is told of it
		o.Failed(errors.New("away"))
		o.Worked()
	}
	if lines() != 3 || !strings.Contains(log.String(), "failures=90") {
		t.Errorf("log:\n%s", log.String())
	}
}

func TestBackoffEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	b := sink.Backoff{First: time.Nanosecond, Most: time.Microsecond}
	for range 40 {
		if !b.Wait(ctx, 0) {
			t.Fatal("ended too early")
		}
	}
	cancel()
	b = sink.Backoff{First: time.Hour, Most: time.Hour}
	if b.Wait(ctx, time.Hour) {
		t.Error("it waited beyond its context")
	}
}
