package filter

import "github.com/weirflow/weir/shared/flow"

// The tables below say where the records keep what most filters ask for, so that a predicate reads it without going through
// the registry's accessors, which allocate their values. A field that stands in none of them goes the slow way; a property
// test holds both ways together.

// numberAccess reads a number; ok is false where the record has none.
type numberAccess func(r *flow.Record) (v uint64, ok bool)

func present[T uint8 | uint16 | uint32 | uint64](at func(*flow.Record) *T, bit flow.Presence) numberAccess {
	return func(r *flow.Record) (uint64, bool) { return uint64(*at(r)), r.Present&bit != 0 }
}

func nonZero[T uint8 | uint16 | uint32 | uint64](at func(*flow.Record) *T) numberAccess {
	return func(r *flow.Record) (uint64, bool) { v := uint64(*at(r)); return v, v != 0 }
}

var numberFields = map[string]numberAccess{
	"source.port": func(r *flow.Record) (uint64, bool) { return uint64(r.Source.Port), r.Present&flow.HasSourcePort != 0 },
	"destination.port": func(r *flow.Record) (uint64, bool) {
		return uint64(r.Destination.Port), r.Present&flow.HasDestinationPort != 0
	},
	"source.nat.port":               present(func(r *flow.Record) *uint16 { return &r.Source.NATPort }, flow.HasSourceNATPort),
	"destination.nat.port":          present(func(r *flow.Record) *uint16 { return &r.Destination.NATPort }, flow.HasDestinationNATPort),
	"source.as.number":              nonZero(func(r *flow.Record) *uint32 { return &r.Source.ASN }),
	"destination.as.number":         nonZero(func(r *flow.Record) *uint32 { return &r.Destination.ASN }),
	"source.bytes":                  present(func(r *flow.Record) *uint64 { return &r.Source.Bytes }, flow.HasBytes),
	"source.packets":                present(func(r *flow.Record) *uint64 { return &r.Source.Packets }, flow.HasPackets),
	"destination.bytes":             present(func(r *flow.Record) *uint64 { return &r.Destination.Bytes }, flow.HasReverseBytes),
	"destination.packets":           present(func(r *flow.Record) *uint64 { return &r.Destination.Packets }, flow.HasReversePackets),
	"network.iana_number":           present(func(r *flow.Record) *uint8 { return &r.IPProtocol }, flow.HasProtocol),
	"network.bytes":                 present(func(r *flow.Record) *uint64 { return &r.Bytes }, flow.HasBytes),
	"network.packets":               present(func(r *flow.Record) *uint64 { return &r.Packets }, flow.HasPackets),
	"network.vlan.id":               present(func(r *flow.Record) *uint16 { return &r.VLAN }, flow.HasVLAN),
	"weir.domain":                   func(r *flow.Record) (uint64, bool) { return uint64(r.Domain), true },
	"observer.ingress.interface.id": present(func(r *flow.Record) *uint32 { return &r.InIf }, flow.HasInIf),
	"observer.egress.interface.id":  present(func(r *flow.Record) *uint32 { return &r.OutIf }, flow.HasOutIf),
	"weir.raw.bytes":                present(func(r *flow.Record) *uint64 { return &r.RawBytes }, flow.HasBytes),
	"weir.raw.packets":              present(func(r *flow.Record) *uint64 { return &r.RawPackets }, flow.HasPackets),
	"weir.tcp.flags_bits":           present(func(r *flow.Record) *uint16 { return &r.TCPFlags }, flow.HasTCPFlags),
	"weir.icmp.type":                present(func(r *flow.Record) *uint8 { return &r.ICMPType }, flow.HasICMP),
	"weir.icmp.code":                present(func(r *flow.Record) *uint8 { return &r.ICMPCode }, flow.HasICMP),
	"weir.ip.tos":                   present(func(r *flow.Record) *uint8 { return &r.ToS }, flow.HasToS),
	"weir.ip.ttl":                   present(func(r *flow.Record) *uint8 { return &r.TTL }, flow.HasTTL),
	"weir.forwarding_status":        present(func(r *flow.Record) *uint8 { return &r.ForwardingStatus }, flow.HasForwardingStatus),
	"weir.clock.offset_ms":          func(r *flow.Record) (uint64, bool) { return uint64(r.ClockOffset / 1e6), r.Present&flow.HasClock != 0 },
	"weir.clock.uncertainty_ms": func(r *flow.Record) (uint64, bool) {
		return uint64(r.ClockUncertainty / 1e6), r.Present&flow.HasClock != 0
	},
	"source.mac":      macNumber(func(r *flow.Record) *flow.MAC { return &r.Source.MAC }),
	"destination.mac": macNumber(func(r *flow.Record) *flow.MAC { return &r.Destination.MAC }),
	"@timestamp":      instant(func(r *flow.Record) *int64 { return &r.End }),
	"event.end":       instant(func(r *flow.Record) *int64 { return &r.End }),
	"event.start":     instant(func(r *flow.Record) *int64 { return &r.Start }),
	"event.created":   instant(func(r *flow.Record) *int64 { return &r.Created }),
}

