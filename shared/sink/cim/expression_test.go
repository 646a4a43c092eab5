package cim_test

import (
	"math/big"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/filter/filtertest"
)

// expression judges the part of Splunk's eval that the validity of CIM's fields is written in: null is "", ok false.
type expression struct {
	tokens []string
	at     int
	event  filtertest.Event
}

var (
	evalToken    = regexp.MustCompile(`"[^"]*"|==|[()<>,+!]|[A-Za-z_][A-Za-z_0-9]*|[0-9]+`)
	isWhereMatch = regexp.MustCompile(`^\| where match\((\w+),`)
	searchTerm   = regexp.MustCompile(`(\w+)="?([\w*]+)"?`)
)

// valid tells whether an expression gives a value.
func valid(t *testing.T, e filtertest.Event, text string) bool {
	t.Helper()
	x := &expression{tokens: evalToken.FindAllString(text, -1), event: e}
	v := x.either()
	if x.at != len(x.tokens) {
		t.Fatalf("%s: not understood from %q", text, x.tokens[x.at])
	}
	return v != ""
}

// holds tells whether a condition selects an event. Those that match addresses by expressions that Go does not have are judged by reading the
// address; those of hardware addresses, in upper case, never hold: Weir's are in lower case.
func holds(e filtertest.Event, condition string) bool {
	if condition == "" {
		return true
	}
	if m := isWhereMatch.FindStringSubmatch(condition); m != nil {
		if strings.Contains(condition, "[0-9A-F]{2}[:-]") {
			return false
		}
		_, err := netip.ParseAddr(strings.Join(e[m[1]], ""))
		return err == nil
	}
	return e.Selects(strings.TrimSpace(searchTerm.ReplaceAllStringFunc(condition, func(term string) string {
		m := searchTerm.FindStringSubmatch(term)
		if m[2] == "*" {
			return m[1] + "=*"
		}
		return m[1] + `="` + m[2] + `"`
	})))
}

func (x *expression) peek() string {
	if x.at < len(x.tokens) {
		return x.tokens[x.at]
	}
	return ""
}

func (x *expression) take(token string) bool {
	if strings.EqualFold(x.peek(), token) {
		x.at++
		return true
	}
	return false
}

const yes, no = "true", "false"

func truth(b bool) string {
	if b {
		return yes
	}
	return no
}

func (x *expression) either() string {
	v := x.both()
	for x.take("or") {
		w := x.both()
		v = truth(v == yes || w == yes)
	}
	return v
}

func (x *expression) both() string {
	v := x.compared()
	for x.take("and") {
		w := x.compared()
		v = truth(v == yes && w == yes)
	}
	return v
}

// compared is null, which is not true, where a side is.
func (x *expression) compared() string {
	v := x.sum()
	for _, op := range []string{"==", ">", "<"} {
		if !x.take(op) {
			continue
		}
		w := x.sum()
		if v == "" || w == "" {
			return ""
		}
		a, okA := new(big.Rat).SetString(v)
		b, okB := new(big.Rat).SetString(w)
		if !okA || !okB {
			return truth(op == "==" && v == w)
		}
		order := a.Cmp(b)
		return truth(op == "==" && order == 0 || op == ">" && order > 0 || op == "<" && order < 0)
	}
	return v
}

func (x *expression) sum() string {
	v := x.one()
	for x.take("+") {
		a, okA := new(big.Rat).SetString(v)
		b, okB := new(big.Rat).SetString(x.one())
		if !okA || !okB {
			v = ""
			continue
		}
		v = new(big.Rat).Add(a, b).RatString()
	}
	return v
}

func (x *expression) one() string {
	if x.take("!") {
		return truth(x.one() != yes)
	}
	if x.take("(") {
		v := x.either()
		x.take(")")
		return v
	}
	token := x.peek()
	x.at++
	if strings.HasPrefix(token, `"`) || token[0] >= '0' && token[0] <= '9' {
		return strings.Trim(token, `"`)
	}
	if !x.take("(") {
		return strings.Join(x.event[token], " ")
	}
	var args []string
	for !x.take(")") {
		args = append(args, x.either())
		x.take(",")
	}
	return call(token, args)
}

func call(name string, args []string) string {
	switch name {
	case "isnum":
		_, ok := new(big.Rat).SetString(args[0])
		return truth(ok)
	case "isnull":
		return truth(args[0] == "")
	case "true":
		return yes
	case "if":
		if args[0] == yes {
			return args[1]
		}
		return args[2]
	case "case":
		for i := 0; i+1 < len(args); i += 2 {
			if args[i] == yes {
				return args[i+1]
			}
		}
	}
	return ""
}

// TestExpressions: the judge itself, by hand.
func TestExpressions(t *testing.T) {
	e := filtertest.Event{"bytes": {"30"}, "bytes_in": {"10"}, "bytes_out": {"20"}, "transport": {"tcp"}, "protocol": {"ip"}, "dest": {"::1"}, "dest_ip": {"::1"}}
	for text, want := range map[string]bool{
		`if(isnum(bytes) and bytes>0 and bytes==(bytes_in+bytes_out),bytes,null())`: true,
		`if(isnum(bytes) and bytes>30,bytes,null())`:                                false,
		`if(isnum(ttl),ttl,null())`:                                                 false,
		`if((!isnull(dest_ip) AND dest == dest_ip), dest_ip, null())`:               true,
		`if((!isnull(src_ip) AND src == src_ip), src_ip, null())`:                   false,
		`case(protocol=="icmp" AND transport=="icmp",protocol ,protocol=="ip" AND (transport=="tcp" OR transport=="udp"),protocol,true(), null())`: true,
		`case(protocol=="icmp",protocol,transport=="udp",protocol,true(), null())`:                                                                 false,
	} {
		if got := valid(t, e, text); got != want {
			t.Errorf("%s is %v", text, got)
		}
	}
	for text, want := range map[string]bool{
		"": true, "transport=tcp OR transport=udp": true, "(transport=tcp OR transport=udp) AND dest_translated_ip=*": false, "bytes=*": true,
		`ids_type="network"`: false, `| where match(dest, "...")`: true, `| where match(src, "...")`: false,
	} {
		if got := holds(e, text); got != want {
			t.Errorf("%s holds: %v", text, got)
		}
	}
}
