package assets

import (
	"fmt"
	"time"

	"github.com/weirflow/weir/elastic/client"
	"github.com/weirflow/weir/elastic/document"
)

// builder makes the assets of a server.
type builder struct {
	server  client.Server
	options Options
}

// streamed tells whether documents of a kind go to data streams; alerts go to an index, because they change.
func streamed(kind document.Kind) bool { return kind != document.Alert }

// settings returns the settings of a kind's indices.
func (b *builder) settings(kind document.Kind) map[string]any {
	s := map[string]any{"refresh_interval": b.refresh(kind)}
	if !b.server.Serverless { // there the provider chooses these
		s["number_of_shards"] = b.options.Shards
		if s["codec"] = "best_compression"; b.options.Replicas >= 0 {
			s["number_of_replicas"] = b.options.Replicas
		} else {
			s["auto_expand_replicas"] = "0-1"
		}
	}
	if order := sorted(kind); order != nil {
		s["sort.field"], s["sort.order"] = order, []string{"asc", "desc"}
	}
	if b.logsDB(kind) {
		s["mode"] = "logsdb"
		delete(s, "codec") // its own is as good
	}
	if b.options.Lifecycle == ILM && streamed(kind) {
		s["lifecycle.name"] = Name(kind)
	}
	return map[string]any{"index": s}
}

// logsDB tells whether indices of a kind have that mode.
func (b *builder) logsDB(kind document.Kind) bool {
	return b.options.LogsDB && (kind == document.Flow || kind == document.Session)
}

// sorted is what documents lie by on disk: equal neighbors compress, and the latest come first.
func sorted(kind document.Kind) []string {
	switch kind {
	case document.Flow, document.Session, document.Exporter, document.Interface:
		return []string{"observer.ip", "@timestamp"}
	}
	return nil
}

// refresh is how soon documents are found; serverless projects refuse less than 5 s.
func (b *builder) refresh(kind document.Kind) string {
	if !b.server.Serverless && (kind == document.Alert || kind == document.AlertEvent) {
		return "1s"
	}
	return "5s"
}

// mark puts into the mappings what made them: an index tells by it whether its template has changed since.
func (b *builder) mark(kind document.Kind) map[string]any {
	m := b.mappings(kind)
	m["_meta"] = map[string]any{"weir": meta([]any{m, b.settings(kind)})}
	return m
}

// Mappings returns the mappings that indices of a kind have, with their mark.
func Mappings(s client.Server, o Options, kind document.Kind) map[string]any {
	o.Lifecycle, o.Shards = Chosen(s, o), max(o.Shards, 1)
	b := builder{server: s, options: o}
	return b.mark(kind)
}

// MarkOf returns the mark that indices of a kind have.
func MarkOf(s client.Server, o Options, kind document.Kind) Meta {
	return MetaOf(Mappings(s, o, kind)["_meta"].(map[string]any)["weir"])
}

func (b *builder) components(kind document.Kind) []Asset {
	settings := map[string]any{"settings": b.settings(kind)}
	if l := b.lifecycle(kind); l != nil {
		settings["lifecycle"] = l
	}
	list := []Asset{
		b.component(Name(kind)+"@mappings", map[string]any{"mappings": b.mark(kind)}),
		b.component(Name(kind)+"@settings", settings),
		b.component(Name(kind)+"@custom", map[string]any{}),
	}
	list[2].Custom, list[2].Body = true, map[string]any{"template": map[string]any{}}
	return list
}

// lifecycle is that of the data streams themselves; nil: it is not they who delete.
func (b *builder) lifecycle(kind document.Kind) map[string]any {
	switch keep := b.options.Retention[kind]; {
	case b.options.Lifecycle != Stream || !streamed(kind):
		return nil
	case keep <= 0:
		return map[string]any{}
	default:
		return map[string]any{"data_retention": age(keep)}
	}
}

// StreamLifecycle returns the lifecycle that data streams of a kind have themselves, as the server writes it; nil: they have none.
func StreamLifecycle(s client.Server, o Options, kind document.Kind) map[string]any {
	o.Lifecycle = Chosen(s, o)
	b := builder{server: s, options: o}
	return b.lifecycle(kind)
}

func (b *builder) component(name string, template map[string]any) Asset {
	return b.asset(Component, name, map[string]any{"template": template})
}

// asset completes a body with version and mark.
func (b *builder) asset(t Type, name string, body map[string]any) Asset {
	body["_meta"] = meta(body)
	body["version"] = Version
	paths := map[Type]string{Component: "_component_template", Template: "_index_template"}
	folders := map[Type]string{Component: "component-templates", Template: "index-templates"}
	return Asset{Type: t, Name: name, Path: "/" + paths[t] + "/" + name, File: folders[t] + "/" + name + ".json", Body: body}
}

func (b *builder) template(kind document.Kind) []Asset {
	name := Name(kind)
	body := map[string]any{
		"index_patterns": []string{Pattern(kind)}, "priority": priority,
		"composed_of": []string{name + "@mappings", name + "@settings", name + "@custom"},
	}
	if streamed(kind) {
		body["data_stream"] = map[string]any{}
	}
	return []Asset{b.asset(Template, name, body)}
}

// age is a duration as the servers write it.
func age(d time.Duration) string {
	for _, u := range []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}} {
		if d >= u.size && d%u.size == 0 {
			return fmt.Sprintf("%d%s", d/u.size, u.name)
		}
	}
	return fmt.Sprintf("%ds", max(d/time.Second, 1))
}
