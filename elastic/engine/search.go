package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/weirflow/weir/shared/flow"
)

// maxAnswer is the most bytes of an answer that are read: a page of 10,000 documents has some 20 MB.
const maxAnswer = 1 << 30

// reading is one question's view of indices: a point in time, so that its pages fit together. It is for one goroutine.
type reading struct {
	e    *Engine
	ctx  context.Context //nolint:containedctx // it lives as long as the question
	pit  string
	none bool // there are no such indices

	symbols *flow.Symbols // of sessions that are read
}

// open makes a point in time of indices. Where there are none, everything that is read of it is empty.
func (e *Engine) open(ctx context.Context, indices string) (*reading, error) {
	r := &reading{e: e, ctx: ctx}
	path := "/" + indices + "/_pit"
	if e.cfg.OpenSearch {
		path = "/" + indices + "/_search/point_in_time"
	}
	var opened struct {
		ID    string `json:"id"`
		PITID string `json:"pit_id"` // OpenSearch
	}
	// A pattern without indices is refused as a name without one is, with 404: OpenSearch would fail otherwise.
	args := url.Values{"keep_alive": {e.keepAlive()}, "allow_no_indices": {"false"}}
	err := e.send(ctx, http.MethodPost, path+"?"+args.Encode(), nil, &opened)
	var failed *ServerError
	if errors.As(err, &failed) && failed.Status == http.StatusNotFound {
		r.none = true
		return r, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open point in time: %w", err)
	}
	r.pit = opened.ID + opened.PITID
	return r, nil
}

func (e *Engine) keepAlive() string { return fmt.Sprintf("%ds", int(e.cfg.KeepAlive.Seconds())) }

// close gives the point in time back. That it fails does no harm: the server drops it after KeepAlive.
func (r *reading) close() {
	if r.none {
		return
	}
	path, body := "/_pit", map[string]any{"id": r.pit}
	if r.e.cfg.OpenSearch {
		path, body = "/_search/point_in_time", map[string]any{"pit_id": []string{r.pit}}
	}
	_ = r.e.send(context.WithoutCancel(r.ctx), http.MethodDelete, path, body, nil)
}

// search asks within the point in time. Answers that lack shards, or were cut off by time, are errors: they would be wrong.
func (r *reading) search(q *request) (*response, error) {
	if r.none {
		return &response{}, nil
	}
	q.PIT = &pointInTime{ID: r.pit, KeepAlive: r.e.keepAlive()}
	res, err := r.e.searchAt(r.ctx, "/_search", q)
	if err == nil && res.PIT != "" {
		r.pit = res.PIT // it may change from answer to answer
	}
	return res, err
}

// searchAt sends a search to a path.
func (e *Engine) searchAt(ctx context.Context, path string, q *request) (*response, error) {
	var res response
	err := e.send(ctx, http.MethodPost, path, q, &res)
	switch {
	case err != nil:
		return nil, err
	case res.TimedOut:
		return nil, errors.New("the server gave up for want of time")
	case res.Shards.Failed > 0:
		return nil, fmt.Errorf("%d of %d shards failed: %s", res.Shards.Failed, res.Shards.Total, firstOf(res.Shards.Failures))
	}
	return &res, nil
}

func firstOf(failures []json.RawMessage) string {
	if len(failures) == 0 {
		return "no reason was given"
	}
	return string(failures[0])
}

// ServerError is a refusal by the server.
type ServerError struct {
	Status int    // of HTTP
	Type   string // as the server calls it, "" where it does not
	Reason string
}

// Error returns the message.
func (e *ServerError) Error() string {
	return fmt.Sprintf("the server answers %d %s: %s", e.Status, http.StatusText(e.Status), e.Reason)
}

// send sends a request with a body of JSON and reads the answer.
func (e *Engine) send(ctx context.Context, method, path string, body, into any) error {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return fmt.Errorf("write request: %w", err)
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, path, bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := e.to.Perform(req)
	if err != nil {
		return fmt.Errorf("ask the server: %w", err)
	}
	defer res.Body.Close()
	answer := io.LimitReader(res.Body, maxAnswer)
	if res.StatusCode >= http.StatusBadRequest {
		return refusalOf(res.StatusCode, answer)
	}
	if into == nil {
		return nil
	}
	if err := json.NewDecoder(answer).Decode(into); err != nil {
		return fmt.Errorf("read the server's answer: %w", err)
	}
	return nil
}

// maxRefusal is how much of a refusal is read.
const maxRefusal = 64 << 10

func refusalOf(status int, body io.Reader) error {
	text, err := io.ReadAll(io.LimitReader(body, maxRefusal))
	if err != nil {
		return fmt.Errorf("read the server's answer: %w", err)
	}
	type cause struct {
		Type   string `json:"type"`
		Reason string `json:"reason"`
	}
	var told struct {
		Error struct {
			cause
			RootCause []cause `json:"root_cause"`
		} `json:"error"`
	}
	if json.Unmarshal(text, &told) != nil || told.Error.Reason == "" {
		return &ServerError{Status: status, Reason: strings.TrimSpace(string(text))}
	}
	for _, c := range told.Error.RootCause {
		if c.Reason != "" {
			told.Error.cause = c
			break
		}
	}
	return &ServerError{Status: status, Type: told.Error.Type, Reason: told.Error.Reason}
}
