package sink

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/weirflow/weir/elastic/document"
	"github.com/weirflow/weir/shared/flow"
)

// expiry deletes old documents of alerts: their index is a plain one, which no lifecycle of the server's deletes from.
type expiry struct {
	server  Server
	index   string
	keep    time.Duration // 0: all are kept
	expired atomic.Uint64
}

// Times of an expiry.
const (
	expireFirst = 5 * time.Minute // after the start
	expireEvery = time.Hour
	// abandoned is how much longer an alert is kept that has not ended: who told of it is gone, or its end would have been told.
	abandoned = 30 * 24 * time.Hour
)

// expirePage is how many are deleted at a time.
const expirePage = 1000

// ExpireAlerts deletes the documents of alerts that have ended and were last seen longer ago than Config.KeepAlerts, and, 30 days later, those that
// have not ended. It returns how many. What changes meanwhile stays.
func (s *Sink) ExpireAlerts(ctx context.Context) (int, error) {
	return s.expiry.run(ctx, s.deps.Now())
}

// expire deletes old alerts from time to time until the context ends.
func (s *Sink) expire(ctx context.Context) {
	timer := time.NewTimer(expireFirst)
	defer timer.Stop()
	for ; ; timer.Reset(expireEvery) {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		n, err := s.ExpireAlerts(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			s.deps.Log.Warn("elastic: old alerts are not deleted", "err", err)
		case n > 0:
			s.deps.Log.Info("elastic: old alerts deleted", "alerts", n)
		}
	}
}

// oldAlert is a document to be deleted, as it was seen.
type oldAlert struct {
	Index   string `json:"_index"`
	ID      string `json:"_id"`
	SeqNo   int64  `json:"_seq_no"`
	Primary int64  `json:"_primary_term"`
	Sort    []any  `json:"sort"`
}

func (x *expiry) run(ctx context.Context, now time.Time) (total int, err error) {
	if x.keep <= 0 {
		return 0, nil
	}
	var after []any
	for {
		list, err := x.page(ctx, now, after)
		if err != nil || len(list) == 0 {
			return total, err
		}
		n, err := x.remove(ctx, list)
		total += n
		x.expired.Add(uint64(n))
		if err != nil || len(list) < expirePage {
			return total, err
		}
		after = list[len(list)-1].Sort
	}
}

// page returns old alerts in the order of their time.
func (x *expiry) page(ctx context.Context, now time.Time, after []any) ([]oldAlert, error) {
	before := func(at time.Time) map[string]any {
		return map[string]any{"range": map[string]any{"@timestamp": map[string]any{"lt": at.UTC().Format(time.RFC3339Nano)}}}
	}
	ended := map[string]any{"term": map[string]any{"weir.alert.state": string(flow.AlertEnded)}}
	question := map[string]any{
		"size": expirePage, "_source": false, "seq_no_primary_term": true, "sort": []any{"@timestamp", "event.id"},
		"query": map[string]any{"bool": map[string]any{"minimum_should_match": 1, "should": []any{
			map[string]any{"bool": map[string]any{"filter": []any{ended, before(now.Add(-x.keep))}}},
			before(now.Add(-x.keep - abandoned)),
		}}},
	}
	if after != nil {
		question["search_after"] = after
	}
	body, err := json.Marshal(question)
	if err != nil {
		return nil, fmt.Errorf("elastic: %w", err)
	}
	var answer struct {
		Hits struct {
			Hits []oldAlert `json:"hits"`
		} `json:"hits"`
	}
	err = x.ask(ctx, "/"+x.index+"/_search", "application/json", body, &answer)
	return answer.Hits.Hits, err
}

// remove deletes documents that are as they were seen, and returns how many.
func (x *expiry) remove(ctx context.Context, list []oldAlert) (n int, err error) {
	var body bytes.Buffer
	lines := json.NewEncoder(&body)
	for i := range list {
		d := &list[i]
		if err := lines.Encode(map[string]any{"delete": map[string]any{"_index": d.Index, "_id": d.ID, "if_seq_no": d.SeqNo, "if_primary_term": d.Primary}}); err != nil {
			return 0, fmt.Errorf("elastic: %w", err)
		}
	}
	var answer response
	if err := x.ask(ctx, "/_bulk?filter_path=errors,items.*.status,items.*.error", "application/x-ndjson", body.Bytes(), &answer); err != nil {
		return 0, err
	}
	var refused error
	for _, i := range answer.Items {
		switch d := i["delete"]; {
		case d.Status < http.StatusMultipleChoices:
			n++
		case d.Status != http.StatusConflict && d.Status != http.StatusNotFound && refused == nil: // changed, or gone already
			refused = fmt.Errorf("elastic: an alert is not deleted: status %d: %s", d.Status, d.reason())
		}
	}
	return n, refused
}

// ask sends a request and decodes its answer.
func (x *expiry) ask(ctx context.Context, path, kind string, body []byte, out any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("elastic: %w", err)
	}
	req.Header.Set("Content-Type", kind)
	resp, err := x.server.Perform(req)
	if err != nil {
		return x.server.Explain(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	switch {
	case err != nil:
		return x.server.Explain(err)
	case resp.StatusCode >= http.StatusMultipleChoices:
		return x.server.Answer(resp.StatusCode, text)
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("elastic: the answer to %s is none: %w", path, err)
	}
	return nil
}

// newExpiry returns the expiry of a sink. In a replay time is that of long ago, and nothing is deleted.
func newExpiry(cfg *Config, server Server) *expiry {
	x := &expiry{server: server, index: document.Alert.Target(cfg.Namespace), keep: cfg.KeepAlerts}
	if cfg.EventTime {
		x.keep = 0
	}
	return x
}
