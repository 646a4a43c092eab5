package query

import "context"

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
