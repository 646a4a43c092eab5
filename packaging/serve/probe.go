package serve

import (
	"fmt"
	"net/http"
)

// Probes are what tells whether a service lives: /healthz answers as long as the process does, /readyz while it is up, else with status 503.
func Probes(up func() bool) map[string]http.Handler {
	return map[string]http.Handler{
		"GET /healthz": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") }),
		"GET /readyz": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if !up() {
				http.Error(w, "starting or stopping", http.StatusServiceUnavailable)
				return
			}
			fmt.Fprintln(w, "ready")
		}),
	}
}
