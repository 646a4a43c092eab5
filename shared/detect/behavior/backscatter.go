package behavior

import (
	"fmt"

	"github.com/weirflow/weir/shared/detect/sampling"
	"github.com/weirflow/weir/shared/flow"
)

// backscatterName is a label: a host elsewhere answers to senders that forged our addresses, so it is under
// attack. It is told with severity 0 and keeps its answers from being taken for a scan.
const backscatterName = "label.backscatter"

const (
	backscatterHosts = 10 // of ours that get answers to what they never asked
	backscatterPorts = 2  // from at most so many ports
)

// sender is a host that answers to what nobody asked.
type sender struct {
	start int64
	hosts uint32
	ports [backscatterPorts]uint16
	n     uint8
	many  bool // answers from more ports: no backscatter of a service under attack
}

func (e *Engine) backscatter(s *flow.Session) {
	if s.State != flow.StateBSC || classOf(s) != sampling.Unsampled {
		return
	}
	from, to := &s.Client, &s.Server
	if from.Packets == 0 {
		from, to = to, from
	}
	inbound := (s.Direction == flow.Inbound && from == &s.Client) || (s.Direction == flow.Outbound && from == &s.Server)
	if !inbound || !e.contacts.first(e.contacts.hash(bySender, from.IP, to.IP, 0)) {
		return
	}
	x := e.senders.touch(from.IP, e.clock)
	if x.hosts == 0 {
		x.start = s.Start
	}
	x.start = min(x.start, s.Start)
	x.hosts++
	x.port(from.Port)
	if x.many || x.hosts < backscatterHosts {
		return
	}
	f := e.raise(backscatterName, from.IP.String(), x.start)
	if f == nil {
		return
	}
	f.see(s, e.deps.Symbols)
	f.addActor(from.IP)
	f.addVictim(to.IP)
	f.base, f.value, f.threshold, f.name, f.unit = -20, float64(x.hosts), backscatterHosts, "targets", "hosts" // never above info
	f.victimsTotal = uint64(x.hosts)
	f.techniques = []flow.Technique{}
	f.filter = "source.ip : " + host(from.IP)
	f.title = fmt.Sprintf("%s answers %d of our hosts that asked nothing: it is attacked with forged senders", from.IP, x.hosts)
	e.note(f)
}

func (x *sender) port(p uint16) {
	for _, known := range x.ports[:x.n] {
		if known == p {
			return
		}
	}
	if x.n == backscatterPorts {
		x.many = true
		return
	}
	x.ports[x.n] = p
	x.n++
}
