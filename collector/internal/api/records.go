package api

import (
	"bufio"
	"io"
	"net/http"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// records sends canonical records as JSON lines.
func (h *handler) records(w http.ResponseWriter, r *http.Request) error {
	var q query.Question
	if err := readJSON(r, &q); err != nil {
		return err
	}
	if err := checkWords(&q); err != nil {
		return err
	}
	b, err := h.deps.Engine.Records(r.Context(), q)
	if err != nil {
		return err
	}
	if takesArrow(r.Header) {
		h.writeArrowRecords(w, b)
		return nil
	}
	writeLines(w, len(b.Records), func(dst []byte, i int) []byte { return flow.AppendJSON(dst, h.reg, b, &b.Records[i]) })
	return nil
}

// sessions sends sessions as JSON lines.
func (h *handler) sessions(w http.ResponseWriter, r *http.Request) error {
	var q query.Question
	if err := readJSON(r, &q); err != nil {
		return err
	}
	if err := checkWords(&q); err != nil {
		return err
	}
	if h.deps.Sessions == nil {
		return errNoSessions
	}
	b, err := h.deps.Sessions.Sessions(r.Context(), q)
	if err != nil {
		return err
	}
	writeLines(w, len(b.Sessions), func(dst []byte, i int) []byte { return b.AppendJSON(dst, &b.Sessions[i]) })
	return nil
}

// writeLines sends n objects one by one, as a hundred thousand of them would not be wanted in memory twice.
func writeLines(w http.ResponseWriter, n int, appendObject func(dst []byte, i int) []byte) {
	w.Header().Set("Content-Type", query.TypeLines)
	out := bufio.NewWriter(w)
	var line []byte
	for i := range n {
		line = append(appendObject(line[:0], i), '\n')
		if _, err := out.Write(line); err != nil {
			return // the reader has gone, and sees the answer cut short
		}
	}
	_ = out.Flush()
}

// send copies a file to who asked.
func send(w io.Writer, from io.Reader) { _, _ = io.Copy(w, from) } // who asked has gone
