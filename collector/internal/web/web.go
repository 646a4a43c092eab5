// Package web is the collector's own page, for those who have no Grafana at hand at 3 a.m.: alerts as they change, one host with its
// alerts, peers and sessions, the exporters' health, and a box for questions. It only reads, by the readers that the API asks. Pages
// are made on the server, hold no script and no style of their own and load nothing from elsewhere, as their Content-Security-Policy
// says; what they show comes from packets, and is escaped. Every view has an address, so that other tools can link to it.
package web

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pivot/link"
	"github.com/weirflow/weir/shared/query"
)

//go:embed templates/*.html
var templates embed.FS

//go:embed static
var static embed.FS

// Deps is what answers.
type Deps struct {
	Engine    query.Engine
	Sessions  query.SessionReader // nil: hosts have none
	Alerts    query.AlertReader
	Exporters query.ExporterReader
	Pivots    query.PivotReader          // links into other tools; nil: none
	Afford    func(query.Question) error // refuses what costs too much; nil: nothing does
	Now       func() time.Time
}

// Site is the pages. It has no state of its own.
type Site struct {
	deps  Deps
	reg   *flow.Registry
	pages [maxDepth + 1]map[string]*template.Template // by how deep their addresses are, and the name of the file
}

// New reads the templates.
func New(deps Deps) (*Site, error) {
	if deps.Engine == nil || deps.Alerts == nil || deps.Exporters == nil || deps.Now == nil {
		return nil, errors.New("the web page needs an engine, readers of alerts and exporters, and a clock")
	}
	if deps.Afford == nil {
		deps.Afford = func(query.Question) error { return nil }
	}
	s := &Site{deps: deps, reg: flow.NewRegistry()}
	for depth := range s.pages {
		s.pages[depth] = map[string]*template.Template{}
		for _, name := range []string{"alerts.html", "alert.html", "host.html", "exporters.html", "query.html", "error.html"} {
			t, err := template.New("layout.html").Funcs(formats(rootOf(depth))).ParseFS(templates, "templates/layout.html", "templates/parts.html", "templates/"+name)
			if err != nil {
				return nil, fmt.Errorf("page %s: %w", name, err)
			}
			s.pages[depth][name] = t
		}
	}
	return s, nil
}

// maxDepth is of the address of a page; only those of errors are that deep.
const maxDepth = 6

// rootOf leads from a page to where all pages are. Links are relative, so that a proxy can show the pages under any path.
func rootOf(depth int) string {
	if depth == 0 {
		return "./"
	}
	return strings.Repeat("../", depth)
}

// depthOf returns how deep the address of a page is: 0 for /query, 1 for /host/10.1.2.3.
func depthOf(r *http.Request) int {
	return min(maxDepth, max(0, strings.Count(r.URL.EscapedPath(), "/")-1))
}

// Pages returns the pages by their paths, which may have wildcards as those of [http.ServeMux] do. They answer GET.
func (s *Site) Pages() map[string]http.Handler {
	return map[string]http.Handler{
		"/{$}":          s.page(s.overview, "host", "from", "to"),
		link.PathAlerts: s.page(s.alerts, "host", "from", "to", "limit"),
		"/alert/{id}":   s.page(s.alert),
		"/host/{ip}":    s.page(s.host, "from", "to", "at", "skip"),
		"/host":         http.HandlerFunc(s.goToHost),
		"/exporters":    s.page(s.exporters),
		"/query":        s.page(s.query, "filter", "by", "measure", "interval", "from", "to", "limit"),
	}
}

// Files returns the style and the scripts by their patterns.
func (s *Site) Files() map[string]http.Handler {
	files := http.FileServerFS(static)
	return map[string]http.Handler{"GET /static/": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		protect(w.Header())
		w.Header().Set("Cache-Control", "no-cache")
		files.ServeHTTP(w, r)
	})}
}
