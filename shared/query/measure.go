package query

import (
	"fmt"
	"strings"

	"github.com/weirflow/weir/shared/filter"
)

// measures are the measures with the unit of their column; distinct has none.
var measures = []struct {
	name Measure
	unit string
}{
	{Bytes, "bytes"}, {Packets, "packets"}, {Flows, "flows"}, {BPS, "bit/s"}, {PPS, "packets/s"}, {Distinct, ""}, {Sessions, "sessions"},
}

// ParseMeasure reads a measure as it is written: bytes, packets, flows, sessions, bps, pps or distinct(FIELD). Whether the field exists
// is left to [Question.Prepare]. Errors are *[Error].
func ParseMeasure(text string) (m Measure, field string, err error) {
	name, rest, called := strings.Cut(strings.TrimSpace(text), "(")
	m = Measure(strings.ToLower(strings.TrimSpace(name)))
	if _, ok := m.unit(); !ok {
		return "", "", &Error{Part: "measure", Text: fmt.Sprintf("no measure %s%s", text, didYouMean(filter.Nearest(name, measureNames())))}
	}
	field, closed := strings.CutSuffix(strings.TrimSpace(rest), ")")
	field = strings.TrimSpace(field)
	switch {
	case m == Distinct && (!closed || field == ""):
		return "", "", &Error{Part: "measure", Text: "distinct counts the values of a field: write distinct(FIELD), for example distinct(source.ip)"}
	case m != Distinct && called:
		return "", "", &Error{Part: "measure", Text: fmt.Sprintf("%s takes no field", m)}
	}
	return m, field, nil
}

func (m Measure) unit() (string, bool) {
	for _, known := range measures {
		if known.name == m {
			return known.unit, true
		}
	}
	return "", false
}

// rate tells whether the measure is divided by time.
func (m Measure) rate() bool { return m == BPS || m == PPS }

func measureNames() []string {
	var names []string
	for _, m := range measures {
		names = append(names, string(m.name))
	}
	return names
}

func didYouMean(suggestion string) string {
	if suggestion == "" {
		return ""
	}
	return "; did you mean " + suggestion + "?"
}
