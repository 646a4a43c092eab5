package filter

import "github.com/weirflow/weir/shared/flow"

// lowAddresses holds, of the addresses that are written as IPv6, those below IPv4; the mapped ones in it are written as IPv4.
const lowAddresses = "::/80"

// lowRun is how many prefixes make up everything below IPv4; everything above it takes more.
const lowRun = 16

// splunkAddresses fits prefixes to Splunk, which judges IPv4 and IPv6 apart and by their texts. Prefixes of IPv6 that hold all of
// IPv4 get it beside them, and the many that make up everything below IPv4 become one. So do, with fold, those of
// everything above IPv4: they are left out, and above is true.
func splunkAddresses(values []Value, fold bool) (fitted []Value, above bool) {
	if len(values) == 0 || values[0].Kind != flow.KindIP {
		return values, false
	}
	all4 := Value{Value: flow.IP(flow.AddrFrom4(0)), Bits: mappedBits}
	for _, v := range values {
		fitted = append(fitted, v)
		if v.Bits < mappedBits && masked(all4.IP, int(v.Bits)) == v.IP {
			fitted = append(fitted, all4)
		}
	}
	if len(fitted) < lowRun {
		return fitted, false // almost always: the runs below are not worth making
	}
	before, _ := addressBefore(all4.First())
	if rest, ok := without(fitted, spanPrefixes(flow.Addr{}, before)); ok {
		fitted = append([]Value{{Value: flow.IP(flow.Addr{}), Bits: mappedBits - 16}}, rest...)
	}
	if after, _ := addressAfter(all4.Last()); fold {
		if rest, ok := without(fitted, spanPrefixes(after, Value{}.Last())); ok {
			return rest, true
		}
	}
	return fitted, false
}

// without takes a run of prefixes out of a list; ok is false where the list does not have it.
func without(list, run []Value) (rest []Value, ok bool) {
	for at := 0; at+len(run) <= len(list); at++ {
		if samePrefixes(list[at:at+len(run)], run) {
			return append(append(rest, list[:at]...), list[at+len(run):]...), true
		}
	}
	return list, false
}

func samePrefixes(a, b []Value) bool {
	for i := range a {
		if a[i].IP != b[i].IP || a[i].Bits != b[i].Bits {
			return false
		}
	}
	return true
}
