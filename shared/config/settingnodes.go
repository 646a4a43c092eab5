package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// jsonNodes makes nodes of settings in JSON, for the readers of weir.yaml. A node's line is the number of its place, from 1, which errors bring
// back; its column is 1, to which readers of texts add.
type jsonNodes struct {
	setting int // that nodes are made of
	places  []jsonPlace
	faults  []jsonFault
}

// jsonPlace is where in a setting a node comes from.
type jsonPlace struct {
	setting int
	pointer string
}

type jsonFault struct {
	jsonPlace
	text  string
	taken bool
}

// maxSettingDepth is the deepest that a setting may be nested; entries of weir.yaml are not deeper than 4.
const maxSettingDepth = 16

func (j *jsonNodes) fail(pointer, text string) {
	j.faults = append(j.faults, jsonFault{jsonPlace: jsonPlace{j.setting, pointer}, text: text})
}

func (j *jsonNodes) taken(kind SettingKind) {
	text := "it is in weir.yaml: change it there, or remove it there first"
	if kind == PivotSetting {
		text = "a pivot of this name is built in or in weir.yaml: choose another name, or change it there"
	}
	j.faults = append(j.faults, jsonFault{jsonPlace: jsonPlace{setting: j.setting}, text: text, taken: true})
}

// add puts a setting into the mapping of its kind.
func (j *jsonNodes) add(parts map[SettingKind]*yaml.Node, s *Setting) {
	name := j.node("")
	name.Kind, name.Tag, name.Value = yaml.ScalarNode, "!!str", s.Name
	if err := json.Unmarshal(s.Value, new(json.RawMessage)); err != nil {
		j.fail("", fmt.Sprintf("not JSON: %v", err))
		return
	}
	dec := json.NewDecoder(bytes.NewReader(s.Value))
	dec.UseNumber()
	value, err := j.value(dec, "", 0)
	switch {
	case err != nil:
		j.fail("", fmt.Sprintf("not JSON: %v", err))
		return
	case value.Kind != yaml.MappingNode:
		j.fail("", "want a JSON object")
		return
	}
	if parts[s.Kind] == nil {
		parts[s.Kind] = &yaml.Node{Kind: yaml.MappingNode, Line: 1, Column: 1}
	}
	parts[s.Kind].Content = append(parts[s.Kind].Content, name, value)
}

func (j *jsonNodes) node(pointer string) *yaml.Node {
	j.places = append(j.places, jsonPlace{j.setting, pointer})
	return &yaml.Node{Line: len(j.places), Column: 1}
}

// value reads a value; errors are those of JSON.
func (j *jsonNodes) value(dec *json.Decoder, pointer string, depth int) (*yaml.Node, error) {
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	if depth > maxSettingDepth {
		return nil, fmt.Errorf("nested deeper than %d", maxSettingDepth)
	}
	n := j.node(pointer)
	n.Kind = yaml.ScalarNode
	switch v := token.(type) {
	case json.Delim:
		if v == '{' {
			return n, j.object(dec, n, pointer, depth)
		}
		return n, j.list(dec, n, pointer, depth)
	case string:
		n.Tag, n.Value = "!!str", v
	case json.Number:
		n.Tag, n.Value = numberTag(v.String()), v.String()
	case bool:
		n.Tag, n.Value = "!!bool", fmt.Sprint(v)
	default:
		n.Tag, n.Value = "!!null", "null"
	}
	return n, nil
}

func (j *jsonNodes) list(dec *json.Decoder, n *yaml.Node, pointer string, depth int) error {
	n.Kind, n.Tag = yaml.SequenceNode, "!!seq"
	for i := 0; dec.More(); i++ {
		item, err := j.value(dec, fmt.Sprintf("%s/%d", pointer, i), depth+1)
		if err != nil {
			return err
		}
		n.Content = append(n.Content, item)
	}
	_, err := dec.Token()
	return err
}

// escapePointer is RFC 6901, 3.
var escapePointer = strings.NewReplacer("~", "~0", "/", "~1")

func (j *jsonNodes) object(dec *json.Decoder, n *yaml.Node, pointer string, depth int) error {
	n.Kind, n.Tag = yaml.MappingNode, "!!map"
	seen := map[string]bool{}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return err
		}
		text, _ := token.(string) // a decoder gives nothing else here
		at := pointer + "/" + escapePointer.Replace(text)
		name := j.node(at)
		name.Kind, name.Tag, name.Value = yaml.ScalarNode, "!!str", text
		if firstOutside(text, digits) < 0 && text != "" {
			name.Tag = "!!int" // keys of JSON are texts; those of weir.yaml may be numbers
		}
		value, err := j.value(dec, at, depth+1)
		if err != nil {
			return err
		}
		if seen[text] {
			j.fail(at, "is there twice")
			continue
		}
		seen[text] = true
		n.Content = append(n.Content, name, value)
	}
	_, err := dec.Token()
	return err
}

// numberTag is what YAML takes a number for.
func numberTag(text string) string {
	if strings.ContainsAny(text, ".eE") {
		return "!!float"
	}
	return "!!int"
}

// errors puts the faults of all settings into the order of their places.
func (j *jsonNodes) errors(settings []Setting, read Errors) (list SettingErrors) {
	faults := slices.Clone(j.faults)
	for _, e := range read {
		text := e.Text
		if e.Column > 1 {
			text = fmt.Sprintf("column %d: %s", e.Column, text)
		}
		faults = append(faults, jsonFault{jsonPlace: j.places[min(e.Line, len(j.places))-1], text: text})
	}
	slices.SortStableFunc(faults, func(a, b jsonFault) int { return a.setting - b.setting })
	for _, f := range faults {
		s := settings[f.setting]
		list = append(list, SettingError{Kind: s.Kind, Name: s.Name, Pointer: f.pointer, Text: f.text, Taken: f.taken})
	}
	return list
}
