package policy

import (
	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
)

// onRecords are the fields by which records from client to server can be told in the way that sessions are, with the names that
// they have on records. Counters, states and times of a session say nothing about one of its records.
var onRecords = map[string]string{
	"client.ip": "source.ip", "client.port": "source.port", "server.ip": "destination.ip", "server.port": "destination.port",
	"source.ip": "source.ip", "source.port": "source.port", "destination.ip": "destination.ip", "destination.port": "destination.port",
	"source.as.number": "source.as.number", "source.geo.country_iso_code": "source.geo.country_iso_code", "weir.source.group": "weir.source.group",
	"destination.as.number": "destination.as.number", "destination.geo.country_iso_code": "destination.geo.country_iso_code",
	"weir.destination.group": "weir.destination.group", "network.iana_number": "network.iana_number", "network.transport": "network.transport",
	"network.protocol": "network.protocol", "network.direction": "network.direction", "related.ip": "related.ip", "related.port": "related.port",
}

// RecordFilter returns a filter on records that selects at least those from client to server of the sessions that the policy's filter
// selects: what it says of whole sessions is left out. "" selects all.
func (p *Policy) RecordFilter(reg *flow.Registry) string {
	n, err := filter.ParseSession(p.Filter, reg)
	if err != nil {
		return ""
	}
	if members, ok := n.(filter.And); ok {
		var kept filter.And
		for _, m := range members {
			if r, ok := ofRecords(m, reg); ok {
				kept = append(kept, r)
			}
		}
		return kept.String()
	}
	r, ok := ofRecords(n, reg)
	if !ok {
		return ""
	}
	return r.String()
}

// ofRecords translates a filter as a whole; ok is false where it says something that records don't tell.
func ofRecords(n filter.Node, reg *flow.Registry) (out filter.Node, ok bool) {
	switch n := n.(type) {
	case filter.And:
		list, ok := allOfRecords(n, reg)
		return filter.And(list), ok
	case filter.Or:
		list, ok := allOfRecords(n, reg)
		return filter.Or(list), ok
	case filter.Not:
		of, ok := ofRecords(n.Of, reg)
		return filter.Not{Of: of}, ok
	case filter.Compare:
		n.Field = reg.Lookup(onRecords[n.Field.Name])
		return n, n.Field != nil
	case filter.Exists:
		n.Field = reg.Lookup(onRecords[n.Field.Name])
		return n, n.Field != nil
	}
	return nil, false
}

func allOfRecords(list []filter.Node, reg *flow.Registry) ([]filter.Node, bool) {
	out := make([]filter.Node, len(list))
	for i, m := range list {
		r, ok := ofRecords(m, reg)
		if !ok {
			return nil, false
		}
		out[i] = r
	}
	return out, true
}
