package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/weirflow/weir/shared/query"
)

// refusal is an error with a status of its own.
type refusal struct {
	status int
	part   string // of the request that is at fault; "": none
	text   string
	allow  string // methods that would do
	retry  int    // seconds after which to try again; 0: it is of no use
	login  bool   // whether a token is wanted
	more   []query.FailureDetail
}

func (r *refusal) Error() string {
	if r.part == "" {
		return r.text
	}
	return r.part + ": " + r.text
}

// Status is the answer's status, for pages.
func (r *refusal) Status() int { return r.status }

// statusGone is what the audit says of questions whose asker has gone; nobody receives it.
const statusGone = 499

func statusOf(err error) int {
	var bad *query.Error
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		return refused.status
	case errors.As(err, &bad):
		return http.StatusBadRequest
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusGatewayTimeout
	case errors.Is(err, context.Canceled), errors.Is(err, errGone):
		return statusGone
	case errors.Is(err, query.ErrAgain), errors.Is(err, query.ErrTooMuch):
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// writeError answers with an error, in the one shape that all have.
func writeError(w http.ResponseWriter, err error) {
	detail := query.FailureDetail{Text: err.Error()}
	var more []query.FailureDetail
	var bad *query.Error
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		more = refused.more
		detail = query.FailureDetail{Part: refused.part, Text: refused.text}
		refused.headers(w.Header())
	case errors.As(err, &bad):
		detail = query.FailureDetail{Part: bad.Part, Text: bad.Text}
	case errors.Is(err, query.ErrAgain):
		w.Header().Set("Retry-After", "2")
	}
	body, _ := json.Marshal(query.Failure{Error: detail, More: more}) // strings
	w.Header().Set("Content-Type", query.TypeJSON)
	w.WriteHeader(statusOf(err))
	_, _ = w.Write(append(body, '\n')) // an error means that the reader has gone
}

func (r *refusal) headers(h http.Header) {
	if r.allow != "" {
		h.Set("Allow", r.allow)
	}
	if r.retry > 0 {
		h.Set("Retry-After", strconv.Itoa(r.retry))
	}
	if r.login {
		h.Set("WWW-Authenticate", `Bearer realm="weir"`)
	}
}
