package query

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
)

// PivotTemplate is a link into another tool as configured or built in, with forms: docs/pivots.md.
type PivotTemplate struct {
	Name      string   `json:"name"`
	Title     string   `json:"title"`
	URL       string   `json:"url"`
	AppliesTo []string `json:"applies_to"` // "address", "port", "as", "alert", "incident"
	Addresses string   `json:"addresses"`  // "all", "public", "private"
}

// PivotTemplates returns the templates of links into other tools.
func (c *Client) PivotTemplates(ctx context.Context) ([]PivotTemplate, error) {
	var list []PivotTemplate
	err := c.ask(ctx, PathConfig+"pivots", nil, decodeInto(&list))
	return list, err
}

// PathOpenAPI is where a collector describes its API.
const PathOpenAPI = "/api/v1/openapi.json"

// Paths returns the paths of the API that the collector serves, as it describes them itself.
func (c *Client) Paths(ctx context.Context) ([]string, error) {
	var description struct {
		Paths map[string]json.RawMessage `json:"paths"`
	}
	if err := c.ask(ctx, PathOpenAPI, nil, decodeInto(&description)); err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(description.Paths)), nil
}
