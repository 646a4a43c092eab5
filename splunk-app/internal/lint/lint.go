package lint

import (
	"encoding/csv"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/weirflow/weir/splunk-app/internal/lint/spl"
	"github.com/weirflow/weir/splunk-app/internal/pack"
)

// Finding is a mistake in a package.
type Finding struct {
	Rule string // executable, scheme, lookup, macro, navigation, regex, field, search, dashboard, token, tag, conf, file
	File string
	At   string // stanza, view's part
	Text string
}

// String returns the finding in a line.
func (f Finding) String() string {
	at := f.File
	if f.At != "" {
		at += " [" + f.At + "]"
	}
	return f.Rule + ": " + at + ": " + f.Text
}

// Known is what packages are held to.
type Known struct {
	Fields map[string][]string // that events have, by source type
}

// Check returns what is wrong with a package.
func Check(p *pack.Package, known Known) []Finding {
	c := &check{p: p, known: known, confs: map[string]Conf{}, macros: spl.Macros{}, used: map[string]bool{}}
	c.read()
	c.files()
	c.scheme()
	c.lookups()
	c.regexes()
	c.settings()
	c.searches()
	c.navigation()
	c.dashboards()
	c.unusedMacros()
	return c.found
}

// check is one run over a package.
type check struct {
	p      *pack.Package
	known  Known
	confs  map[string]Conf // below default, by name without .conf
	macros spl.Macros
	used   map[string]bool // macros that something calls
	world  *spl.World
	views  map[string]*view
	found  []Finding
}

func (c *check) fault(rule, file, at, format string, args ...any) {
	c.found = append(c.found, Finding{rule, file, at, fmt.Sprintf(format, args...)})
}

// confFile is the file of settings of a name.
func confFile(name string) string { return "default/" + name + ".conf" }

// read reads all settings, and makes the world that searches are judged by.
func (c *check) read() {
	for _, f := range c.p.Files {
		name, isConf := strings.CutSuffix(strings.TrimPrefix(f.Name, "default/"), ".conf")
		if !isConf || path.Dir(f.Name) != "default" {
			continue
		}
		conf, err := ParseConf(string(f.Data))
		if err != nil {
			c.fault("conf", f.Name, "", "%v", err)
		}
		c.confs[name] = conf
	}
	for _, s := range c.confs["macros"] {
		c.macro(s)
	}
	c.world = &spl.World{Fields: c.fields(), Eventtypes: map[string]string{}, Lookups: map[string][]string{}}
	for _, s := range c.confs["eventtypes"] {
		text, err := c.macros.Expand(s.Of["search"])
		if err != nil {
			c.fault("macro", confFile("eventtypes"), s.Name, "%v", err)
		}
		c.world.Eventtypes[s.Name] = text
	}
	for _, s := range c.confs["transforms"] {
		if file := s.Of["filename"]; file != "" {
			c.world.Lookups[s.Name] = c.columns("lookups/" + file)
		}
	}
}

// macro takes a macro in, whose name must say how many arguments it has, and each of which must occur.
func (c *check) macro(s Stanza) {
	var args []string
	for _, arg := range strings.Split(s.Of["args"], ",") {
		if arg = strings.TrimSpace(arg); arg != "" {
			args = append(args, arg)
		}
	}
	name, _, _ := strings.Cut(s.Name, "(")
	want := name
	if len(args) > 0 {
		want = fmt.Sprintf("%s(%d)", name, len(args))
	}
	if s.Name != want {
		c.fault("macro", confFile("macros"), s.Name, "with these arguments it must be called %s", want)
	}
	for _, arg := range args {
		if !strings.Contains(s.Of["definition"], "$"+arg+"$") {
			c.fault("macro", confFile("macros"), s.Name, "the argument %s does not occur", arg)
		}
	}
	if s.Of["definition"] == "" {
		c.fault("macro", confFile("macros"), s.Name, "no definition")
	}
	c.macros[s.Name] = spl.Macro{Args: args, Definition: s.Of["definition"]}
}

// fields returns which fields events have: what is emitted, and what props.conf makes of it.
func (c *check) fields() func([]string) map[string]bool {
	all := map[string][]string{}
	for sourcetype, names := range c.known.Fields {
		all[sourcetype] = slices.Clone(names)
	}
	for _, s := range c.confs["props"] {
		for _, key := range s.Keys {
			if made, ok := madeBy(key, s.Of[key]); ok {
				all[s.Name] = append(all[s.Name], made)
			}
		}
	}
	return func(sourcetypes []string) map[string]bool {
		names := map[string]bool{}
		for sourcetype, fields := range all {
			if len(sourcetypes) > 0 && !slices.Contains(sourcetypes, sourcetype) {
				continue
			}
			for _, f := range fields {
				names[f] = true
			}
		}
		return names
	}
}

// madeBy returns the field that a setting of props.conf makes.
func madeBy(key, value string) (name string, ok bool) {
	if name, ok := strings.CutPrefix(key, "EVAL-"); ok {
		return name, true
	}
	if !strings.HasPrefix(key, "FIELDALIAS-") {
		return "", false
	}
	for _, as := range []string{" ASNEW ", " AS "} {
		if _, name, ok := strings.Cut(value, as); ok {
			return strings.Trim(strings.TrimSpace(name), `"`), true
		}
	}
	return "", false
}

// columns are those of a table; none where it is not there.
func (c *check) columns(file string) []string {
	data := c.p.File(file)
	if data == nil {
		return nil
	}
	rows, err := csv.NewReader(strings.NewReader(string(data))).ReadAll()
	if err != nil || len(rows) < 2 {
		c.fault("lookup", file, "", "no table with rows: %v", err)
		return nil
	}
	return rows[0]
}

// Search returns what is wrong with a search in the app of a package, such as one that a link into it opens.
func Search(p *pack.Package, known Known, text string) []Finding {
	c := &check{p: p, known: known, confs: map[string]Conf{}, macros: spl.Macros{}, used: map[string]bool{}}
	c.read()
	c.judgeIn("", "", text)
	return c.found
}
