// Package dashboards makes the Splunk app's dashboards, for Dashboard Studio. They are written to the app's views by its test with -update;
// what is the same in all of them (where panels stand, which time they show, where a click leads) is said once here.
package dashboards

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// Dashboard is a dashboard by what is its own.
type Dashboard struct {
	Name        string // of its view: /app/weir/NAME
	Title       string
	Description string
	Time        string // of the time picker when nothing else is said: "-24h@h,now"
	Inputs      []Input
	Sources     []Source // that inputs take their choices from
	Rows        []Row
}

// Row is panels beside each other.
type Row struct {
	Height int // in pixels
	Panels []Panel
}

// Panel is a panel by what is its own.
type Panel struct {
	ID      string // within the dashboard
	Type    string // of Dashboard Studio's visualizations: splunk.table
	Title   string
	About   string // the description, beside the title: what it needs, what a click does
	Width   int    // of twelfths of the row
	SPL     string // of its search; "" where it has none
	Span    Span   // which time it shows
	Options object
	Context object // what options name: colors, levels
	Clicks  []Click
}

// Source is a search that is not of one panel.
type Source struct {
	ID, SPL string
	Span    Span
}

// Span is which time a search is about. The zero value is the time picker's.
type Span struct{ Earliest, Latest string }

// Click is what a click, or a selection in a chart, does.
type Click struct {
	Fields []string // where it is: columns of a table; nil: anywhere
	URL    string   // where it leads
	NewTab bool
	Token  string // or what it sets:
	Value  string // to a value of the click, such as row.dest.value,
	Fixed  string // or to this
	Zoom   bool   // or whether selecting a range sets the time picker
}

// Input is a way to choose the value of a token.
type Input struct {
	Token, Type, Title string
	Options            object
	Source             string // whose first two columns are the choices' names and values
}

// object is a JSON object.
type object = map[string]any

// All returns the dashboards in the order of the app's menu.
func All() []Dashboard {
	return []Dashboard{overview(), host(), ddos(), alerts(), exporters()}
}

// XML returns the view as it lies in the app: the definition in JSON within a wrapper that tells Splunk Web about it.
func (d *Dashboard) XML() ([]byte, error) {
	definition, err := d.JSON()
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, `<dashboard version="2" theme="dark">
  <label>%s</label>
  <description>%s</description>
  <definition><![CDATA[
%s
  ]]></definition>
</dashboard>
`, d.Title, d.Description, definition), nil
}

// JSON returns the definition.
func (d *Dashboard) JSON() ([]byte, error) {
	var out bytes.Buffer
	to := json.NewEncoder(&out)
	to.SetEscapeHTML(false)
	to.SetIndent("", "  ")
	err := to.Encode(object{
		"title": d.Title, "description": d.Description,
		"inputs": d.inputs(), "dataSources": d.dataSources(), "visualizations": d.visualizations(), "layout": d.layout(),
		"defaults":              object{"dataSources": object{"ds.search": object{"options": object{"queryParameters": object{"earliest": "$time.earliest$", "latest": "$time.latest$"}}}}},
		"applicationProperties": object{"collapseNavigation": false},
	})
	if err != nil {
		return nil, fmt.Errorf("dashboard %s: %w", d.Name, err)
	}
	return bytes.TrimRight(out.Bytes(), "\n"), nil
}

func (d *Dashboard) inputs() object {
	out := object{"input_time": object{"type": "input.timerange", "title": "Time", "options": object{"token": "time", "defaultValue": d.Time}}}
	for _, i := range d.Inputs {
		options := object{"token": i.Token}
		for k, v := range i.Options {
			options[k] = v
		}
		in := object{"type": i.Type, "title": i.Title, "options": options}
		if i.Source != "" {
			in["dataSources"] = object{"primary": "ds_" + i.Source}
			in["context"] = object{
				"label": `> primary | seriesByIndex(0) | renameSeries("label")`, "value": `> primary | seriesByIndex(1) | renameSeries("value")`,
				"all": []any{[]any{"All"}, []any{"*"}},
			}
		}
		out["input_"+i.Token] = in
	}
	return out
}

