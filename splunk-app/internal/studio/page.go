package studio

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
)

// View is a view of the app: the wrapper around a dashboard's definition.
type View struct {
	Version    string `xml:"version,attr"`
	Theme      string `xml:"theme,attr"`
	Label      string `xml:"label"`
	Definition string `xml:"definition"`
}

// ReadView reads NAME.xml of a folder of views.
func ReadView(folder, name string) (*View, error) {
	data, err := os.ReadFile(filepath.Join(folder, name+".xml")) //nolint:gosec // a folder of the sources
	if err != nil {
		return nil, fmt.Errorf("read a view: %w", err)
	}
	v := &View{}
	if err := xml.Unmarshal(data, v); err != nil {
		return nil, fmt.Errorf("view %s: %w", name, err)
	}
	if !json.Valid([]byte(v.Definition)) {
		return nil, fmt.Errorf("view %s: its definition is no JSON", name)
	}
	return v, nil
}

// config is what Splunk Web tells its pages: where splunkd is, and the time zone, which is UTC.
const config = `{SPLUNKD_PATH:'/splunkd',LOCALE:'en-US',MRSPARKLE_ROOT_PATH:'/',BUILD_NUMBER:'1',SERVER_ZONEINFO:'### SERIALIZED TIMEZONE FORMAT 1.0;Y0 N 55 54 43;'}`

// Handler serves /app/weir/NAME for the views of a folder, the bundle of page/ in a folder, and splunkd.
func Handler(views, bundle string, splunkd http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/splunkd/", splunkd)
	mux.Handle("GET /bundle/", http.StripPrefix("/bundle/", http.FileServer(http.Dir(bundle))))
	mux.HandleFunc("GET /app/weir/{name}", func(w http.ResponseWriter, r *http.Request) {
		v, err := ReadView(views, r.PathValue("name"))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprintf(w, `<!doctype html><html lang="en"><meta charset="utf-8"><title>%s</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/bundle/page.css">
<style>html,body{margin:0;background:#171d21}</style><div id="root"></div><script>window.$C=%s;window.THEME=%q;window.DEFINITION=%s</script><script src="/bundle/page.js"></script></html>`,
			v.Label, config, v.Theme, v.Definition)
	})
	return mux
}
