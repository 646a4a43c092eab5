package lint

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/weirflow/weir/splunk-app/internal/lint/spl"
)

// definition is that of a dashboard, as far as its parts refer to one another.
type definition struct {
	DataSources    map[string]dataSource
	Visualizations map[string]visualization
	Inputs         map[string]input
	Defaults       map[string]any
	Layout         struct {
		GlobalInputs      []string
		Structure         []placed
		LayoutDefinitions map[string]struct{ Structure []placed }
		Tabs              struct{ Items []struct{ LayoutID string } }
	}
	Title, Description string
}

type dataSource struct {
	Type, Name string
	Options    struct {
		Query, Ref      string
		Extend          string
		QueryParameters map[string]string
	}
}

type visualization struct {
	Type, Title, Description string
	DataSources              map[string]string
	Options                  map[string]any
	EventHandlers            []handler
}

type handler struct {
	Type    string
	Options struct {
		URL    string
		Token  string
		Tokens []struct{ Token, Key string }
	}
}

type input struct {
	Type, Title string
	DataSources map[string]string
	Options     map[string]any
}

type placed struct{ Item, Type string }

// setTokens collects the tokens that inputs, handlers and defaults set.
func (v *view) setTokens() {
	for _, in := range v.definition.Inputs {
		if token, ok := in.Options["token"].(string); ok {
			v.inputs[token], v.tokens[token] = true, true
		}
	}
	for _, vis := range v.definition.Visualizations {
		for _, h := range vis.EventHandlers {
			if h.Options.Token != "" {
				v.tokens[h.Options.Token] = true
			}
			for _, t := range h.Options.Tokens {
				v.tokens[t.Token] = true
			}
		}
	}
	if tokens, ok := v.definition.Defaults["tokens"].(map[string]any); ok {
		if values, ok := tokens["default"].(map[string]any); ok {
			for name := range values {
				v.tokens[name] = true
			}
		}
	}
}

// dashboards judges all.
func (c *check) dashboards() {
	views := c.allViews()
	for _, name := range slices.Sorted(maps.Keys(views)) {
		c.dashboard(views[name])
	}
}

func (c *check) dashboard(v *view) {
	d := &v.definition
	out := map[string]spl.Outcome{}
	for _, id := range slices.Sorted(maps.Keys(d.DataSources)) {
		out[id] = c.dataSource(v, id)
	}
	used := map[string]bool{}
	refer := func(part string, sources map[string]string) {
		for _, id := range sources {
			used[id] = true
			if _, ok := d.DataSources[id]; !ok {
				c.fault("dashboard", v.file, part, "there is no data source %s", id)
			}
		}
	}
	for id, in := range d.Inputs {
		refer(id, in.DataSources)
	}
	for _, id := range slices.Sorted(maps.Keys(d.Visualizations)) {
		vis := d.Visualizations[id]
		refer(id, vis.DataSources)
		c.visualization(v, id, out[vis.DataSources["primary"]])
	}
	for _, s := range d.DataSources {
		used[s.Options.Extend] = true
	}
	for id := range d.DataSources {
		if !used[id] {
			c.fault("dashboard", v.file, id, "nothing shows the data source")
		}
	}
	c.layout(v)
	c.tokens(v, "title", d.Title+d.Description)
	defaults, err := json.Marshal(d.Defaults)
	if err == nil {
		c.tokens(v, "defaults", string(defaults))
	}
}

// dataSource judges a search, with those that it extends before it.
func (c *check) dataSource(v *view, id string) spl.Outcome {
	s := v.definition.DataSources[id]
	for _, text := range s.Options.QueryParameters {
		c.tokens(v, id, text)
	}
	c.tokens(v, id, s.Name)
	query := s.Options.Query
	switch s.Type {
	case "ds.search":
	case "ds.chain":
		base, ok := v.definition.DataSources[s.Options.Extend]
		if !ok || base.Type == "ds.chain" {
			c.fault("dashboard", v.file, id, "extends %s, which is no search", s.Options.Extend)
			return spl.Outcome{Open: true}
		}
		query = base.Options.Query + " | " + strings.TrimPrefix(strings.TrimSpace(query), "|")
	case "ds.savedSearch":
		if _, ok := c.confs["savedsearches"].Stanza(s.Options.Ref); !ok {
			c.fault("dashboard", v.file, id, "there is no saved search %s", s.Options.Ref)
		}
		return spl.Outcome{Open: true}
	default:
		c.fault("dashboard", v.file, id, "the type %s is none that is known", s.Type)
		return spl.Outcome{Open: true}
	}
	c.tokens(v, id, query)
	return c.judgeIn(v.file, id, form.ReplaceAllStringFunc(query, func(f string) string {
		if strings.HasSuffix(f, "|s$") {
			return `"` + strings.TrimSuffix(f, "|s$") + `$"` // which quotes what it fills in
		}
		name, _, _ := strings.Cut(f, "|")
		return strings.TrimSuffix(name, "$") + "$"
	}))
}

