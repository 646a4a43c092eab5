package plugin

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/log"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/weirflow/weir/grafana-datasource/pkg/frames"
	"github.com/weirflow/weir/grafana-datasource/pkg/model"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// streamPrefix begins the path of a stream of alerts; the query's selection follows, so that panels that ask the same share one stream.
const streamPrefix = "alerts/"

// selection is what a stream's path says of the alerts that are wanted.
type selection struct {
	Format      model.Format `json:"f,omitempty"`
	Host        string       `json:"h,omitempty"`
	MinSeverity int          `json:"s,omitempty"`
	Detectors   []string     `json:"d,omitempty"`
	States      []string     `json:"t,omitempty"`
}

// channelOf is the address under which Grafana streams the changes of alerts that a query selects; "" where the selection is too long for an
// address.
func (d *Datasource) channelOf(q *model.Query) string {
	text, err := json.Marshal(selection{Format: q.Format, Host: q.Host, MinSeverity: q.MinSeverity, Detectors: q.Detectors, States: q.States})
	path := streamPrefix + base64.RawURLEncoding.EncodeToString(text)
	if err != nil || len(path) > 150 { // Grafana takes channels of at most 160 characters
		return ""
	}
	return "ds/" + d.uid + "/" + path
}

// streamQuery reads the path of a stream.
func streamQuery(path string) (model.Query, bool) {
	rest, ok := strings.CutPrefix(path, streamPrefix)
	if !ok {
		return model.Query{}, false
	}
	if rest == "" {
		return model.Query{Format: model.Table}, true
	}
	text, err := base64.RawURLEncoding.DecodeString(rest)
	var s selection
	if err != nil || json.Unmarshal(text, &s) != nil {
		return model.Query{}, false
	}
	return model.Query{Format: s.Format, Host: s.Host, MinSeverity: s.MinSeverity, Detectors: s.Detectors, States: s.States}, true
}

// SubscribeStream lets in who may use the data source, which Grafana has checked, to streams that there are.
func (d *Datasource) SubscribeStream(_ context.Context, req *backend.SubscribeStreamRequest) (*backend.SubscribeStreamResponse, error) {
	if _, ok := streamQuery(req.Path); !ok {
		return &backend.SubscribeStreamResponse{Status: backend.SubscribeStreamStatusNotFound}, nil
	}
	return &backend.SubscribeStreamResponse{Status: backend.SubscribeStreamStatusOK}, nil
}

// PublishStream refuses: nobody but the collector makes alerts.
func (d *Datasource) PublishStream(context.Context, *backend.PublishStreamRequest) (*backend.PublishStreamResponse, error) {
	return &backend.PublishStreamResponse{Status: backend.PublishStreamStatusPermissionDenied}, nil
}

// Waits between attempts to follow a collector that is away.
const (
	firstWait = time.Second
	longWait  = 30 * time.Second
)

// RunStream sends the changes of alerts as they come, until nobody reads them any more. When the collector goes away, it comes back to it
// and goes on after the last change.
func (d *Datasource) RunStream(ctx context.Context, req *backend.RunStreamRequest, sender *backend.StreamSender) error {
	q, ok := streamQuery(req.Path)
	if !ok {
		return fmt.Errorf("no stream %s", req.Path)
	}
	if d.broken != nil {
		return backend.DownstreamError(d.broken)
	}
	s := &stream{d: d, query: q, send: func(f *data.Frame) error { return sender.SendFrame(f, data.IncludeAll) }, seen: d.now()}
	return s.run(ctx)
}

// run follows the collector until nobody reads any more.
func (s *stream) run(ctx context.Context) error {
	for wait := firstWait; ctx.Err() == nil; wait = min(2*wait, longWait) {
		before := s.last
		err := s.d.conn.follow(ctx, s.last, s.take(ctx))
		if errors.Is(err, errReader) {
			return err
		}
		log.DefaultLogger.Debug("stream of alerts ended", "error", err)
		if s.last != before {
			wait = firstWait
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		if s.last != "" {
			continue
		}
		// There is no event to go on after.
		if err := s.catchUp(ctx); errors.Is(err, errReader) {
			return err
		}
	}
	return nil
}

// errReader marks errors of sending to Grafana.
var errReader = errors.New("send to Grafana")

// stream is a stream of alerts to one channel of Grafana.
type stream struct {
	d     *Datasource
	query model.Query
	send  func(*data.Frame) error
	last  string    // id of the last event
	seen  time.Time // when that came
}

// take returns what is done with an event.
func (s *stream) take(ctx context.Context) func(query.AlertEvent) error {
	return func(e query.AlertEvent) error {
		if e.ID != "" {
			s.last = e.ID
		}
		if e.Gap { // changes are not kept any more
			return s.catchUp(ctx)
		}
		s.seen = s.d.now()
		return s.tell(ctx, []flow.Alert{*e.Alert})
	}
}

// catchUp tells the alerts since the last event as they are now.
func (s *stream) catchUp(ctx context.Context) error {
	list, err := s.d.conn.asking.Alerts(ctx, query.AlertQuestion{From: s.seen.Add(-time.Minute), Host: s.query.Host})
	if err != nil {
		return err
	}
	s.seen = s.d.now()
	return s.tell(ctx, list)
}

// tell sends the alerts that are selected, in the shape that the query's answer has.
func (s *stream) tell(ctx context.Context, list []flow.Alert) error {
	a := frames.Alerts{UID: s.d.uid, Links: s.d.links(ctx, &asked{})}
	host := query.AlertQuestion{Host: s.query.Host}
	for i := range list {
		if s.query.SelectsAlert(&list[i]) && host.Selects(&list[i]) {
			a.List = append(a.List, list[i])
		}
	}
	if len(a.List) == 0 {
		return nil
	}
	made := a.Table()
	if s.query.Format == model.Logs {
		made = a.Logs()
	}
	if err := s.send(made[0]); err != nil {
		return fmt.Errorf("%w: %w", errReader, err)
	}
	return nil
}
