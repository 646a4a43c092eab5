package policy_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/policy"
)

func TestConditionText(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"size in powers of 1000", "bytes_out > 10MB", "bytes_out > 10MB"},
		{"size in powers of 1024", "bytes >= 1KiB", "bytes >= 1024"},
		{"size without a unit", "bytes > 2000", "bytes > 2KB"},
		{"rate", "bps>100M", "bps > 100M"},
		{"count", "sessions >= 1500", "sessions >= 1500"},
		{"duration", "duration > 90m", "duration > 90m"},
		{"a day", "duration > 24h", "duration > 1d"},
		{"milliseconds", "duration > 1.5s", "duration > 1500ms"},
		{"words in capitals", "bytes > 1B AND packets > 2 OR pps > 3", "(bytes > 1 and packets > 2) or pps > 3"},
		{"parentheses that are needless", "((bytes > 1B))", "bytes > 1"},
		{"parentheses that are not", "bytes > 1B and (packets > 2 or pps > 3)", "bytes > 1 and (packets > 2 or pps > 3)"},
		{"several lines", "bytes > 1B\n  or\tpeers > 3", "bytes > 1 or peers > 3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := policy.ParseCondition(c.text)
			if err != nil || got.String() != c.want {
				t.Errorf("%q, %v, want %q", got, err, c.want)
			}
		})
	}
}

func TestConditionErrors(t *testing.T) {
	for _, c := range []struct {
		text   string
		column int
		want   string
	}{
		{"", 1, "ends where a limit"},
		{"bytes > 1 and", 14, "ends where a limit"},
		{"bytes > ", 9, "ends where a size"},
		{"bytes 10MB", 7, "after bytes, > or >="},
		{"bytes == 10MB", 7, "after bytes, > or >="},
		{"bytes > tenMB", 9, `"tenMB" is not a size`},
		{"bytes > -1MB", 9, "out of range"},
		{"bytes > 1e300", 9, "out of range"},
		{"bytes > NaN", 9, "is not a size"},
		{"bytes > Inf", 9, "is not a size"},
		{"bytes > 0x10", 9, "is not a size"},
		{"ünd > 1", 1, `"ünd" is not a measure`},
		{"bytes > 1 ) ", 11, `")" stands where`},
		{strings.Repeat("(", 40) + "bytes > 1", 18, "levels of parentheses"},
		{strings.Repeat(" ", 5000), 1, "longer than"},
	} {
		_, err := policy.ParseCondition(c.text)
		var bad *policy.ParseError
		if !errors.As(err, &bad) || bad.Column != c.column || !strings.Contains(bad.Text, c.want) {
			t.Errorf("%q: %v, want column %d: %s", c.text, err, c.column, c.want)
		}
	}
}

// FuzzParseCondition: the text of what is read reads as the same.
func FuzzParseCondition(f *testing.F) {
	f.Add("bytes_out > 10MB and (duration > 1h or sessions >= 100)")
	f.Add("((bps>1.5G) or peers >= 3")
	f.Add("duration > 1.0001ms")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := policy.ParseCondition(text)
		if err != nil {
			return
		}
		again, err := policy.ParseCondition(c.String())
		if err != nil || again.String() != c.String() {
			t.Errorf("%q is shown as %q, which reads as %q, %v", text, c, again, err)
		}
	})
}
