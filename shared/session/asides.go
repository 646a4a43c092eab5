package session

import "github.com/weirflow/weir/shared/flow"

// Elements that say more about a record than its fields do.
const (
	elementTCPFlags        = 6
	elementFlowDirection   = 61
	elementBiflowDirection = 239
	elementPort            = 217 // of an exporter that is told apart by it
	elementNATEvent        = 230
	reversePEN             = 29305 // RFC 5103, 6.1

	certPEN             = 6871 // YAF; bit 14 of an id is the reverse direction
	reverseInitialFlags = 14 | 0x4000
	reverseUnionFlags   = 15 | 0x4000
)

// asides are the elements of a record that matter here.
type asides struct {
	biflowDirection uint8
	reverseFlags    uint8
	egress          bool   // metered where the packets leave the exporter
	port            uint16 // source port of the exporter, 0: not told
}

func readAsides(list []byte) (a asides) {
	for {
		e, rest, ok := flow.NextElement(list)
		if !ok {
			return a
		}
		list = rest
		if len(e.Value) == 0 || e.Kind != flow.ElementUint {
			continue
		}
		last := e.Value[len(e.Value)-1]
		switch {
		case e.PEN == reversePEN && e.ID == elementTCPFlags:
			a.reverseFlags = last
		case e.PEN == certPEN && (e.ID == reverseInitialFlags || e.ID == reverseUnionFlags):
			a.reverseFlags |= last
		case e.PEN != 0:
		case e.ID == elementFlowDirection:
			a.egress = last == 1
		case e.ID == elementBiflowDirection:
			a.biflowDirection = last
		case e.ID == elementPort && len(e.Value) == 2:
			a.port = uint16(e.Value[0])<<8 | uint16(last)
		}
	}
}

// isNATEvent tells whether the record is a translator's event (IE 230): it has no counters, and tells of a mapping, not of traffic.
func isNATEvent(b *flow.Batch, r *flow.Record) bool {
	const counted = flow.HasBytes | flow.HasPackets | flow.HasReverseBytes | flow.HasFirewallEvent
	if r.Present&counted != 0 || !r.Present.Has(flow.HasElements) {
		return false
	}
	for list := b.ElementsOf(r); ; {
		e, rest, ok := flow.NextElement(list)
		if !ok || e.PEN == 0 && e.ID == elementNATEvent {
			return ok
		}
		list = rest
	}
}
