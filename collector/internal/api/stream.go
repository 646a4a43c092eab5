package api

import (
	"fmt"
	"net/http"
	"time"
)

// typeEvents is the media type of server-sent events.
const typeEvents = "text/event-stream"

// StreamConfig is how a stream is kept alive.
type StreamConfig struct {
	// Beats returns a channel that tells when to send a heartbeat, and how to stop it.
	Beats func() (<-chan time.Time, func())
	// Write is how long a write may take before the reader is given up.
	Write time.Duration
}

// DefaultStreamConfig sends a heartbeat every 15 seconds: proxies cut connections that are quiet for a minute or half of one.
func DefaultStreamConfig() StreamConfig {
	return StreamConfig{
		Beats: func() (<-chan time.Time, func()) {
			t := time.NewTicker(15 * time.Second)
			return t.C, t.Stop
		},
		Write: 10 * time.Second,
	}
}

// stream sends changes of alerts as server-sent events until who asked goes, falls behind, or the collector stops.
func (h *handler) stream(w http.ResponseWriter, r *http.Request) error {
	me, missed, whole := h.deps.Live.join(r.Header.Get("Last-Event-ID"))
	if me == nil {
		return &refusal{status: http.StatusServiceUnavailable, text: fmt.Sprintf("%d readers follow the alerts already: try again later, or ask for alerts by POST", maxReaders), retry: 30}
	}
	defer h.deps.Live.leave(me)
	beats, stop := h.cfg.Stream.Beats()
	defer stop()
	out := &eventWriter{w: w, control: http.NewResponseController(w), within: h.cfg.Stream.Write}
	w.Header().Set("Content-Type", typeEvents)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	out.comment("weir")
	if !whole {
		out.send("event: gap\ndata: {\"text\":\"changes before these are not kept: ask for the alerts themselves\"}\n\n")
	}
	for i := range missed {
		out.event(&missed[i])
	}
	for out.err == nil {
		select {
		case e, ok := <-me.events:
			if !ok {
				out.comment("dropped: fell behind, or the collector stops")
				return nil
			}
			out.event(&e)
		case <-beats:
			out.comment("beat")
		case <-r.Context().Done():
			return nil
		}
	}
	return nil
}

// eventWriter writes events until a write fails.
type eventWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
	within  time.Duration
	err     error
}

func (e *eventWriter) event(ev *event) {
	e.send(fmt.Sprintf("id: %s\nevent: alert\ndata: %s\n\n", ev.id, ev.data))
}

func (e *eventWriter) comment(text string) { e.send(": " + text + "\n\n") }

func (e *eventWriter) send(text string) {
	if e.err != nil {
		return
	}
	_ = e.control.SetWriteDeadline(time.Now().Add(e.within)) // of the wall clock; not every writer has deadlines (tests have none)
	if _, e.err = e.w.Write([]byte(text)); e.err == nil {
		e.err = e.control.Flush()
	}
}
