package query

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/weirflow/weir/shared/interfaces"
)

// InterfaceReader answers about interfaces, VLANs and processors.
type InterfaceReader interface {
	// Interfaces returns what passed the interfaces that a question selects, sorted by (exporter, ifIndex); VLANs and processors alike.
	Interfaces(ctx context.Context, q InterfaceQuestion) ([]Interface, error)
}

// InterfaceQuestion asks for interfaces and what passed them. Minutes are selected whole: those that begin in from <= t < to.
type InterfaceQuestion struct {
	Exporter string    `json:"exporter,omitempty"` // an address; "": all
	Kind     string    `json:"kind,omitempty"`     // "interface", "vlan" or "processor"; "": interfaces
	Index    *uint32   `json:"index,omitempty"`    // ifIndex, or number of a VLAN or processor; nil: all
	Name     string    `json:"name,omitempty"`     // name or alias, in any case; * stands for any text; "": all
	Source   string    `json:"source,omitempty"`   // whose counters: "snmp" or "sflow"; "": of both those that cover more
	From     time.Time `json:"from"`               // zero: from the first minute
	To       time.Time `json:"to"`                 // zero: to the last
	// Interval is the length of a bin in seconds, a multiple of 60: rates, peaks and the 95th percentile are of bins. 0 is 60.
	Interval int  `json:"interval,omitempty"`
	Points   bool `json:"points,omitempty"` // whether the bins are told, too
	Limit    int  `json:"limit,omitempty"`  // interfaces; 0: all, at most MaxLimit
}

// maxBins is the most bins of an interface.
const maxBins = 100_000

// Check refuses what makes no sense. Errors are *[Error].
func (q InterfaceQuestion) Check() error {
	if q.Exporter != "" {
		if _, err := netip.ParseAddr(q.Exporter); err != nil {
			return &Error{Part: "exporter", Text: fmt.Sprintf("%q is no address", q.Exporter)}
		}
	}
	source, known := interfaces.ParseSource(q.Source)
	_, ok := interfaces.ParseKind(q.Kind)
	switch {
	case !ok:
		return &Error{Part: "kind", Text: fmt.Sprintf("%q is none of interface, vlan and processor", q.Kind)}
	case q.Source != "" && (!known || source == interfaces.Flows):
		return &Error{Part: "source", Text: fmt.Sprintf("%q is neither snmp nor sflow", q.Source)}
	case q.Interval < 0 || q.Interval%60 != 0 || q.Interval > 7*24*3600:
		return &Error{Part: "interval", Text: fmt.Sprintf("%d s is not a number of whole minutes up to a week", q.Interval)}
	case q.Limit < 0 || q.Limit > MaxLimit:
		return &Error{Part: "limit", Text: fmt.Sprintf("%d is not between 0 and %d", q.Limit, MaxLimit)}
	case !q.From.IsZero() && !q.To.IsZero() && !q.From.Before(q.To):
		return &Error{Part: "from", Text: "is not before to"}
	case !q.From.IsZero() && !q.To.IsZero() && q.To.Sub(q.From) > maxBins*q.bin():
		return &Error{Part: "interval", Text: fmt.Sprintf("more than %d bins: choose a longer interval", maxBins)}
	}
	return nil
}

// bin is how long a bin is.
func (q InterfaceQuestion) bin() time.Duration {
	if q.Interval == 0 {
		return time.Minute
	}
	return time.Duration(q.Interval) * time.Second
}

// Interface is what is known of an interface of an exporter, and what passed it. In and Out are seen from the exporter. What passed a VLAN
// is in In alone; of a processor both are empty.
type Interface struct {
	Exporter string        `json:"exporter"`
	Kind     string        `json:"kind"`  // "interface", "vlan", "processor"
	Index    uint32        `json:"index"` // ifIndex, number of the VLAN, data source of the processor
	Name     string        `json:"name"`
	Alias    string        `json:"alias"`
	Speed    *uint64       `json:"speed"`           // bit/s; null: not known
	Admin    string        `json:"admin"`           // "up", "down", "" where it is not known
	Oper     string        `json:"oper"`            // the same
	Source   string        `json:"source"`          // of the counters: "snmp", "sflow"; "": there are none
	First    time.Time     `json:"first"`           // the first minute
	Last     time.Time     `json:"last"`            // the end of the last
	Covered  float64       `json:"covered_seconds"` // by counters
	In       InterfaceSide `json:"in"`
	Out      InterfaceSide `json:"out"`
	Ethernet *Ethernet     `json:"ethernet,omitempty"`  // left out where it is not told
	Use      *ProcessorUse `json:"processor,omitempty"` // of a processor
	// Points are the bins, where they are asked for.
	Points []InterfacePoint `json:"points,omitempty"`
}

