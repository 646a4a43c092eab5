package filter

import (
	"fmt"
	"strconv"
	"strings"
)

// digitsFrom returns a pattern of the decimal numbers from n on, without leading zeros: of as many digits, equal up to one that is
// greater; or of more digits.
func digitsFrom(n uint64) string {
	s := strconv.FormatUint(n, 10)
	alternatives := []string{s}
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] < '9' {
			alternatives = append(alternatives, s[:i]+digitRange(s[i]+1, '9')+anyDigits(len(s)-1-i))
		}
	}
	return strings.Join(append(alternatives, fmt.Sprintf("[1-9][0-9]{%d,}", len(s))), "|")
}

// digitsTo returns a pattern of the decimal numbers up to n, without leading zeros.
func digitsTo(n uint64) string {
	s := strconv.FormatUint(n, 10)
	alternatives := []string{s}
	for i := len(s) - 1; i >= 0; i-- {
		least := byte('0')
		if i == 0 && len(s) > 1 {
			least = '1'
		}
		if s[i] > least {
			alternatives = append(alternatives, s[:i]+digitRange(least, s[i]-1)+anyDigits(len(s)-1-i))
		}
	}
	if len(s) > 1 {
		alternatives = append(alternatives, "[0-9]")
	}
	if len(s) > 2 {
		alternatives = append(alternatives, fmt.Sprintf("[1-9][0-9]{1,%d}", len(s)-2))
	}
	return strings.Join(alternatives, "|")
}

func digitRange(first, last byte) string {
	if first == last {
		return string(first)
	}
	return fmt.Sprintf("[%c-%c]", first, last)
}

func anyDigits(n int) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "[0-9]"
	}
	return fmt.Sprintf("[0-9]{%d}", n)
}
