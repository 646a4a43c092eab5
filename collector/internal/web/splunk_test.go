package web_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/pivot"
)

// TestSplunkLinks: what workflow actions of Splunk link to, filled in as Splunk does, are pages: percent-encoded, _time as Splunk Web writes it.
func TestSplunkLinks(t *testing.T) {
	const site = "https://weir.example.org"
	text, err := pivot.WorkflowActions(pivot.Config{Collector: site})
	if err != nil {
		t.Fatal(err)
	}
	base, found := serve(t, deps()), 0
	form := regexp.MustCompile(`\$\w+\$`)
	for _, values := range []map[string]string{
		{"src": "10.1.2.3", "_time": "2026-03-02T10:03:20.250+01:00", "id": "a1", "window_start": "1772442120", "window_end": "1772442300"},
		{"src": "2001:db8::7", "_time": "1772442200.250000", "id": "a2", "window_start": "1772442120", "window_end": "1772442300"},
	} {
		for _, name := range []string{"dest", "ip", "src_ip", "dest_ip", "dvc"} {
			values[name] = values["src"]
		}
		for line := range strings.Lines(text) {
			link, ok := strings.CutPrefix(strings.TrimSpace(line), "link.uri = "+site)
			if !ok {
				continue
			}
			found++
			link = form.ReplaceAllStringFunc(link, func(f string) string {
				value, known := values[strings.Trim(f, "$")]
				if !known {
					t.Errorf("%s: nothing fills %s in", link, f)
				}
				return url.QueryEscape(value)
			})
			res, body := browse(t, base+link)
			if res.StatusCode != 200 || strings.HasPrefix(link, "/host/") && !strings.Contains(body, "2026-03-02") {
				t.Errorf("%s: %s", link, res.Status)
			}
		}
	}
	if found != 2*(6+2+1) {
		t.Errorf("%d links", found)
	}
}
