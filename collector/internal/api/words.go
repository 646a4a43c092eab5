package api

import (
	"fmt"
	"slices"

	"github.com/weirflow/weir/shared/query"
)

// words are the members of a question that are one of a few words.
var words = map[string][]string{
	"measure": {
		"", string(query.Bytes), string(query.Packets), string(query.Flows), string(query.BPS), string(query.PPS), string(query.Distinct), string(query.Sessions),
	},
	"fill":      {"", string(query.FillZero), string(query.FillNull), string(query.FillNone)},
	"direction": {"", string(query.DirectionBoth)},
}

// checkWords refuses words that there are not, and a percentile that is none, in questions whose engine does not look at them: for records and
// sessions.
func checkWords(q *query.Question) error {
	for part, word := range map[string]string{"measure": string(q.Measure), "fill": string(q.Fill), "direction": string(q.Direction)} {
		if !slices.Contains(words[part], word) {
			return &query.Error{Part: part, Text: fmt.Sprintf("%q is not one of %q", word, words[part][1:])}
		}
	}
	if q.Percentile < 0 || q.Percentile > 100 {
		return &query.Error{Part: "percentile", Text: fmt.Sprintf("%v is not between 0 and 100", q.Percentile)}
	}
	return nil
}
