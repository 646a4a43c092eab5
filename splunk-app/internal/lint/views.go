package lint

import (
	"encoding/json"
	"encoding/xml"
	"path"
	"slices"
	"strings"
)

// builtIn are the views that every app has.
var builtIn = []string{"search", "reports", "dashboards", "datasets", "data_models"}

// view is a dashboard of Dashboard Studio.
type view struct {
	name, file string
	definition definition
	inputs     map[string]bool // tokens that inputs set
	tokens     map[string]bool // all that are set
}

// allViews reads the dashboards, once.
func (c *check) allViews() map[string]*view {
	if c.views != nil {
		return c.views
	}
	c.views = map[string]*view{}
	for i := range c.p.Files {
		f := &c.p.Files[i]
		if path.Dir(f.Name) != "default/data/ui/views" {
			continue
		}
		v := &view{name: strings.TrimSuffix(path.Base(f.Name), ".xml"), file: f.Name, inputs: map[string]bool{}, tokens: map[string]bool{}}
		c.views[v.name] = v
		var outer struct {
			XMLName    xml.Name
			Version    string `xml:"version,attr"`
			Label      string `xml:"label"`
			Definition string `xml:"definition"`
		}
		if err := xml.Unmarshal(f.Data, &outer); err != nil || outer.XMLName.Local != "dashboard" || outer.Version != "2" || outer.Label == "" {
			c.fault("dashboard", f.Name, "", "no dashboard of Dashboard Studio with a label: %v", err)
			continue
		}
		if err := json.Unmarshal([]byte(outer.Definition), &v.definition); err != nil {
			c.fault("dashboard", f.Name, "", "the definition is no JSON: %v", err)
			continue
		}
		v.setTokens()
	}
	return c.views
}

// navigation judges that the views of the navigation are there, and that all views are in it.
func (c *check) navigation() {
	const file = "default/data/ui/nav/default.xml"
	views, data := c.allViews(), c.p.File(file)
	if data == nil {
		if len(views) > 0 {
			c.fault("navigation", file, "", "is missing")
		}
		return
	}
	var nav struct {
		Views       []navView `xml:"view"`
		Collections []struct {
			Views []navView `xml:"view"`
		} `xml:"collection"`
	}
	if err := xml.Unmarshal(data, &nav); err != nil {
		c.fault("navigation", file, "", "%v", err)
		return
	}
	listed := nav.Views
	for _, c := range nav.Collections {
		listed = append(listed, c.Views...)
	}
	seen, first := map[string]bool{}, 0
	for _, v := range listed {
		seen[v.Name] = true
		if v.Default == "true" {
			first++
		}
		if views[v.Name] == nil && !slices.Contains(builtIn, v.Name) {
			c.fault("navigation", file, v.Name, "there is no such view")
		}
	}
	for name := range views {
		if !seen[name] {
			c.fault("navigation", file, name, "the view is not in the navigation")
		}
	}
	if first != 1 {
		c.fault("navigation", file, "", "%d views are the first to be shown, not one", first)
	}
}

type navView struct {
	Name    string `xml:"name,attr"`
	Default string `xml:"default,attr"`
}
