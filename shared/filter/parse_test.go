package filter_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
)

func asError(err error, target **filter.Error) bool { return errors.As(err, target) }

func TestParse(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty is everything", "  \t\n", ""},
		{"star is everything", "*", ""},
		{"everything inside", "* or source.port : 1", "* or source.port : 1"},
		{"not binds before and, and before or", "not source.port:1 and source.port:2 or source.port:3", "not source.port : 1 and source.port : 2 or source.port : 3"},
		{"or inside and keeps its parentheses", "(source.port:1 or source.port:2) and source.port:3", "(source.port : 1 or source.port : 2) and source.port : 3"},
		{"needless parentheses go", "((source.port:1 and (source.port:2)))", "source.port : 1 and source.port : 2"},
		{"two nots undo each other", "not not not source.port:1 and not (not source.port : 2)", "not source.port : 1 and source.port : 2"},
		{"a word that ends in not", "network.application : cannot and not network.application : *knot", `network.application : "cannot" and not network.application : *kno\u0074`},
		{"words that are no texts in Kibana", "network.application : (true or null)", `network.application : ("true" or "null")`},
		{"not of a group", "not (source.port:1 and source.port:2)", "not (source.port : 1 and source.port : 2)"},
		{"operators in any case", "NOT source.port:1 AnD source.port:2 OR source.port:3", "not source.port : 1 and source.port : 2 or source.port : 3"},
		{"without needless spaces", "not(source.port:80)and(source.port:81)or(not(source.port:82))", "not source.port : 80 and source.port : 81 or not source.port : 82"},
		{"values joined by or", "destination.port : (22 or 3389 OR 5900)", "destination.port : (22 or 3389 or 5900)"},
		{"values joined by and on a list", "weir.tcp.flags : (SYN and ACK)", "weir.tcp.flags : SYN and weir.tcp.flags : ACK"},
		{"values negated", "weir.tcp.flags : (SYN and not (ACK or RST))", "weir.tcp.flags : SYN and not weir.tcp.flags : (ACK or RST)"},
		{"one value in parentheses", "source.port : (80)", "source.port : 80"},
		{"ranges", "network.bytes>=10 and network.bytes<20", "network.bytes >= 10 and network.bytes < 20"},
		{"leading zeros are numbers", "source.port : 0080", "source.port : 80"},
		{"signed", "weir.clock.offset_ms < -10", "weir.clock.offset_ms < -10"},
		{"float", "weir.sampling.interval : 2.50", "weir.sampling.interval : 2.5"},
		{"exists", "source.port : *", "source.port : *"},
		{"only stars is exists", "network.application : **", "network.application : *"},
		{"a star in quotes is a text", `network.application : "*"`, `network.application : "*"`},
		{"prefix with host bits", "source.ip : 10.1.2.3/8", "source.ip : 10.0.0.0/8"},
		{"IPv6 bare", "source.ip:2001:db8::/32 or source.ip : ::1", `source.ip : "2001:db8::/32" or source.ip : "::1"`},
		{"IPv4-mapped is IPv4", `source.ip : "::ffff:10.0.0.1"`, "source.ip : 10.0.0.1"},
		{"a prefix of all IPv4 inside IPv6", "source.ip : ::ffff:0:0/96", "source.ip : 0.0.0.0/0"},
		{"address order", "source.ip >= 10.0.0.5 and source.ip <= 10.0.0.9", "source.ip >= 10.0.0.5 and source.ip <= 10.0.0.9"},
		{"hardware address in any form", "source.mac : 00:1b:44:11:3a:b7", "source.mac : 00-1B-44-11-3A-B7"},
		{"time bare", "event.end >= 2026-03-02T08:15:00.5+01:00", `event.end >= "2026-03-02T07:15:00.5Z"`},
		{"a day with >= and <", "event.end >= 2026-03-02 and event.end < 2026-03-03", `event.end >= "2026-03-02T00:00:00Z" and event.end < "2026-03-03T00:00:00Z"`},
		{"quoted value", `weir.source.group : "servers"`, "weir.source.group : servers"},
		{"quoted operator", `network.application : "and"`, `network.application : "and"`},
		{"escaped operator", `network.application : \and`, `network.application : "and"`},
		{"escapes in quotes", `network.application : "a\"b\\c\d"`, `network.application : "a\"b\\c\\d"`},
		{"unicode escape", `network.application : "\u0041"`, "network.application : A"},
		{"wildcards", "observer.ingress.interface.name : ge-*/1*", "observer.ingress.interface.name : ge-*/1*"},
		{"stars in a row are one", "network.application : a**b", "network.application : a*b"},
		{"escaped star is a text", `network.application : a\*`, `network.application : "a*"`},
		{"wildcard with a space", `network.application : a\ b*`, `network.application : a\u0020b*`},
		{"names of protocols and numbers", "network.transport : (UDP or 6 or 99)", "network.transport : (udp or tcp or 99)"},
		{"enumerations in any case", "network.direction : Inbound and weir.tcp.flags : syn", "network.direction : inbound and weir.tcp.flags : SYN"},
		{"value without a name", "weir.end_reason : 9", "weir.end_reason : 9"},
		{"country in lower case", "source.geo.country_iso_code : ch", "source.geo.country_iso_code : CH"},
		{"event id", "event.id : 0123456789ABCDEF0123456789abcdef-01-2", "event.id : 0123456789abcdef0123456789abcdef-1-2"},
		{"elements", "weir.elements : *", "weir.elements : *"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, err := filter.Parse(c.text, flow.NewRegistry())
			if err != nil {
				t.Fatal(err)
			}
			if n.String() != c.want {
				t.Errorf("%s\ngives  %s\nwanted %s", c.text, n, c.want)
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct {
		text       string
		column     int
		message    string
		suggestion string
	}{
		{"source.prot : 80", 1, "no field source.prot", "source.port"},
		{"source.port : 1 and destnation.ip : 10.0.0.1", 21, "no field destnation.ip", "destination.ip"},
		{"port : 53", 1, "no field port", "related.port"},
		{"bytes > 5", 1, "no field bytes", "network.bytes"},
		{"xyzzyxyzzy : 5", 1, "no field xyzzyxyzzy", ""},
		{"source.port : https", 15, "source.port wants a number", "network.protocol : https"},
		{"source.port:80or(source.port:81)", 13, "wants a number", ""},
		{"source.port : 80.5", 15, "source.port wants a whole number", ""},
		{"source.port : -1", 15, "source.port wants a whole number", ""},
		{"source.port : 8*", 15, "takes no wildcards", ""},
		{"source.ip : 10.0.0", 13, "source.ip wants an address", "10.0.0.0/24"},
		{"source.ip : 10.0.0.", 13, "source.ip wants an address", "10.0.0.0/24"},
		{"source.ip : 10.0.0.256", 13, "source.ip wants an address", ""},
		{"source.ip : 10", 13, "source.ip wants an address", ""},
		{"source.port : 65536", 15, "source.port is at most 65535", ""},
		{"related.port > 70000", 16, "related.port is at most 65535", ""},
		{"network.iana_number : (6 or 256)", 29, "network.iana_number is at most 255", ""},
		{"weir.mpls.labels < 1048576", 20, "at most 1048575", ""},
		{"network.bytes : > 5", 17, "order is compared without the colon", "network.bytes > 5"},
		{"source.port : (>=1024)", 16, "order is compared without the colon", "source.port >= 1024"},
		{"source.ip : 10.1.*", 13, "write a prefix", "10.1.0.0/16"},
		{"source.ip > 10.0.0.0/8", 13, "a prefix has no order", "source.ip : 10.0.0.0/8"},
		{"source.ip : fe80::1%eth0", 13, "wants an address", ""},
		{"source.mac > 00-1B-44-11-3A-B7", 14, "no order", ""},
		{"network.transport : tpc", 21, "network.transport wants a protocol", "network.transport : tcp"},
		{"network.transport > 6", 21, "no order", "network.iana_number"},
		{"network.direction : inbuond", 21, "wants one of inbound", "network.direction : inbound"},
		{"weir.tcp.flags : SIN", 18, "wants one of FIN, SYN", "weir.tcp.flags : FIN"},
		{"source.geo.country_iso_code : CHE", 31, "country code of two letters", ""},
		{"event.end > 2026-03-02", 13, "a day goes with >= and < only", `event.end >= "2026-03-02"`},
		{"event.end : yesterday", 13, "wants a time", ""},
		{"event.end : 3026-03-02T00:00:00Z", 13, "wants a time", ""},
		{"event.id : abc", 12, "DATAGRAM-SET-RECORD", ""},
		{"weir.elements : 5", 17, "only be asked for being there", "weir.elements : *"},
		{"session.start : *", 1, "exists on sessions only", ""},
		{"10.0.0.1", 1, "stands without a field", "related.ip : 10.0.0.1"},
		{"2001:db8::1", 1, "stands without a field", "related.ip : 2001:db8::1"},
		{"443", 1, "stands without a field", "related.port : 443"},
		{"source.port = 80", 13, "no operator =", "source.port : 80"},
		{"source.port != 80", 13, "no operator !=", "not source.port : 80"},
		{"source.port 80", 13, "an operator is missing", "source.port : 80"},
		{"source.port", 12, "an operator is missing", "source.port : *"},
		{"source.port :", 14, "a value is missing", ""},
		{"source.port : and", 15, "a value is missing", ""},
		{"source.port : 1 and", 20, "ends where a comparison should stand", ""},
		{"source.port : 1 or or source.port : 2", 20, "stands where a comparison should", ""},
		{"source.port : 1 && source.port : 2", 17, "no operator &&", "and"},
		{"source.port : 1 || source.port : 2", 17, "no operator ||", "or"},
		{"!source.port : 1", 1, "no operator !", "not"},
		{"(source.port : 1", 1, "parenthesis is not closed", ""},
		{"source.port : (1 or 2", 15, "parenthesis is not closed", ""},
		{"source.port : 1)", 16, "closing parenthesis too many", ""},
		{"network.application : a b", 25, "need quotes", ""},
		{`network.application : "größe`, 23, "quote is not closed", ""},
		{`network.application : größe and sorce.ip : 1.2.3.4`, 33, "no field sorce.ip", "source.ip"},
		{"source.port : \xff", 15, "not valid UTF-8", ""},
		{strings.Repeat("(", 100), 65, "levels", ""},
		{strings.Repeat("not ", 100), 256, "levels", ""},
		{strings.Repeat(" ", filter.MaxLength+1), 1, "longer than", ""},
	} {
		_, err := filter.Parse(c.text, flow.NewRegistry())
		bad := new(filter.Error)
		if !asError(err, &bad) {
			t.Errorf("%.60q: no filter.Error but %v", c.text, err)
			continue
		}
		if bad.Column != c.column || !strings.Contains(bad.Text, c.message) || bad.Suggestion != c.suggestion {
			t.Errorf("%.60q: %#v\nwanted column %d, %q, %q", c.text, bad, c.column, c.message, c.suggestion)
		}
	}
}
