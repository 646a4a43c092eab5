package pivot

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Config says which pivots there are. The zero value has the public services alone.
type Config struct {
	Collector string // base URL under which people reach this collector's pages; "": no links to it
	Splunk    Splunk
	Kibana    Kibana
	Grafana   Grafana
	Disabled  []string // names of [Services] that are switched off
	Custom    []Custom // the user's own, in this order
}

// Splunk is where searches are opened.
type Splunk struct {
	URL    string // of Splunk Web, with or without a locale such as /en-US; "": off
	App    string // whose search view is opened
	Search string // what the search begins with, before the filter
}

// Kibana is where Discover is opened; OpenSearch Dashboards takes the same links.
type Kibana struct {
	URL      string // with its base path and space, if any; "": off
	DataView string // id of the data view; "": Kibana's default
}

// Grafana is where Explore is opened.
type Grafana struct {
	URL        string // "": off
	DataSource string // UID
	Query      string // the query as a JSON object with forms, without refId and datasource
	Org        int    // id of the organization
}

// Custom is a pivot of the user's.
type Custom struct {
	Name, Title, URL string
	Applies          []Kind // empty: see [Applies]
	Addresses        Scope  // "": all
}

// DefaultConfig returns the public services, and what tools take where they have a URL.
func DefaultConfig() Config {
	return Config{
		Splunk:  Splunk{App: "search", Search: "tag=network tag=communicate"},
		Grafana: Grafana{Query: `{"filter": "{filter}"}`, Org: 1},
	}
}

// CheckBase tells what is wrong with the base URL of a tool, if anything.
func CheckBase(base string) error {
	u, err := url.Parse(base)
	switch {
	case err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "":
		return errors.New("not a URL like https://HOST/PATH")
	case u.User != nil:
		return errors.New("no user and password: everybody who sees a link would see them")
	case u.RawQuery != "" || u.Fragment != "" || strings.ContainsAny(base, "?#{}%"):
		return errors.New("a base URL has no query, fragment or forms: it is what links begin with")
	}
	_, err = Parse(base)
	return err
}

// CheckQuery tells what is wrong with [Grafana].Query, if anything: with any values in its forms it must be a JSON object.
func CheckQuery(query string) error {
	t, err := Parse("https://h/?q=" + escapeQuery(query))
	var bad *ParseError
	if errors.As(err, &bad) {
		return errors.New(strings.TrimPrefix((&ParseError{Text: bad.Text, Suggestion: bad.Suggestion}).Error(), "column 0: "))
	}
	link, err := t.Render(&sample, sampleTranslators)
	if err != nil {
		return err
	}
	u, err := url.Parse(link)
	if err != nil {
		return fmt.Errorf("not part of a URL: %w", err)
	}
	var object map[string]any
	if err := json.Unmarshal([]byte(u.Query().Get("q")), &object); err != nil {
		return fmt.Errorf(`not a JSON object such as {"expr": "{filter}"}: %w`, err)
	}
	return nil
}

// escapeQuery makes JSON of the user's stand in a parameter: its own & and # are data, its forms stay forms.
func escapeQuery(query string) string {
	return strings.NewReplacer("&", "%26", "#", "%23", "+", "%2B").Replace(strings.TrimSpace(query))
}

// sample has every value, and hostile ones where they are texts.
var sample = Subject{
	Kind: Alert, IP: netip.MustParseAddr("2001:db8::1"), Port: 443, Transport: "tcp", ASN: 64500, Alert: "0a", Incident: "0b",
	Detector: "dos.volumetric.host", Title: `a "title" \ of ' it`, From: time.Unix(1, 0), To: time.Unix(2, 0), Filter: `a : "b\"c"`,
}

var sampleTranslators = Translators{KQL: unchanged, SPL: unchanged}

func unchanged(f string) (string, error) { return f, nil }

// definition is a pivot before it is parsed.
type definition struct {
	name, title, url string
	kinds            []Kind
	scope            Scope
	v4               bool
	fitting          bool // kinds that lack one of its forms are left out
}

// definitions returns all that is switched on: the tools first.
func definitions(cfg Config) []definition {
	list := tools(cfg)
	for _, s := range services {
		if !slices.Contains(cfg.Disabled, s.name) {
			list = append(list, s)
		}
	}
	for _, c := range cfg.Custom {
		d := definition{name: c.Name, title: c.Title, url: c.URL, kinds: c.Applies, scope: c.Addresses}
		if d.title == "" {
			d.title = c.Name
		}
		if d.scope == "" {
			d.scope = AllAddresses
		}
		list = append(list, d)
	}
	return list
}

// tools returns the pivots into the user's own tools, as far as they have a URL.
func tools(cfg Config) (list []definition) {
	add := func(name, title, base, rest string, kinds ...Kind) {
		if base != "" {
			list = append(list, definition{name: name, title: title, url: strings.TrimRight(base, "/") + rest, kinds: kinds, scope: AllAddresses, fitting: true})
		}
	}
	add("collector", "Weir", cfg.Collector, "/alert/{alert}", Alert)
	add("collector", "Weir", cfg.Collector, "/host/{ip}?from={from:iso}&to={to:iso}", Address)
	add("collector", "Weir alerts", cfg.Collector, "/alerts?host={ip}&from={from:iso}&to={to:iso}", Address)
	add("splunk", "Splunk", withLocale(cfg.Splunk.URL), cfg.Splunk.rest(), Alert, Address)
	add("kibana", "Kibana", cfg.Kibana.URL, cfg.Kibana.rest(), Alert, Address)
	add("grafana", "Grafana", cfg.Grafana.URL, cfg.Grafana.rest(), Alert, Address)
	return list
}

// withLocale adds the locale that Splunk Web's addresses have, where there is none.
func withLocale(base string) string {
	base = strings.TrimRight(base, "/")
	last := base[strings.LastIndexByte(base, '/')+1:]
	if base == "" || len(last) == 5 && last[2] == '-' {
		return base
	}
	return base + "/en-US"
}

// rest is the address of a search. Splunk takes earliest as included and latest as not, as we do.
func (s Splunk) rest() string {
	return "/app/" + escape(s.App) + "/search?q=" + escape(strings.TrimSpace("search "+s.Search)) +
		"%20{filter:spl}&earliest={from:unix}&latest={to:unix}&display.page.search.mode=smart"
}

// rest is the address of Discover. Its state is in the fragment, in rison. Kibana knows the data view by dataSource since 8.15, and goes on
// taking index, which older ones and OpenSearch Dashboards want.
func (k Kibana) rest() string {
	view := ""
	if k.DataView != "" {
		view = "index:'" + escape(risonEscapes.Replace(k.DataView)) + "',"
	}
	return "/app/discover#/?_g=(time:(from:'{from:iso}',to:'{to:iso}'))&_a=(" + view + "query:(language:kuery,query:'{filter:kql}'))"
}

// rest is the address of Explore as Grafana writes it since version 10.
func (g Grafana) rest() string {
	uid := jsonString(g.DataSource)
	query := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(g.Query), "{"))
	if query != "}" {
		query = "," + query
	}
	return "/explore?schemaVersion=1&orgId=" + strconv.Itoa(g.Org) + `&panes={"weir":{"datasource":` + escape(uid) +
		`,"queries":[{"refId":"A","datasource":{"uid":` + escape(uid) + `}` + escapeQuery(query) +
		`],"range":{"from":"{from:ms}","to":"{to:ms}"}}}`
}
