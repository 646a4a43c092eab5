package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"testing"
)

// shape is what a value in plugin.json may be, by the schema that Grafana publishes (plugin.schema.json in its documentation), as far as it
// concerns a data source with a backend. Members that are not named here are not allowed; scripts/grafana-schema checks a file against
// the schema itself.
type shape struct {
	kind    string // object, list, text or flag
	members map[string]shape
	needs   []string // members that must be there
	of      *shape   // members of a list
	least   int      // members of a list
	like    string   // a pattern
	one     []string // the only values
}

var (
	text = shape{kind: "text"}
	flag = shape{kind: "flag"}
	link = shape{kind: "text", like: `^https://[^ ]+$`}
)

func object(needs []string, members map[string]shape) shape {
	return shape{kind: "object", needs: needs, members: members}
}

func list(of shape, least int) shape { return shape{kind: "list", of: &of, least: least} }

var info = object([]string{"logos", "version", "updated", "keywords"}, map[string]shape{
	"author":      object(nil, map[string]shape{"name": text, "email": text, "url": link}),
	"description": text,
	"keywords":    list(text, 1),
	"links":       list(object(nil, map[string]shape{"name": text, "url": link}), 0),
	"logos":       object([]string{"small", "large"}, map[string]shape{"small": text, "large": text}),
	"screenshots": list(object(nil, map[string]shape{"name": text, "path": text}), 0),
	"updated":     {kind: "text", like: `^(\d{4}-\d{2}-\d{2}|%TODAY%)$`},
	"version":     {kind: "text", like: `^((0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)|%VERSION%)$`},
})

var metadata = object([]string{"type", "name", "id", "info", "dependencies"}, map[string]shape{
	"$schema": text, "name": text, "executable": text, "info": info,
	"id":   {kind: "text", like: `^[0-9a-z]+-([0-9a-z]+-)?datasource$`},
	"type": {kind: "text", one: []string{"datasource"}},
	"dependencies": object([]string{"grafanaDependency"}, map[string]shape{
		"grafanaDependency": {kind: "text", like: `^(<=|>=|<|>|=|~|\^)?[0-9]+(\.[0-9x*]+){1,2}$`}, "plugins": list(text, 0),
	}),
	"alerting": flag, "annotations": flag, "backend": flag, "logs": flag, "metrics": flag, "streaming": flag, "tracing": flag,
	"category": {kind: "text", one: []string{"tsdb", "logging", "cloud", "tracing", "profiling", "sql", "enterprise", "iot", "other"}},
	"includes": list(object(nil, map[string]shape{
		"type": {kind: "text", one: []string{"dashboard", "page", "panel", "datasource"}}, "name": text, "path": text, "uid": text,
	}), 0),
	"queryOptions": object(nil, map[string]shape{"maxDataPoints": flag, "minInterval": flag, "cacheTimeout": flag}),
})

// faults returns what is wrong with a value.
func (s shape) faults(at string, value any) (found []string) {
	switch v := value.(type) {
	case map[string]any:
		if s.kind == "object" {
			return s.inObject(at, v)
		}
	case []any:
		if s.kind == "list" {
			return s.inList(at, v)
		}
	case string:
		if s.kind == "text" {
			return s.inText(at, v)
		}
	case bool:
		if s.kind == "flag" {
			return nil
		}
	}
	return []string{fmt.Sprintf("%s: %v is no %s", at, value, s.kind)}
}

func (s shape) inObject(at string, v map[string]any) (found []string) {
	for _, name := range s.needs {
		if _, ok := v[name]; !ok {
			found = append(found, at+": no "+name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(v)) {
		member, ok := s.members[name]
		if !ok {
			found = append(found, at+": "+name+" is not allowed")
			continue
		}
		found = append(found, member.faults(at+"."+name, v[name])...)
	}
	return found
}

func (s shape) inList(at string, v []any) (found []string) {
	if len(v) < s.least {
		found = append(found, at+": too short")
	}
	for i, member := range v {
		found = append(found, s.of.faults(fmt.Sprintf("%s[%d]", at, i), member)...)
	}
	return found
}

func (s shape) inText(at, v string) []string {
	if s.like != "" && !regexp.MustCompile(s.like).MatchString(v) || s.one != nil && !slices.Contains(s.one, v) {
		return []string{at + ": not " + v}
	}
	return nil
}

// plugin is plugin.json as far as the archive must fit it.
type plugin struct {
	ID, Name, Executable         string
	Type                         string
	Backend, Alerting, Streaming bool
	Info                         struct {
		Description, Version string
		Keywords             []string
		Logos                struct{ Small, Large string }
		Links                []struct{ Name, URL string }
		Screenshots          []struct{ Name, Path string }
	}
	Dependencies struct{ GrafanaDependency string }
	Includes     []struct{ Type, Name, Path string }
}

// readMetadata checks a plugin.json and returns it.
func readMetadata(t *testing.T, content []byte) (p plugin) {
	t.Helper()
	var tree any
	if err := json.Unmarshal(content, &tree); err != nil {
		t.Fatal(err)
	}
	for _, fault := range metadata.faults("plugin.json", tree) {
		t.Error(fault)
	}
	if err := json.Unmarshal(content, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// TestMetadata: plugin.json is as Grafana's schema wants it, and says what the catalog shows.
func TestMetadata(t *testing.T) {
	content, err := os.ReadFile("../../src/plugin.json")
	if err != nil {
		t.Fatal(err)
	}
	p := readMetadata(t, content)
	if p.ID != "weir-flow-datasource" || p.ID == p.Name || !p.Backend || !p.Alerting || !p.Streaming || p.Executable == "" || p.Dependencies.GrafanaDependency != ">=11.0.0" {
		t.Errorf("%+v", p)
	}
	if p.Info.Description == "" || len(p.Info.Screenshots) == 0 || len(p.Info.Links) == 0 {
		t.Error("the catalog has nothing to show")
	}
}

// TestShape: the check finds what is wrong.
func TestShape(t *testing.T) {
	for content, want := range map[string]string{
		`{"keywords":["a"],"logos":{"small":"a","large":"a"},"version":"1.2","updated":"2026-01-01"}`:                "info.version: not 1.2",
		`{"keywords":[],"logos":{"small":"a","large":"a"},"version":"1.2.3","updated":"2026-01-01"}`:                 "info.keywords: too short",
		`{"keywords":["a"],"logos":{"small":"a"},"version":"1.2.3","updated":"2026-01-01"}`:                          "info.logos: no large",
		`{"keywords":["a"],"logos":{"small":"a","large":1},"version":"1.2.3","updated":"%TODAY%"}`:                   "info.logos.large: 1 is no text",
		`{"keywords":["a"],"logos":{"small":"a","large":"a"},"version":"%VERSION%","updated":"2026-01-01","size":3}`: "info: size is not allowed",
	} {
		var tree any
		if err := json.Unmarshal([]byte(content), &tree); err != nil {
			t.Fatal(err)
		}
		if got := info.faults("info", tree); len(got) != 1 || got[0] != want {
			t.Errorf("%v, wanted %s", got, want)
		}
	}
}
