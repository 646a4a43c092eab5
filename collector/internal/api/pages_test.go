package api_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/weirflow/weir/collector/internal/api"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/query/conformance"
)

// TestPages: pages are served under their paths, that of the alerts to browsers, with their own parameters, and hold no other route.
func TestPages(t *testing.T) {
	deps := over(conformance.NewReference(flow.NewBatch(0, flow.NewSymbols())))
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, bounded := r.Context().Deadline(); !bounded {
			t.Errorf("%s has no end", r.URL)
		}
		_, _ = io.WriteString(w, "page "+r.PathValue("ip")+r.URL.Query().Get("from"))
	})
	deps.Pages = map[string]http.Handler{"/{$}": page, "/alerts": page, "/host/{ip}": page}
	deps.PageError = func(w http.ResponseWriter, _ *http.Request, err error) {
		http.Error(w, "page of "+err.Error(), http.StatusNotFound)
	}
	base := serve(t, api.DefaultConfig(), deps).URL
	for _, c := range []struct {
		path, accept, body string
		status             int
	}{
		{"/", "text/html", "page ", 200}, {"/", "", "page ", 200}, {"/?from=x", "", "page x", 200}, {"/host/10.1.2.3", "", "page 10.1.2.3", 200},
		{"/alerts?from=now&x=y", "text/html", "page now", 200}, {"/alerts", "", "[]\n", 200}, {"/alerts?x=y", "", `"part":"x"`, 400},
		{"/none", "text/html", "page of path: no such path", 404}, {"/none", "", `{"error"`, 404},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+c.path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept", c.accept)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || res.StatusCode != c.status || !strings.Contains(string(body), c.body) {
			t.Errorf("%s for %q: %d %s, %v", c.path, c.accept, res.StatusCode, body, err)
		}
	}
	http.DefaultClient.CloseIdleConnections()
}

// TestAffordable: pages are held to the budget of the API, and know the status.
func TestAffordable(t *testing.T) {
	afford := api.Affordable(api.Config{Budget: 1e6}, api.Deps{})
	if err := afford(query.Question{By: []string{"source.ip"}}); err != nil {
		t.Error(err)
	}
	err := afford(query.Question{By: []string{"source.ip", "destination.ip"}})
	refused, ok := err.(interface{ Status() int }) //nolint:errorlint // it is not wrapped
	if !ok || refused.Status() != http.StatusUnprocessableEntity || !strings.Contains(err.Error(), "budget") {
		t.Errorf("%v", err)
	}
}
