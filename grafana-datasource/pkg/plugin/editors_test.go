//go:build cgo

package plugin_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/weirflow/weir/grafana-datasource/pkg/plugin"
)

// front is where the front end is.
const front = "../.."

// needs skips a test where a tool is missing, or fails it where nothing may be.
func needs(t *testing.T, tools ...string) {
	t.Helper()
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("WEIR_CI") != "" {
				t.Fatalf("%s is missing: scripts/setup test", tool)
			}
			t.Skipf("SKIPPED: %s is missing, the editors are not tested in a browser", tool)
		}
	}
}

// TestEditors mounts the real editors in a page whose data source is the backend before a real collector, and has a headless Chromium use
// them as a person does. With -update its pictures become the plugin's screenshots.
func TestEditors(t *testing.T) {
	needs(t, "npm", "node", "chromium")
	d := source(t, collector(t).URL)
	site := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	command(t, ctx, "../../../scripts/grafana-front", "modules")
	command(t, ctx, "npm", "run", "-s", "build", "--", "--env", "page", "--env", "out="+site)
	server := httptest.NewServer(page(t, d, site))
	defer server.Close()
	pictures := t.TempDir()
	if *update {
		pictures = "src/img"
	}
	command(t, ctx, "node", "tests/editors.mjs", server.URL, pictures)
}

// command runs a command in the front end's folder.
func command(t *testing.T, ctx context.Context, name string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = front
	if strings.HasPrefix(name, ".") {
		cmd.Path, _ = filepath.Abs(name)
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

// rangeOf is the range that a request names; the day where it names none.
func rangeOf(r *http.Request) backend.TimeRange {
	from, err := time.Parse(time.RFC3339, r.FormValue("from"))
	to, wrong := time.Parse(time.RFC3339, r.FormValue("to"))
	if err != nil || wrong != nil {
		return day
	}
	return backend.TimeRange{From: from, To: to}
}

// page serves the page and, as Grafana does, passes on what its data source asks.
func page(t *testing.T, d *plugin.Datasource, site string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `<!doctype html><meta charset="utf-8"><title>Weir</title><style>*{box-sizing:border-box}fieldset{border:0;margin:0;padding:0}</style><div id="root"></div><script src="/page.js"></script>`)
	})
	mux.Handle("GET /page.js", http.FileServer(http.Dir(site)))
	mux.HandleFunc("/resources/{path}", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		req := &backend.CallResourceRequest{Method: r.Method, Path: r.PathValue("path"), URL: r.PathValue("path"), Body: body}
		_ = d.CallResource(r.Context(), req, backend.CallResourceResponseSenderFunc(func(res *backend.CallResourceResponse) error {
			w.WriteHeader(res.Status)
			_, err := w.Write(res.Body)
			return err
		}))
	})
	mux.HandleFunc("POST /query", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		res, err := d.QueryData(r.Context(), requestOf(string(body), rangeOf(r)))
		if err != nil {
			t.Error(err)
		}
		_ = json.NewEncoder(w).Encode(res)
	})
	return mux
}
