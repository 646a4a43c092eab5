// Package element is the table of information elements: what NetFlow v9 and IPFIX fields are called and how their bytes are to
// be read. It serves elements without a canonical field; elements that fill a flow.Record are known to package template.
//
// The rows are facts of the IANA registry "IPFIX Information Elements" and of the vendors' published lists. An element that
// is missing here loses nothing: its bytes are kept and shown as hex.
package element

import (
	"sort"

	"github.com/weirflow/weir/shared/flow"
)

// Private enterprise numbers with a table or a meaning of their own.
const (
	IANA      uint32 = 0 // also NetFlow v9, whose fields have no enterprise number
	Cisco     uint32 = 9
	Juniper   uint32 = 2636
	CERT      uint32 = 6871
	VMware    uint32 = 6876
	Barracuda uint32 = 10704
	H3C       uint32 = 25506 // no public table
	PaloAlto  uint32 = 25461
	Reverse   uint32 = 29305 // IANA elements in the direction from destination to source (RFC 5103, 6.1)
	Ntop      uint32 = 35632
	Viptela   uint32 = 41916
)

// Type is an abstract data type of RFC 7011, section 6.1; numbers may come in fewer bytes than their type has.
type Type uint8

// Types. Times count in their unit since the Unix epoch, microseconds and nanoseconds in NTP's 64-bit format.
const (
	Octets Type = iota
	Unsigned
	Signed
	Float
	Boolean
	String
	IPv4
	IPv6
	MAC
	Seconds
	Milliseconds
	Microseconds
	Nanoseconds
	List // basicList, subTemplateList, subTemplateMultiList (RFC 6313): kept as bytes
)

// Kind says how the side buffer tags values of the type.
func (t Type) Kind() flow.ElementKind {
	switch t {
	case Unsigned, Boolean, Seconds, Milliseconds, Microseconds, Nanoseconds:
		return flow.ElementUint
	case Signed:
		return flow.ElementInt
	case Float:
		return flow.ElementFloat
	case String:
		return flow.ElementString
	case IPv4, IPv6:
		return flow.ElementAddr
	case MAC:
		return flow.ElementMAC
	}
	return flow.ElementBytes
}

// certReverse marks CERT's elements of the direction from destination to source (YAF's documentation; RFC 5103, 6.1).
const certReverse = 0x4000

// Info describes an element.
type Info struct {
	ID   uint16
	Name string
	Type Type
}

// enterprises holds the tables of enterprise elements, each ordered by id.
var enterprises = map[uint32][]Info{
	Cisco: cisco, Juniper: juniper, CERT: cert, VMware: vmware, Barracuda: barracuda, PaloAlto: paloAlto, Ntop: ntop, Viptela: viptela,
}

// Lookup returns what is known of element id of enterprise pen.
func Lookup(pen uint32, id uint16) (Info, bool) {
	switch {
	case pen == Reverse:
		info, ok := Lookup(IANA, id)
		info.Name = "reverse " + info.Name
		return info, ok
	case pen != IANA:
		return find(enterprises[pen], id)
	case id >= ianaHigh[0].ID && id <= ianaHigh[len(ianaHigh)-1].ID:
		return find(ianaHigh, id)
	case id > ianaHigh[0].ID:
		return find(netflow9Vendor, id)
	}
	return find(ianaLow, id)
}

func find(table []Info, id uint16) (Info, bool) {
	i := sort.Search(len(table), func(i int) bool { return table[i].ID >= id })
	if i < len(table) && table[i].ID == id {
		return table[i], true
	}
	return Info{}, false
}

// Of returns the type of an element, Octets where nothing is known of it.
func Of(pen uint32, id uint16) Type {
	if pen == CERT && id&certReverse != 0 {
		id &^= certReverse
	}
	info, _ := Lookup(pen, id)
	return info.Type
}

// KindOf returns how the side buffer tags a value of n bytes: one whose length its type cannot have is opaque.
func (t Type) KindOf(n int) flow.ElementKind {
	kind := t.Kind()
	fits := true
	switch kind {
	case flow.ElementUint, flow.ElementInt:
		fits = n >= 1 && n <= 8
	case flow.ElementFloat:
		fits = n == 4 || n == 8
	case flow.ElementAddr:
		fits = n == 4 || n == 16
	case flow.ElementMAC:
		fits = n == 6
	}
	if !fits {
		return flow.ElementBytes
	}
	return kind
}

// Rows returns how many elements the tables hold.
func Rows() int {
	n := len(ianaLow) + len(ianaHigh) + len(netflow9Vendor)
	for _, table := range enterprises {
		n += len(table)
	}
	return n
}
