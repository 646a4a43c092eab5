package client

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"unicode"
)

// The kinds of errors, for [errors.Is].
var (
	ErrUnreachable  = errors.New("cannot be reached")
	ErrTimeout      = errors.New("did not answer in time")
	ErrCertificate  = errors.New("has a certificate that is not trusted")
	ErrSecret       = errors.New("cannot be asked: a secret could not be read")
	ErrUnauthorized = errors.New("does not know the user, password or API key")
	ErrForbidden    = errors.New("does not permit it")
	ErrNotFound     = errors.New("has no such thing")
	ErrConflict     = errors.New("has it already")
	ErrRejected     = errors.New("does not take it")
	ErrBusy         = errors.New("is too busy")
	ErrReadOnly     = errors.New("takes no documents: its disks are full")
	ErrServer       = errors.New("failed")
	ErrNotElastic   = errors.New("is neither Elasticsearch nor OpenSearch")
)

// Error is what went wrong with a request: a sentence.
type Error struct {
	Kind   error  // one of the Err variables
	Node   string // URL
	Status int    // of the answer; 0: there was none
	Type   string // the server's name of the error, like index_not_found_exception
	Reason string // the server's words
	Denied Denied // of ErrForbidden
	Err    error  // cause; may be nil
}

// Error returns one sentence.
func (e *Error) Error() string {
	s := e.Node + " " + e.Kind.Error()
	switch {
	case e.Is(ErrForbidden) && e.Denied.Action != "":
		s = e.Node + " does not permit " + e.Denied.String()
	case e.Is(ErrUnauthorized) && e.Reason != "":
		s = e.Node + " " + e.Reason
	default:
		if d := e.detail(); d != "" {
			s += ": " + d
		}
	}
	if h := e.hint(); h != "" {
		s += " (" + h + ")"
	}
	return s
}

func (e *Error) detail() string {
	switch {
	case e.Is(ErrUnauthorized) || e.Is(ErrNotElastic) || e.Is(ErrReadOnly):
		return ""
	case e.Reason != "":
		return e.Reason
	case errors.As(e.Err, &x509.UnknownAuthorityError{}):
		return "no known authority has signed it"
	case e.Is(ErrSecret):
		return e.Err.Error()
	case e.Err != nil:
		return innermost(e.Err).Error()
	case e.Status != 0:
		return fmt.Sprintf("status %d %s", e.Status, http.StatusText(e.Status))
	}
	return ""
}

// hint is what to look at first.
func (e *Error) hint() string {
	switch {
	case errors.As(e.Err, &x509.UnknownAuthorityError{}):
		return "name the certificate of its authority as ca"
	case errors.As(e.Err, &tls.RecordHeaderError{}):
		return "it speaks http: write http:// in the node's URL"
	case errors.Is(e.Err, io.EOF) && strings.HasPrefix(e.Node, "http://"):
		return "if it speaks TLS, write https:// in the node's URL"
	case e.Is(ErrNotElastic):
		return "is the port the right one? Kibana and Dashboards listen on 5601, the server mostly on 9200"
	}
	return ""
}

// Is tells whether target is the error's kind.
func (e *Error) Is(target error) bool { return e.Kind == target }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// innermost is the cause without the transport's words around it.
func innermost(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return cmp.Or(op.Err, err)
	}
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

// Explain makes an [*Error] of an error of a request that had no answer, as go-elasticsearch returns them. Nil stays nil.
func (c *Client) Explain(err error) error {
	if err == nil {
		return nil
	}
	var already *Error
	if errors.As(err, &already) {
		return already
	}
	kind := ErrUnreachable
	var (
		timeout     net.Error
		certificate *tls.CertificateVerificationError
	)
	switch {
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("elastic: %s: %w", c.node(), context.Canceled)
	case errors.As(err, &certificate) || errors.Is(err, errFingerprint):
		kind = ErrCertificate
	case errors.Is(err, context.DeadlineExceeded) || (errors.As(err, &timeout) && timeout.Timeout()):
		kind = ErrTimeout
	}
	return &Error{Kind: kind, Node: c.node(), Err: err}
}

// Answer makes an [*Error] of an answer whose status is no success.
func (c *Client) Answer(status int, body []byte) error {
	e := &Error{Kind: kindOf(status), Node: c.node(), Status: status}
	e.Type, e.Reason = cause(body)
	e.Type, e.Reason = line(e.Type), line(e.Reason)
	switch {
	case e.Is(ErrUnauthorized):
		e.Reason = c.refused()
	case e.Type == "cluster_block_exception" && strings.Contains(e.Reason, "read-only-allow-delete"):
		e.Kind = ErrReadOnly
	case e.Is(ErrForbidden):
		e.Denied = denied(e.Reason)
	case strings.HasPrefix(e.Type, "resource_already_exists") || e.Type == "version_conflict_engine_exception":
		e.Kind = ErrConflict
	case e.Type == "circuit_breaking_exception" || e.Type == "es_rejected_execution_exception":
		e.Kind = ErrBusy
	}
	return e
}

// maxReason is the most that is kept of a server's words, in bytes.
const maxReason = 2000

// line makes a single line of a server's words.
func line(text string) string {
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
	if len(text) > maxReason {
		text = strings.ToValidUTF8(text[:maxReason], "") + "..."
	}
	return text
}

// refused says what a server that does not know who asks was shown.
func (c *Client) refused() string {
	switch {
	case c.cfg.APIKey.set():
		return "does not know the API key, or it has expired or was invalidated"
	case c.cfg.Username != "":
		return "does not know user " + c.cfg.Username + " with this password"
	}
	return "wants a user name or an API key, and none is configured"
}

func kindOf(status int) error {
	switch status {
	case http.StatusUnauthorized:
		return ErrUnauthorized
	case http.StatusForbidden:
		return ErrForbidden
	case http.StatusNotFound:
		return ErrNotFound
	case http.StatusConflict:
		return ErrConflict
	case http.StatusTooManyRequests:
		return ErrBusy
	}
	if status >= http.StatusInternalServerError {
		return ErrServer
	}
	return ErrRejected
}

// cause reads the first cause of an error's answer. Some have a text in place of an object.
func cause(body []byte) (name, reason string) {
	var a struct {
		Error json.RawMessage `json:"error"`
	}
	if json.Unmarshal(body, &a) != nil {
		return "", ""
	}
	var e struct {
		Type      string `json:"type"`
		Reason    string `json:"reason"`
		RootCause []struct {
			Type   string `json:"type"`
			Reason string `json:"reason"`
		} `json:"root_cause"`
		CausedBy struct {
			Reason string `json:"reason"`
		} `json:"caused_by"`
	}
	if json.Unmarshal(a.Error, &e) != nil {
		_ = json.Unmarshal(a.Error, &reason) // not a text either: no reason
		return "", reason
	}
	if name, reason = e.Type, e.Reason; len(e.RootCause) > 0 && reason == "all shards failed" {
		name, reason = e.RootCause[0].Type, e.RootCause[0].Reason
	}
	if c := e.CausedBy.Reason; c != "" && !strings.Contains(reason, c) {
		reason += ": " + c
	}
	return name, reason
}
