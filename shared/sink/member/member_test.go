package member_test

import (
	"encoding/json"
	"math"
	"testing"
	"unicode/utf8"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/sink/member"
)

func TestMembers(t *testing.T) {
	const key = `,"k":`
	for name, c := range map[string]struct {
		got  []byte
		want string
	}{
		"key":                      {[]byte(member.Key("k")), key},
		"number":                   {member.Uint(nil, key, 7), `,"k":7`},
		"number beyond 63 bits":    {member.Uint(nil, key, math.MaxUint64), `,"k":9223372036854775807`},
		"float":                    {member.Float(nil, key, 0.25), `,"k":0.25`},
		"small float":              {member.Float(nil, key, 1e-9), `,"k":1e-09`},
		"no number":                {member.Float(nil, key, math.NaN()), ""},
		"infinity":                 {member.Float(nil, key, math.Inf(-1)), ""},
		"truth":                    {member.Bool(nil, key, true), `,"k":true`},
		"time":                     {member.Time(nil, key, 1500000000), `,"k":"1970-01-01T00:00:01.5Z"`},
		"whole seconds":            {member.Seconds(nil, key, 3e9), `,"k":3`},
		"parts of a second":        {member.Seconds(nil, key, 1772439300250000000), `,"k":1772439300.25`},
		"a nanosecond":             {member.Seconds(nil, key, 1), `,"k":0.000000001`},
		"seconds before":           {member.Seconds(nil, key, -2500000000), `,"k":-2.5`},
		"half a second before":     {member.Seconds(nil, key, -500000000), `,"k":-0.5`},
		"address":                  {member.Addr(nil, key, flow.AddrFrom4(0xc0000201)), `,"k":"192.0.2.1"`},
		"text":                     {member.Text(nil, key, "a\"\\\n"), `,"k":"a\"\\\u000a"`},
		"no text":                  {member.Text(nil, key, ""), ""},
		"texts":                    {member.Texts(nil, key, []string{"a", "b"}), `,"k":["a","b"]`},
		"no texts":                 {member.Texts(nil, key, nil), ""},
		"joined list":              {member.Members(nil, key, "a,b"), `,"k":["a","b"]`},
		"joined list of one":       {member.Members(nil, key, "a"), `,"k":["a"]`},
		"no joined list":           {member.Members(nil, key, ""), ""},
		"flags":                    {member.Flags(nil, key, flow.SYN|flow.ACK), `,"k":["SYN","ACK"]`},
		"flags without names":      {member.Flags(nil, key, 1<<9), ""},
		"what stands before stays": {member.Texts([]byte("x"), key, nil), "x"},
	} {
		if string(c.got) != c.want {
			t.Errorf("%s: %s, want %s", name, c.got, c.want)
		}
	}
}

// FuzzString: what is read back is what was written, bytes that are no text aside.
func FuzzString(f *testing.F) {
	for _, seed := range []string{"", "a\"b\\c", "\x00\x1f\x7f", "ä€😀", "\xff\xfe", "\u2028<>&"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text := member.AppendString(nil, s)
		var back string
		if err := json.Unmarshal(text, &back); err != nil || !utf8.Valid(text) {
			t.Fatalf("%q: %s: %v", s, text, err)
		}
		if utf8.ValidString(s) && back != s {
			t.Fatalf("%q is read back as %q", s, back)
		}
	})
}
