package filter_test

import (
	"testing"

	"github.com/weirflow/weir/shared/filter"
)

func TestNearest(t *testing.T) {
	fields := []string{"source.port", "destination.port", "source.bytes", "network.bytes", "related.port", "weir.tcp.flags"}
	for _, c := range []struct{ name, typed, want string }{
		{"letter missing", "source.prt", "source.port"},
		{"letters swapped", "soruce.port", "source.port"},
		{"case", "Source.Port", "source.port"},
		{"last part: either side first", "port", "related.port"},
		{"last part: the sum first", "bytes", "network.bytes"},
		{"last part: any", "flags", "weir.tcp.flags"},
		{"nothing near", "somethingelse", ""},
		{"empty", "", ""},
	} {
		if got := filter.Nearest(c.typed, fields); got != c.want {
			t.Errorf("%s: %s gives %q, wanted %q", c.name, c.typed, got, c.want)
		}
	}
}

func TestErrorText(t *testing.T) {
	e := &filter.Error{Column: 5, Text: "no field x"}
	if e.Error() != "column 5: no field x" {
		t.Error(e)
	}
	e.Suggestion = "y"
	if e.Error() != "column 5: no field x; did you mean y?" {
		t.Error(e)
	}
}
