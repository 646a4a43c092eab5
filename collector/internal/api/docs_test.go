package api_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirflow/weir/collector/internal/api"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query/conformance"
)

var update = flag.Bool("update", false, "write docs/api/openapi.json anew")

const openapiFile = "../../../docs/api/openapi.json"

// TestOpenAPIDoc: docs/api/openapi.json is what the routes and types say, and what is served.
func TestOpenAPIDoc(t *testing.T) {
	want, err := api.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.MkdirAll(filepath.Dir(openapiFile), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(openapiFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(openapiFile)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is stale: run make docs (%v)", openapiFile, err)
	}
	s := serve(t, api.DefaultConfig(), over(conformance.NewReference(flow.NewBatch(0, flow.NewSymbols()))))
	if status, body := ask(t, s, http.MethodGet, api.PathOpenAPI, "", ""); status != http.StatusOK || body != string(want) {
		t.Errorf("served: %d, %d bytes", status, len(body))
	}
}

// TestOpenAPIRefersToWhatIsThere: every $ref has its schema, and every operation a name of its own and failures of one shape.
func TestOpenAPIRefersToWhatIsThere(t *testing.T) {
	text, err := api.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, each := range v {
				walk(each)
			}
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok && at(doc, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...) == nil {
				t.Errorf("%s refers to nothing", ref)
			}
			for _, each := range v {
				walk(each)
			}
		}
	}
	walk(doc)
	names := map[string]bool{}
	for path, item := range doc["paths"].(map[string]any) {
		for method, op := range item.(map[string]any) {
			name, _ := at(op, "operationId").(string)
			if name == "" || names[name] || at(op, "responses", "200") == nil {
				t.Errorf("%s %s: name %q, answers %v", method, path, name, at(op, "responses"))
			}
			names[name] = true
			for status, answer := range at(op, "responses").(map[string]any) {
				if ref := at(answer, "content", "application/json", "schema", "$ref"); status != "200" && ref != "#/components/schemas/Failure" {
					t.Errorf("%s %s %s: %v", method, path, status, ref)
				}
			}
		}
	}
}

// at returns what is under keys of nested objects, or nil.
func at(v any, keys ...string) any {
	for _, k := range keys {
		m, _ := v.(map[string]any)
		v = m[k]
	}
	return v
}
