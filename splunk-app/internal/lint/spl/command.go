package spl

import (
	"regexp"
	"slices"
	"strings"
)

// command judges one, and notes what it takes and makes.
func (j *judge) command(c *Command, first bool) {
	switch c.Name {
	case "search":
		j.terms(c, first)
	case "where":
		j.expression(c.Args, c.Name)
		j.judgeSubs(c)
	case "eval", "fieldformat":
		j.eval(c.Args, c.Name)
		j.judgeSubs(c)
	case "stats", "eventstats", "streamstats", "chart", "timechart", "top", "rare", "tstats":
		j.groups(c)
	case "table", "fields", "dedup", "sort", "fillnull", "mvexpand", "makemv", "nomv", "mvcombine", "rename", "bin", "bucket", "convert", "iplocation":
		j.names(c)
	case "rex", "regex":
		j.patterns(c)
	case "lookup", "inputlookup":
		j.lookups(c)
	case "makeresults":
		j.give("_time")
	case "addinfo":
		j.give("info_min_time", "info_max_time", "info_sid", "info_search_time")
	case "append", "appendcols", "union":
		j.merge(c)
	case "join":
		for _, name := range plainNames(c.Args) {
			j.take(name, c.Name)
		}
		j.merge(c)
	case "return":
		j.returned(c)
	case "addtotals":
		j.give("Total")
	case "xyseries", "untable", "transpose", "foreach", "spath", "trendline", "replace":
		j.open = true // what they make depends on the data
	}
}

// groups judges aggregations.
func (j *judge) groups(c *Command) {
	switch c.Name {
	case "top", "rare":
		names := plainNames(c.Args)
		names = slices.DeleteFunc(names, func(n string) bool { return strings.EqualFold(n, "by") || isNumber(n) })
		for _, name := range names {
			j.take(name, c.Name)
		}
		j.only(names)
		j.give("count", "percent")
		return
	case "tstats":
		j.open = true // of data models, whose fields have other names
	}
	out := j.aggregate(c)
	switch c.Name {
	case "eventstats", "streamstats":
		j.give(out.made...)
	case "timechart":
		j.only(nil)
		j.give("_time")
		j.give(out.made...)
		j.open = len(out.by) > 0
	case "chart":
		j.only(out.by[:min(1, len(out.by))])
		j.give(out.made...)
		j.open = len(out.by) > 1
	default:
		j.only(out.by)
		j.give(out.made...)
	}
}

// plainNames are the names that follow a command, without options (name=value) and subsearches.
func plainNames(args string) (names []string) {
	list := lex(args, termWord)
	for i := 0; i < len(list); i++ {
		switch t := list[i]; {
		case t.isMark("["):
			i += 2
		case t.kind == mark, t.kind == filled:
		case i+1 < len(list) && list[i+1].isMark("="):
			i += 2
		default:
			names = append(names, t.text)
		}
	}
	return names
}

// names judges commands that little but names follow.
func (j *judge) names(c *Command) {
	names := plainNames(c.Args)
	switch c.Name {
	case "rename":
		j.renamed(names)
		return
	case "bin", "bucket", "convert":
		j.renamedCopies(c, names)
		return
	case "dedup", "sort":
		names = slices.DeleteFunc(names, func(n string) bool { return isNumber(n) || slices.Contains(sortWords, strings.ToLower(n)) })
		for i := range names {
			names[i] = strings.TrimLeft(names[i], "+-")
		}
	case "fields":
		j.kept(c, names)
		return
	case "iplocation":
		j.give("City", "Country", "Region", "lat", "lon")
	}
	for _, name := range names {
		j.take(name, c.Name)
	}
	if c.Name == "table" {
		j.only(names)
		j.open = false
	}
}

// sortWords are those that stand between the names of sort and dedup.
var sortWords = []string{"sortby", "num", "str", "ip", "auto", "d", "desc", "-", "+"}

