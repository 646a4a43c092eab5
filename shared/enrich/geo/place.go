package geo

import (
	"strconv"
	"strings"

	"github.com/weirflow/weir/shared/flow"
)

// Place is what is known of an address.
type Place struct {
	Country [2]byte // ISO 3166-1 alpha-2; zero is unknown
	ASN     uint32  // 0 is unknown
}

// Public tells whether an address can have a country at all: private, shared (RFC 6598), loopback, link-local, multicast and
// unspecified ones are of no place.
func Public(a flow.Addr) bool {
	if !a.Is4() {
		hi, lo := a.Words()
		return hi>>57 != 0xfc>>1 && hi>>54 != 0xfe80>>6 && hi>>56 != 0xff && (hi != 0 || lo > 1)
	}
	v := a.V4()
	switch v >> 24 {
	case 0, 10, 127:
		return false
	case 100:
		return v>>22 != 100<<2|64>>6
	case 169:
		return v>>16 != 169<<8|254
	case 172:
		return v>>20 != 172<<4|16>>4
	case 192:
		return v>>16 != 192<<8|168
	}
	return v>>28 != 0xe && v != 0xffffffff
}

// placeOf takes the place out of a record, by what the record holds:
//
//   - MaxMind, DB-IP, IP2Location: country.iso_code, autonomous_system_number (in traits where it is an Enterprise file)
//   - IPinfo and others: country_code, or country as a code; asn as a number or as a text like "AS13335"
//
// The country where a network is registered is not taken for that of its hosts.
func placeOf(record any) Place {
	m, ok := record.(map[string]any)
	if !ok {
		return Place{}
	}
	p := Place{Country: firstCountry(m["country_code"], m["country"]), ASN: firstASN(m["autonomous_system_number"], m["asn"])}
	if country, ok := m["country"].(map[string]any); ok && p.Country == [2]byte{} {
		p.Country = firstCountry(country["iso_code"])
	}
	if traits, ok := m["traits"].(map[string]any); ok && p.ASN == 0 {
		p.ASN = firstASN(traits["autonomous_system_number"])
	}
	return p
}

// firstCountry returns the first value that is a code of two letters. ZZ is "unknown" by convention.
func firstCountry(values ...any) (code [2]byte) {
	for _, v := range values {
		s, ok := v.(string)
		if !ok || len(s) != 2 {
			continue
		}
		s = strings.ToUpper(s)
		if s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z' && s != "ZZ" {
			return [2]byte{s[0], s[1]}
		}
	}
	return code
}

// firstASN returns the first value that is a number of 32 bits (RFC 6793) and not 0, or a text of one.
func firstASN(values ...any) uint32 {
	for _, v := range values {
		var n uint64
		switch v := v.(type) {
		case uint64:
			n = v
		case uint32:
			n = uint64(v)
		case uint16:
			n = uint64(v)
		case int:
			n = uint64(max(v, 0))
		case int32:
			n = uint64(max(v, 0))
		case string:
			digits := strings.TrimPrefix(strings.ToUpper(v), "AS")
			if parsed, err := strconv.ParseUint(digits, 10, 32); err == nil {
				n = parsed
			}
		}
		if n > 0 && n <= 1<<32-1 {
			return uint32(n)
		}
	}
	return 0
}
