package template

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/decode/element"
	"github.com/weirflow/weir/shared/flow"
)

var update = flag.Bool("update", false, "rewrite docs/elements.md")

// page is the reference of elements.
const page = "../../../docs/elements.md"

// fieldsOf says which canonical fields an operation fills; text in parentheses is no field.
var fieldsOf = map[op]string{
	opSourceIPv4: "source.ip", opSourceIPv6: "source.ip", opDestinationIPv4: "destination.ip", opDestinationIPv6: "destination.ip",
	opSourcePort: "source.port", opDestinationPort: "destination.port", opProtocol: "network.iana_number",
	opUDPSourcePort: "source.port", opUDPDestinationPort: "destination.port", opTCPSourcePort: "source.port", opTCPDestinationPort: "destination.port",
	opBytes: "source.bytes", opPackets: "source.packets", opReverseBytes: "destination.bytes", opReversePackets: "destination.packets",
	opTCPFlags: "weir.tcp.flags", opToS: "weir.ip.tos", opTTL: "weir.ip.ttl", opVLAN: "network.vlan.id",
	opInIf: "observer.ingress.interface.id", opOutIf: "observer.egress.interface.id",
	opInIfName: "observer.ingress.interface.name", opOutIfName: "observer.egress.interface.name",
	opSourceASN: "source.as.number", opDestinationASN: "destination.as.number", opNextHopIPv4: "weir.next_hop.ip", opNextHopIPv6: "weir.next_hop.ip",
	opSourceMAC: "source.mac", opDestinationMAC: "destination.mac",
	opFirstUptime: "event.start", opLastUptime: "event.end", opStartMilliseconds: "event.start", opEndMilliseconds: "event.end",
	opStartSeconds: "event.start", opEndSeconds: "event.end", opStartMicroseconds: "event.start", opEndMicroseconds: "event.end",
	opStartNanoseconds: "event.start", opEndNanoseconds: "event.end", opStartDelta: "event.start", opEndDelta: "event.end",
	opObservedSeconds: "event.end", opObservedMilliseconds: "event.end", opObservedMicroseconds: "event.end", opObservedNanoseconds: "event.end",
	opDurationMilliseconds: "event.start", opDurationMicroseconds: "event.start", opSystemInit: "event.start",
	opICMPv4: "weir.icmp.type", opICMPv6: "weir.icmp.type", opICMPv4Type: "weir.icmp.type", opICMPv4Code: "weir.icmp.code",
	opICMPv6Type: "weir.icmp.type", opICMPv6Code: "weir.icmp.code",
	opSourceNAT4: "source.nat.ip", opDestinationNAT4: "destination.nat.ip", opSourceNAT6: "source.nat.ip", opDestinationNAT6: "destination.nat.ip",
	opSourceNATPort: "source.nat.port", opDestinationNATPort: "destination.nat.port",
	opFirewallEvent: "weir.firewall_event", opForwardingStatus: "weir.forwarding_status", opEndReason: "weir.end_reason",
	opExporter4: "observer.ip", opExporter6: "observer.ip", opInitialFlags: "weir.tcp.flags", opUnionFlags: "weir.tcp.flags",
	opSampler: "weir.sampling.interval", opInterval: "weir.sampling.interval", opPacketInterval: "weir.sampling.interval",
	opPacketSpace: "weir.sampling.interval", opSampleSize: "weir.sampling.interval", opPopulation: "weir.sampling.interval",
	opProbability: "weir.sampling.interval", opApplication: "network.application", opApplicationName: "network.application",
}

const pageHead = `# Elements

Where the information elements of NetFlow v9 and IPFIX go. Names are those of the IANA registry "IPFIX Information Elements"; elements
above 32767 are what vendors use in NetFlow v9. Everything that is not listed is kept under ` + "`weir.elements`" + ` by enterprise number and id, with
the bytes as exported; so is what loses its field to another element of the record (of several with the same field the one of the
lowest rank fills it), has a length that its field cannot have, or is marked "kept". Padding (0/210) is passed over.

Numbers may have 1 to 8 bytes. Unspecified next hops and translated addresses, translated ports and VLAN ids of 0, and times of 0 are
absent.

| element | name | field | rank | kept |
|---|---|---|---|---|
`

const pageTail = `
- **Ports.** Those of UDP and TCP (0/180 to 0/183) count where a template has no ports of any protocol (0/7, 0/11), and where they are not 0.
- **Counters.** Responder counters (0/232, 0/299) fill the destination's only beside the initiator's (0/231, 0/298) or alone.
- **Times.** Uptimes (0/21, 0/22) are made absolute with the header's uptime (v9), in IPFIX with the system init time (0/160) of the
  record or of options. Observation times stand for a missing end, and for the start where there is no time at all, and are kept where
  start and end are there without them; a duration completes
  whichever of start and end is missing. 0/154 to 0/157 are in NTP format; plain time since 1970 is known by its size.
- **ICMP.** Type and code are taken where the protocol is ICMP or ICMPv6; without such an element from the destination port.
- **Sampling.** First comes the sampler that the record names (0/48, 0/302) if options described it, then the interval in the record
  ((0/305 + 0/306) / 0/305; 0/310 / 0/309; 0/34 or 0/50; 0/305 alone; 1 / 0/311), then options for the interface, then options
  without selector. A record that names a sampler of which nothing is known is marked unknown; sampler 0 names none.
- **Exporter.** 0/130, 0/131 and those of the original exporter (0/403, 0/404) in a record say who this record is from, in options data who
  all of the domain's are: see [exporters.md](exporters.md). Unspecified addresses are passed over.
- **Firewall events.** Where a template has 0/233 and 0/231, the counters are what no earlier event of the connection (0/148) told; what
  the event told is kept as elements where it is another number.
- **MPLS.** 0/70 to 0/79 are ` + "`weir.mpls.labels`" + ` and kept.
- **Interface names.** The first 0/82 of a data record is the ingress side, the second the egress side. Options data with 0/82 or 0/83
  and an interface name the interfaces of all records; options data with 0/95 and 0/96 the applications.
`

// TestDocumented holds the page and the rules together.
func TestDocumented(t *testing.T) {
	var b strings.Builder
	b.WriteString(pageHead)
	registry := flow.NewRegistry()
	write := func(pen uint32, id uint16, r rule) {
		name := fieldsOf[r.op]
		if registry.Lookup(name) == nil {
			t.Errorf("%d/%d: %q is no field", pen, id, name)
		}
		info, ok := element.Lookup(pen, id)
		if !ok {
			t.Errorf("%d/%d is in no table", pen, id)
		}
		kept := ""
		if r.keep {
			kept = "kept"
		}
		fmt.Fprintf(&b, "| %d/%d | %s | %s | %d | %s |\n", pen, id, info.Name, name, r.rank, kept)
	}
	for _, id := range slices.Sorted(maps.Keys(rules)) {
		write(element.IANA, id, rules[id])
	}
	for _, id := range slices.Sorted(maps.Keys(reverseRules)) {
		write(element.Reverse, id, reverseRules[id])
	}
	for _, id := range slices.Sorted(maps.Keys(certRules)) {
		write(element.CERT, id, certRules[id])
	}
	b.WriteString(pageTail)
	if *update {
		if err := os.WriteFile(page, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(page); err != nil || string(got) != b.String() {
		t.Errorf("%s is not what the rules say (%v): run the test with -update", page, err)
	}
}