func (d *Dashboard) dataSources() object {
	out := object{}
	for _, s := range d.Sources {
		out["ds_"+s.ID] = search(s.ID, s.SPL, s.Span)
	}
	for _, r := range d.Rows {
		for _, p := range r.Panels {
			if p.SPL != "" {
				out["ds_"+p.ID] = search(p.Title, p.SPL, p.Span)
			}
		}
	}
	return out
}

// search is a data source: a search that is asked again a minute after it has ended, as those who look at 3 a.m. do not press F5; after five minutes where
// it reads all traffic.
func search(name, spl string, span Span) object {
	options := object{"query": spl, "refresh": "1m", "refreshType": "delay"}
	if strings.HasPrefix(spl, traffic) && !strings.Contains(spl, "$") {
		options["refresh"] = "5m"
	}
	if span != (Span{}) {
		options["queryParameters"] = object{"earliest": span.Earliest, "latest": span.Latest}
	}
	return object{"type": "ds.search", "name": name, "options": options}
}

func (d *Dashboard) visualizations() object {
	out := object{}
	for _, r := range d.Rows {
		for _, p := range r.Panels {
			out["viz_"+p.ID] = p.visualization()
		}
	}
	return out
}

func (p *Panel) visualization() object {
	out := object{"type": p.Type, "options": p.Options}
	if p.Options == nil {
		out["options"] = object{}
	}
	if p.Title != "" {
		out["title"] = p.Title
	}
	if p.Context != nil {
		out["context"] = p.Context
	}
	if p.About != "" {
		out["description"] = p.About
	}
	if p.SPL != "" {
		out["dataSources"] = object{"primary": "ds_" + p.ID}
	}
	var handlers []any
	for _, c := range p.Clicks {
		handlers = append(handlers, c.handler())
	}
	if handlers != nil {
		out["eventHandlers"] = handlers
	}
	return out
}

func (c *Click) handler() object {
	kind, options := "drilldown.customUrl", object{"url": c.URL, "newTab": c.NewTab}
	switch {
	case c.Zoom:
		kind, options = "drilldown.setTimeRange", object{"token": "time", "events": []string{"range.select"}}
	case c.Token != "":
		kind, options = "drilldown.setToken", object{"tokens": []any{c.token()}}
	}
	if c.Fields != nil {
		options["fields"] = c.Fields
	}
	return object{"type": kind, "options": options}
}

func (c *Click) token() object {
	if c.Fixed != "" {
		return object{"token": c.Token, "value": c.Fixed}
	}
	return object{"token": c.Token, "key": c.Value}
}

// width of the grid, which Splunk Web scales to the window.
const width = 1440

func (d *Dashboard) layout() object {
	structure, y := []any{}, 0
	for _, r := range d.Rows {
		x := 0
		for _, p := range r.Panels {
			w := p.Width * width / 12
			structure = append(structure, object{"item": "viz_" + p.ID, "type": "block", "position": object{"x": x, "y": y, "w": w, "h": r.Height}})
			x += w
		}
		y += r.Height
	}
	inputs := []string{"input_time"}
	for _, i := range d.Inputs {
		inputs = append(inputs, "input_"+i.Token)
	}
	return object{
		"globalInputs": inputs, "options": object{},
		"tabs":              object{"items": []any{object{"layoutId": "layout_1", "label": d.Title}}},
		"layoutDefinitions": object{"layout_1": object{"type": "grid", "options": object{"width": width, "gutterSize": 8}, "structure": structure}},
	}
}

// spl joins the base of a search with its commands, one a line, without the indentation that they have in the source.
func spl(base, commands string) string {
	var out strings.Builder
	out.WriteString(strings.TrimSpace(base))
	for line := range strings.Lines(commands) {
		if line = strings.TrimSpace(line); line != "" {
			out.WriteString("\n" + line)
		}
	}
	return out.String()
}
