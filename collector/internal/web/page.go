package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/weirflow/weir/shared/query"
)

// view is what a page shows.
type view struct {
	file    string // its template
	title   string
	section string // of the navigation
	data    any
	status  int // 0: a success
}

// shown is what the layout is given.
type shown struct {
	Title, Section string
	Data           any
}

// problem is what the page of an error shows.
type problem struct{ Text string }

// page serves a view. Parameters that it does not know are refused: a misspelled one would be ignored silently.
func (s *Site) page(show func(r *http.Request) (view, error), params ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, err := view{}, checkParams(r, params)
		if err == nil {
			v, err = show(r)
		}
		if err == nil {
			err = s.write(w, r, v)
		}
		if err != nil {
			s.Fail(w, r, err)
		}
	})
}

func checkParams(r *http.Request, known []string) error {
	for name := range r.URL.Query() {
		if !slices.Contains(known, name) {
			return &query.Error{Part: "address", Text: fmt.Sprintf("this page takes no parameter %.100q", name)}
		}
	}
	return nil
}

// write sends a page that is whole, so that an error on the way has its status.
func (s *Site) write(w http.ResponseWriter, r *http.Request, v view) error {
	var body bytes.Buffer
	if err := s.pages[depthOf(r)][v.file].Execute(&body, shown{Title: v.title, Section: v.section, Data: v.data}); err != nil {
		return fmt.Errorf("page %s: %w", v.file, err)
	}
	protect(w.Header())
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if v.status != 0 {
		w.WriteHeader(v.status)
	}
	_, _ = w.Write(body.Bytes()) // an error means that the reader has gone
	return nil
}

// Fail answers with a page that says what is wrong. An error that has the method Status says what the status is.
func (s *Site) Fail(w http.ResponseWriter, r *http.Request, err error) {
	v := view{file: "error.html", title: "This cannot be shown", data: problem{Text: sentence(err)}, status: statusOf(err)}
	if err := s.write(w, r, v); err != nil {
		http.Error(w, "the page of an error cannot be made", http.StatusInternalServerError)
	}
}

// sentence says what is wrong.
func sentence(err error) string {
	var bad *query.Error
	switch {
	case errors.As(err, &bad):
		return bad.Part + ": " + bad.Text
	case errors.Is(err, context.DeadlineExceeded):
		return "The answer took too long: ask for less time, or narrow it down with a filter."
	}
	return err.Error()
}

func statusOf(err error) int {
	var bad *query.Error
	var refused interface{ Status() int }
	switch {
	case errors.As(err, &refused):
		return refused.Status()
	case errors.As(err, &bad):
		return http.StatusBadRequest
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusGatewayTimeout
	}
	return http.StatusInternalServerError
}

// policy lets a page load its style, its scripts and live alerts from where it came, and nothing else from anywhere.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// protect adds the headers by which a browser holds a page to what it should do.
func protect(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer") // addresses of pages name hosts
}