// kept judges the command fields, which keeps what it names, or leaves it out behind a minus.
func (j *judge) kept(c *Command, names []string) {
	minus := len(names) > 0 && names[0] == "-"
	names = slices.DeleteFunc(names, func(n string) bool { return n == "-" || n == "+" })
	for _, name := range names {
		j.take(name, c.Name)
		if minus {
			delete(j.known, name)
		}
	}
	if !minus { // which keeps Splunk's own as well, where they are left
		for _, name := range []string{"_time", "_raw"} {
			if j.known[name] {
				names = append(names, name)
			}
		}
		j.only(names)
	}
}

// renamed judges pairs with AS between.
func (j *judge) renamed(names []string) {
	for i := 0; i+2 < len(names); i += 3 {
		if !strings.EqualFold(names[i+1], "as") {
			j.fault("rename: no AS behind %s", names[i])
			return
		}
		j.take(names[i], "rename")
		delete(j.known, names[i])
		j.give(names[i+2])
	}
	if len(names)%3 != 0 {
		j.fault("rename: a name is missing")
	}
}

// renamedCopies judges names that may have AS and a new name behind them; the functions of convert stand before parentheses.
func (j *judge) renamedCopies(c *Command, names []string) {
	for i := 0; i < len(names); i++ {
		switch {
		case c.Name == "convert" && slices.Contains([]string{"ctime", "mktime", "dur2sec", "num", "rmunit", "auto", "none", "memk", "mstime"}, names[i]):
		case strings.EqualFold(names[i], "as") && i+1 < len(names):
			i++
			j.give(names[i])
		default:
			j.take(names[i], c.Name)
		}
	}
}

// patterns judges regular expressions, whose named groups become fields.
func (j *judge) patterns(c *Command) {
	list := lex(c.Args, termWord)
	for i, t := range list {
		if t.is("field") && i+2 < len(list) && list[i+1].isMark("=") {
			j.take(list[i+2].text, c.Name)
		}
		if t.kind != text {
			continue
		}
		pattern, err := Regexp(t.text)
		if err != nil {
			j.fault("%s: %v", c.Name, err)
			continue
		}
		j.give(slices.DeleteFunc(pattern.SubexpNames(), func(n string) bool { return n == "" })...)
	}
}

// Regexp compiles a regular expression of Splunk's, which writes named groups (?<name>...). What PCRE has beyond RE2 is refused: what is shipped
// does without.
func Regexp(pattern string) (*regexp.Regexp, error) { return regexp.Compile(pattern) }

// lookups judges lookups by the columns of their tables.
func (j *judge) lookups(c *Command) {
	names := plainNames(c.Args)
	if len(names) == 0 {
		j.fault("%s: no table", c.Name)
		return
	}
	columns, ok := j.world.Lookups[names[0]]
	if !ok {
		j.fault("%s: there is no lookup %s", c.Name, names[0])
		return
	}
	if c.Name == "inputlookup" {
		j.give(columns...)
		return
	}
	isOutput, given := false, false
	for i := 1; i < len(names); i++ {
		if strings.EqualFold(names[i], "output") || strings.EqualFold(names[i], "outputnew") {
			isOutput = true
			continue
		}
		column, name := names[i], names[i]
		if i+2 < len(names) && strings.EqualFold(names[i+1], "as") {
			name = names[i+2]
			i += 2
		}
		if !slices.Contains(columns, column) {
			j.fault("lookup: %s has no column %s", names[0], column)
		}
		if isOutput {
			j.give(name)
			given = true
		} else {
			j.take(name, c.Name)
		}
	}
	if !given {
		j.give(columns...)
	}
}

// returned judges the command return: names, alias=name, $name.
func (j *judge) returned(c *Command) {
	list := lex(c.Args, termWord)
	for i, t := range list {
		isAlias := i+1 < len(list) && list[i+1].isMark("=")
		if t.kind == word && !isNumber(t.text) && !isAlias {
			j.take(t.text, c.Name)
		}
	}
}
