package frames

import (
	"math"
	"strconv"
)

// amount writes a number for reading: three digits, with the prefix of its thousands.
func amount(v float64, unit string) string {
	prefixes := []string{"", "k", "M", "G", "T", "P", "E"}
	n := 0
	for math.Abs(v) >= 999.5 && n < len(prefixes)-1 {
		v /= 1000
		n++
	}
	text := strconv.FormatFloat(v, 'g', 3, 64)
	if n > 0 || unit != "" {
		text += " " + prefixes[n] + unit
	}
	return text
}
