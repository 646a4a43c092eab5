package policy

import (
	"slices"
	"strings"

	"github.com/weirflow/weir/shared/filter"
)

// fixedFields do not change while a session grows; growingFields are numbers that only become greater, and lists to which members
// are only added.
var (
	fixedFields = map[string]bool{
		"event.start": true, "session.start": true, "client.ip": true, "client.port": true, "server.ip": true, "server.port": true,
		"source.ip": true, "source.port": true, "source.as.number": true, "source.geo.country_iso_code": true, "weir.source.group": true,
		"destination.ip": true, "destination.port": true, "destination.as.number": true, "destination.geo.country_iso_code": true,
		"weir.destination.group": true, "network.iana_number": true, "network.transport": true, "network.protocol": true,
		"network.direction": true, "network.application": true, "weir.icmp.type": true, "weir.icmp.code": true,
		"related.ip": true, "related.port": true,
	}
	growingFields = map[string]bool{
		"@timestamp": true, "event.end": true, "event.duration": true, "client.bytes": true, "client.packets": true,
		"server.bytes": true, "server.packets": true, "source.bytes": true, "source.packets": true, "destination.bytes": true,
		"destination.packets": true, "network.bytes": true, "network.packets": true, "weir.sampling.interval": true,
	}
	growingLists = map[string]bool{
		"observer.ip": true, "weir.tcp.flags": true, "weir.client.tcp.flags": true, "weir.server.tcp.flags": true,
	}
)

// lasts tells whether a session that matches will go on to, however it grows. Only then may it be judged before its end: what is
// found must not depend on the pieces that a session came in.
func lasts(n filter.Node) bool {
	switch n := n.(type) {
	case filter.And:
		return !slices.ContainsFunc(n, func(m filter.Node) bool { return !lasts(m) })
	case filter.Or:
		return !slices.ContainsFunc(n, func(m filter.Node) bool { return !lasts(m) })
	case filter.Not:
		return !slices.ContainsFunc(filter.Fields(n), func(name string) bool { return !fixedFields[name] })
	case filter.Exists:
		return true
	case filter.Compare:
		name := n.Field.Name
		switch {
		case fixedFields[name] || growingLists[name]:
			return true
		case growingFields[name]:
			return n.Op == filter.Greater || n.Op == filter.GreaterEqual
		case name == "weir.tcp.state":
			// Once data went both ways, they did.
			return !slices.ContainsFunc(n.Values, func(v filter.Value) bool {
				return !strings.EqualFold(v.S, "EST") && !strings.EqualFold(v.S, "QR") || v.Parts != nil
			})
		}
	}
	return false
}
