package behavior

import (
	"math"
	"strings"

	"github.com/weirflow/weir/shared/detect/sampling"
	"github.com/weirflow/weir/shared/enrich"
	"github.com/weirflow/weir/shared/flow"
)

// Greatest severities of a label, for what a role, or what sampling leaves, allows no more.
const (
	mostInfo   = 19
	mostLow    = 39
	mostMedium = 59
	mostAny    = 100
)

// natHosts is how many hosts an address of role nat stands for: what many hosts do there together takes so much more to be a finding.
const natHosts = 10

// fanout returns by how much thresholds of a client are higher than those of a single host.
func (e *Engine) fanout(client flow.Addr) uint32 {
	if e.deps.Roles.Of(client).Has(enrich.NAT) {
		return natHosts
	}
	return 1
}

// proper is which roles make a finding proper: information, or low at most.
type proper struct{ info, low enrich.RoleSet }

// bound sets how severe a finding about a host may be, and says in its title by which role. What is done from a shared address
// cannot be laid at the door of one host: medium at most.
func (e *Engine) bound(f *finding, of flow.Addr, p proper) {
	roles := e.deps.Roles.Of(of)
	f.most = mostAny
	switch {
	case roles&p.info != 0:
		f.most, roles = mostInfo, roles&p.info
	case roles&p.low != 0:
		f.most, roles = mostLow, roles&p.low
	case roles.Has(enrich.NAT):
		f.most, roles = mostMedium, enrich.NAT
	default:
		return
	}
	f.title += " (role " + strings.Join(roles.Names(), ", ") + ")"
}

// caveat takes note of what sampling means for a finding.
func (f *finding) caveat(s *flow.Session) {
	if text := sampling.Caveat(f.detector, s.SamplingInterval); text != "" {
		f.sampling = text
	}
}

// doubt lowers confidence and severity by what a number of sampled packets leaves open.
func (f *finding) doubt(packets float64) {
	certainty := min(1, math.Sqrt(packets/sampling.Sure))
	f.confidence *= certainty
	f.base -= 30 * (1 - certainty)
}

// classOf returns the class of a session's sampling.
func classOf(s *flow.Session) sampling.Class { return sampling.ClassOf(s.SamplingInterval) }

// sampledPackets returns how many packets of the client were seen.
func sampledPackets(s *flow.Session) float64 {
	return float64(s.Client.Packets) / max(1, s.SamplingInterval)
}
