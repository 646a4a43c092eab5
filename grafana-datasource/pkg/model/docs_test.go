package model_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/weirflow/weir/grafana-datasource/pkg/model"
)

// TestDocsQueries: every query in the guide is one.
func TestDocsQueries(t *testing.T) {
	text, err := os.ReadFile("../../../docs/grafana.md")
	if err != nil {
		t.Fatal(err)
	}
	queries, variables := 0, 0
	for _, found := range regexp.MustCompile("[`\n](\\{\".*\\})[`\n]").FindAllStringSubmatch(string(text), -1) {
		dec := json.NewDecoder(strings.NewReader(found[1]))
		dec.DisallowUnknownFields()
		if strings.Contains(found[1], `"kind"`) {
			var v model.VariableQuery
			if err := dec.Decode(&v); err != nil {
				t.Errorf("%s: %v", found[1], err)
			}
			variables++
			continue
		}
		var q model.Query
		if err := dec.Decode(&q); err != nil {
			t.Errorf("%s: %v", found[1], err)
		}
		q, err := model.Parse([]byte(found[1]))
		if err == nil {
			_, err = q.Aggregate(hour)
		}
		if err != nil || !model.ParseFilter(q.Filter, false).OK {
			t.Errorf("%s: %v", found[1], err)
		}
		queries++
	}
	if queries < 6 || variables < 1 {
		t.Errorf("%d queries, %d variables", queries, variables)
	}
}
