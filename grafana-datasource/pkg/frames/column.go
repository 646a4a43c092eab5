package frames

import (
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// column is a field with its configuration, made with the methods below.
type column struct{ *data.Field }

func text(name, title string, values []string) column {
	return column{data.NewField(name, nil, values)}.titled(title)
}

func optionalText(name, title string, values []*string) column {
	return column{data.NewField(name, nil, values)}.titled(title)
}

func number(name, title string, values []*float64) column {
	return column{data.NewField(name, nil, values)}.titled(title)
}

func instant(name, title string, values []*time.Time) column {
	return column{data.NewField(name, nil, values)}.titled(title)
}

func (c column) titled(title string) column {
	c.Config = &data.FieldConfig{DisplayNameFromDS: title}
	return c
}

func (c column) unit(id string) column {
	c.Config.Unit = id
	return c
}

// filterable says that a filter may be made of a click on a value: the field's name is one of the filter language.
func (c column) filterable() column {
	yes := true
	c.Config.Filterable = &yes
	return c
}

func (c column) described(doc string) column {
	c.Config.Description = doc
	return c
}

func (c column) linked(links []data.DataLink) column {
	c.Config.Links = append(c.Config.Links, links...)
	return c
}

// hidden leaves the column out of tables: it is there for links.
func (c column) hidden() column {
	c.Config.Custom = map[string]any{"hidden": true}
	return c
}

func (c column) width(pixels int) column {
	if c.Config.Custom == nil {
		c.Config.Custom = map[string]any{}
	}
	c.Config.Custom["width"] = pixels
	return c
}

// colored shows cells in the color that the mapping gives them.
func (c column) colored(m data.ValueMappings) column {
	c.Config.Mappings = m
	if c.Config.Custom == nil {
		c.Config.Custom = map[string]any{}
	}
	c.Config.Custom["cellOptions"] = map[string]any{"type": "color-text"}
	return c
}

// tableOf is a frame of columns of the same length.
func tableOf(name string, columns ...column) *data.Frame {
	f := data.NewFrame(name)
	for _, c := range columns {
		f.Fields = append(f.Fields, c.Field)
	}
	return f
}

// each makes a list of what a function gives for each member of another.
func each[T, V any](list []T, value func(*T) V) []V {
	out := make([]V, len(list))
	for i := range list {
		out[i] = value(&list[i])
	}
	return out
}

func float[N uint64 | int64 | int | uint32 | uint16](n N) *float64 {
	f := float64(n)
	return &f
}