func macNumber(at func(*flow.Record) *flow.MAC) numberAccess {
	return func(r *flow.Record) (uint64, bool) { v := at(r).Number(); return v, v != 0 }
}

func instant(at func(*flow.Record) *int64) numberAccess {
	return func(r *flow.Record) (uint64, bool) { v := *at(r); return uint64(v), v != 0 }
}

// addressAccess reads an address; nil where the record has none.
type addressAccess func(r *flow.Record) *flow.Addr

var addressFields = map[string]addressAccess{
	"source.ip": func(r *flow.Record) *flow.Addr {
		if r.Present&flow.HasSourceIP == 0 {
			return nil
		}
		return &r.Source.IP
	},
	"destination.ip": func(r *flow.Record) *flow.Addr {
		if r.Present&flow.HasDestinationIP == 0 {
			return nil
		}
		return &r.Destination.IP
	},
	"source.nat.ip":      setAddress(func(r *flow.Record) *flow.Addr { return &r.Source.NAT }),
	"destination.nat.ip": setAddress(func(r *flow.Record) *flow.Addr { return &r.Destination.NAT }),
	"observer.ip":        setAddress(func(r *flow.Record) *flow.Addr { return &r.Exporter }),
	"weir.next_hop.ip":   setAddress(func(r *flow.Record) *flow.Addr { return &r.NextHop }),
}

func setAddress(at addressAccess) addressAccess {
	return func(r *flow.Record) *flow.Addr {
		if a := at(r); !a.IsZero() {
			return a
		}
		return nil
	}
}

// symbolFields are names kept in the batch's table.
var symbolFields = map[string]func(r *flow.Record) flow.Symbol{
	"network.protocol":                func(r *flow.Record) flow.Symbol { return r.Service },
	"network.application":             func(r *flow.Record) flow.Symbol { return r.Application },
	"observer.ingress.interface.name": func(r *flow.Record) flow.Symbol { return r.InIfName },
	"observer.egress.interface.name":  func(r *flow.Record) flow.Symbol { return r.OutIfName },
	"weir.source.group":               func(r *flow.Record) flow.Symbol { return r.Source.Groups },
	"weir.destination.group":          func(r *flow.Record) flow.Symbol { return r.Destination.Groups },
}

// codeAccess is where a small number lives that is shown by name, and its presence bit (0: absent when the number is 0).
type codeAccess struct {
	at  func(r *flow.Record) *uint8
	bit flow.Presence
}

var codeFields = map[string]codeAccess{
	transportField:         {func(r *flow.Record) *uint8 { return &r.IPProtocol }, flow.HasProtocol},
	"network.direction":    {func(r *flow.Record) *uint8 { return (*uint8)(&r.Direction) }, 0},
	"weir.protocol":        {func(r *flow.Record) *uint8 { return (*uint8)(&r.Protocol) }, 0},
	"weir.sampling.source": {func(r *flow.Record) *uint8 { return (*uint8)(&r.SamplingSource) }, 0},
	"weir.invalid":         {func(r *flow.Record) *uint8 { return (*uint8)(&r.Invalid) }, 0},
	"weir.end_reason":      {func(r *flow.Record) *uint8 { return &r.EndReason }, flow.HasEndReason},
	"weir.firewall_event":  {func(r *flow.Record) *uint8 { return &r.FirewallEvent }, flow.HasFirewallEvent},
}

// eventIDFields are identities.
var eventIDFields = map[string]func(r *flow.Record) (*flow.EventID, bool){
	eventIDField:   func(r *flow.Record) (*flow.EventID, bool) { return &r.ID, true },
	duplicateField: func(r *flow.Record) (*flow.EventID, bool) { return &r.DuplicateOf, r.Present&flow.HasDuplicateOf != 0 },
}

// countryFields are countries.
var countryFields = map[string]func(r *flow.Record) *[2]byte{
	"source" + countrySuffix:      func(r *flow.Record) *[2]byte { return &r.Source.Country },
	"destination" + countrySuffix: func(r *flow.Record) *[2]byte { return &r.Destination.Country },
}

// relatedFields are the pairs of fields that the virtual ones stand for.
var relatedFields = map[string][2]string{
	"related.ip":   {"source.ip", "destination.ip"},
	"related.port": {"source.port", "destination.port"},
}
