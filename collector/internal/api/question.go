package api

import (
	"errors"
	"net/http"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/headers"
	"github.com/weirflow/weir/shared/query"
)

var (
	// errNoSessions is the answer of a collector without sessions to who asks for them.
	errNoSessions = &refusal{status: http.StatusNotFound, text: "this collector keeps no sessions (detect.sessions in weir.yaml)"}
	// errNoInterfaces is the answer of a collector that does not measure interfaces.
	errNoInterfaces = &refusal{status: http.StatusNotFound, text: "this collector does not measure interfaces"}
)

func (h *handler) aggregate(w http.ResponseWriter, r *http.Request) error {
	var q query.Question
	if err := readJSON(r, &q); err != nil {
		return err
	}
	if q.Measure == query.Sessions && h.deps.Sessions == nil {
		return errNoSessions
	}
	if err := h.affordable(q); err != nil {
		return err
	}
	res, err := h.deps.Engine.Aggregate(r.Context(), q)
	if err != nil {
		return err
	}
	if takesArrow(r.Header) {
		writeArrow(w, q, res)
		return nil
	}
	return writeJSON(w, res)
}

func (h *handler) alerts(w http.ResponseWriter, r *http.Request) error {
	var q query.AlertQuestion
	if err := readJSON(r, &q); err != nil {
		return err
	}
	return h.tellAlerts(w, r, q)
}

func (h *handler) tellAlerts(w http.ResponseWriter, r *http.Request, q query.AlertQuestion) error {
	list, err := h.deps.Alerts.Alerts(r.Context(), q)
	if err != nil {
		return err
	}
	if list == nil {
		list = []flow.Alert{}
	}
	return writeJSON(w, list)
}

func (h *handler) interfaces(w http.ResponseWriter, r *http.Request) error {
	var q query.InterfaceQuestion
	if err := readJSON(r, &q); err != nil {
		return err
	}
	if h.deps.Interfaces == nil {
		return errNoInterfaces
	}
	list, err := h.deps.Interfaces.Interfaces(r.Context(), q)
	if err != nil {
		return err
	}
	if list == nil {
		list = []query.Interface{}
	}
	return writeJSON(w, list)
}

func (h *handler) exporters(w http.ResponseWriter, r *http.Request) error {
	list, err := h.deps.Exporters.Exporters(r.Context())
	if err != nil {
		return err
	}
	if list == nil {
		list = []query.Exporter{}
	}
	return writeJSON(w, list)
}

func (h *handler) collector(w http.ResponseWriter, r *http.Request) error {
	state, err := h.deps.Collector.Collector(r.Context())
	if err != nil {
		return err
	}
	return writeJSON(w, state)
}

// tokens lists who may ask.
func (h *handler) tokens(w http.ResponseWriter, _ *http.Request) error {
	list, err := h.deps.Tokens.List()
	if err != nil {
		return err
	}
	return writeJSON(w, list)
}

// pcap sends the capture around an alert.
func (h *handler) pcap(w http.ResponseWriter, r *http.Request) error {
	f, err := headers.Open(h.deps.Captures, r.PathValue("id"))
	switch {
	case errors.Is(err, headers.ErrNone):
		return &refusal{status: http.StatusNotFound, part: "id", text: err.Error()}
	case err != nil:
		return err
	}
	defer f.Close()
	w.Header().Set("Content-Type", query.TypePcap)
	send(w, f)
	return nil
}
