package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"

	"github.com/weirflow/weir/shared/query"
)

// readJSON reads a question. The media type must be JSON's: browsers ask before they send that to another site, so that no web
// page can put questions to a collector on its reader's machine.
func readJSON(r *http.Request, target any) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != query.TypeJSON {
		return &query.Error{Part: "content-type", Text: "send the question as " + query.TypeJSON}
	}
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	err := dec.Decode(target)
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return &query.Error{Part: "question", Text: fmt.Sprintf("longer than %d bytes", tooLong.Limit)}
	case errors.Is(err, io.EOF):
		return &query.Error{Part: "question", Text: "the body is empty; {} asks for the total of everything"}
	case err != nil:
		return &query.Error{Part: "question", Text: err.Error()}
	}
	return nil
}

func writeJSON(w http.ResponseWriter, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write answer: %w", err)
	}
	w.Header().Set("Content-Type", query.TypeJSON)
	_, _ = w.Write(append(body, '\n')) // an error means that the reader has gone
	return nil
}

func statusOf(err error) int {
	var bad *query.Error
	switch {
	case errors.As(err, &bad):
		return http.StatusBadRequest
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusGatewayTimeout
	}
	return http.StatusInternalServerError
}

func writeError(w http.ResponseWriter, status int, err error) {
	detail := query.FailureDetail{Text: err.Error()}
	var bad *query.Error
	if errors.As(err, &bad) {
		detail = query.FailureDetail{Part: bad.Part, Text: bad.Text}
	}
	body, _ := json.Marshal(query.Failure{Error: detail}) // two strings
	w.Header().Set("Content-Type", query.TypeJSON)
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // an error means that the reader has gone
}

// methodOf is how a path of the API is asked, "" where there is no such path.
func methodOf(path string) string {
	switch path {
	case query.PathAggregate, query.PathRecords, query.PathSessions, query.PathAlerts, query.PathInterfaces:
		return http.MethodPost
	case query.PathExporters:
		return http.MethodGet
	}
	return ""
}

func statusOfPath(path string) int {
	if methodOf(path) == "" {
		return http.StatusNotFound
	}
	return http.StatusMethodNotAllowed
}

func explainPath(r *http.Request) string {
	if method := methodOf(r.URL.Path); method != "" {
		return fmt.Sprintf("%s wants %s, not %s", r.URL.Path, method, r.Method)
	}
	return "no such path: " + r.URL.Path
}
