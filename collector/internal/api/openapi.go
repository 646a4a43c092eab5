package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// Version is the version of the API's description.
const Version = "1.0.0"

// schemas is under which the document has its schemas.
const schemas = "#/components/schemas/"

// record and session stand for lines whose members are those of the field registry, and of a session's JSON.
type (
	record  struct{}
	session struct{}
)

// OpenAPI returns the OpenAPI 3.1 document of all routes, generated from the Go types, as indented JSON.
func OpenAPI() ([]byte, error) {
	routes := (&handler{}).routes()
	d := description{registry: huma.NewMapRegistry(schemas, schemaName)}
	doc := &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title: "Weir", Version: Version, License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"},
			Description: "Questions to a Weir collector. Beyond loopback a bearer token is needed (`weir token create`).",
		},
		Servers: []*huma.Server{{URL: "http://127.0.0.1:8474", Description: "a collector with its default configuration"}},
		Paths:   map[string]*huma.PathItem{},
		Components: &huma.Components{
			Schemas:         d.registry,
			SecuritySchemes: map[string]*huma.SecurityScheme{"token": {Type: "http", Scheme: "bearer", Description: "made by `weir token create`"}},
		},
		Security: []map[string][]string{{}, {"token": {}}},
	}
	for i := range routes {
		d.describe(doc.Paths, &routes[i])
	}
	d.refine()
	text, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("write OpenAPI document: %w", err)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", "  "); err != nil {
		return nil, fmt.Errorf("write OpenAPI document: %w", err)
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// schemaName names a type's schema: those of other packages than query have the package in front, as names repeat.
func schemaName(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	pkg := path.Base(t.PkgPath())
	switch {
	case t.Name() == "":
		return hint
	case pkg == "query" || pkg == "api" || strings.EqualFold(pkg, t.Name()):
		return strings.ToUpper(t.Name()[:1]) + t.Name()[1:]
	}
	return strings.ToUpper(pkg[:1]) + pkg[1:] + t.Name()
}

// description is a document being made.
type description struct{ registry huma.Registry }

func (d *description) schema(t reflect.Type, hint string) *huma.Schema {
	return d.registry.Schema(t, true, hint)
}

func (d *description) describe(paths map[string]*huma.PathItem, rt *route) {
	op := &huma.Operation{OperationID: rt.name, Summary: rt.summary, Responses: d.failures(rt)}
	op.Responses["200"] = &huma.Response{Description: "the answer", Content: map[string]*huma.MediaType{rt.media: d.answer(rt)}}
	if rt.arrow {
		op.Responses["200"].Content[typeArrow] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	}
	if rt.asks != nil {
		op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
			query.TypeJSON: {Schema: d.schema(rt.asks, rt.name), Example: map[string]any{}},
		}}
	}
	op.Parameters = rt.parameters()
	if rt.media == typeEvents {
		op.Parameters = append(op.Parameters, &huma.Param{Name: "Last-Event-ID", In: "header", Description: "the last event that was received: those after it come first", Schema: &huma.Schema{Type: huma.TypeString}})
	}
	if paths[rt.path] == nil {
		paths[rt.path] = &huma.PathItem{}
	}
	switch rt.method {
	case http.MethodGet:
		paths[rt.path].Get = op
	case http.MethodPost:
		paths[rt.path].Post = op
	case http.MethodPut:
		paths[rt.path].Put = op
	case http.MethodDelete:
		paths[rt.path].Delete = op
	}
}

// parameters are those of the path, of the query string, and the headers that are conditions of changes.
func (rt *route) parameters() (list []*huma.Param) {
	text := func(name, in string, required bool) {
		list = append(list, &huma.Param{Name: name, In: in, Required: required, Description: paramDocs[name], Schema: &huma.Schema{Type: huma.TypeString}})
	}
	for _, name := range []string{"id", "name", "version"} {
		if strings.Contains(rt.path, "{"+name+"}") {
			text(name, "path", true)
		}
	}
	for _, name := range rt.params {
		text(name, "query", false)
	}
	if rt.changes {
		for i := range list {
			if list[i].Name == paramDryRun {
				list[i].Schema = &huma.Schema{Type: huma.TypeBoolean}
			}
		}
		text("If-Match", "header", false)
		text("If-None-Match", "header", false)
	}
	return list
}

func (d *description) answer(rt *route) *huma.MediaType {
	if rt.gives == nil {
		return &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}}
	}
	return &huma.MediaType{Schema: d.schema(rt.gives, rt.name)}
}

