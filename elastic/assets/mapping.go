package assets

import (
	"strings"

	"github.com/weirflow/weir/elastic/client"
	"github.com/weirflow/weir/elastic/document"
	"github.com/weirflow/weir/shared/filter"
)

// ignoreAbove is the longest text that is indexed, as in ECS: Lucene refuses terms of more than 32 KiB.
const ignoreAbove = 1024

// mappings returns the mappings of a kind. Fields that no table knows are kept and not indexed: a newer weir-elastic may write to a server
// whose templates are older.
func (b *builder) mappings(kind document.Kind) map[string]any {
	root := map[string]any{}
	for _, f := range document.Fields(kind) {
		put(root, f.Name, b.field(f, b.logsDB(kind)))
	}
	return map[string]any{"dynamic": false, "date_detection": false, "properties": root}
}

// put adds a field at its dotted name.
func put(properties map[string]any, name string, field map[string]any) {
	first, rest, below := strings.Cut(name, ".")
	if !below {
		properties[name] = field
		return
	}
	parent, ok := properties[first].(map[string]any)
	if !ok {
		parent = map[string]any{"properties": map[string]any{}}
		properties[first] = parent
	}
	put(parent["properties"].(map[string]any), rest, field)
}

func (b *builder) field(f document.Field, logsDB bool) map[string]any {
	m := map[string]any{"type": f.Type}
	switch f.Type {
	case filter.ElasticKeyword:
		m["ignore_above"] = ignoreAbove
	case filter.ElasticFlattened:
		if b.server.Product == client.OpenSearch {
			m["type"] = "flat_object"
		}
	case "object":
		m["enabled"] = false
	}
	if f.Name == "event.original" {
		m = map[string]any{"type": filter.ElasticKeyword, "index": false, "doc_values": false}
	}
	if logsDB && f.Ordered {
		m["synthetic_source_keep"] = "all"
	}
	return m
}
