package sink

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/weirflow/weir/elastic/document"
	"github.com/weirflow/weir/shared/sink"
)

// bulk delivers pieces by the bulk API.
type bulk struct {
	cfg     *Config
	deps    *Deps
	log     *slog.Logger
	outage  *sink.Outage
	encoder *document.Encoder
	counts  counts
}

func newBulk(cfg *Config, deps *Deps, log *slog.Logger, outage *sink.Outage) *bulk {
	return &bulk{cfg: cfg, deps: deps, log: log, outage: outage, encoder: document.NewEncoder(document.Config{Tenant: cfg.Tenant})}
}

// firstWait is the wait after the first failure.
const firstWait = 250 * time.Millisecond

// deliver sends an entry until each of its documents is taken or refused for good; false is that the context ended before.
func (b *bulk) deliver(ctx context.Context, data []byte) bool {
	e, err := readEntry(data)
	if err != nil { // the spool has checked its sum: it is of a later version
		b.log.Error("elastic: an entry on disk is not one of this version and is left out", "err", err)
		return true
	}
	backoff := sink.Backoff{First: firstWait, Most: b.cfg.MostWait}
	for first := true; e.docs > 0; first = false {
		if !first {
			b.counts.again.Add(uint64(e.docs))
		}
		next, err := b.attempt(ctx, e)
		switch {
		case err != nil && ctx.Err() != nil: // it is the end, and no failure
			return false
		case err != nil:
			b.counts.failures.Add(1)
			b.outage.Failed(err)
			if !backoff.Wait(ctx, 0) {
				return false
			}
		default:
			b.outage.Worked()
		}
		e = next
	}
	return true
}

// attempt sends a piece once, and returns what of it is to be sent again: as an error says, after a while.
func (b *bulk) attempt(ctx context.Context, e entry) (entry, error) {
	status, answer, err := b.post(ctx, e.body)
	switch {
	case err != nil:
		return e, err
	case status == http.StatusRequestEntityTooLarge && e.docs > 1:
		return b.halves(ctx, e)
	case status == http.StatusRequestEntityTooLarge:
		return b.refuseOne(ctx, e, status, answer)
	case status >= http.StatusMultipleChoices: // of 400, too, it is not the documents that are to blame: they have answers of their own
		return e, b.deps.Server.Answer(status, answer)
	}
	r, err := parseResponse(answer)
	if err != nil {
		return e, err
	}
	return b.settle(ctx, e, r)
}

// post sends a body.
func (b *bulk) post(ctx context.Context, body []byte) (int, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, b.cfg.Timeout)
	defer cancel()
	if b.cfg.Plain {
		text, err := inflate(body)
		if err != nil {
			return 0, nil, err
		}
		body = text
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "/_bulk?filter_path=errors,items.*.status,items.*.error", bytes.NewReader(body))
	if err != nil {
		return 0, nil, fmt.Errorf("elastic: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-ndjson")
	if !b.cfg.Plain {
		req.Header.Set("Content-Encoding", "gzip")
	}
	b.counts.requests.Add(1)
	b.counts.bytes.Add(uint64(len(body)))
	resp, err := b.deps.Server.Perform(req)
	if err != nil {
		return 0, nil, b.deps.Server.Explain(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		return 0, nil, b.deps.Server.Explain(err)
	}
	return resp.StatusCode, answer, nil
}

// response is the answer to a bulk request. Its items are in the order of the operations, each below the name of its operation.
type response struct {
	Errors bool              `json:"errors"`
	Items  []map[string]item `json:"items"`
}

type item struct {
	Status int `json:"status"`
	Error  struct {
		Type   string `json:"type"`
		Reason string `json:"reason"`
		Cause  struct {
			Reason string `json:"reason"`
		} `json:"caused_by"`
	} `json:"error"`
}

func parseResponse(answer []byte) (*response, error) {
	var r response
	if err := json.Unmarshal(answer, &r); err != nil {
		return nil, fmt.Errorf("elastic: the answer is not one of the bulk API: %w", err)
	}
	return &r, nil
}

// reason joins what the server says.
func (i *item) reason() string {
	if i.Error.Cause.Reason == "" {
		return i.Error.Reason
	}
	return i.Error.Reason + ": " + i.Error.Cause.Reason
}

// settle counts what was taken, puts what was refused to the dead letters, and returns the rest.
func (b *bulk) settle(ctx context.Context, e entry, r *response) (entry, error) {
	if len(r.Items) != e.docs {
		return e, fmt.Errorf("elastic: %d documents sent, %d answers", e.docs, len(r.Items))
	}
	if !r.Errors {
		b.counts.delivered.Add(uint64(e.docs))
		return entry{}, nil
	}
	text, err := inflate(e.body)
	if err != nil {
		return entry{}, err
	}
	list := operations(text)
	if len(list) != e.docs {
		return entry{}, errEntry
	}
	s := sorted{}
	for i, op := range list {
		for _, it := range r.Items[i] {
			b.sort(&s, op, &it)
		}
	}
	if err := b.refuse(ctx, s.refused); err != nil {
		// Those that were taken are there already, next time.
		return e, err
	}
	b.counts.delivered.Add(s.delivered)
	b.counts.already.Add(s.already)
	b.counts.refused.Add(uint64(len(s.refused)))
	if len(s.again) == 0 {
		return entry{}, nil
	}
	body, err := deflate(s.again)
	if err != nil {
		return e, err
	}
	return entry{docs: len(s.again), body: body}, b.deps.Server.Answer(s.status, fmt.Appendf(nil, `{"error":{"type":%q,"reason":%q},"status":%d}`, s.why.Error.Type, s.why.reason(), s.status))
}

// sorted is the operations of a piece by what became of them.
type sorted struct {
	delivered, already uint64
	again              []operation
	refused            []document.Refusal
	status             int // of the first that is sent again
	why                item
}

func (b *bulk) sort(s *sorted, op operation, it *item) {
	switch {
	case it.Status < http.StatusMultipleChoices:
		s.delivered++
	case it.Status == http.StatusConflict: // it is there, or a later state of it
		s.already++
	case it.Status == http.StatusBadRequest:
		target, id := targetOf(op.action)
		s.refused = append(s.refused, document.Refusal{
			At: b.deps.Now(), ID: id, Target: target, Status: it.Status, Type: it.Error.Type, Reason: it.reason(), Document: bytes.TrimSuffix(op.document, []byte{'\n'}),
		})
	default: // no time (429, 5xx), not permitted (403), no such index (404): someone will mend it
		if s.again = append(s.again, op); s.status == 0 {
			s.status, s.why = it.Status, *it
		}
	}
}

// targetOf reads an action line.
func targetOf(action []byte) (index, id string) {
	var a map[string]struct {
		Index string `json:"_index"`
		ID    string `json:"_id"`
	}
	if json.Unmarshal(action, &a) != nil { // it is our own
		return "", ""
	}
	for _, v := range a {
		index, id = v.Index, v.ID
	}
	return index, id
}
