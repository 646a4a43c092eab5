package behavior

import (
	"fmt"

	"github.com/weirflow/weir/shared/detect/sampling"
	"github.com/weirflow/weir/shared/enrich"
	"github.com/weirflow/weir/shared/flow"
)

// newLoginName is the detector of the first administrative session of an outside address with an inside host, without password
// guessing before it.
const newLoginName = "behav.new_login"

const (
	loginTime = 15 * 24 * hour // a login is known for one to two of these
	watchTime = 24 * hour      // so long a host is watched before a login is more than information
)

// watchedHost is an inside host and when its first admin session was seen.
type watchedHost struct{ since int64 }

// adminPorts are those of remote administration: SSH, Telnet, RDP, VNC, WinRM; VPN gateways are told by theirs.
var adminPorts = [...]uint16{22, 23, 3389, 5900, 5985, 5986, 1194, 1723}

// jumps are hosts that are there to be logged in to, and from.
var jumps = proper{info: enrich.JumpHost}

func adminPort(port uint16) bool {
	for _, p := range adminPorts {
		if p == port {
			return true
		}
	}
	return false
}

// login looks for the first login of an outside address.
func (e *Engine) login(s *flow.Session) {
	if s.Direction != flow.Inbound || !adminPort(s.Server.Port) || s.State != flow.StateEST || s.Confidence < directionEnough {
		return
	}
	g, sampled := guessedBy(s.Server.Port), classOf(s) != sampling.Unsampled
	if sampled && g != nil && sampledPackets(s) <= float64(g.maxPackets) {
		return // only what has more packets among the samples than a failed attempt has in all is surely a login
	}
	h := e.hosts.touch(s.Server.IP, e.clock)
	if h.since == 0 {
		h.since = s.Start
	}
	if !e.logins.first(e.logins.hash(byLogin, s.Client.IP, s.Server.IP, s.Server.Port)) {
		return
	}
	if g != nil {
		if p := e.pairs.get(pairKey{s.Client.IP, s.Server.IP, s.Server.Port}); p != nil && p.attempts > 0 {
			return
		}
		if !s.Open && !sampled && g.failed(s.Client.Packets, s.Client.Bytes) {
			return // a failed attempt; the pair's next session is judged as guessing
		}
	}
	f := e.raise(newLoginName, fmt.Sprintf("%s|%s|%d", s.Client.IP, s.Server.IP, s.Server.Port), s.Start)
	if f == nil {
		return
	}
	f.see(s, e.deps.Symbols)
	f.addActor(s.Client.IP)
	f.addVictim(s.Server.IP)
	f.name, f.unit, f.value, f.threshold = "sessions", "sessions", 1, 1
	f.base = 10
	if s.Start-h.since >= watchTime {
		f.base = 25
	}
	f.confidence = s.Confidence
	f.service = &flow.Service{Transport: flow.TransportName(s.Transport), Port: s.Server.Port}
	f.techniques = []flow.Technique{{ID: "T1133", Name: "External Remote Services"}, {ID: "T1078", Name: "Valid Accounts"}}
	f.filter = between(s.Client.IP, s.Server.IP, s.Server.Port)
	f.title = fmt.Sprintf("first login of %s to %s on port %d", s.Client.IP, s.Server.IP, s.Server.Port)
	e.bound(f, s.Server.IP, jumps)
	if e.deps.Roles.Of(s.Client.IP).Has(enrich.JumpHost) || sampled {
		f.most = mostInfo // sampled: earlier ones may have gone unseen
	}
	f.caveat(s)
	e.note(f)
}
