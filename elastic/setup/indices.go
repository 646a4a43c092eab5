package setup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/weirflow/weir/elastic/assets"
	"github.com/weirflow/weir/elastic/client"
	"github.com/weirflow/weir/elastic/document"
)

// indices returns the steps for indices of a kind that exist already, and for the index of alerts.
//
// Data streams keep the lifecycle that they were made with: it is changed with the settings, and else left as somebody may have set it.
func (s *Setup) indices(ctx context.Context, server client.Server, kind document.Kind, settingsChange bool) ([]Step, error) {
	if kind == document.Alert {
		step, err := s.alerts(ctx, assets.Mappings(server, s.cfg.Options, kind))
		return []Step{step}, err
	}
	list, err := Streams(ctx, s.client, kind)
	if err != nil {
		return nil, err
	}
	steps, err := s.streams(ctx, list, assets.MarkOf(server, s.cfg.Options, kind))
	if l := assets.StreamLifecycle(server, s.cfg.Options, kind); l != nil && settingsChange {
		for i := range list {
			if list[i].Lifecycle == nil || list[i].Lifecycle["data_retention"] != l["data_retention"] {
				steps = append(steps, put(Change, "lifecycle of data stream "+list[i].Name, "kept for another time", "/_data_stream/"+list[i].Name+"/_lifecycle", l))
			}
		}
	}
	return steps, err
}

// Stream is a data stream of the server.
type Stream struct {
	Name    string `json:"name"`
	Indices []struct {
		Name string `json:"index_name"`
	} `json:"indices"`
	Template  string         `json:"template"`
	Lifecycle map[string]any `json:"lifecycle"` // its own; nil: none
}

// Streams returns the data streams of a kind, of all namespaces.
func Streams(ctx context.Context, c *client.Client, kind document.Kind) ([]Stream, error) {
	var r struct {
		Streams []Stream `json:"data_streams"`
	}
	err := c.JSON(ctx, http.MethodGet, "/_data_stream/"+assets.Pattern(kind), nil, &r)
	if errors.Is(err, client.ErrNotFound) {
		return nil, nil
	}
	return r.Streams, err
}

// streams rolls those data streams over whose latest index was made by other templates.
func (s *Setup) streams(ctx context.Context, list []Stream, want assets.Meta) ([]Step, error) {
	var steps []Step
	for _, d := range list {
		if len(d.Indices) == 0 {
			continue
		}
		have, err := MarkOf(ctx, s.client, d.Indices[len(d.Indices)-1].Name)
		if err != nil {
			return nil, err
		}
		what := "data stream " + d.Name
		if have == want || (have.Version > want.Version && !s.cfg.Force) {
			steps = append(steps, Step{Action: Keep, What: what})
			continue
		}
		steps = append(steps, Step{
			Action: RollOver, What: what, Why: "its latest index was made by other templates", Method: http.MethodPost, Path: "/" + d.Name + "/_rollover",
		})
	}
	return steps, nil
}

// MarkOf returns the mark in the mappings of an index, or of the index behind an alias; one that has none is nobody's.
func MarkOf(ctx context.Context, c *client.Client, index string) (assets.Meta, error) {
	var r map[string]struct {
		Mappings struct {
			Meta struct {
				Weir json.RawMessage `json:"weir"`
			} `json:"_meta"`
		} `json:"mappings"`
	}
	if err := c.JSON(ctx, http.MethodGet, "/"+index+"/_mapping", nil, &r); err != nil {
		return assets.Meta{}, err
	}
	for _, name := range slices.Sorted(maps.Keys(r)) {
		return assets.MetaOf(r[name].Mappings.Meta.Weir), nil
	}
	return assets.Meta{}, nil
}

// alerts returns the step for the index of alerts and its alias.
func (s *Setup) alerts(ctx context.Context, mappings map[string]any) (Step, error) {
	alias := document.Alert.Target(s.cfg.Namespace)
	what := "index of alerts " + alias
	var behind map[string]json.RawMessage
	err := s.client.JSON(ctx, http.MethodGet, "/"+alias+"/_alias", nil, &behind)
	if errors.Is(err, client.ErrNotFound) {
		body := alertIndex(alias)
		return put(Create, what, "missing", "/"+alias+"-000001", body), nil
	}
	if err != nil {
		return Step{}, err
	}
	if _, direct := behind[alias]; direct {
		return Step{}, fmt.Errorf("setup: %s is an index and must be an alias: it was made before setup; delete it, or reindex it into %s-000001", alias, alias)
	}
	have, err := MarkOf(ctx, s.client, alias)
	if err != nil {
		return Step{}, err
	}
	action, why := judge(found{there: true, meta: have}, assets.MetaOf(mappings["_meta"].(map[string]any)["weir"]), false)
	if action == Keep || (action == Newer && !s.cfg.Force) {
		return Step{Action: action, What: what, Why: why}, nil
	}
	fields := map[string]any{"_meta": mappings["_meta"], "properties": mappings["properties"]}
	return put(action, what, why, "/"+alias+"/_mapping", fields), nil
}
