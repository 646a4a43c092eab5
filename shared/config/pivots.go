package config

import (
	"errors"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/weirflow/weir/shared/pivot"
)

func pivotKeys(c *pivot.Config) []key {
	return []key{
		{name: "collector", doc: "This collector's own pages.", keys: []key{baseKey("https://weir.example.net", &c.Collector)}},
		{name: "splunk", doc: "Splunk: a search of the same host or evidence and minutes.", keys: []key{
			baseKey("https://splunk.example.net:8000", &c.Splunk.URL),
			textKey("app", "name", "search", "App whose search view is opened.", &c.Splunk.App),
			textKey("search", "SPL", "tag=network tag=communicate", "What the search begins with, before the filter: an index, a source type. The default is what the Common Information Model tags network traffic with.", &c.Splunk.Search),
		}},
		{name: "kibana", doc: "Kibana (or OpenSearch Dashboards): Discover.", keys: []key{
			baseKey("https://kibana.example.net/s/noc", &c.Kibana.URL),
			textKey("data_view", "id", "the default one", "Id of the data view (index pattern).", &c.Kibana.DataView),
		}},
		{name: "grafana", doc: "Grafana: Explore.", keys: grafanaKeys(&c.Grafana)},
		{name: "disabled", kind: "list of `" + strings.Join(pivot.Services(), "`, `") + "`", def: "none", doc: "Public services to which there are no links.",
			read: func(d *decoder, n *yaml.Node) {
				d.list(n, "services", func(item *yaml.Node) {
					word := ""
					if d.oneOf(item, &word, pivot.Services()...); word != "" {
						c.Disabled = append(c.Disabled, word)
					}
				})
			}},
		{name: "custom", named: "name", doc: "Links of your own.", keys: customPivotKeys(&pivot.Custom{}, &pivotNodes{}),
			read: func(d *decoder, n *yaml.Node) { d.customPivots(n, c) }},
	}
}

// baseKey is where a tool is.
func baseKey(example string, at *string) key {
	return key{name: "url", kind: "URL", def: "none", doc: "Where people reach it, like `" + example + "`. Without it there are no links to it.",
		read: func(d *decoder, n *yaml.Node) {
			s, ok := d.text(n, "a URL")
			if !ok {
				return
			}
			if err := pivot.CheckBase(s); err != nil {
				d.fail(n, "%v", err)
				return
			}
			*at = s
		}}
}

func grafanaKeys(g *pivot.Grafana) []key {
	return []key{
		baseKey("https://grafana.example.net", &g.URL),
		textKey("datasource", "UID", "", "UID of the data source, as its page has it in its address. Required with `url`.", &g.DataSource),
		{name: "query", kind: "JSON object with forms", def: `'{"filter": "{filter}"}'`, doc: "What the data source is asked, as Explore has it in its address, without `refId` and `datasource`.",
			read: func(d *decoder, n *yaml.Node) {
				s, ok := d.text(n, "a JSON object in quotes")
				if !ok {
					return
				}
				if err := pivot.CheckQuery(s); err != nil {
					d.fail(n, "%v", err)
					return
				}
				g.Query = s
			}},
		{name: "org", kind: "number", def: "1", doc: "Id of the organization.", read: func(d *decoder, n *yaml.Node) {
			if v, ok := d.integer(n, 1, 1<<31-1); ok {
				g.Org = int(v)
			}
		}},
	}
}

func customPivotKeys(p *pivot.Custom, at *pivotNodes) []key {
	return []key{
		textKey("title", "text", "the name", "What the link is called; the address, port or AS follows it.", &p.Title),
		{name: "url", kind: "template", doc: "URL with forms such as `{ip}` or `%IP%`: see [pivots.md](pivots.md). Required.",
			read: func(d *decoder, n *yaml.Node) { at.url = n; d.template(n, &p.URL) }},
		{name: "applies_to", kind: "list of `" + strings.Join(pivot.Kinds(), "`, `") + "`", def: "what it has forms of", doc: "What it is for.",
			read: func(d *decoder, n *yaml.Node) {
				at.applies = n
				d.list(n, "kinds", func(item *yaml.Node) {
					word := ""
					if d.oneOf(item, &word, pivot.Kinds()...); word != "" {
						p.Applies = append(p.Applies, pivot.Kind(word))
					}
				})
			}},
		{name: "addresses", kind: "`all`, `public` or `private`", def: "all", doc: "Which addresses and AS numbers it is for.",
			read: func(d *decoder, n *yaml.Node) {
				word := ""
				d.oneOf(n, &word, string(pivot.AllAddresses), string(pivot.PublicAddresses), string(pivot.PrivateAddresses))
				p.Addresses = pivot.Scope(word)
			}},
	}
}

// pivotNodes are where the parts of a pivot stand.
type pivotNodes struct{ url, applies *yaml.Node }

func (d *decoder) template(n *yaml.Node, to *string) {
	s, ok := d.text(n, "a URL with forms like https://HOST/?q={ip}")
	if !ok {
		return
	}
	_, err := pivot.Parse(s)
	var bad *pivot.ParseError
	if errors.As(err, &bad) {
		hint := ""
		if bad.Suggestion != "" {
			hint = "; did you mean " + bad.Suggestion + "?"
		}
		d.failWithin(n, bad.Column, "%s%s", bad.Text, hint)
		return
	}
	*to = s
}

// pivots reads the section and checks what its parts say together.
func (d *decoder) pivots(n *yaml.Node, c *pivot.Config) {
	faults := len(d.errs)
	d.mapping(n, pivotKeys(c))
	if len(d.errs) == faults && c.Grafana.URL != "" && c.Grafana.DataSource == "" {
		d.fail(n, "pivots.grafana has no datasource: Explore would open with another")
	}
}

func (d *decoder) customPivots(n *yaml.Node, c *pivot.Config) {
	d.pairs(n, func(name, value *yaml.Node) {
		p, at, faults := pivot.Custom{Name: name.Value}, pivotNodes{}, len(d.errs)
		d.groupName(name)
		d.mapping(value, customPivotKeys(&p, &at))
		if len(d.errs) > faults {
			return
		}
		if p.URL == "" {
			d.fail(name, "pivot %q has no url", p.Name)
			return
		}
		where := at.url
		if at.applies != nil {
			where = at.applies
		}
		if _, err := pivot.New(pivot.Config{Custom: []pivot.Custom{p}, Disabled: pivot.Services()}, pivot.Deps{}); err != nil {
			d.fail(where, "%v", err)
		}
		if c.Custom = append(c.Custom, p); len(c.Custom) == maxPivots+1 {
			d.fail(name, "more than %d pivots", maxPivots)
		}
	})
}

// maxPivots is the most pivots of the user's: each is in every alert that it is for.
const maxPivots = 100