// visualization judges what a panel shows and where it leads.
func (c *check) visualization(v *view, id string, out spl.Outcome) {
	vis := v.definition.Visualizations[id]
	c.tokens(v, id, vis.Title+vis.Description)
	if text, ok := vis.Options["markdown"].(string); ok {
		c.tokens(v, id, text)
	}
	for _, h := range vis.EventHandlers {
		texts := []string{h.Options.URL}
		for _, t := range h.Options.Tokens {
			texts = append(texts, "$"+t.Key+"$")
		}
		for _, text := range texts {
			for _, m := range form.FindAllStringSubmatch(text, -1) {
				c.clicked(v, id, m[2], out)
			}
		}
		if h.Type == "drilldown.customUrl" && !strings.HasPrefix(h.Options.URL, "$") {
			c.link(v.file, id, h.Options.URL)
		}
	}
}

// ofClick are the tokens of a click that are not those of a row.
var ofClick = []string{"name", "value", "click.name", "click.value", "trellis.value"}

// clicked judges a token of a click: one of a row must be a field of the panel's search.
func (c *check) clicked(v *view, id, token string, out spl.Outcome) {
	field, isRow := strings.CutPrefix(token, "row.")
	switch {
	case isRow && strings.HasSuffix(field, ".value"):
		if field = strings.TrimSuffix(field, ".value"); len(out.Fields) > 0 {
			c.hasField(v.file, id, field, out)
		}
	case slices.Contains(ofClick, token):
	default:
		c.token(v, id, token)
	}
}

// tokens judges those of a text.
func (c *check) tokens(v *view, at, text string) {
	for _, m := range form.FindAllStringSubmatch(text, -1) {
		c.token(v, at, m[2])
	}
}

// token judges one: an input, a handler or the defaults must set it. env: and a data source's results are Splunk's own.
func (c *check) token(v *view, at, name string) {
	space, _, hasSpace := strings.Cut(name, ":")
	_, isSource := v.definition.DataSources[space]
	base := strings.TrimSuffix(strings.TrimSuffix(name, ".earliest"), ".latest")
	own := hasSpace && (space == "env" || isSource)
	if !v.tokens[base] && !own {
		c.fault("token", v.file, at, "nothing sets the token %s", name)
	}
}

// layout judges that everything has a place, and every place something.
func (c *check) layout(v *view) {
	d := &v.definition
	places := slices.Clone(d.Layout.Structure)
	for _, l := range d.Layout.LayoutDefinitions {
		places = append(places, l.Structure...)
	}
	for _, tab := range d.Layout.Tabs.Items {
		if _, ok := d.Layout.LayoutDefinitions[tab.LayoutID]; !ok {
			c.fault("dashboard", v.file, tab.LayoutID, "there is no such layout")
		}
	}
	shown := map[string]bool{}
	for _, p := range places {
		shown[p.Item] = true
		_, isVis := d.Visualizations[p.Item]
		if _, isInput := d.Inputs[p.Item]; !isVis && !isInput {
			c.fault("dashboard", v.file, p.Item, "has a place, and is not there")
		}
	}
	for _, id := range d.Layout.GlobalInputs {
		shown[id] = true
		if _, ok := d.Inputs[id]; !ok {
			c.fault("dashboard", v.file, id, "there is no such input")
		}
	}
	for _, id := range append(slices.Collect(maps.Keys(d.Visualizations)), slices.Collect(maps.Keys(d.Inputs))...) {
		if !shown[id] {
			c.fault("dashboard", v.file, id, "has no place")
		}
	}
}
