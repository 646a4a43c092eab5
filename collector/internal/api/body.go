package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"

	"github.com/weirflow/weir/shared/query"
)

// bodyKey is under which a request's context has its body.
type bodyKey struct{}

// readBody reads the question. The media type must be JSON's: browsers ask before they send that to another site, so that no web
// page can put questions to a collector on its reader's machine.
func readBody(r *http.Request, wanted bool) ([]byte, error) {
	if !wanted {
		return nil, nil
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != query.TypeJSON {
		return nil, &refusal{status: http.StatusUnsupportedMediaType, part: "content-type", text: "send the question as " + query.TypeJSON}
	}
	if e := r.Header.Get("Content-Encoding"); e != "" && e != "identity" {
		return nil, &refusal{status: http.StatusUnsupportedMediaType, part: "content-encoding", text: "send the question as it is, not compressed"}
	}
	body, err := io.ReadAll(r.Body)
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return nil, &refusal{status: http.StatusRequestEntityTooLarge, part: "question", text: fmt.Sprintf("longer than %d bytes", tooLong.Limit)}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, &refusal{status: http.StatusRequestTimeout, part: "question", text: fmt.Sprintf("it did not arrive within %v", bodyWithin)}
	case err != nil:
		return nil, &refusal{status: http.StatusBadRequest, part: "question", text: "it did not arrive whole: " + err.Error()}
	}
	return body, nil
}

// readRaw returns the body where it is one JSON object.
func readRaw(r *http.Request) (json.RawMessage, error) {
	var object json.RawMessage
	err := readJSON(r, &object)
	return object, err
}

// readJSON reads a question out of the body.
func readJSON(r *http.Request, target any) error {
	body, _ := r.Context().Value(bodyKey{}).([]byte)
	body = bytes.TrimSpace(body)
	switch {
	case len(body) == 0:
		return &query.Error{Part: "question", Text: "the body is empty; {} asks for the total of everything"}
	case body[0] != '{':
		return &query.Error{Part: "question", Text: `want a JSON object like {"by": ["source.ip"]}`}
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(target); err != nil {
		return &query.Error{Part: "question", Text: err.Error()}
	}
	if dec.More() {
		return &query.Error{Part: "question", Text: fmt.Sprintf("more behind the object, which ends at byte %d", dec.InputOffset())}
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
