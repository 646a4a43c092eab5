package lint

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/weirflow/weir/splunk-app/internal/lint/spl"
)

// lookups judges tables: each that is named is there, each that is there is named.
func (c *check) lookups() {
	named := map[string]bool{}
	for _, s := range c.confs["transforms"] {
		file := s.Of["filename"]
		if file == "" {
			continue
		}
		named["lookups/"+file] = true
		if c.p.File("lookups/"+file) == nil {
			c.fault("lookup", confFile("transforms"), s.Name, "there is no lookups/%s", file)
		}
	}
	for i := range c.p.Files {
		if name := c.p.Files[i].Name; strings.HasPrefix(name, "lookups/") && !named[name] {
			c.fault("lookup", name, "", "no stanza of transforms.conf names it")
		}
	}
	for _, s := range c.confs["props"] {
		for _, key := range s.Keys {
			if !strings.HasPrefix(key, "LOOKUP-") {
				continue
			}
			if table, _, _ := strings.Cut(s.Of[key], " "); c.world.Lookups[table] == nil {
				c.fault("lookup", confFile("props"), s.Name, "there is no lookup %s", table)
			}
		}
	}
}

// regexes compiles the regular expressions of props.conf and transforms.conf.
func (c *check) regexes() {
	for name, keys := range map[string][]string{"props": {"LINE_BREAKER", "TIME_PREFIX", "EVENT_BREAKER", "EXTRACT-", "SEDCMD-"}, "transforms": {"REGEX"}} {
		for _, s := range c.confs[name] {
			for _, key := range s.Keys {
				if !slices.ContainsFunc(keys, func(k string) bool { return key == k || strings.HasSuffix(k, "-") && strings.HasPrefix(key, k) }) {
					continue
				}
				if _, err := spl.Regexp(s.Of[key]); err != nil {
					c.fault("regex", confFile(name), s.Name, "%s: %v", key, err)
				}
			}
		}
	}
}

// settings judges what props, tags and workflow actions say of fields and event types.
func (c *check) settings() {
	for _, s := range c.confs["props"] {
		if !strings.HasPrefix(s.Name, "weir:") {
			continue
		}
		for _, key := range s.Keys {
			if strings.HasPrefix(key, "FIELDALIAS-") {
				c.alias(s, key)
			}
			if strings.HasPrefix(key, "EVAL-") {
				c.judge("props", s.Name, fmt.Sprintf("search sourcetype=%q | eval made=%s", s.Name, s.Of[key]))
			}
		}
	}
	for _, s := range c.confs["tags"] {
		if name, ok := strings.CutPrefix(s.Name, "eventtype="); ok && c.world.Eventtypes[name] == "" {
			c.fault("tag", confFile("tags"), s.Name, "there is no event type %s", name)
		}
	}
	for _, s := range c.confs["workflow_actions"] {
		for _, name := range list(s.Of["eventtypes"]) {
			if c.world.Eventtypes[name] == "" {
				c.fault("tag", confFile("workflow_actions"), s.Name, "there is no event type %s", name)
			}
		}
	}
}

// alias judges that what gets another name is there. A list is emitted as NAME and called NAME{} by Splunk.
func (c *check) alias(s Stanza, key string) {
	from, _, ok := strings.Cut(s.Of[key], " AS")
	from = strings.TrimSuffix(strings.Trim(strings.TrimSpace(from), `"`), "{}")
	if !ok || !slices.Contains(c.known.Fields[s.Name], from) {
		c.fault("field", confFile("props"), s.Name, "%s: no event has the field %s", key, from)
	}
}

func list(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}

// form is what Splunk fills in: $name$, $row.name.value$, $name|s$.
var form = regexp.MustCompile(`\$(!?)(@?[A-Za-z_][\w.:-]*)(?:\|([a-z]))?\$`)

// searches judges all searches of settings.
func (c *check) searches() {
	for _, s := range c.confs["eventtypes"] {
		c.judge("eventtypes", s.Name, s.Of["search"])
	}
	for _, s := range c.confs["macros"] {
		for _, name := range spl.Calls(s.Of["definition"]) {
			c.used[name] = true
		}
	}
	for _, s := range c.confs["savedsearches"] {
		out := c.judge("savedsearches", s.Name, s.Of["search"])
		for _, key := range s.Keys {
			if strings.HasPrefix(key, "action.") && !strings.HasSuffix(key, "_search") {
				c.filled(confFile("savedsearches"), s.Name+"] ["+key, s.Of[key], out)
			}
		}
		if drilldown := s.Of["action.notable.param.drilldown_search"]; drilldown != "" {
			c.filled(confFile("savedsearches"), s.Name, drilldown, out)
			c.judge("savedsearches", s.Name, drilldown)
		}
		for _, name := range list(s.Of["alert.suppress.fields"]) {
			c.hasField(confFile("savedsearches"), s.Name, name, out)
		}
	}
	c.workflow()
}

// judge judges a search of a stanza, and returns what it comes to.
func (c *check) judge(conf, stanza, text string) spl.Outcome {
	return c.judgeIn(confFile(conf), stanza, text)
}

func (c *check) judgeIn(file, at, text string) (out spl.Outcome) {
	for _, name := range spl.Calls(text) {
		c.used[name] = true
	}
	expanded, err := c.macros.Expand(text)
	if err != nil {
		c.fault("macro", file, at, "%v", err)
		return spl.Outcome{Open: true}
	}
	s, err := spl.Parse(expanded)
	if err != nil {
		c.fault("search", file, at, "%v", err)
		return spl.Outcome{Open: true}
	}
	out = c.world.Judge(s)
	for _, problem := range out.Problems {
		c.fault("field", file, at, "%s", problem)
	}
	return out
}

// filled judges what is filled into a text from the results of a search.
func (c *check) filled(file, at, text string, out spl.Outcome) {
	for _, m := range form.FindAllStringSubmatch(text, -1) {
		if m[2] != "info_min_time" && m[2] != "info_max_time" { // which Splunk gives results itself
			c.hasField(file, at, m[2], out)
		}
	}
}

func (c *check) hasField(file, at, name string, out spl.Outcome) {
	if !out.Open && !slices.Contains(out.Fields, name) {
		c.fault("field", file, at, "the search has no field %s", name)
	}
}

// unusedMacros tells of macros that nothing calls: mostly a name that is misspelled elsewhere. Those that begin with the name of the app and are
// for users stand in searches of their own.
func (c *check) unusedMacros() {
	for _, s := range c.confs["macros"] {
		if !c.used[s.Name] {
			c.fault("macro", confFile("macros"), s.Name, "nothing calls it")
		}
	}
}
