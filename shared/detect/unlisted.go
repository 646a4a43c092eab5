package detect

import (
	"fmt"
	"math"

	"github.com/weirflow/weir/shared/flow"
)

const unlistedName = "dos.reflection.unknown"

// Conditions for a port that is not in the service table.
const (
	unlistedShare   = 0.7
	unlistedSources = 50
	unlistedUnasked = 0.9
	unlistedBPP     = 200
)

// unlisted finds the shape of reflection from a port that no table knows: most of the UDP from unlisted ports comes from one
// source port, from many senders, in large packets, and nobody asked for it. Without both directions it says nothing.
type unlisted struct{}

func unlistedKind() kind {
	return kind{detector: unlisted{}, severity: reflectionSeverity, assess: assessReflection}
}

func unlistedLimits(bps float64) limits {
	return limits{bytes: bps / 8 * float64(binWidth/second), packets: math.Inf(1), flows: math.Inf(1), unasked: true}
}

func (unlisted) identify(_ *Engine, h *hot, _ level) identity {
	port, _ := mainSourcePort(h)
	return identity{
		detector: unlistedName, port: port,
		service: service{name: "unknown", title: fmt.Sprintf("UDP/%d", port), protocol: protoUDP, ports: []uint16{port}},
	}
}

func (unlisted) holds(e *Engine, h *hot, v level, sources uint64) bool {
	if sources < unlistedSources || meanSize(&v.window) < unlistedBPP || !e.judged(h) || unaskedShare(&v.window) < unlistedUnasked {
		return false
	}
	_, share := mainSourcePort(h)
	return share >= unlistedShare
}

func (unlisted) describe(e *Engine, h *hot, a *alert) description {
	d := reflection{}.describe(e, h, a)
	d.what = "Reflection-like flood from " + a.identity.service.title
	d.vector = fmt.Sprintf("unknown:%d", a.identity.port)
	d.service = &flow.Service{Transport: "udp", Port: a.identity.port}
	return d
}

// mainSourcePort returns the source port that sends most, and its part of the bytes.
func mainSourcePort(h *hot) (port uint16, share float64) {
	best := uint64(0)
	for _, it := range h.vectors.AppendTop(nil) {
		if w := it.Weight - it.Error; it.Lo>>32 == bySourcePort && w > best {
			best, port = w, uint16(it.Lo)
		}
	}
	return port, float64(best) / math.Max(1, float64(h.bytes))
}
