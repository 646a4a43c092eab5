package plugin_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/weirflow/weir/grafana-datasource/pkg/plugin"
	"github.com/weirflow/weir/shared/query"
)

// TestFailures: whatever goes wrong is said in words that name what to do, of panels as of the health check, and is nobody's fault but the
// collector's, the network's or the question's.
func TestFailures(t *testing.T) {
	tls := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(tls.Close)
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	slow := newFake(t)
	for _, c := range []struct {
		name, url, json string
		status          backend.Status
		says            string
	}{
		{"no URL", "", "{}", 400, "URL: is missing"},
		{"not a URL", "127.0.0.1:8474", "{}", 400, "write http://HOST:PORT"},
		{"nobody there", gone.URL, "{}", 502, "is it running"},
		{"no such name", "http://weir.invalid:8474", "{}", 502, "name is not known"},
		{"an unknown authority", tls.URL, "{}", 502, "With CA Cert"},
		{"no TLS there", "https" + strings.TrimPrefix(plain.URL, "http"), "{}", 502, "does not speak TLS"},
		{"TLS there", "http" + strings.TrimPrefix(tls.URL, "https"), "{}", 400, "not a Weir collector"},
		{"no token", refusing(t, 401, "authorization", "a token with the scope read is needed").URL, "{}", 401, "weir token create grafana"},
		{"a token without the scope", refusing(t, 403, "authorization", "the token x has the scope none").URL, "{}", 403, "the token may not do this"},
		{"another name", refusing(t, 421, "host", "\"weir\" is not this machine").URL, "{}", 421, "api.hosts"},
		{"too many questions", refusing(t, 429, "", "too many questions").URL, "{}", 429, "refresh less often"},
		{"too costly", refusing(t, 422, "cost", "beyond the budget").URL, "{}", 422, "cost: beyond the budget"},
		{"a fault of the collector", refusing(t, 500, "", "disk full").URL, "{}", 500, "disk full"},
		{"an old collector", refusing(t, 404, "path", "no such path").URL, "{}", 404, "update it"},
		{"a proxy", refusing(t, 502, "", "").URL, "{}", 502, "not a Weir collector"},
		{"a filter", refusing(t, 400, "filter", "column 5: no field source.prot; did you mean source.port?").URL, "{}", 400, "filter: column 5: no field source.prot; did you mean source.port?"},
		{"a slow collector", slow.URL, `{"timeout":1}`, 504, "did not answer in time"},
		{"bad settings", plain.URL, `{"timeInterval":"soon"}`, 400, "timeInterval"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := sourceOf(t, settingsOf(c.url, c.json, nil))
			res := ask(t, d, `{"queryType":"top"}`, day)
			if res.Error == nil || !strings.Contains(res.Error.Error(), c.says) {
				t.Errorf("panel: %v", res.Error)
			}
			if res.Status != c.status {
				t.Errorf("panel: status %d", res.Status)
			}
			if res.ErrorSource != backend.ErrorSourceDownstream {
				t.Errorf("panel: source %s", res.ErrorSource)
			}
			if c.name == "a slow collector" {
				return // it answers what the check asks
			}
			health, err := d.CheckHealth(t.Context(), &backend.CheckHealthRequest{})
			if err != nil || health.Status != backend.HealthStatusError || !strings.Contains(strings.ToLower(health.Message), strings.ToLower(c.says)) {
				t.Errorf("health: %+v, %v", health, err)
			}
		})
	}
}

// TestBadQueries: what is wrong with a query is said of it alone; others of the request are answered.
func TestBadQueries(t *testing.T) {
	f := newFake(t)
	close(f.answer)
	d := source(t, f.URL)
	back := backend.TimeRange{From: day.To, To: day.From}
	for _, c := range []struct {
		name, query string
		of          backend.TimeRange
		says        string
	}{
		{"not JSON", `{`, day, "query: cannot be read"},
		{"a type", `{"queryType":"sereis"}`, day, `queryType: no type "sereis"; did you mean series?`},
		{"a format", `{"queryType":"top","format":"logs"}`, day, `format: top has no format "logs": use table`},
		{"a measure", `{"queryType":"top","measure":"byte"}`, day, "measure: no measure byte; did you mean bytes?"},
		{"an interval", `{"interval":"5 minutes"}`, day, "interval:"},
		{"a least interval", `{"minInterval":"x"}`, day, "minInterval:"},
		{"a filter with ad-hoc filters", `{"filter":"source.prot : 1","adhoc":[{"key":"source.ip","operator":"=","value":"10.0.0.1"}]}`, day, "filter: column 1: no field source.prot; did you mean source.port?"},
		{"an ad-hoc filter", `{"adhoc":[{"key":"source.ip","operator":"=","value":"other"}]}`, day, "adhoc: source.ip = other: source.ip wants an address"},
		{"an ad-hoc field", `{"adhoc":[{"key":"host","operator":"=","value":"x"}]}`, day, "adhoc: no field host"},
		{"an ad-hoc operator", `{"adhoc":[{"key":"source.ip","operator":"~","value":"x"}]}`, day, "adhoc: no operator"},
		{"a count", `{"queryType":"alerts","format":"count","by":["title"]}`, day, "by: alerts are counted by"},
		{"a value", `{"queryType":"exporters","format":"numeric","value":"silence"}`, day, "value: no value"},
		{"a range", `{}`, back, "its beginning is not before its end"},
	} {
		req := &backend.QueryDataRequest{Queries: []backend.DataQuery{queryOf("bad", c.query, c.of), queryOf("good", `{"queryType":"top"}`, day), queryOf("off", `{"hide":true}`, day)}}
		res, err := d.QueryData(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		bad, good := res.Responses["bad"], res.Responses["good"]
		if bad.Error == nil || !strings.Contains(bad.Error.Error(), c.says) || bad.Status != 400 || bad.ErrorSource != backend.ErrorSourceDownstream {
			t.Errorf("%s: %v, status %d, %s", c.name, bad.Error, bad.Status, bad.ErrorSource)
		}
		if _, shown := res.Responses["off"]; shown || good.Error != nil || len(good.Frames) != 1 {
			t.Errorf("%s: others %+v", c.name, res.Responses)
		}
	}
}

// TestCertificates: TLS with an authority of one's own, as settings have it.
func TestCertificates(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(oneRow)) }))
	t.Cleanup(s.Close)
	authority := plugin.PEM(s.Certificate().Raw)
	d := sourceOf(t, settingsOf(s.URL, `{"tlsAuthWithCACert":true,"serverName":"example.com"}`, map[string]string{"tlsCACert": authority}))
	if res := ask(t, d, `{"queryType":"top"}`, day); res.Error != nil {
		t.Error(res.Error)
	}
	d = sourceOf(t, settingsOf(s.URL, `{"tlsAuthWithCACert":true,"serverName":"weir.example.net"}`, map[string]string{"tlsCACert": authority}))
	if res := ask(t, d, `{"queryType":"top"}`, day); res.Error == nil || !strings.Contains(res.Error.Error(), "for another name") {
		t.Error(res.Error)
	}
}

