package filter

import (
	"fmt"
	"strings"
)

// Error says what is wrong with a filter, where, and how to mend it.
type Error struct {
	Column     int    // of the first character in question, from 1, counted in characters
	Text       string // what is wrong
	Suggestion string // what may have been meant, as it would be written; "" where there is no idea
}

// Error returns the message: "column 5: no field source.prot; did you mean source.port?".
func (e *Error) Error() string {
	s := fmt.Sprintf("column %d: %s", e.Column, e.Text)
	if e.Suggestion != "" {
		s += "; did you mean " + e.Suggestion + "?"
	}
	return s
}

// Nearest returns the candidate that a misspelled name most likely means, or "": the one at the least edit distance (insert,
// delete, replace, swap neighbors) up to a third of the name, else the first whose last part is the name ("port").
func Nearest(name string, candidates []string) string {
	name = strings.ToLower(name)
	best, bestDistance := "", max(2, len(name)/3)+1
	for _, c := range candidates {
		if d := distance(name, strings.ToLower(c), bestDistance); d < bestDistance {
			best, bestDistance = c, d
		}
	}
	if best != "" {
		return best
	}
	for _, preferred := range []string{"related.", "network.", ""} {
		for _, c := range candidates {
			if strings.HasPrefix(c, preferred) && strings.HasSuffix(c, "."+name) {
				return c
			}
		}
	}
	return ""
}

// distance is the optimal string alignment distance; results of limit and more are not exact.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	before, prev, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			replace := prev[j-1]
			if a[i-1] != b[j-1] {
				replace++
			}
			row[j] = min(prev[j]+1, row[j-1]+1, replace)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, prev, row = prev, row, before
	}
	return prev[len(b)]
}
