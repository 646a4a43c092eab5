package lint

import (
	"net/url"
	"slices"
	"strings"
)

// workflow judges workflow actions: that their searches are some, and what they fill in is there. An action on the events of other products may fill in
// the fields that it asks for alone, and what every event has.
func (c *check) workflow() {
	const file = "default/workflow_actions.conf"
	for _, s := range c.confs["workflow_actions"] {
		fields := list(s.Of["fields"])
		offered := append(slices.Clone(fields), "_time", "_raw", "@sid", "@namespace")
		if slices.Contains(list(s.Of["eventtypes"]), "weir_alert") {
			offered = append(offered, c.known.Fields["weir:alert"]...)
			for _, name := range fields {
				if !slices.Contains(c.known.Fields["weir:alert"], name) {
					c.fault("field", file, s.Name, "no alert has the field %s", name)
				}
			}
		}
		for _, key := range []string{"label", "link.uri", "search.search_string"} {
			for _, m := range form.FindAllStringSubmatch(s.Of[key], -1) {
				if !slices.Contains(offered, m[2]) {
					c.fault("field", file, s.Name, "%s fills in %s, which the action does not ask for", key, m[2])
				}
			}
		}
		switch s.Of["type"] {
		case "search":
			c.judge("workflow_actions", s.Name, s.Of["search.search_string"])
		case "link":
			c.link(file, s.Name, s.Of["link.uri"])
		default:
			c.fault("conf", file, s.Name, "type is neither search nor link")
		}
	}
}

// link judges a link: https, or into an app; where that is this one, the view and its tokens must be there.
func (c *check) link(file, at, link string) {
	if strings.HasPrefix(link, "https://") {
		return
	}
	rest, ok := strings.CutPrefix(link, "/app/")
	if !ok {
		c.fault("navigation", file, at, "%s is neither https nor a link into an app", link)
		return
	}
	target, query, _ := strings.Cut(rest, "?")
	app, name, _ := strings.Cut(target, "/")
	if app != c.p.ID || strings.Contains(name, "$") || slices.Contains(builtIn, name) {
		return
	}
	v := c.allViews()[name]
	if v == nil {
		c.fault("navigation", file, at, "there is no view %s", name)
		return
	}
	for _, pair := range strings.Split(query, "&") {
		key, _, _ := strings.Cut(pair, "=")
		key, err := url.QueryUnescape(key)
		token, isForm := strings.CutPrefix(key, "form.")
		token = strings.TrimSuffix(strings.TrimSuffix(token, ".earliest"), ".latest")
		if err != nil || isForm && !v.inputs[token] {
			c.fault("token", file, at, "the view %s has no input %s", name, token)
		}
	}
}