// TestHealth: a collector without data works, and is told so.
func TestHealth(t *testing.T) {
	for _, c := range []struct {
		name, exporters, says string
		status                backend.HealthStatus
		paths                 string
	}{
		{"without data", `[]`, "has received nothing yet", backend.HealthStatusOk, ""},
		{"quiet", `[{"ip":"192.0.2.1","last_seen":"2026-01-02T03:04:05Z"}]`, "since 2026-01-02 03:04 UTC", backend.HealthStatusOk, ""},
		{"one exporter", `[{"ip":"192.0.2.1","last_seen":"` + time.Now().UTC().Format(time.RFC3339) + `"}]`, "1 exporter sends flows", backend.HealthStatusOk, ""},
		{"several", `[{"ip":"192.0.2.1","last_seen":"` + time.Now().UTC().Format(time.RFC3339) + `"},{"ip":"192.0.2.2"}]`, "2 exporters", backend.HealthStatusOk, ""},
		{"too old", `[]`, "does not know /api/v1/graph, ", backend.HealthStatusError, `"/api/v1/aggregate":{},"/api/v1/values":{}`},
	} {
		if c.paths == "" {
			for _, p := range plugin.Needed {
				c.paths += `"` + p + `":{},`
			}
			c.paths = strings.TrimSuffix(c.paths, ",")
		}
		mux := http.NewServeMux()
		for path, answer := range map[string]string{"/api/v1/openapi.json": `{"paths":{` + c.paths + `}}`, "/api/v1/collector": `{"commit_errors":2}`, "/api/v1/exporters": c.exporters} {
			mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(answer)) })
		}
		s := httptest.NewServer(mux)
		res, err := source(t, s.URL).CheckHealth(t.Context(), &backend.CheckHealthRequest{})
		if err != nil || res.Status != c.status || !strings.Contains(res.Message, c.says) {
			t.Errorf("%s: %+v, %v", c.name, res, err)
		}
		if c.status == backend.HealthStatusOk && (!strings.Contains(res.Message, "failed 2 times") || len(res.JSONDetails) == 0) {
			t.Errorf("%s: %s", c.name, res.Message)
		}
		s.Close()
	}
}

// TestRowsTellOfLoss: records do not carry what is missing, so another question about the same range is asked for it. What was lost at
// another time is no matter of the panel; of a collector that does not know when it was, it is.
func TestRowsTellOfLoss(t *testing.T) {
	for loss, want := range map[string]string{
		`{"gaps":13,"kernel_drops":3,"dropped":4}`:                                                    "The collector knows of losses, in all: 13 lost between",
		`{"gaps":13,"kernel_drops":3,"dropped":4,"in_range":{"gaps":0,"kernel_drops":0,"dropped":0}}`: "",
		`{"gaps":13,"kernel_drops":3,"dropped":4,"in_range":{"gaps":2,"kernel_drops":0,"dropped":0}}`: "Lost at about this time: 2 lost between",
	} {
		mux := http.NewServeMux()
		mux.HandleFunc("/api/v1/records", func(http.ResponseWriter, *http.Request) {})
		mux.HandleFunc("/api/v1/aggregate", func(w http.ResponseWriter, r *http.Request) {
			var q query.Question
			if err := json.NewDecoder(r.Body).Decode(&q); err != nil || !q.From.Equal(day.From) || !q.To.Equal(day.To) {
				t.Errorf("%+v, %v", q, err)
			}
			_, _ = w.Write([]byte(`{"columns":[{"name":"flows","type":"unsigned"}],"rows":[[7]],"exactness":"exact","loss":` + loss + `}`))
		})
		s := httptest.NewServer(mux)
		for _, kind := range []string{"records", "top"} {
			notices := must(t, source(t, s.URL), `{"queryType":"`+kind+`"}`, day).Frames[0].Meta.Notices
			if want == "" && len(notices) > 0 || want != "" && (len(notices) != 1 || !strings.Contains(notices[0].Text, want)) {
				t.Errorf("%s, %s: %+v", kind, loss, notices)
			}
		}
		s.Close()
	}
}
