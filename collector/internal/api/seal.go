package api

import (
	"fmt"
	"net/http"
)

// seal has the store write everything to sealed files, and answers when that is done. How long it takes depends on how much there is, so that
// the time of questions is no bound; calls that come meanwhile wait. It ends when who asked goes.
func (h *handler) seal(w http.ResponseWriter, r *http.Request) error {
	if r.ContentLength != 0 {
		// While a body is unread, nobody sees that who sent it has gone.
		return &refusal{status: http.StatusBadRequest, part: "body", text: "everything is sealed: there is nothing to say in a body, send none"}
	}
	sealed, err := h.deps.Sealer.Seal(r.Context())
	if err != nil {
		return err
	}
	note(r, fmt.Sprintf("sealed files: %d", sealed.Files))
	return writeJSON(w, sealed)
}
