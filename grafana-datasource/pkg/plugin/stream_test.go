package plugin_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// reader takes what a stream sends; it fails when it is told to.
type reader struct {
	frames chan data.Frame
	err    error
}

func (r *reader) Send(p *backend.StreamPacket) error {
	if r.err != nil {
		return r.err
	}
	var f data.Frame
	if err := json.Unmarshal(p.Data, &f); err != nil {
		return err
	}
	r.frames <- f
	return nil
}

const alertEvent = "id: %s-1\nevent: alert\ndata: {\"id\":\"%[1]s\",\"title\":\"alert %[1]s\",\"severity\":%d,\"state\":\"active\",\"start\":\"2026-03-02T00:00:00Z\",\"last\":\"2026-03-02T00:01:00Z\"}\n\n"

// comingAndGoing is a collector whose stream is cut after an alert; then it has lost count of events.
func comingAndGoing(t *testing.T) *httptest.Server {
	t.Helper()
	var connections atomic.Int64
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v1/alerts/stream", func(w http.ResponseWriter, r *http.Request) {
		if connections.Add(1) == 1 {
			fmt.Fprintf(w, alertEvent, "a", 70)
			fmt.Fprintf(w, alertEvent, "low", 30)
			return
		}
		if got := r.Header.Get("Last-Event-ID"); got != "low-1" {
			t.Errorf("it goes on after %q", got)
		}
		_, _ = io.WriteString(w, "event: gap\ndata: {}\n\n")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	mux.HandleFunc("POST /api/v1/alerts", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `[{"id":"missed","title":"alert missed","severity":65,"state":"active"}]`)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "[]") })
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// TestStreamComesBack: a stream that is cut goes on, and tells what was missed; alerts that are not selected are left out; it ends with its
// last reader.
func TestStreamComesBack(t *testing.T) {
	d := source(t, comingAndGoing(t).URL)
	channel := must(t, d, `{"queryType":"alerts","format":"logs","minSeverity":60,"live":true}`, day).Frames[0].Meta.Channel
	path := strings.TrimPrefix(channel, "ds/weir/")
	ctx, cancel := context.WithCancel(t.Context())
	r := &reader{frames: make(chan data.Frame, 10)}
	ended := make(chan error, 1)
	go func() {
		ended <- d.RunStream(ctx, &backend.RunStreamRequest{Path: path}, backend.NewStreamSender(r))
	}()
	for _, want := range []string{"alert a", "alert missed"} {
		f := <-r.frames
		title, _ := f.FieldByName("title")
		if body, _ := f.FieldByName("body"); body == nil || title == nil || title.Len() != 1 || title.At(0) != want {
			t.Errorf("%v, wanted %s", title, want)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestStreamEndsWhenGrafanaRefuses(t *testing.T) {
	d := source(t, comingAndGoing(t).URL)
	gone := errors.New("gone")
	err := d.RunStream(t.Context(), &backend.RunStreamRequest{Path: "alerts/"}, backend.NewStreamSender(&reader{err: gone}))
	if !errors.Is(err, gone) {
		t.Error(err)
	}
}

func TestStreamPaths(t *testing.T) {
	d := source(t, "http://127.0.0.1:1")
	for path, want := range map[string]backend.SubscribeStreamStatus{
		"alerts/": backend.SubscribeStreamStatusOK, "alerts/e30": backend.SubscribeStreamStatusOK,
		"alerts": backend.SubscribeStreamStatusNotFound, "records/": backend.SubscribeStreamStatusNotFound, "alerts/!": backend.SubscribeStreamStatusNotFound, "alerts/bm8": backend.SubscribeStreamStatusNotFound,
	} {
		res, err := d.SubscribeStream(t.Context(), &backend.SubscribeStreamRequest{Path: path})
		if err != nil || res.Status != want {
			t.Errorf("%s: %v, %v", path, res, err)
		}
	}
	if res, err := d.PublishStream(t.Context(), &backend.PublishStreamRequest{Path: "alerts/"}); err != nil || res.Status != backend.PublishStreamStatusPermissionDenied {
		t.Errorf("%v, %v", res, err)
	}
	if err := d.RunStream(t.Context(), &backend.RunStreamRequest{Path: "records/"}, nil); err == nil {
		t.Error("a stream that there is not")
	}
}
