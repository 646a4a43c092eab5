package enrich

import (
	"errors"
	"sync/atomic"

	"github.com/weirflow/weir/shared/enrich/geo"
	"github.com/weirflow/weir/shared/flow"
)

// Enricher enriches batches. A batch sees one state of its networks (see [Enricher.Use]) and of the files of countries and AS numbers,
// so it is safe for concurrent use, each batch by one goroutine.
type Enricher struct {
	networks atomic.Pointer[Networks]
	services *services
	geo      *geo.Locator   // nil: none
	names    InterfaceNames // nil: none
}

// Networks are the tables of inside networks and groups, ready for use. They never change.
type Networks struct {
	places    *places
	hasGroups bool
}

// NewNetworks builds the tables of the inside networks and groups of a configuration; symbols must be the table of the batches.
func NewNetworks(cfg Config, symbols *flow.Symbols) (*Networks, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	return &Networks{places: newPlaces(cfg, symbols), hasGroups: len(cfg.Groups) > 0}, nil
}

// New builds the tables of an enricher.
func New(cfg Config, deps Deps) (*Enricher, error) {
	if deps.Symbols == nil {
		return nil, errors.New("enrich: no table of symbols")
	}
	networks, err := NewNetworks(cfg, deps.Symbols)
	if err != nil {
		return nil, err
	}
	services, err := newServices(cfg.Services, deps.Symbols)
	if err != nil {
		return nil, err
	}
	e := &Enricher{services: services, names: deps.Interfaces}
	e.networks.Store(networks)
	if deps.Geo != nil && deps.Geo.Enabled() {
		e.geo = deps.Geo
	}
	return e, nil
}

// Inside tells whether an address is in one of the inside networks.
func (e *Enricher) Inside(a flow.Addr) bool { return e.networks.Load().places.of(a).inside }

// Use puts other networks and groups into force: batches that come later see them. It may be called at any time.
func (e *Enricher) Use(n *Networks) { e.networks.Store(n) }

// Batch enriches all records of b in place. Groups are those of the configuration where it has any; the direction is set where
// both addresses are known; a service, country or AS number that the record has is kept. Interfaces get their names.
func (e *Enricher) Batch(b *flow.Batch) {
	if e.names != nil {
		e.names.Batch(b)
	}
	var located *geo.Reader
	if e.geo != nil {
		located = e.geo.Acquire()
		defer e.geo.Release(located)
	}
	n := e.networks.Load()
	for i := range b.Records {
		r := &b.Records[i]
		n.addresses(r, located)
		if r.Service == 0 {
			r.Service = e.services.of(r)
		}
	}
}

func (n *Networks) addresses(r *flow.Record, located *geo.Reader) {
	hasSource, hasDestination := r.Present.Has(flow.HasSourceIP), r.Present.Has(flow.HasDestinationIP)
	var source, destination *place
	if hasSource {
		source = n.places.of(r.Source.IP)
		if n.hasGroups {
			r.Source.Groups = source.groups(r.Source.Port, r.Present.Has(flow.HasSourcePort))
		}
		locate(&r.Source, source.inside, located)
	}
	if hasDestination {
		destination = n.places.of(r.Destination.IP)
		if n.hasGroups {
			r.Destination.Groups = destination.groups(r.Destination.Port, r.Present.Has(flow.HasDestinationPort))
		}
		locate(&r.Destination, destination.inside, located)
	}
	if hasSource && hasDestination {
		r.Direction = directionOf(r, source.inside, n.reached(&r.Destination, destination))
	}
}

// reached tells whether a record's packets reach an inside host. Where the destination is translated it is the translator's address,
// and the one after translation the host's. A source is the host's own before translation.
func (n *Networks) reached(end *flow.Endpoint, p *place) bool {
	if end.NAT.IsUnspecified() || end.NAT == end.IP {
		return p.inside
	}
	return n.places.of(end.NAT).inside
}

// locate fills in country and AS number. Those of inside addresses say nothing that their owner does not know; what the exporter
// said of the AS comes from its routing table, which knows better.
func locate(end *flow.Endpoint, inside bool, located *geo.Reader) {
	if located == nil || inside || (end.ASN != 0 && end.Country != [2]byte{}) {
		return
	}
	p := located.Place(end.IP)
	if end.ASN == 0 {
		end.ASN = p.ASN
	}
	if end.Country == [2]byte{} {
		end.Country = p.Country
	}
}

// directionOf returns the direction between the two sides. Addresses that mean nobody in particular, or only neighbors, are on the
// side of the other: multicast, broadcast, link-local and unspecified ones do not cross a border.
func directionOf(r *flow.Record, source, destination bool) flow.Direction {
	if source != destination {
		switch {
		case isLocal(r.Destination.IP) && !destination:
			destination = source
		case isLocal(r.Source.IP) && !source:
			source = destination
		}
	}
	switch {
	case source && destination:
		return flow.Internal
	case source:
		return flow.Outbound
	case destination:
		return flow.Inbound
	}
	return flow.External
}

// isLocal tells whether an address is multicast (RFC 5771, RFC 4291), link-local (RFC 3927, RFC 4291), the limited broadcast or the
// unspecified address.
func isLocal(a flow.Addr) bool {
	if !a.Is4() {
		return a[0] == 0xff || (a[0] == 0xfe && a[1]&0xc0 == 0x80) || a.IsZero()
	}
	v := a.V4()
	return v>>28 == 0xe || v>>16 == 0xa9fe || v == 0xffffffff || v == 0
}
