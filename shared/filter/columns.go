package filter

import "github.com/weirflow/weir/shared/flow"

// Form says how a store keeps a field, and so how SQL compares it. A record without the field has NULL there.
type Form uint8

// Forms. The comment names the parts of [Column.Parts] in their order.
const (
	// FormUint is an unsigned number: {number}.
	FormUint Form = iota + 1
	// FormInt is a signed number: {number}.
	FormInt
	// FormFloat is a DOUBLE: {number}.
	FormFloat
	// FormAddress is an address as two UBIGINTs, see flow.Addr.Words: {hi, lo}.
	FormAddress
	// FormMAC is a hardware address as a UBIGINT, see flow.MAC.Number: {number}.
	FormMAC
	// FormTime is a TIMESTAMP_MS (or TIMESTAMP cut to ms) and the ns (0 to 999999) beyond it: {ms, sub}.
	FormTime
	// FormTimeNano is a TIMESTAMP_NS: {time}.
	FormTimeNano
	// FormText is a VARCHAR; so are the fields whose values have names: {text}.
	FormText
	// FormTextList is a VARCHAR of members joined by flow.ListSeparator: {text}.
	FormTextList
	// FormUintList is a VARCHAR of decimal numbers joined by flow.ListSeparator: {text}.
	FormUintList
	// FormFlags is a number whose low eight bits are TCP flags, compared by their names: {bits}.
	FormFlags
	// FormTransport is an IP protocol number, compared by its name: {number}.
	FormTransport
	// FormEventID is an event.id as UBIGINT, UBIGINT and two unsigned numbers: {datagram hi, datagram lo, set, record}.
	FormEventID
	// FormPresence can only be asked for being there: {anything that is NULL when absent}.
	FormPresence
)

// parts is how many parts a column of the form has.
func (f Form) parts() int {
	switch f {
	case FormAddress, FormTime:
		return 2
	case FormEventID:
		return 4
	}
	return 1
}

// Column is where a store keeps a field. Parts are column names or SQL expressions, as the store wants them in the text;
// they come from the store's program, never from a question.
type Column struct {
	Form  Form
	Parts []string
}

// Columns returns where a store keeps a field: several columns where any of them may match (related.ip is either side),
// none where it does not keep the field.
type Columns func(f *flow.Field) []Column