// failures are the answers that are no success; all have one shape.
func (d *description) failures(rt *route) map[string]*huma.Response {
	texts := map[int]string{
		http.StatusBadRequest: "something is wrong with the question", http.StatusUnauthorized: "the token is missing, wrong or has expired", http.StatusForbidden: "the token's scope does not reach so far",
		http.StatusNotFound: "there is no such thing here", http.StatusMethodNotAllowed: "another method is wanted",
		http.StatusMisdirectedRequest: "the Host header names another server",
		http.StatusTooManyRequests:    "too many questions of one token at a time", http.StatusInternalServerError: "a fault of the collector",
		http.StatusServiceUnavailable: "too many questions at a time, or too much to hold", http.StatusGatewayTimeout: "the answer took too long",
	}
	if rt.asks != nil {
		texts[http.StatusRequestEntityTooLarge], texts[http.StatusUnsupportedMediaType] = "the question is too long", "the question is not sent as JSON"
		texts[http.StatusUnprocessableEntity], texts[http.StatusRequestTimeout] = "the question costs more than the budget", "the question arrives too slowly"
	}
	if rt.unbounded {
		delete(texts, http.StatusTooManyRequests)
		delete(texts, http.StatusGatewayTimeout)
	}
	if rt.admin {
		texts[http.StatusServiceUnavailable] = "there is not enough memory for it at the moment"
	}
	if rt.changes {
		texts[http.StatusConflict], texts[http.StatusPreconditionFailed] = "weir.yaml has it, so that it is changed there", "it is not as If-Match or If-None-Match say"
		texts[http.StatusUnprocessableEntity] = "it is too much, or the collector cannot take it"
	}
	failure := &huma.MediaType{Schema: d.schema(reflect.TypeFor[query.Failure](), "Failure")}
	list := map[string]*huma.Response{}
	for status, text := range texts {
		list[strconv.Itoa(status)] = &huma.Response{Description: text, Content: map[string]*huma.MediaType{query.TypeJSON: failure}}
	}
	return list
}

// refine adds what Go types do not say.
func (d *description) refine() {
	all := d.registry.Map()
	for name, s := range all {
		s.AdditionalProperties = nil // answers may get more members
		d.nullable(s, d.registry.TypeFromRef(schemas+name))
	}
	for name, doc := range questionDocs {
		if s := all["Question"].Properties[name]; s != nil {
			s.Description = doc
		}
	}
	for part, list := range words {
		for _, word := range list {
			all["Question"].Properties[part].Enum = append(all["Question"].Properties[part].Enum, word)
		}
	}
	for _, name := range []string{"Question", "AlertQuestion", "InterfaceQuestion", "PivotQuestion", "ValuesQuestion", "GraphQuestion"} {
		refineQuestion(all[name])
	}
	all["PivotQuestion"].Required = []string{"subject"}
	all["ValuesQuestion"].Required = []string{"field"}
	edges := float64(query.MaxEdges)
	all["GraphQuestion"].Properties["limit"].Maximum = &edges
	refineSettings(all)
	all["Record"] = recordSchema()
	all["Session"] = sessionSchema()
}

// refineSettings says of the values of settings what the reader of weir.yaml takes.
func refineSettings(all map[string]*huma.Schema) {
	for _, t := range []any{
		config.InsideValue{}, config.GroupValue{}, config.PolicyValue{}, config.ScheduleValue{}, config.ExporterValue{}, config.FirewallValue{},
		config.DomainValue{}, config.InterfaceValue{}, config.PivotValue{}, query.SettingEdits{}, query.SettingEdit{},
	} {
		s := all[schemaName(reflect.TypeOf(t), "")]
		s.AdditionalProperties = false
		for name, p := range s.Properties {
			p.Nullable = p.Type == huma.TypeObject
			if of, ok := p.AdditionalProperties.(*huma.Schema); ok {
				p.AdditionalProperties = orNull(of)
			}
			if p.Ref != "" {
				s.Properties[name] = orNull(p)
			}
		}
	}
	for _, kind := range config.SettingKinds() {
		p := all["SettingEdit"].Properties["kind"]
		p.Enum = append(p.Enum, string(kind))
	}
}

func orNull(s *huma.Schema) *huma.Schema {
	return &huma.Schema{AnyOf: []*huma.Schema{s, {Type: "null"}}, Description: s.Description}
}

// refineQuestion says what may be left out, and the bounds of numbers.
func refineQuestion(s *huma.Schema) {
	s.Required = nil // what is left out has its default
	s.AdditionalProperties = false
	for _, part := range []string{"limit", "offset", "interval"} {
		if p := s.Properties[part]; p != nil && p.Type == huma.TypeInteger {
			p.Minimum = new(float64)
		}
	}
	if p := s.Properties["limit"]; p != nil {
		most := float64(query.MaxLimit)
		p.Maximum = &most
	}
	for _, p := range s.Properties {
		p.Nullable = true // as if it were left out
		if p.Enum != nil {
			p.Enum = append(p.Enum, nil)
		}
	}
}

