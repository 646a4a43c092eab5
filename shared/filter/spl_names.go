package filter

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/weirflow/weir/shared/flow"
)

// splunkNames are the fields of Splunk's Common Information Model (Network_Traffic), and _time, that hold the same as ours.
var splunkNames = map[string]string{
	"@timestamp": "_time", "event.end": "_time", "event.id": "flow_id", "event.duration": "duration", "observer.ip": "dvc_ip",
	"observer.ingress.interface.name": "src_interface", "observer.egress.interface.name": "dest_interface",
	"network.transport": "transport", "network.protocol": "app", "network.direction": "direction", "network.vlan.id": "vlan",
	"network.bytes": "bytes", "network.packets": "packets",
	"weir.tcp.flags": "tcp_flag", "weir.icmp.type": "icmp_type", "weir.icmp.code": "icmp_code", "weir.ip.tos": "tos", "weir.ip.ttl": "ttl",
	"source.bytes": "bytes_out", "source.packets": "packets_out", "destination.bytes": "bytes_in", "destination.packets": "packets_in",
	"client.bytes": "bytes_out", "client.packets": "packets_out", "server.bytes": "bytes_in", "server.packets": "packets_in",
}

// splunkSides are the beginnings of names that CIM has for both sides, and splunkEnds what follows them.
var (
	splunkSides = map[string]string{"source": "src", "client": "src", "destination": "dest", "server": "dest"}
	splunkEnds  = map[string]string{"ip": "_ip", "port": "_port", "mac": "_mac", "nat.ip": "_translated_ip", "nat.port": "_translated_port"}
)

// SplunkName returns the name that a field has in Splunk: CIM's where its model of network traffic has one, else the canonical one.
// Times are seconds since the Unix epoch with decimals there, event.duration is in seconds, hardware addresses are in
// lower case with colons, and lists are fields of several values.
func SplunkName(f *flow.Field) string {
	if name, ok := splunkNames[f.Name]; ok {
		return name
	}
	side, rest, _ := strings.Cut(f.Name, ".")
	if short, end := splunkSides[side], splunkEnds[rest]; short != "" && end != "" {
		return short + end
	}
	return f.Name
}

// What CIM has no value for is told under a name of Weir's, or by a word.
const (
	SplunkOtherDirection = "weir.direction" // internal and external: CIM's direction is inbound or outbound
	SplunkOtherFlags     = "weir.tcp.ecn"   // ECE and CWR: CIM's tcp_flag has no others than the six old flags
	SplunkUnknown        = "unknown"        // app of traffic without a known service: CIM's must be there
)

// splunkTotals are the totals that stand for a side's counters where only one direction is told: CIM has bytes_out and bytes_in
// together or not at all.
var splunkTotals = map[string]string{"source.bytes": "bytes", "source.packets": "packets"}

// splunkBoth are the names of both sides for the fields that stand for either.
var splunkBoth = map[string][2]string{"related.ip": {"src_ip", "dest_ip"}, "related.port": {"src_port", "dest_port"}}

// splunkNumber writes a value that is a number in Splunk.
func splunkNumber(f *flow.Field, v Value) (text string, ok bool) {
	switch {
	case f.Name == "event.duration":
		return seconds(new(big.Int).SetUint64(v.U)), true
	case f.Kind == flow.KindTime:
		return seconds(big.NewInt(int64(v.U))), true
	case f.Kind == flow.KindFloat:
		return strconv.FormatFloat(v.F, 'f', -1, 64), true
	case f.Kind == flow.KindUint, f.Kind == flow.KindInt:
		return v.String(), true
	}
	return "", false
}

// seconds writes nanoseconds as seconds with as many decimals as they need.
func seconds(ns *big.Int) string {
	text := new(big.Rat).SetFrac(ns, big.NewInt(1e9)).FloatString(9)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// splunkText writes a value that is a text in Splunk, a prefix with its length.
func splunkText(v Value) string {
	switch v.Kind {
	case flow.KindIP:
		return v.prefixText()
	case flow.KindMAC:
		return strings.ToLower(strings.ReplaceAll(v.String(), "-", ":"))
	}
	return v.S
}

// splunkQuote writes a text in quotes, as both search and eval read it.
func splunkQuote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