// InterfaceSide is one direction of an interface. Rates are in bit/s by counters, of bins that are at least half covered; null where there
// are none.
type InterfaceSide struct {
	Now     *float64 `json:"now_bps"` // of the last bin
	Avg     *float64 `json:"avg_bps"`
	Peak    *float64 `json:"peak_bps"`
	P95     *float64 `json:"p95_bps"`   // the rate that 95 % of the bins do not pass
	Share   *float64 `json:"avg_share"` // of the speed, 0 to 1 or, where the speed is wrong, more
	PeakUse *float64 `json:"peak_share"`
	Bytes   *float64 `json:"bytes"` // by counters
	Packets *float64 `json:"packets"`
	// Of these packets, by kind.
	Unicast   *float64 `json:"unicast"`
	Multicast *float64 `json:"multicast"`
	Broadcast *float64 `json:"broadcast"`
	Discards  *float64 `json:"discards"`
	Errors    *float64 `json:"errors"`
	Flow      FlowSum  `json:"flows"`
}

// Ethernet are the frames that an Ethernet interface had trouble with, as of [interfaces.EthernetErrors]. null: not told.
type Ethernet struct {
	Alignment        *float64 `json:"alignment"`
	FCS              *float64 `json:"fcs"`
	TooLong          *float64 `json:"too_long"`
	InternalReceive  *float64 `json:"internal_receive"`
	Collisions       *float64 `json:"collisions"`
	LateCollisions   *float64 `json:"late_collisions"`
	Carrier          *float64 `json:"carrier"`
	InternalTransmit *float64 `json:"internal_transmit"`
	Symbol           *float64 `json:"symbol"`
}

// ProcessorUse is how busy a processor was. Memory is in bytes; null: not told.
type ProcessorUse struct {
	Load5s     LoadSum  `json:"load_5s"` // the exporter's means over 5 s, a minute and five
	Load1m     LoadSum  `json:"load_1m"`
	Load5m     LoadSum  `json:"load_5m"`
	Memory     *float64 `json:"memory_bytes"`
	FreeMemory *float64 `json:"free_bytes"` // in the last bin; of a point in that one
	LeastFree  *float64 `json:"least_free_bytes"`
}

// LoadSum is a load over time: shares from 0 to 1, null where they are not told.
type LoadSum struct {
	Now  *float64 `json:"now"` // in the last bin
	Avg  *float64 `json:"avg"`
	Peak *float64 `json:"peak"` // the greatest that was said
}

// FlowSum is what flow records say of the same direction.
type FlowSum struct {
	Bytes   float64 `json:"bytes"` // scaled by sampling, as the records say
	Packets float64 `json:"packets"`
	// BPS is the rate on the link in the compared minutes: records that count IP packets get 18 bytes a packet for Ethernet.
	BPS *float64 `json:"bps"`
	// Difference is by which part the flows on the link exceed the counters, over Compared minutes: those that counters cover whole and
	// whose records have all come. -0.02: 2 % less. Null where there is nothing to compare.
	Difference *float64 `json:"difference"`
	// Error is by which part BPS is uncertain for sampling, in 95 of 100 cases: about 1.96/√c of c sampled packets; a difference within it says
	// nothing. 0: all packets are seen. Null where nothing is compared, or it was not recorded.
	Error    *float64 `json:"error"`
	Compared int      `json:"compared_minutes"`
}

// InterfacePoint is a bin.
type InterfacePoint struct {
	Time time.Time `json:"time"` // its start
	In   PointSide `json:"in"`
	Out  PointSide `json:"out"`
	// As of the interface.
	Ethernet *Ethernet     `json:"ethernet,omitempty"`
	Use      *ProcessorUse `json:"processor,omitempty"`
}

// PointSide is a bin in one direction.
type PointSide struct {
	BPS       *float64 `json:"bps"`   // by counters; null where they cover less than half of the bin
	Share     *float64 `json:"share"` // of the speed
	PPS       *float64 `json:"pps"`
	Multicast *float64 `json:"multicast"` // packets
	Broadcast *float64 `json:"broadcast"`
	Errors    *float64 `json:"errors"`
	Discards  *float64 `json:"discards"`
	FlowBPS   *float64 `json:"flow_bps"` // on the link, as of FlowSum
}
