package api

import (
	"net/http"

	"github.com/weirflow/weir/shared/query"
)

// values tells the values of a field. It costs what the top list costs that it is made of.
func (h *handler) values(w http.ResponseWriter, r *http.Request) error {
	var q query.ValuesQuestion
	if err := readJSON(r, &q); err != nil {
		return err
	}
	_, asked, err := q.Prepare(h.reg)
	if err != nil {
		return err
	}
	if asked.Measure == query.Sessions && h.deps.Sessions == nil {
		return errNoSessions
	}
	if err := h.affordable(asked); err != nil {
		return err
	}
	a, err := query.ListValues(r.Context(), h.deps.Engine, q)
	if err != nil {
		return err
	}
	return writeJSON(w, a)
}

// graph tells who talks to whom.
func (h *handler) graph(w http.ResponseWriter, r *http.Request) error {
	var q query.GraphQuestion
	if err := readJSON(r, &q); err != nil {
		return err
	}
	edges, _, err := q.Prepare(h.reg)
	if err != nil {
		return err
	}
	if err := h.affordable(edges); err != nil {
		return err
	}
	g, err := query.DrawGraph(r.Context(), h.deps.Engine, q)
	if err != nil {
		return err
	}
	return writeJSON(w, g)
}
