package detect

import (
	"fmt"
	"math"
	"strings"

	"github.com/weirflow/weir/shared/flow"
)

const volumetricName = "dos.volumetric.host"

// volumetric finds floods on one address by rate alone (detection row 5.1): bytes, packets or new flows over the floor. Whether
// it is an attack or a legitimate surge is voted on ([surgeVote]) and decides the severity.
type volumetric struct{}

func volumetricKind() kind {
	return kind{detector: volumetric{}, early: true, severity: 40, assess: surgeVote}
}

func volumetricLimits(f Floor) limits {
	s := float64(binWidth / second)
	return limits{bytes: f.BPS / 8 * s, packets: f.PPS * s, flows: f.FPS * s}
}

func (volumetric) identify(*Engine, *hot, level) identity { return identity{detector: volumetricName} }

func (volumetric) holds(*Engine, *hot, level, uint64) bool { return true }

func (volumetric) describe(_ *Engine, h *hot, a *alert) description {
	d := description{techniques: networkDoS(flow.Technique{ID: "T1498.001", Name: "Direct Network Flood"})}
	protocol, port, known := mainVector(h)
	name := "Traffic"
	d.vector = "mixed"
	if known {
		d.vector = flow.TransportName(protocol)
		name = strings.ToUpper(d.vector)
		if port != 0 {
			d.service = &flow.Service{Transport: d.vector, Port: port}
		}
	}
	switch a.verdict.outcome {
	case surge:
		d.what, d.techniques = name+" surge", networkDoS()
		if !known {
			d.what = "Traffic surge"
		}
	case undecided:
		d.what = "Possible " + name + " flood"
		if !known {
			d.what = "Possible flood"
		}
	default:
		d.what = name + " flood"
	}
	if n := a.verdict.missing; n > 0 {
		d.caveat = fmt.Sprintf("%d of the signs that tell an attack from a surge could not be judged by what the exporters send.", n)
	}
	return d
}

// mainShare is the part of the bytes from which one kind of traffic is the main one.
const mainShare = 0.7

// mainVector returns the protocol, and the destination port if one, that carries most of the traffic.
func mainVector(h *hot) (protocol uint8, port uint16, known bool) {
	for class, w := range h.protocols {
		if w > 0 && float64(w) >= mainShare*float64(h.bytes) && class < len(protocolClasses) {
			protocol, known = protocolClasses[class], true
		}
	}
	best := uint64(0)
	for _, it := range h.vectors.AppendTop(nil) {
		w := it.Weight - it.Error
		if it.Lo>>32 == byDestinationPort && w > best && float64(w) >= mainShare*float64(h.bytes) {
			best, port = w, uint16(it.Lo)
		}
	}
	return protocol, port, known
}

// severityByRate is the severity of a flood on a host by how far it is over the floor: low, from twice the floor medium, from
// five times high (detection row 5.1). Within a class it grows with the logarithm.
func severityByRate(ratio float64) float64 {
	switch {
	case ratio >= 5:
		return min(79, 60+10*math.Log10(ratio/5))
	case ratio >= 2:
		return 40 + 10*math.Log10(ratio/2)
	}
	return 30 + 10*math.Log10(max(1, ratio))
}
