package oracle

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

// row is one record as name to value, so that records of different decoders can be compared and absence shows. Names are
// "src", "bytes" and so on; "e:<pen>/<id>" is an element without a canonical field, its value in hex.
type row map[string]string

// Names of rows.
const (
	kSrc, kDst, kNextHop, kSrcNAT, kDstNAT           = "src", "dst", "nexthop", "src.nat", "dst.nat"
	kSrcPort, kDstPort, kSrcNATPort, kDstNATPort     = "src.port", "dst.port", "src.natport", "dst.natport"
	kBytes, kPackets, kReverseBytes, kReversePackets = "bytes", "packets", "reverse.bytes", "reverse.packets"
	kSrcAS, kDstAS, kSrcMAC, kDstMAC                 = "src.as", "dst.as", "src.mac", "dst.mac"
	kProtocol, kFlags, kToS, kTTL, kVLAN             = "proto", "flags", "tos", "ttl", "vlan"
	kICMPType, kICMPCode, kIn, kOut                  = "icmp.type", "icmp.code", "in", "out"
	kFirst, kLast, kStart, kEnd                      = "first", "last", "start", "end"
	kEndReason, kForwarding, kFirewall, kSampling    = "endreason", "forwarding", "firewall", "sampling"
	kInName, kOutName, kApplication                  = "in.name", "out.name", "application"
)

func number[T uint8 | uint16 | uint32 | uint64 | int64](n T) string { return fmt.Sprint(n) }

func elementName(pen uint32, id uint16) string { return fmt.Sprintf("e:%d/%d", pen, id) }

// weirRow is record i of a batch.
func weirRow(b *flow.Batch, i int) row {
	r := &b.Records[i]
	out := row{}
	has := func(bit flow.Presence, name, value string) {
		if r.Present.Has(bit) {
			out[name] = value
		}
	}
	nonZero := func(zero bool, name, value string) {
		if !zero {
			out[name] = value
		}
	}
	has(flow.HasSourceIP, kSrc, r.Source.IP.String())
	has(flow.HasDestinationIP, kDst, r.Destination.IP.String())
	nonZero(r.NextHop.IsZero(), kNextHop, r.NextHop.String())
	nonZero(r.Source.NAT.IsZero(), kSrcNAT, r.Source.NAT.String())
	nonZero(r.Destination.NAT.IsZero(), kDstNAT, r.Destination.NAT.String())
	nonZero(r.Source.MAC.IsZero(), kSrcMAC, r.Source.MAC.String())
	nonZero(r.Destination.MAC.IsZero(), kDstMAC, r.Destination.MAC.String())
	nonZero(r.Source.ASN == 0, kSrcAS, number(r.Source.ASN))
	nonZero(r.Destination.ASN == 0, kDstAS, number(r.Destination.ASN))
	has(flow.HasSourcePort, kSrcPort, number(r.Source.Port))
	has(flow.HasDestinationPort, kDstPort, number(r.Destination.Port))
	has(flow.HasSourceNATPort, kSrcNATPort, number(r.Source.NATPort))
	has(flow.HasDestinationNATPort, kDstNATPort, number(r.Destination.NATPort))
	has(flow.HasBytes, kBytes, number(r.Source.Bytes))
	has(flow.HasPackets, kPackets, number(r.Source.Packets))
	has(flow.HasReverseBytes, kReverseBytes, number(r.Destination.Bytes))
	has(flow.HasReversePackets, kReversePackets, number(r.Destination.Packets))
	has(flow.HasProtocol, kProtocol, number(r.IPProtocol))
	has(flow.HasTCPFlags, kFlags, number(r.TCPFlags))
	has(flow.HasToS, kToS, number(r.ToS))
	has(flow.HasTTL, kTTL, number(r.TTL))
	has(flow.HasVLAN, kVLAN, number(r.VLAN))
	has(flow.HasICMP, kICMPType, number(r.ICMPType))
	has(flow.HasICMP, kICMPCode, number(r.ICMPCode))
	has(flow.HasInIf, kIn, number(r.InIf))
	has(flow.HasOutIf, kOut, number(r.OutIf))
	has(flow.HasFirstUptime, kFirst, number(r.FirstUptime))
	has(flow.HasLastUptime, kLast, number(r.LastUptime))
	has(flow.HasStart, kStart, number(r.Start))
	has(flow.HasEnd, kEnd, number(r.End))
	has(flow.HasEndReason, kEndReason, number(r.EndReason))
	has(flow.HasForwardingStatus, kForwarding, number(r.ForwardingStatus))
	has(flow.HasFirewallEvent, kFirewall, number(r.FirewallEvent))
	nonZero(r.SamplingInterval == 0, kSampling, strconv.FormatFloat(r.SamplingInterval, 'f', -1, 64))
	nonZero(r.InIfName == 0, kInName, b.Symbols.Text(r.InIfName))
	nonZero(r.OutIfName == 0, kOutName, b.Symbols.Text(r.OutIfName))
	nonZero(r.Application == 0, kApplication, b.Symbols.Text(r.Application))
	for e, rest, ok := flow.NextElement(b.ElementsOf(r)); ok; e, rest, ok = flow.NextElement(rest) {
		out[elementName(e.PEN, e.ID)] = hex.EncodeToString(e.Value)
	}
	return out
}

// keyed is a row with its place: the number of the datagram in the input, and the order in it.
type keyed struct {
	datagram int
	row      row
}

// excuse says that a difference in one field is known: got is Weir's value, want the oracle's, "" for absent.
type excuse func(name string, got, want string, theirs row) bool

// compare reports differences between two lists of rows, but for those that excused says are known.
func compare(t *testing.T, got, want []keyed, excused excuse) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d records, the oracle has %d", len(got), len(want))
	}
	shown := 0
	for i := 0; i < min(len(got), len(want)) && shown < 10; i++ {
		if got[i].datagram != want[i].datagram {
			t.Errorf("record %d is of datagram %d, the oracle's of %d", i, got[i].datagram, want[i].datagram)
			return
		}
		for _, name := range names(got[i].row, want[i].row) {
			g, w := got[i].row[name], want[i].row[name]
			if g == w || excused(name, g, w, want[i].row) {
				continue
			}
			t.Errorf("datagram %d, record %d: %s is %q, the oracle has %q", got[i].datagram, i, name, g, w)
			shown++
		}
	}
}

func names(a, b row) []string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}

// noExcuse accepts no difference.
func noExcuse(string, string, string, row) bool { return false }