// nullable marks members that may be null and of which the schema does not say so: pointers to objects, and maps.
func (d *description) nullable(s *huma.Schema, t reflect.Type) {
	for i := range t.NumField() {
		name, options, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		p := s.Properties[name]
		if p == nil || strings.Contains(options, "omitempty") {
			continue
		}
		switch kind := t.Field(i).Type.Kind(); {
		case kind == reflect.Map:
			p.Nullable = true
		case kind == reflect.Pointer && p.Ref != "":
			s.Properties[name] = &huma.Schema{AnyOf: []*huma.Schema{{Ref: p.Ref}, {Type: "null"}}}
		}
	}
}

// questionDocs say what the members of a question are.
var questionDocs = map[string]string{
	"filter":     "in the filter language (docs/filter.md); left out: everything",
	"from":       "records from this @timestamp on; left out: from the first",
	"to":         "until before this @timestamp; left out: to the last",
	"by":         "fields to group by (docs/fields.md): a top list; left out: one total",
	"measure":    "what is summed or counted; left out: bytes",
	"field":      "the field of distinct",
	"limit":      "rows of a top list, or records; 0: 10 rows, 100 records",
	"offset":     "rows or records to leave out before the first",
	"all_copies": "whether other exporters' copies of a flow count, too",
	"exact":      "whether every record is to be read where the answer would be approximate otherwise",
	"invalid":    "only the records that were set aside as impossible",
	"more":       "further measures of the same records: bytes, packets, flows, bps, pps",
	"interval":   "makes a series: a number with a unit, s, m, h, d or w (docs/questions.md)",
	"zone":       "time zone in which days and weeks are cut, such as Europe/Berlin; left out: UTC",
	"fill":       "what a series has where there are no records; left out: zero",
	"compare":    "also what was this much earlier, such as 1d or 1w, and the change; from and to are needed",
	"percentile": "this percentile of the interval's sums or rates instead of a series",
	"direction":  "both: what went out of and came into what by and filter name by source. or destination.",
	"spread":     "lays bytes and packets of a series over the durations of the records",
}

// paramDocs say what the parameters of query strings are.
var paramDocs = map[string]string{
	"host":  "address of an actor or victim; left out: all",
	"from":  "alerts that overlap the time from then on: RFC 3339, seconds or milliseconds since 1970, or relative to now (now-1h)",
	"to":    "until before this time",
	"limit": "how many at most",

	"id":            "id of an alert",
	"name":          "name of the entry; of an exporter its address or CIDR, whose / is written %2F",
	"version":       "number of a version",
	paramDryRun:     "true: only say what would be different",
	"If-Match":      "change only what has this version tag (ETag): 412 where somebody else has changed it",
	"If-None-Match": "*: only make what is not there",
}

func recordSchema() *huma.Schema {
	s := &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{}, Description: "Canonical fields (docs/fields.md); those that a record does not have are left out."}
	for _, f := range flow.NewRegistry().Fields() {
		if f.Scope != flow.ScopeRecord || strings.HasPrefix(f.Name, "related.") {
			continue
		}
		p := fieldSchema(f.Kind)
		if f.List {
			p = &huma.Schema{Type: huma.TypeArray, Items: p}
		}
		p.Description = f.Doc
		s.Properties[f.Name] = p
	}
	return s
}

func fieldSchema(k flow.Kind) *huma.Schema {
	switch k {
	case flow.KindUint, flow.KindInt:
		return &huma.Schema{Type: huma.TypeInteger, Format: "int64"}
	case flow.KindFloat:
		return &huma.Schema{Type: huma.TypeNumber, Format: "double"}
	case flow.KindTime:
		return &huma.Schema{Type: huma.TypeString, Format: "date-time"}
	case flow.KindObject:
		return &huma.Schema{Type: huma.TypeObject}
	}
	return &huma.Schema{Type: huma.TypeString}
}

func sessionSchema() *huma.Schema {
	text, number := &huma.Schema{Type: huma.TypeString}, &huma.Schema{Type: huma.TypeInteger, Format: "int64"}
	when := &huma.Schema{Type: huma.TypeString, Format: "date-time"}
	list := &huma.Schema{Type: huma.TypeArray, Items: text}
	side := &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{"ip": text, "port": number, "flags": list, "groups": list, "as": number, "country": text}}
	return &huma.Schema{Type: huma.TypeObject, Description: "A session (docs/sessions.md): out is from client to server.", Properties: map[string]*huma.Schema{
		"id": text, "start": when, "end": when, "client": side, "server": side, "transport": text, "direction_confidence": {Type: huma.TypeNumber, Format: "double"},
		"bytes_out": number, "bytes_in": number, "packets_out": number, "packets_in": number, "state": text, "flags": list, "records": number,
		"exporters": list, "open": {Type: huma.TypeBoolean}, "duration": number, "service": text, "application": text, "direction": text,
	}}
}
