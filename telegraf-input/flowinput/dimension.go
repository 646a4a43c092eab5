package flowinput

import (
	"encoding/binary"
	"strconv"
	"strings"

	"github.com/weirflow/weir/shared/flow"
)

// Other is the value of a tag that stands for all values beyond the tag's limit, and of hosts that are not among the top ones.
const Other = "other"

// dimension is something that traffic can be summed by.
type dimension uint8

const (
	byApplication dimension = iota
	byAS
	byCountry
	byDestinationAS
	byDestinationCountry
	byDestinationGroup
	byDirection
	byDomain
	byDSCP
	byExporter
	byGroup
	byInInterface
	byOutInterface
	byProtocol
	byService
	bySourceAS
	bySourceCountry
	bySourceGroup
	byVLAN
	numDimensions
)

// DimensionDoc describes a tag that traffic can be summed by.
type DimensionDoc struct {
	Name  string
	Limit int // values, unless the configuration says otherwise
	Doc   string
}

// dimensions are in the order of their names, which is that of tags.
var dimensions = [numDimensions]DimensionDoc{
	byApplication:        {"application", 200, "Application as the exporter names it."},
	byAS:                 {"as", 500, "AS number of the far end: the source of what is inbound, the destination of what is outbound."},
	byCountry:            {"country", 260, "Country of the far end, ISO 3166-1 alpha-2."},
	byDestinationAS:      {"destination_as", 500, "AS number of the destination."},
	byDestinationCountry: {"destination_country", 260, "Country of the destination."},
	byDestinationGroup:   {"destination_group", 200, "Traffic groups of the destination, joined by `+`."},
	byDirection:          {"direction", 8, "`inbound`, `outbound`, `internal` or `external`, as seen from the inside networks."},
	byDomain:             {"domain", 500, "Observation domain of the exporter."},
	byDSCP:               {"dscp", 64, "Differentiated services code point, as a number."},
	byExporter:           {"exporter", 500, "Address of the exporter."},
	byGroup:              {"group", 200, "Traffic groups of the near end: the destination of what is inbound, the source of all else."},
	byInInterface:        {"in_interface", 2000, "Interface where the flow came in: its name, or its number while that is unknown."},
	byOutInterface:       {"out_interface", 2000, "Interface where the flow went out."},
	byProtocol:           {"protocol", 64, "Transport protocol: `tcp`, `udp`, `icmp`, ... or a number."},
	byService:            {"service", 200, "Service by port: `https`, `dns`, ... or one that the configuration names."},
	bySourceAS:           {"source_as", 500, "AS number of the source."},
	bySourceCountry:      {"source_country", 260, "Country of the source."},
	bySourceGroup:        {"source_group", 200, "Traffic groups of the source."},
	byVLAN:               {"vlan", 500, "VLAN id."},
}

// Dimensions returns the tags that traffic can be summed by, in the order of their names.
func Dimensions() []DimensionDoc { return dimensions[:] }

// dimensionOf is the inverse of a dimension's name.
func dimensionOf(name string) (dimension, bool) {
	for d := range numDimensions {
		if dimensions[d].Name == name {
			return d, true
		}
	}
	return 0, false
}

// value is a record's value of a dimension, as a number; the zero value is none.
type value struct{ hi, lo uint64 }

// Parts of value.hi where several kinds of values share a dimension.
const (
	asNumber = 1 + iota // value.lo is a number
	asSymbol            // value.lo is a symbol
)

// of returns a record's value.
func (d dimension) of(r *flow.Record) value {
	switch d {
	case byExporter:
		hi, lo := r.Exporter.Words()
		return value{hi, lo}
	case byDomain:
		return value{asNumber, uint64(r.Domain)}
	case byDirection:
		return value{0, uint64(r.Direction)}
	case byProtocol:
		return present(r, flow.HasProtocol, uint64(r.IPProtocol))
	case byService:
		return value{0, uint64(r.Service)}
	case byApplication:
		return value{0, uint64(r.Application)}
	case byDSCP:
		return present(r, flow.HasToS, uint64(r.ToS>>2))
	case byVLAN:
		return present(r, flow.HasVLAN, uint64(r.VLAN))
	case byInInterface:
		return interfaceValue(r, flow.HasInIf, r.InIfName, r.InIf)
	case byOutInterface:
		return interfaceValue(r, flow.HasOutIf, r.OutIfName, r.OutIf)
	}
	return d.ofEndpoint(r)
}

func (d dimension) ofEndpoint(r *flow.Record) value {
	switch d {
	case bySourceGroup:
		return value{0, uint64(r.Source.Groups)}
	case byDestinationGroup:
		return value{0, uint64(r.Destination.Groups)}
	case byGroup:
		return value{0, uint64(near(r).Groups)}
	case bySourceCountry:
		return countryValue(&r.Source)
	case byDestinationCountry:
		return countryValue(&r.Destination)
	case bySourceAS:
		return value{0, uint64(r.Source.ASN)}
	case byDestinationAS:
		return value{0, uint64(r.Destination.ASN)}
	}
	end := far(r)
	switch {
	case end == nil:
		return value{}
	case d == byCountry:
		return countryValue(end)
	}
	return value{0, uint64(end.ASN)}
}

func present(r *flow.Record, bit flow.Presence, n uint64) value {
	if !r.Present.Has(bit) {
		return value{}
	}
	return value{asNumber, n}
}

func interfaceValue(r *flow.Record, bit flow.Presence, name flow.Symbol, index uint32) value {
	if name != 0 {
		return value{asSymbol, uint64(name)}
	}
	return present(r, bit, uint64(index))
}

func countryValue(e *flow.Endpoint) value {
	return value{0, uint64(binary.BigEndian.Uint16(e.Country[:]))}
}

// near is the end of a record that belongs to the inside networks, the source where both do, or neither.
func near(r *flow.Record) *flow.Endpoint {
	if r.Direction == flow.Inbound {
		return &r.Destination
	}
	return &r.Source
}

// far is the other end, nil where none is outside.
func far(r *flow.Record) *flow.Endpoint {
	switch r.Direction {
	case flow.Inbound:
		return &r.Source
	case flow.Internal:
		return nil
	}
	return &r.Destination
}

// text returns what a value is called; "" is none.
func (d dimension) text(v value, symbols *flow.Symbols) string {
	switch d {
	case byExporter:
		return flow.AddrFromWords(v.hi, v.lo).String()
	case byDirection:
		return flow.Direction(v.lo).String()
	case byService, byApplication:
		return cleanText(symbols.Text(flow.Symbol(v.lo)))
	case byProtocol:
		return flow.TransportName(uint8(v.lo))
	case byGroup, bySourceGroup, byDestinationGroup:
		return cleanText(strings.ReplaceAll(symbols.Text(flow.Symbol(v.lo)), flow.ListSeparator, "+"))
	case byCountry, bySourceCountry, byDestinationCountry:
		return cleanText(string([]byte{byte(v.lo >> 8), byte(v.lo)}))
	}
	if v.hi == asSymbol {
		return cleanText(symbols.Text(flow.Symbol(v.lo)))
	}
	return strconv.FormatUint(v.lo, 10)
}

// cleanText makes what exporters call things fit for tags: valid UTF-8, no blanks around it.
func cleanText(s string) string { return strings.TrimSpace(strings.ToValidUTF8(s, "?")) }
