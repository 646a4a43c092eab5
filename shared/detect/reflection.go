package detect

import (
	"fmt"
	"math"

	"github.com/weirflow/weir/shared/enrich"
	"github.com/weirflow/weir/shared/flow"
)

const reflectionPrefix = "dos.reflection."

// Conditions of reflection (detection row 5.3).
const (
	reflectionSources  = 10
	reflectionUnasked  = 0.8
	reflectionSeverity = 50
	blindCapability    = 0.6 // of confidence, where it cannot be told what was asked for
	severityOfLow      = 39
)

// reflection finds floods of answers from one service port that the victim did not ask for: large packets from ten or more
// senders. Several services may share the port; the one with the largest packets that fit gives the name.
type reflection struct{ rows []service }

func reflectionKind(rows []service) kind {
	return kind{detector: reflection{rows}, severity: reflectionSeverity, assess: assessReflection}
}

func reflectionLimits(rows []service) limits {
	bps := math.Inf(1)
	for _, s := range rows {
		bps = min(bps, s.bps)
	}
	return limits{bytes: bps / 8 * float64(binWidth/second), packets: math.Inf(1), flows: math.Inf(1), unasked: true}
}

func (r reflection) identify(e *Engine, h *hot, v level) identity {
	s := r.row(&v)
	return identity{detector: reflectionPrefix + s.name, service: *s, port: e.portOf(h)}
}

func (r reflection) row(v *level) *service {
	bpp := meanSize(&v.window)
	for i := range r.rows {
		if s := &r.rows[i]; bpp >= s.bpp && v.bps >= s.bps {
			return s
		}
	}
	return &r.rows[len(r.rows)-1]
}

func (r reflection) holds(e *Engine, h *hot, v level, sources uint64) bool {
	s := r.row(&v)
	if meanSize(&v.window) < s.bpp || sources < reflectionSources {
		return false
	}
	if s.name == "dns" && e.deps.Roles.Of(e.table.cells.at(h.cell).dst).Has(enrich.Resolver) {
		return false // large answers are its trade
	}
	if e.judged(h) {
		return unaskedShare(&v.window) >= reflectionUnasked
	}
	return s.blind != blindNever
}

func (r reflection) describe(_ *Engine, h *hot, a *alert) description {
	s := &a.identity.service
	d := description{
		what: s.title + " reflection flood", vector: s.name, techniques: reflectionTechniques(),
		service: &flow.Service{Transport: flow.TransportName(s.protocol), Port: a.identity.port},
		filter:  "network.transport : " + flow.TransportName(s.protocol),
	}
	if len(s.ports) > 0 {
		d.filter = fmt.Sprintf("source.port : %d and %s", a.identity.port, d.filter)
	}
	if a.verdict.blind {
		d.caveat = blindCaveat(h)
	}
	return d
}

func reflectionTechniques() []flow.Technique {
	return networkDoS(flow.Technique{ID: "T1498.002", Name: "Reflection Amplification"})
}

func blindCaveat(h *hot) string {
	if h.interval > 1 || h.unknown {
		return "Whether the victim asked for the traffic cannot be judged from sampled flows."
	}
	return "Whether the victim asked for the traffic cannot be judged: the exporter does not report both directions."
}

func assessReflection(e *Engine, h *hot, _ span) verdict { return verdict{blind: !e.judged(h)} }

func meanSize(b *bin) float64 { return float64(b.bytes) / math.Max(1, float64(b.packets)) }

func unaskedShare(b *bin) float64 {
	return 1 - float64(b.solicited)/math.Max(1, float64(b.bytes))
}
