package detect

import (
	"fmt"
	"strconv"
	"strings"
)

// thousands writes a number with commas.
func thousands(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// bitRate writes a rate in bit/s with the unit that fits: "412 Mbit/s".
func bitRate(bps float64) string {
	for _, u := range []struct {
		size float64
		name string
	}{{1e12, "Tbit/s"}, {1e9, "Gbit/s"}, {1e6, "Mbit/s"}, {1e3, "kbit/s"}} {
		if bps >= u.size*0.9995 {
			return significant(bps/u.size) + " " + u.name
		}
	}
	return significant(bps) + " bit/s"
}

// significant writes three digits, without trailing zeros after the point.
func significant(x float64) string {
	switch {
	case x >= 99.95:
		return strconv.FormatFloat(x, 'f', 0, 64)
	case x >= 9.995:
		return trimZeros(strconv.FormatFloat(x, 'f', 1, 64))
	}
	return trimZeros(strconv.FormatFloat(x, 'f', 2, 64))
}

func trimZeros(s string) string {
	if !strings.Contains(s, ".") {
		return s
	}
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// units are the names of what is measured: the measure, its unit in JSON, how it reads.
var units = [...]struct{ name, unit, words string }{
	unitBPS: {"bps", "bit/s", ""},
	unitPPS: {"pps", "packet/s", "packets/s"},
	unitFPS: {"fps", "flow/s", "new flows/s"},
}

// rateText writes a peak in words.
func rateText(v *level) string {
	if v.unit == unitBPS {
		return bitRate(v.value)
	}
	return thousands(uint64(v.value+0.5)) + " " + units[v.unit].words
}

func plural(n uint64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%s %ss", thousands(n), noun)
}
