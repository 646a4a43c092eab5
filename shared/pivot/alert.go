package pivot

import (
	"net/netip"

	"github.com/weirflow/weir/shared/flow"
)

// few is up to how many actors, or victims, all have links. Of more only the foremost has: one of a crowd says little, and the links of
// all would hide the few that matter.
const few = 2

// OfAlert returns an alert's links: those of its evidence and incident, then of its foremost hosts, its service's port, and the
// hosts' AS. It is empty and not nil where there are none. The alert is not changed.
func (s *Set) OfAlert(a *flow.Alert) []flow.AlertPivot {
	list := []flow.AlertPivot{}
	for _, sub := range s.subjects(a) {
		list = s.appendOf(list, &sub)
	}
	return list
}

// Attach puts their links into alerts, which must be the caller's own.
func (s *Set) Attach(alerts []flow.Alert) {
	for i := range alerts {
		alerts[i].Pivots = s.OfAlert(&alerts[i])
	}
}

// subjects returns what an alert has links for.
func (s *Set) subjects(a *flow.Alert) (list []Subject) {
	of := Subject{Alert: a.ID, Incident: a.Incident, Detector: a.Detector, Title: a.Title}
	of.From, of.To = alertSpan(a)
	if a.Service != nil {
		of.Port, of.Transport = a.Service.Port, a.Service.Transport
	}
	add := func(k Kind, more func(*Subject)) {
		sub := of
		sub.Kind = k
		more(&sub)
		list = append(list, sub)
	}
	add(Alert, func(sub *Subject) { sub.Filter = a.Evidence.Filter })
	if a.Incident != "" {
		add(Incident, func(sub *Subject) { sub.Filter = a.Evidence.Filter })
	}
	hosts := hostsOf(a)
	for _, ip := range hosts {
		add(Address, func(sub *Subject) { sub.IP = ip })
	}
	if of.Port != 0 {
		add(Port, func(*Subject) {})
	}
	for _, asn := range s.systems(hosts) {
		add(AS, func(sub *Subject) { sub.ASN = asn })
	}
	return list
}

// hostsOf returns the actors and victims that have links, each once, or the exporter where an alert is about that. Entities that are no
// addresses, such as prefixes, are left out.
func hostsOf(a *flow.Alert) (hosts []netip.Addr) {
	seen := map[netip.Addr]bool{}
	take := func(names []string) {
		most := few
		if len(names) > few {
			most = 1
		}
		for _, name := range names {
			ip, err := netip.ParseAddr(name)
			if err != nil || most == 0 {
				continue
			}
			most--
			if ip = ip.Unmap(); !seen[ip] {
				seen[ip] = true
				hosts = append(hosts, ip)
			}
		}
	}
	take(a.Actors)
	take(a.Victims)
	if len(a.Actors) == 0 && len(a.Victims) == 0 {
		take(a.Exporters)
	}
	return hosts
}

// systems returns the AS numbers of hosts, each once.
func (s *Set) systems(hosts []netip.Addr) (list []uint32) {
	if s.deps.ASN == nil {
		return nil
	}
	seen := map[uint32]bool{0: true}
	for _, ip := range hosts {
		if n := s.deps.ASN(ip); !seen[n] {
			seen[n] = true
			list = append(list, n)
		}
	}
	return list
}
