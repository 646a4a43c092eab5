package config

import (
	"net/url"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"
)

// HEC is what outputs of type hec have besides: where events go in Splunk.
type HEC struct {
	URLs        []string // of the HTTP Event Collectors
	Token       Secret
	Flows       string            // "none", "sessions", "aggregated" or "all"
	Source      string            // source of the events
	Index       string            // of events whose kind has none of its own; "": that of the token
	Indexes     map[string]string // by kind
	Sourcetypes map[string]string // by kind, where it is not Weir's own
	NoAck       bool              // acknowledgements are not asked for
}

// Defaults of outputs of type hec, where they are others than those of alerts alone.
const (
	hecSpool   = 1 << 30
	hecTimeout = 30 * time.Second
)

// eventKinds are the kinds of events that have an index and a sourcetype.
var eventKinds = []string{"flow", "session", "traffic", "alert", "exporter", "status"}

func hecKeys(o *Output) []key {
	h := &o.HEC
	names := func(name, what, def, doc string, set func(kind, value string)) key {
		k := key{name: name, doc: doc}
		for _, kind := range eventKinds {
			k.keys = append(k.keys, key{name: kind, kind: "name", def: def + kind, doc: what + " of events of kind " + kind + ".", read: func(d *decoder, n *yaml.Node) {
				if s, ok := d.word(n, what); ok {
					set(kind, s)
				}
			}})
		}
		return k
	}
	index := names("index", "index", "", "hec: the index of all events, or one for each kind: see [splunk-hec.md](splunk-hec.md). Default: the token's.", func(kind, value string) {
		if h.Indexes == nil {
			h.Indexes = map[string]string{}
		}
		h.Indexes[kind] = value
	})
	for i := range index.keys {
		index.keys[i].def = "the token's"
	}
	byKind := index
	index.read = func(d *decoder, n *yaml.Node) {
		if n.Kind != yaml.ScalarNode {
			d.mapping(n, byKind.keys)
		} else if s, ok := d.word(n, "index"); ok {
			h.Index = s
		}
	}
	return []key{
		{name: "token", kind: "`{value: TEXT}`, `{env: VARIABLE}` or `{file: PATH}`", doc: "hec: the token. Required. It is never logged.", read: func(d *decoder, n *yaml.Node) { d.secret(n, "token", &h.Token) }},
		{name: "flows", kind: "`none`, `sessions`, `aggregated` or `all`", def: "sessions", doc: "hec: what is sent of flows: nothing; sessions; sums by the minute, ephemeral ports folded; or all records and sessions.",
			read: func(d *decoder, n *yaml.Node) { d.oneOf(n, &h.Flows, "none", "sessions", "aggregated", "all") }},
		{name: "source", kind: "text", def: "weir", doc: "hec: the source of events.", read: func(d *decoder, n *yaml.Node) {
			if s, ok := d.word(n, "source"); ok {
				h.Source = s
			}
		}},
		index,
		names("sourcetype", "sourcetype", "weir:", "hec: other sourcetypes than Weir's own, which Weir's app for Splunk knows.", func(kind, value string) {
			if h.Sourcetypes == nil {
				h.Sourcetypes = map[string]string{}
			}
			h.Sourcetypes[kind] = value
		}),
		boolKey("acknowledge", true, "hec: whether an event counts as delivered when an indexer has acknowledged it, where the token has that.", func(v bool) { h.NoAck = !v }),
	}
}

// word reads a name of Splunk's.
func (d *decoder) word(n *yaml.Node, what string) (string, bool) {
	s, ok := d.text(n, "the name of an "+what)
	if ok && (len(s) > 200 || firstOutside(s, lowerCase+upperCase+digits+"-_:./") >= 0) {
		d.fail(n, "%q is not the name of an %s: letters, digits and any of - _ : . /", s, what)
		return "", false
	}
	return s, ok
}

// urls reads a URL, or several.
func (d *decoder) urls(n *yaml.Node, o *Output) {
	if n.Kind == yaml.ScalarNode {
		if d.url(n, &o.URL); o.URL != "" {
			o.HEC.URLs = []string{o.URL}
		}
		return
	}
	d.list(n, "URLs", func(item *yaml.Node) {
		at := ""
		if d.url(item, &at); at != "" {
			o.HEC.URLs = append(o.HEC.URLs, at)
		}
	})
}

func notBare(text string) bool {
	u, err := url.Parse(text)
	return err != nil || u.User != nil || u.RawQuery != "" || u.Fragment != ""
}

// hecWhole checks that an output of type hec has what it needs, and gives it its own defaults.
func (d *decoder) hecWhole(name, value *yaml.Node, o *Output) {
	given := map[string]*yaml.Node{}
	d.pairs(value, func(k, v *yaml.Node) { given[k.Value] = v })
	switch {
	case len(o.HEC.URLs) == 0:
		d.fail(name, "output %q has no url", o.Name)
	case o.HEC.Token.IsZero():
		d.fail(name, "output %q has no token", o.Name)
	}
	if at := given["url"]; at != nil && slices.ContainsFunc(o.HEC.URLs, notBare) {
		d.fail(at, "the url of a HTTP Event Collector is like https://splunk.example.net:8088, without user, password and query (its text is not shown: it may hold secrets)")
	}
	if o.URL = ""; given["spool"] == nil {
		o.Spool = hecSpool
	}
	if given["timeout"] == nil {
		o.Timeout = hecTimeout
	}
}
