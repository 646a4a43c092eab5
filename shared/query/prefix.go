package query

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/weirflow/weir/shared/flow"
)

// prefixFilter returns a filter that holds for the records whose field has a value that begins with a text in lower case; others may be
// among them. It is "" where none can say it: the fields with very many values are those of addresses and numbers.
func prefixFilter(f *flow.Field, prefix string) string {
	var ranges []string
	switch f.Kind {
	case flow.KindIP:
		ranges = addressRanges(prefix)
	case flow.KindUint:
		ranges = numberRanges(prefix, cmp.Or(f.Max, math.MaxUint64))
	}
	terms := make([]string, len(ranges))
	for i, r := range ranges {
		first, last, ok := strings.Cut(r, " ")
		if !ok {
			terms[i] = fmt.Sprintf("%s : %q", f.Name, r)
			continue
		}
		terms[i] = fmt.Sprintf("(%s >= %q and %s <= %q)", f.Name, first, f.Name, last)
	}
	return strings.Join(terms, " or ")
}

// continuations calls add for the ranges of numbers up to a greatest one whose text begins with that of a number: 4 is 4, 40 to 49, 400 to
// 499 and so on. Only 0 itself begins with 0.
func continuations(number, base, greatest uint64, add func(first, last uint64)) {
	for first, last := number, number; first <= greatest; {
		add(first, min(last, greatest))
		if number == 0 || first > greatest/base {
			return
		}
		first *= base
		if last > (greatest-(base-1))/base {
			last = greatest
			continue
		}
		last = last*base + base - 1
	}
}

func numberRanges(prefix string, greatest uint64) (list []string) {
	n, err := strconv.ParseUint(prefix, 10, 64)
	if err != nil || strconv.FormatUint(n, 10) != prefix {
		return nil
	}
	continuations(n, 10, greatest, func(first, last uint64) { list = append(list, fmt.Sprintf("%d %d", first, last)) })
	return list
}

// addressRanges are the ranges of IPv4 and IPv6 addresses whose text begins so.
func addressRanges(prefix string) []string {
	return append(v4Ranges(prefix), v6Ranges(prefix)...)
}

func v4Ranges(prefix string) (list []string) {
	octets := strings.Split(prefix, ".")
	last := octets[len(octets)-1]
	whole := octets[:len(octets)-1]
	if len(octets) > 4 {
		return nil
	}
	for _, o := range whole {
		if n, err := strconv.ParseUint(o, 10, 8); err != nil || strconv.FormatUint(n, 10) != o {
			return nil
		}
	}
	address := func(octet uint64, fill string) string {
		all := append(whole[:len(whole):len(whole)], strconv.FormatUint(octet, 10))
		for len(all) < 4 {
			all = append(all, fill)
		}
		return strings.Join(all, ".")
	}
	if last == "" && len(whole) > 0 {
		return []string{address(0, "0") + " " + address(255, "255")}
	}
	n, err := strconv.ParseUint(last, 10, 8)
	if err != nil || strconv.FormatUint(n, 10) != last {
		return nil
	}
	continuations(n, 10, 255, func(first, last uint64) { list = append(list, address(first, "0")+" "+address(last, "255")) })
	return list
}

// v6Ranges leaves out what is behind "::": it begins where the text's longest run of zeros does.
func v6Ranges(prefix string) (list []string) {
	before, _, compressed := strings.Cut(prefix, "::")
	groups := strings.Split(before, ":")
	if before == "" || len(groups) > 8 || compressed && len(groups) > 7 {
		return nil
	}
	for _, g := range groups[:len(groups)-1] {
		if _, err := strconv.ParseUint(g, 16, 16); err != nil {
			return nil
		}
	}
	address := func(last uint64, fill string) string {
		all := append(groups[:len(groups)-1:len(groups)-1], strconv.FormatUint(last, 16))
		for len(all) < 8 {
			all = append(all, fill)
		}
		return strings.Join(all, ":")
	}
	last := groups[len(groups)-1]
	if last == "" {
		return []string{address(0, "0") + " " + address(0xffff, "ffff")}
	}
	n, err := strconv.ParseUint(last, 16, 16)
	switch {
	case err != nil:
		return nil
	case compressed:
		return []string{address(n, "0") + " " + address(n, "ffff")}
	}
	continuations(n, 16, 0xffff, func(first, last uint64) { list = append(list, address(first, "0")+" "+address(last, "ffff")) })
	return list
}
