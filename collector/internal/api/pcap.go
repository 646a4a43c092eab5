package api

import (
	"errors"
	"io"
	"net/http"

	"github.com/weirflow/weir/shared/headers"
	"github.com/weirflow/weir/shared/query"
)

// Pcap returns the handler of captures around alerts in a folder; the pattern that it is served under names the alert as {id}.
func Pcap(dir string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, err := headers.Open(dir, r.PathValue("id"))
		switch {
		case errors.Is(err, headers.ErrNone):
			writeError(w, http.StatusNotFound, err)
			return
		case err != nil:
			writeError(w, http.StatusInternalServerError, err)
			return
		}
		defer f.Close()
		w.Header().Set("Content-Type", query.TypePcap)
		_, _ = io.Copy(w, f) // who asked has gone
	})
}
