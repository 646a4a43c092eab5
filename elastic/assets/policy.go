package assets

import (
	"fmt"
	"time"

	"github.com/weirflow/weir/elastic/document"
)

// rolloverSize is the size of a shard at which an index is followed by the next.
const rolloverSize = "50gb"

// rolloverAge is the age at which it is: documents may be kept longer than asked by it.
func rolloverAge(keep time.Duration) string {
	if keep <= 0 {
		return "30d"
	}
	return age(min(max((keep/10).Truncate(time.Hour), time.Hour), 30*24*time.Hour))
}

func (b *builder) policy(kind document.Kind) []Asset {
	if !streamed(kind) {
		return nil
	}
	switch keep := b.options.Retention[kind]; b.options.Lifecycle {
	case ILM:
		return []Asset{b.ilm(kind, keep)}
	case ISM:
		return []Asset{b.ism(kind, keep)}
	}
	return nil
}

func (b *builder) ilm(kind document.Kind, keep time.Duration) Asset {
	phases := map[string]any{"hot": map[string]any{"min_age": "0ms", "actions": map[string]any{
		"rollover": map[string]any{"max_primary_shard_size": rolloverSize, "max_age": rolloverAge(keep)},
	}}}
	if keep > 0 {
		phases["delete"] = map[string]any{"min_age": age(keep), "actions": map[string]any{"delete": map[string]any{}}}
	}
	policy := map[string]any{"phases": phases}
	policy["_meta"] = meta(policy)
	name := Name(kind)
	return Asset{Type: Policy, Name: name, Path: "/_ilm/policy/" + name, File: "ilm-policies/" + name + ".json", Body: map[string]any{"policy": policy}}
}

func (b *builder) ism(kind document.Kind, keep time.Duration) Asset {
	open := map[string]any{
		"name":        "open",
		"actions":     []any{map[string]any{"rollover": map[string]any{"min_primary_shard_size": rolloverSize, "min_index_age": rolloverAge(keep)}}},
		"transitions": []any{},
	}
	states := []any{open}
	if keep > 0 {
		open["transitions"] = []any{map[string]any{"state_name": "delete", "conditions": map[string]any{"min_rollover_age": age(keep)}}}
		states = append(states, map[string]any{"name": "delete", "actions": []any{map[string]any{"delete": map[string]any{}}}, "transitions": []any{}})
	}
	policy := map[string]any{
		"default_state": "open", "states": states,
		"ism_template": []any{map[string]any{"index_patterns": []string{Pattern(kind)}, "priority": priority}},
	}
	policy["description"] = Describe(Meta{ManagedBy: ours, Version: Version, Digest: digest(policy)})
	name := Name(kind)
	return Asset{Type: Policy, Name: name, Path: "/_plugins/_ism/policies/" + name, File: "ism-policies/" + name + ".json", Body: map[string]any{"policy": policy}}
}

// description is the mark of a policy of ISM, which has no other place for it.
const description = "Made by weir-elastic setup, version %d, digest %s"

// Describe writes a mark as a description; [Described] reads it.
func Describe(m Meta) string { return fmt.Sprintf(description, m.Version, m.Digest) }

// Described reads the mark in a description; where there is none, Ours is false.
func Described(text string) Meta {
	var m Meta
	if n, err := fmt.Sscanf(text, description, &m.Version, &m.Digest); err == nil && n == 2 {
		m.ManagedBy = ours
	}
	return m
}
