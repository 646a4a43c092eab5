//go:build cgo

package duckdb

import (
	"fmt"
	"strings"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
)

// grouping says how records are grouped by a field: the expressions of a value's parts, which order as the value does, and how
// the parts make a value again. Fields with several values have a list expression, whose members are grouped by.
type grouping struct {
	list  string // "" for fields with one value
	parts []string
	value func(r *rows, col int) flow.Value // from the parts' columns in a result
}

// member is what a list's members are called once they are rows.
func memberOf(i int) string { return fmt.Sprintf("m%d", i) }

// groupingOf returns the grouping of a field; i tells apart the fields of a question.
func groupingOf(f *flow.Field, i int, columnsOf filter.Columns) (grouping, error) {
	columns := columnsOf(f)
	if len(columns) == 0 {
		return grouping{}, fmt.Errorf("this store does not keep %s", f.Name)
	}
	if len(columns) > 1 {
		return eitherSide(columns, i), nil
	}
	c, m := columns[0], memberOf(i)
	switch c.Form {
	case filter.FormTextList:
		return grouping{list: "list_distinct(string_split(" + c.Parts[0] + ", ','))", parts: []string{m}, value: keywordValue}, nil
	case filter.FormUintList:
		return grouping{list: "list_distinct(CAST(string_split(" + c.Parts[0] + ", ',') AS UBIGINT[]))", parts: []string{m}, value: uintValue}, nil
	case filter.FormFlags:
		return grouping{list: flagList(c.Parts[0]), parts: []string{m}, value: keywordValue}, nil
	case filter.FormTransport:
		return grouping{parts: []string{transportName(c.Parts[0])}, value: keywordValue}, nil
	case filter.FormUint:
		return grouping{parts: []string{"CAST(" + c.Parts[0] + " AS UBIGINT)"}, value: uintValue}, nil
	}
	return grouping{parts: c.Parts, value: valueOf[c.Form]}, nil
}

// valueOf makes values of plain columns.
var valueOf = map[filter.Form]func(*rows, int) flow.Value{
	filter.FormInt:     func(r *rows, c int) flow.Value { return flow.Int(get[int64](r, c)) },
	filter.FormFloat:   func(r *rows, c int) flow.Value { return flow.Float(get[float64](r, c)) },
	filter.FormMAC:     func(r *rows, c int) flow.Value { return flow.MACValue(flow.MACFromNumber(get[uint64](r, c))) },
	filter.FormText:    keywordValue,
	filter.FormAddress: addressValue,
	filter.FormTime: func(r *rows, c int) flow.Value {
		return flow.Time(get[int64](r, c)*1000 + int64(get[uint32](r, c+1)))
	},
	filter.FormTimeNano: func(r *rows, c int) flow.Value { return flow.Time(get[int64](r, c)) },
	filter.FormEventID: func(r *rows, c int) flow.Value {
		id := flow.EventID{Set: get[uint16](r, c+2), Record: get[uint32](r, c+3)}
		id.Datagram = flow.DatagramID{Hi: get[uint64](r, c), Lo: get[uint64](r, c+1)}
		return flow.Keyword(id.String())
	},
}

func keywordValue(r *rows, c int) flow.Value { return flow.Keyword(r.text(c)) }

func uintValue(r *rows, c int) flow.Value { return flow.Uint(get[uint64](r, c)) }

func addressValue(r *rows, c int) flow.Value {
	return flow.IP(flow.AddrFromWords(get[uint64](r, c), get[uint64](r, c+1)))
}

// eitherSide groups by the values of both sides, each once.
func eitherSide(sides []filter.Column, i int) grouping {
	var members []string
	for _, c := range sides {
		member := c.Parts[0]
		if c.Form == filter.FormAddress {
			member = fmt.Sprintf("CASE WHEN %s IS NOT NULL THEN {'hi': %s, 'lo': %s} END", c.Parts[0], c.Parts[0], c.Parts[1])
		}
		members = append(members, member)
	}
	g := grouping{list: "list_distinct([" + strings.Join(members, ", ") + "])", parts: []string{"CAST(" + memberOf(i) + " AS UBIGINT)"}, value: uintValue}
	if sides[0].Form == filter.FormAddress {
		g.parts, g.value = []string{memberOf(i) + ".hi", memberOf(i) + ".lo"}, addressValue
	}
	return g
}

// flagList is the list of the flags that are set; NULLs are no members of a list_distinct.
func flagList(bits string) string {
	var members []string
	for i, name := range flow.TCPFlagNames() {
		members = append(members, fmt.Sprintf("CASE WHEN %s & %d <> 0 THEN '%s' END", bits, 1<<i, name))
	}
	return "list_distinct([" + strings.Join(members, ", ") + "])"
}

// transportName is the name of a protocol number.
func transportName(number string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "CASE %s", number)
	for n := range 256 {
		if name := flow.TransportName(uint8(n)); name != fmt.Sprint(n) {
			fmt.Fprintf(&b, " WHEN %d THEN '%s'", n, name)
		}
	}
	fmt.Fprintf(&b, " ELSE CAST(%s AS VARCHAR) END", number)
	return b.String()
}
