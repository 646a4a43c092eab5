package spl

import (
	"slices"
	"strings"
)

// functions are those of expressions, aggregations those of stats and its like.
var (
	functions = []string{
		"abs", "case", "ceil", "ceiling", "cidrmatch", "coalesce", "exact", "exp", "floor", "if", "in", "isbool", "isint", "isnotnull", "isnull", "isnum", "isstr",
		"json_extract", "len", "like", "ln", "log", "lower", "ltrim", "match", "max", "md5", "min", "mvappend", "mvcount", "mvdedup", "mvfilter", "mvfind", "mvindex",
		"mvjoin", "mvmap", "mvrange", "mvsort", "mvzip", "now", "null", "nullif", "pi", "pow", "printf", "random", "relative_time", "replace", "round", "rtrim",
		"searchmatch", "sha256", "sigfig", "split", "sqrt", "strftime", "strptime", "substr", "time", "tonumber", "tostring", "trim", "true", "typeof", "upper",
		"urldecode", "validate", "false", "ipmask", "spath",
	}
	aggregations = []string{
		"avg", "c", "count", "dc", "distinct_count", "earliest", "earliest_time", "estdc", "first", "last", "latest", "latest_time", "list", "max", "mean", "median", "min",
		"mode", "per_day", "per_hour", "per_minute", "per_second", "range", "rate", "sparkline", "stdev", "stdevp", "sum", "sumsq", "values", "var", "varp",
	}
	keywords = []string{"and", "or", "not", "xor", "like", "in", "is", "null", "true", "false"}
)

// expression judges an expression of eval and where.
func (j *judge) expression(args, command string) {
	list := lex(args, exprWord)
	for i, t := range list {
		called := i+1 < len(list) && list[i+1].isMark("(")
		switch {
		case t.kind == field:
			j.take(t.text, command)
		case t.kind != word || isNumber(t.text) || slices.Contains(keywords, strings.ToLower(t.text)) && !called:
		case called:
			if name := strings.ToLower(t.text); !slices.Contains(functions, name) && name != "in" && name != "and" && name != "or" && name != "not" && name != "like" {
				j.fault("%s: %s() is no function that is known", command, t.text)
			}
		default:
			j.take(t.text, command)
		}
	}
}

// eval judges assignments, which may take what those before them have made.
func (j *judge) eval(args, command string) {
	for _, part := range splitTop(args) {
		list := lex(part, exprWord)
		equals := slices.IndexFunc(list, func(t token) bool { return t.isMark("=") })
		if equals < 1 {
			j.fault("%s: no assignment: %s", command, part)
			continue
		}
		name := strings.Trim(strings.TrimSpace(part[:list[equals].pos]), `'"`)
		j.expression(part[list[equals].pos+1:], command)
		if command == "eval" {
			j.give(name)
		}
	}
}

// splitTop splits at the commas that stand in neither quotes nor parentheses.
func splitTop(args string) (parts []string) {
	depth, begin := 0, 0
	for _, t := range lex(args, exprWord) {
		switch {
		case t.isMark("("):
			depth++
		case t.isMark(")"):
			depth--
		case t.isMark(",") && depth == 0:
			parts, begin = append(parts, args[begin:t.pos]), t.pos+1
		}
	}
	return append(parts, args[begin:])
}

// aggregated is what a command of stats' kind makes, and what it groups by.
type aggregated struct {
	made, by []string
}

// aggregate judges aggregations, options and groups.
func (j *judge) aggregate(c *Command) (out aggregated) {
	list := lex(c.Args, termWord)
	for i := 0; i < len(list); i++ {
		t := list[i]
		switch {
		case t.isMark(","):
		case t.is("by") || t.is("over"):
			i++
			for ; i < len(list) && !list[i].is("by"); i++ {
				switch {
				case list[i].isMark(","):
				case i+1 < len(list) && list[i+1].isMark("="): // bins of a group
					i += 2
				case list[i].kind != mark:
					j.take(list[i].text, c.Name)
					out.by = append(out.by, list[i].text)
				}
			}
			i--
		case i+1 < len(list) && list[i+1].isMark("="): // an option
			i += 2
		case t.kind == word && isNumber(t.text):
		case t.kind == word:
			i = j.aggregation(c, list, i, &out)
		default:
			j.fault("%s: %q has no meaning here", c.Name, t.text)
		}
	}
	return out
}

// aggregation judges one, with its name, and returns where it ends.
func (j *judge) aggregation(c *Command, list []token, i int, out *aggregated) int {
	name := list[i].text
	base := strings.TrimRight(strings.ToLower(name), "0123456789")
	if isPercentile := base == "p" || base == "perc" || base == "exactperc" || base == "upperperc"; !isPercentile && !slices.Contains(aggregations, strings.ToLower(name)) {
		j.fault("%s: %s is no aggregation that is known", c.Name, name)
	}
	made := name
	if i+1 < len(list) && list[i+1].isMark("(") {
		end := i + 1
		for depth := 0; end < len(list); end++ {
			if list[end].isMark("(") {
				depth++
			} else if list[end].isMark(")") {
				if depth--; depth == 0 {
					break
				}
			}
		}
		end = min(end, len(list)-1)
		inner := c.Args[list[i+1].pos+1 : list[end].pos]
		made = name + "(" + strings.TrimSpace(inner) + ")"
		switch condition, isEval := strings.CutPrefix(strings.TrimSpace(inner), "eval("); {
		case isEval:
			j.expression(strings.TrimSuffix(condition, ")"), c.Name)
		case strings.TrimSpace(inner) != "":
			j.take(strings.Trim(strings.TrimSpace(inner), `'"`), c.Name)
		}
		i = end
	}
	if i+2 < len(list) && list[i+1].is("as") {
		made = list[i+2].text
		i += 2
	}
	out.made = append(out.made, made)
	return i
}
