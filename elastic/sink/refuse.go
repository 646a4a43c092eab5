package sink

import (
	"context"
	"fmt"
	"net/http"

	"github.com/weirflow/weir/elastic/document"
)

// refuse puts refused documents to the dead letters. One that is refused there, too, is lost and counted.
func (b *bulk) refuse(ctx context.Context, list []document.Refusal) error {
	if len(list) == 0 {
		return nil
	}
	b.log.Warn("elastic: the server refuses documents; they are in the dead letters", "documents", len(list), "first", list[0].ID, "target", list[0].Target, "reason", list[0].Reason)
	target := document.DeadLetter.Target(b.cfg.Namespace)
	ops := make([]operation, len(list))
	for i := range list {
		ops[i].action = appendAction(nil, opCreate, target, list[i].ID)
		ops[i].document = append(b.encoder.AppendRefusal(nil, &list[i]), '\n')
	}
	body, err := deflate(ops)
	if err != nil {
		return err
	}
	status, answer, err := b.post(ctx, body)
	if err != nil {
		return err
	}
	if status >= http.StatusMultipleChoices {
		return b.deps.Server.Answer(status, answer)
	}
	r, err := parseResponse(answer)
	if err != nil {
		return err
	}
	for _, one := range r.Items {
		for _, it := range one {
			switch {
			case it.Status < http.StatusMultipleChoices, it.Status == http.StatusConflict:
			case it.Status == http.StatusBadRequest:
				b.counts.lost.Add(1)
			default:
				return fmt.Errorf("elastic: dead letters: status %d: %s", it.Status, it.reason())
			}
		}
	}
	return nil
}

// halves sends a piece that is too large for the server, or for what is between, in two parts.
func (b *bulk) halves(ctx context.Context, e entry) (entry, error) {
	text, err := inflate(e.body)
	if err != nil {
		return e, err
	}
	list := operations(text)
	var left []operation
	var failed error
	for _, part := range [2][]operation{list[:len(list)/2], list[len(list)/2:]} {
		body, err := deflate(part)
		if err != nil {
			return e, err
		}
		rest, err := b.attempt(ctx, entry{docs: len(part), body: body})
		if err != nil {
			failed = err
		}
		if rest.docs > 0 {
			text, err := inflate(rest.body)
			if err != nil {
				return e, err
			}
			left = append(left, operations(text)...)
		}
	}
	if len(left) == 0 {
		return entry{}, failed
	}
	body, err := deflate(left)
	return entry{docs: len(left), body: body}, cmpErr(failed, err)
}

// cmpErr returns the first error.
func cmpErr(list ...error) error {
	for _, err := range list {
		if err != nil {
			return err
		}
	}
	return nil
}

// refuseOne puts a document that is too large for the server to the dead letters.
func (b *bulk) refuseOne(ctx context.Context, e entry, status int, answer []byte) (entry, error) {
	text, err := inflate(e.body)
	if err != nil {
		return e, err
	}
	list := operations(text)
	if len(list) != 1 {
		return e, errEntry
	}
	target, id := targetOf(list[0].action)
	err = b.refuse(ctx, []document.Refusal{{
		At: b.deps.Now(), ID: id, Target: target, Status: status, Type: http.StatusText(status), Reason: b.deps.Server.Answer(status, answer).Error(), Document: list[0].document,
	}})
	if err != nil {
		return e, err
	}
	b.counts.refused.Add(1)
	return entry{}, nil
}
