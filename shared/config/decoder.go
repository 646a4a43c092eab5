package config

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Parse reads the text of a weir.yaml; name is the file's name in errors, which are [Errors]. What the text leaves out has its
// default. An empty text is right.
func Parse(name string, text []byte) (Config, error) {
	c := Default()
	d := decoder{file: name}
	if root := d.document(text); root != nil {
		d.mapping(root, schema(&c))
	}

	if len(d.errs) > 0 {
		d.errs.sort()
		return Config{}, d.errs
	}
	return c, nil
}

// decoder reads nodes of YAML and gathers what is wrong with them.
type decoder struct {
	file string
	errs Errors
}

func (d *decoder) fail(n *yaml.Node, format string, args ...any) {
	d.errs = append(d.errs, Error{File: d.file, Line: max(n.Line, 1), Column: max(n.Column, 1), Text: fmt.Sprintf(format, args...)})
}

// document returns the root of the only document, or nil where there is none.
func (d *decoder) document(text []byte) *yaml.Node {
	var doc, second yaml.Node
	dec := yaml.NewDecoder(strings.NewReader(string(text)))
	err := dec.Decode(&doc)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		d.syntax(err)
		return nil
	}
	switch err := dec.Decode(&second); {
	case err == nil:
		d.fail(&second, "a second document: put all into one, without ---")
	case !errors.Is(err, io.EOF):
		d.syntax(err)
	}
	if len(doc.Content) == 0 {
		return nil
	}
	return doc.Content[0]
}

// parserFaults begin the messages whose line the YAML reader counts from 0; it counts all others from 1.
var parserFaults = []string{
	"did not find expected key", "did not find expected node", "did not find expected '-'", "did not find expected ','",
	"did not find expected <",
}

// syntax takes the line out of the YAML reader's message: it has no other place for it.
func (d *decoder) syntax(err error) {
	text, line := strings.TrimPrefix(err.Error(), "yaml: "), 1
	if _, scanErr := fmt.Sscanf(text, "line %d:", &line); scanErr == nil {
		_, text, _ = strings.Cut(text, ": ")
		if slices.ContainsFunc(parserFaults, func(fault string) bool { return strings.HasPrefix(text, fault) }) {
			line++
		}
	}
	d.fail(&yaml.Node{Line: line, Column: 1}, "not YAML: %s", text)
}

// isNull tells whether a key has no value: all below it is commented out.
func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// mapping reads a mapping whose keys are those of the schema.
func (d *decoder) mapping(n *yaml.Node, keys []key) {
	d.pairs(n, func(name, value *yaml.Node) {
		for _, k := range keys {
			if k.name != name.Value {
				continue
			}
			if k.read != nil {
				k.read(d, value)
			} else {
				d.mapping(value, k.keys)
			}
			return
		}
		d.unknown(name, keys)
	})
}

func (d *decoder) unknown(name *yaml.Node, keys []key) {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.name
	}
	if near := nearest(name.Value, names); near != "" {
		d.fail(name, "unknown key %q: did you mean %q?", name.Value, near)
		return
	}
	d.fail(name, "unknown key %q: known here are %s", name.Value, strings.Join(names, ", "))
}

// pairs calls each with the keys and values of a mapping.
func (d *decoder) pairs(n *yaml.Node, each func(name, value *yaml.Node)) {
	if isNull(n) {
		return
	}
	if n.Kind != yaml.MappingNode {
		d.fail(n, "found %s where keys with values belong", describe(n))
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		if name.Kind != yaml.ScalarNode || name.Tag == "!!merge" {
			d.fail(name, "found %s where a key belongs", describe(name))
			continue
		}
		if line, ok := seen[name.Value]; ok {
			d.fail(name, "key %q is given twice, first in line %d", name.Value, line)
			continue
		}
		seen[name.Value] = name.Line
		each(name, value)
	}
}

// list calls each with the members of a list.
func (d *decoder) list(n *yaml.Node, of string, each func(*yaml.Node)) {
	if n.Kind != yaml.SequenceNode {
		d.fail(n, "found %s where a list of %s belongs: write [] for none, and leave the key out for the default", describe(n), of)
		return
	}
	for _, item := range n.Content {
		each(item)
	}
}

func describe(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.AliasNode:
		return "an alias (they are not supported)"
	case n.Tag == "!!null":
		return "nothing"
	case n.Tag == "!!merge":
		return "a merge key (they are not supported)"
	case n.Tag == "!!int" || n.Tag == "!!float":
		return "the number " + n.Value
	case n.Tag == "!!bool":
		return "the truth value " + n.Value
	case len(n.Value) > 60:
		return fmt.Sprintf("the text %.60q...", n.Value)
	}
	return fmt.Sprintf("the text %q", n.Value)
}
