package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/api"
	"github.com/weirflow/weir/collector/internal/settings"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/query/conformance"
)

// everything serves all routes over a few records.
func everything(t *testing.T) *httptest.Server {
	t.Helper()
	deps := over(conformance.NewReference(filtertest.RandomBatch(rand.New(rand.NewPCG(1, 2)), 50)))
	deps.Interfaces, deps.Tokens, deps.Settings, deps.Captures = conformance.NewInterfaceReference(nil), noTokens{}, changeable(t, exampleConfig(t)), t.TempDir()
	deps.Collector, deps.Pivots, deps.Sealer = idle{}, idle{}, idle{}
	return serve(t, api.DefaultConfig(), deps)
}

func exampleConfig(t *testing.T) config.Config {
	t.Helper()
	cfg, err := config.Parse("weir.example.yaml", []byte(config.Example))
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// changeable are settings that can be changed, without a collector.
func changeable(t *testing.T, cfg config.Config) *settings.Manager {
	t.Helper()
	m, err := settings.Open(settings.Config{Dir: t.TempDir(), File: cfg}, settings.Deps{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	m.Attach(func(config.Config) (func(context.Context) error, error) {
		return func(context.Context) error { return nil }, nil
	})
	return m
}

// idle is a collector that receives nothing and links to nothing.
type idle struct{}

func (idle) Collector(context.Context) (query.Collector, error) { return query.Collector{}, nil }
func (idle) Seal(context.Context) (query.Sealed, error)         { return query.Sealed{}, nil }
func (idle) Pivots(_ context.Context, q query.PivotQuestion) ([]flow.AlertPivot, error) {
	if q.Subject == "" {
		return nil, &query.Error{Part: "subject", Text: "is missing"}
	}
	return nil, nil
}

// operation is a method of a path of the document, with the schema of its body.
type operation struct {
	method, path string
	body         map[string]any // nil: none
}

// operations reads the document.
func operations(t *testing.T) (list []operation) {
	t.Helper()
	text, err := api.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	for path, item := range doc["paths"].(map[string]any) {
		for method, op := range item.(map[string]any) {
			o := operation{method: strings.ToUpper(method), path: path}
			if ref, ok := at(op, "requestBody", "content", query.TypeJSON, "schema", "$ref").(string); ok {
				o.body = at(doc, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...).(map[string]any)
			}
			list = append(list, o)
		}
	}
	slices.SortFunc(list, func(a, b operation) int { return strings.Compare(a.path+a.method, b.path+b.method) })
	return list
}

// spoiled returns a request that breaks what the document says, and what it breaks.
func spoiled(r *rand.Rand, o operation) (method, target, kind, body, what string) {
	method, target, kind, body = o.method, strings.NewReplacer("{id}", "0a1b", "{name}", "a", "{version}", "x").Replace(o.path), query.TypeJSON, "{}"
	if o.body == nil {
		body = ""
	}
	choices := []func(){
		func() {
			what, method = "method", []string{"PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "LOCK", "get"}[r.IntN(7)]
		},
		func() { what, target = "path", target+"/"+url.PathEscape("x"+noise(r)) },
		func() {
			what, target = "parameter", target+"?x"+url.QueryEscape(noise(r))+"="+url.QueryEscape(noise(r))
		},
	}
	if o.body != nil {
		properties := o.body["properties"].(map[string]any)
		names := make([]string, 0, len(properties))
		for name := range properties {
			names = append(names, name)
		}
		slices.Sort(names)
		choices = append(choices,
			func() {
				what, kind = "content type", []string{"", "text/plain", "application/xml", "application/json/x", "a=b", "multipart/form-data"}[r.IntN(6)]
			},
			func() { what, body = "JSON", spoiledJSON(r) },
			func() {
				what, body = "unknown member", fmt.Sprintf(`{"%s%d": 1}`, names[r.IntN(len(names))], r.IntN(10))
			},
			func() {
				name := names[r.IntN(len(names))]
				what, body = "value of "+name, fmt.Sprintf(`{%q: %s}`, name, wrongValue(r, properties[name].(map[string]any)))
			},
		)
		choices = append(choices, choices[6], choices[6], choices[4]) // these have the most ways to be wrong
	}
	choices[r.IntN(len(choices))]()
	return method, target, kind, body, what
}

// noise is text of all kinds of characters.
func noise(r *rand.Rand) string {
	var b strings.Builder
	runes := []rune("aZ0.-_%'\"\\;:/ \x00\x7f\n{}[]<>$*ä€😀\u202e")
	for range 1 + r.IntN(12) {
		b.WriteRune(runes[r.IntN(len(runes))])
	}
	return b.String()
}

func spoiledJSON(r *rand.Rand) string {
	quoted, _ := json.Marshal(noise(r))
	return []string{
		"", " ", "null", "true", "1e999", "[]", "[{}]", "{", "}", `{"filter"`, `{"filter":}`, `{"filter":"a",}`, `{'filter':'a'}`, `{} {}`, `{}x`,
		string(quoted), "{" + string(quoted) + "}", noise(r) + "{", strings.Repeat("[", 20_000), `{"by":` + strings.Repeat("[", 20_000), "\xff\xfe{}", "\ufeff{}",
		`{"filter": "` + "\x01" + `"}`, strings.Repeat(" ", 1<<20+1),
	}[r.IntN(24)]
}

// wrongValue is a value in JSON that a schema does not allow.
func wrongValue(r *rand.Rand, schema map[string]any) string {
	kind, _ := schema["type"].(string)
	if list, ok := schema["type"].([]any); ok {
		kind, _ = list[0].(string)
	}
	wrong := map[string][]string{
		"string":  {"1", "true", "{}", "[]", "-1.5"},
		"integer": {`"1"`, "true", "{}", "[]", "1.5", "1e400", "-1", "99999999999999999999"},
		"number":  {`"1"`, "true", "{}", "[]", "1e400", "-1", "101"},
		"boolean": {`"true"`, "1", "{}", "[]"},
		"array":   {`"source.ip"`, "1", "true", "{}", "[true]", "[null, {}]"},
		"object":  {`"a"`, "1", "true", `[{}]`},
		"":        {"true", "[]", `"\u0000"`}, // of several types
	}[kind]
	if kind == "string" && schema["format"] == "date-time" {
		wrong = append(wrong, `"yesterday"`, `""`, `"2026-13-01T00:00:00Z"`, `"2026-03-02"`, `"99999-01-01T00:00:00Z"`)
	}
	if _, ok := schema["maximum"]; ok && kind == "integer" {
		wrong = append(wrong, "1000000000000")
	}
	if _, ok := schema["enum"]; ok {
		wrong = append(wrong, `"bites"`, `"BYTES"`, `"a\u0000b"`)
	}
	return wrong[r.IntN(len(wrong))]
}

// TestMalformedRequests: whatever is wrong with a request, it is answered with 4xx and a failure in JSON, and never taken.
func TestMalformedRequests(t *testing.T) {
	s, list, r := everything(t), operations(t), rand.New(rand.NewPCG(7, 7))
	const count = 2000
	for i := range count {
		method, target, kind, body, what := spoiled(r, list[i%len(list)])
		req, err := http.NewRequestWithContext(t.Context(), method, s.URL+target, strings.NewReader(body))
		if err != nil {
			t.Fatalf("%s %q: %v", method, target, err)
		}
		req.Header.Set("Content-Type", kind)
		res, err := s.Client().Do(req)
		if err != nil {
			t.Fatalf("%s %q: %v", method, target, err)
		}
		answer, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || res.StatusCode < 400 || res.StatusCode >= 500 {
			t.Errorf("%s: %s %s %.200q: %d %.300s (%v)", what, method, target, body, res.StatusCode, answer, err)
			continue
		}
		checkFailure(t, res.StatusCode, res.Header, string(answer))
	}
}

// TestSchemathesis: another program's idea of malformed requests and of what a document promises. make setup installs it.
func TestSchemathesis(t *testing.T) {
	program, err := filepath.Abs("../../../.tools/schemathesis/bin/schemathesis")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(program); err != nil {
		if os.Getenv("WEIR_CI") != "" {
			t.Fatalf("schemathesis is missing: make setup installs it (%v)", err)
		}
		t.Skip("SKIPPED: schemathesis is not there: make setup installs it into .tools")
	}
	s := everything(t)
	cmd := exec.CommandContext(t.Context(), program, "run", s.URL+api.PathOpenAPI, "--url", s.URL, "--phases", "fuzzing,coverage", "--mode", "all",
		"--max-examples", "60", "--seed", "7", "--generation-deterministic", "--no-color", "--warnings", "off",
		"--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,negative_data_rejection,unsupported_method",
		"--exclude-path", query.PathAlertStream)
	cmd.Dir = t.TempDir()
	text, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, text)
	}
}
