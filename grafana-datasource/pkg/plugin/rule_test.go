//go:build cgo

package plugin_test

import (
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// TestAlertRules: an alert rule gets, whatever format the query has, what server-side expressions take: wide or multi series whose numbers
// have labels, or texts and exactly one number.
func TestAlertRules(t *testing.T) {
	d := source(t, collector(t).URL)
	for i, c := range []struct{ query, kind, labels string }{
		{`{"measure":"bps","by":["weir.destination.group"],"interval":"10m"}`, "wide", "weir.destination.group"},
		{`{"measure":"bps","format":"table","interval":"10m"}`, "wide", ""},
		{`{"measure":"bps","format":"multi","by":["network.transport"],"interval":"10m"}`, "multi", "network.transport"},
		{`{"queryType":"top","by":["source.ip"],"more":["packets","flows"],"percent":true}`, "numeric", "source.ip"},
		{`{"queryType":"top"}`, "numeric", ""},
		{`{"queryType":"alerts"}`, "numeric", "severity_label"},
		{`{"queryType":"alerts","format":"logs","by":["detector"]}`, "numeric", "detector"},
		{`{"queryType":"alerts","format":"wide"}`, "wide", "severity_label"},
		{`{"queryType":"exporters"}`, "numeric", "exporter"},
		{`{"queryType":"interfaces","value":"flow_bps"}`, "numeric", "exporter"},
		{`{"queryType":"interfaces","format":"points","value":"flow_bps"}`, "multi", "exporter"},
	} {
		req := requestOf(c.query, hour)
		req.Headers = map[string]string{"FromAlert": "true"}
		if i%2 == 1 { // an expression over the query, in a dashboard
			req.Headers = nil
			req.SetHTTPHeader("X-Grafana-From-Expr", "true")
		}
		res := askRequest(t, d, req)
		if res.Error != nil || len(res.Frames) == 0 {
			t.Errorf("%s: %v", c.query, res.Error)
			continue
		}
		for _, f := range res.Frames {
			checkRuleFrame(t, c.query, c.kind, c.labels, f)
		}
	}
	for _, typ := range []string{"records", "sessions", "graph"} {
		req := requestOf(`{"queryType":"`+typ+`"}`, hour)
		req.Headers = map[string]string{"FromAlert": "true"}
		if res := askRequest(t, d, req); res.Error == nil || !strings.Contains(res.Error.Error(), "use top or series") || res.Status != backend.StatusBadRequest {
			t.Errorf("%s: %v", typ, res.Error)
		}
	}
}

// TestRuleInterval: a rule that names no interval has buckets of a minute, a panel those of its width.
func TestRuleInterval(t *testing.T) {
	d := source(t, collector(t).URL)
	req := requestOf(`{}`, hour)
	req.Queries[0].Interval, req.Queries[0].MaxDataPoints = time.Second, 43200 // as Grafana asks for rules
	if res := askRequest(t, d, req); res.Frames[0].Rows() != 3600 {
		t.Errorf("panel: %d points", res.Frames[0].Rows())
	}
	req.Headers = map[string]string{"FromAlert": "true"}
	if res := askRequest(t, d, req); res.Frames[0].Rows() != 60 {
		t.Errorf("rule: %d points", res.Frames[0].Rows())
	}
}

func checkRuleFrame(t *testing.T, query, kind, label string, f *data.Frame) {
	t.Helper()
	var times, numbers, texts int
	for _, field := range f.Fields {
		switch field.Type() {
		case data.FieldTypeTime:
			times++
		case data.FieldTypeNullableFloat64:
			numbers++
			if _, ok := field.Labels[label]; kind != "numeric" && label != "" && !ok {
				t.Errorf("%s: no label %s", query, label)
			}
		case data.FieldTypeString:
			texts++
		default:
			t.Errorf("%s: %s is %s", query, field.Name, field.Type())
		}
	}
	bad := false
	switch kind {
	case "wide":
		bad = times != 1 || numbers == 0 || texts > 0
	case "multi":
		bad = times != 1 || numbers != 1 || texts > 0
	case "numeric":
		field, _ := f.FieldByName(label)
		bad = times != 0 || numbers != 1 || label != "" && (field == nil || f.Rows() == 0)
	}
	if bad {
		t.Errorf("%s: %d times, %d numbers, %d texts, %d rows", query, times, numbers, texts, f.Rows())
	}
}
