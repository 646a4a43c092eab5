package behavior

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/weirflow/weir/shared/flow"
)

// Names of the scan detectors (detection 5.20 to 5.22).
const (
	horizontalName = "scan.horizontal"
	verticalName   = "scan.vertical"
	blockName      = "scan.block"
)

// The sequential test (TRW, Jung et al. 2004) takes each first contact of a host with an endpoint for a success or a failure. For
// sampled traffic a record that is a lone SYN is a failure; the probabilities are those of such records.
const (
	failGain        = 1.3863 // ln((1-0.2)/(1-0.8))
	successLoss     = 1.3863 // ln(0.8/0.2)
	sampledGain     = 2.4744 // ln((1-0.05)/(1-0.92))
	sampledLoss     = 2.9124 // ln(0.92/0.05)
	decideScan      = 11.5   // ln((1-0.01)/1e-5)
	decideGood      = -4.6   // ln(0.01/(1-1e-5))
	deepest         = decideScan + 4.6
	scanIdle        = 30 * minute
	deadSources     = 10 // clients that fail at a server that is down: its failures say nothing about them
	directionEnough = 0.7
)

// Gates are the least numbers of targets, whatever the test says.
const (
	gateOutside   = 25
	gateInside    = 100
	gateSensitive = 50
	gateSampled   = 10
	gatePorts     = 50 // of one host
	blockHosts    = 10
	blockPorts    = 10
	blockPairs    = 100
	fewPorts      = 5 // up to which a scan is one of hosts
)

// sensitivePorts are those that intruders look for.
var sensitivePorts = []uint16{21, 22, 23, 25, 139, 445, 1433, 3306, 3389, 5432, 5900, 5985, 5986}

// scanSource is what is known of a client's first contacts since it was last idle.
type scanSource struct {
	lambda      float64
	start, last int64 // of the failures
	endpoints   uint32
	hosts       uint32
	ports       uint32
	sensitive   uint32
	top         [4]portCount // most frequent ports of failures
	found       uint8        // kind of scan raised, 0 none
}

type portCount struct {
	port uint16
	n    uint32
}

// scan takes the outcome of a session into account.
func (e *Engine) scan(s *flow.Session) {
	failed := s.State == flow.StateS0 || s.State == flow.StateREJ
	if s.Transport != protoTCP || s.Confidence < directionEnough || (!failed && !answered(s.State)) {
		return
	}
	client, server, port := s.Client.IP, s.Server.IP, s.Server.Port
	first := e.contacts.first(e.contacts.hash(byEndpoint, client, server, port))
	if !failed && (!first || e.sources.get(client) == nil) {
		return // most traffic: a host without failures
	}
	src := e.sources.touch(client, e.clock)
	if src.last != 0 && s.Start-src.last > scanIdle {
		*src = scanSource{}
	}
	if !failed {
		src.lambda = max(decideGood, src.lambda-loss(s))
		return
	}
	src.last = max(src.last, s.End)
	if first && !e.dead(s) {
		e.failure(src, s)
	}
	e.judgeScan(src, s)
}

const (
	protoICMP = 1
	protoTCP  = 6
	protoUDP  = 17
)

func answered(state flow.SessionState) bool {
	return state == flow.StateEST || state == flow.StateEST0 || state == flow.StateUNI
}

func loss(s *flow.Session) float64 {
	if s.SamplingInterval > 1 {
		return sampledLoss
	}
	return successLoss
}

// dead tells whether so many hosts fail at the endpoint that it must be down. Inside and outside clients are counted apart: the
// noise of the Internet makes no server dead for its own clients.
func (e *Engine) dead(s *flow.Session) bool {
	side := deadServer<<8 | uint64(s.Direction)
	return e.counts.Add(e.contacts.hash(side, s.Server.IP, flow.Addr{}, s.Server.Port), 1) > deadSources
}

// failure counts a first contact that failed.
func (e *Engine) failure(src *scanSource, s *flow.Session) {
	gain := failGain
	if s.SamplingInterval > 1 {
		gain = sampledGain
	}
	src.lambda = min(deepest, src.lambda+gain)
	if src.endpoints == 0 {
		src.start = s.Start
	}
	src.start = min(src.start, s.Start)
	src.endpoints++
	if e.contacts.first(e.contacts.hash(byHost, s.Client.IP, s.Server.IP, 0)) {
		src.hosts++
	}
	if e.contacts.first(e.contacts.hash(byPort, s.Client.IP, flow.Addr{}, s.Server.Port)) {
		src.ports++
	}
	if slices.Contains(sensitivePorts, s.Server.Port) {
		src.sensitive++
	}
	src.count(s.Server.Port)
}

// count keeps the most frequent ports: a new one takes the place of the least.
func (src *scanSource) count(port uint16) {
	least := 0
	for i := range src.top {
		p := &src.top[i]
		if p.n > 0 && p.port == port {
			p.n++
			return
		}
		if p.n < src.top[least].n {
			least = i
		}
	}
	src.top[least] = portCount{port, src.top[least].n + 1}
}

func (src *scanSource) topPort() portCount {
	best := src.top[0]
	for _, p := range src.top[1:] {
		if p.n > best.n {
			best = p
		}
	}
	return best
}

// Kinds of scans.
const (
	kindNone = iota
	kindHorizontal
	kindVertical
	kindBlock
)

// judgeScan raises a scan, or adds to the one that is there. A source has one kind of scan at a time.
func (e *Engine) judgeScan(src *scanSource, s *flow.Session) {
	if src.found == kindNone {
		if src.lambda < decideScan {
			return
		}
		if src.found = src.kind(s); src.found == kindNone {
			return
		}
	}
	e.tellScan(src, s)
}

func (src *scanSource) kind(s *flow.Session) uint8 {
	gate := src.gate(s)
	switch {
	case s.SamplingInterval <= 1 && src.hosts <= fewPorts && src.ports >= gatePorts:
		return kindVertical
	case src.hosts >= blockHosts && src.ports >= blockPorts && src.endpoints >= blockPairs:
		return kindBlock
	case src.hosts >= gate && src.ports <= fewPorts:
		return kindHorizontal
	case src.topPort().n >= gate:
		return kindHorizontal
	}
	return kindNone
}

func (src *scanSource) gate(s *flow.Session) uint32 {
	switch {
	case s.SamplingInterval > 1:
		return gateSampled
	case fromOutside(s.Direction):
		return gateOutside
	case src.sensitive*2 > src.endpoints:
		return gateSensitive
	}
	return gateInside
}

// tellScan fills in the finding of a source's scan.
func (e *Engine) tellScan(src *scanSource, s *flow.Session) {
	port := src.topPort().port
	detector, key := horizontalName, s.Client.IP.String()
	switch src.found {
	case kindVertical:
		detector, key = verticalName, key+"|"+s.Server.IP.String()
	case kindBlock:
		detector = blockName
	default:
		key += "|" + strconv.Itoa(int(port))
	}
	f := e.raise(detector, key, src.start)
	if f == nil {
		return
	}
	f.see(s, e.deps.Symbols)
	f.addActor(s.Client.IP)
	f.addVictim(s.Server.IP)
	f.victimsTotal = uint64(src.hosts)
	f.sampling, f.confidence = samplingText(s), s.Confidence
	f.name, f.unit, f.value, f.threshold = "targets", "hosts", float64(src.hosts), float64(src.gate(s))
	f.base = scanSeverity(s.Direction, src.found)
	f.techniques = scanTechniques(s.Direction, src.found)
	f.filter = "source.ip : " + host(s.Client.IP)
	switch src.found {
	case kindVertical:
		f.name, f.unit, f.value, f.threshold = "ports", "ports", float64(src.ports), gatePorts
		f.filter += " and destination.ip : " + host(s.Server.IP)
		f.title = fmt.Sprintf("%s scans %d ports of %s", s.Client.IP, src.ports, s.Server.IP)
	case kindBlock:
		f.title = fmt.Sprintf("%s scans %d hosts on %d ports", s.Client.IP, src.hosts, src.ports)
	default:
		f.service = &flow.Service{Transport: flow.TransportName(s.Transport), Port: port}
		f.filter = from(s.Client.IP, port)
		f.title = fmt.Sprintf("%s scans %d hosts on port %d", s.Client.IP, src.hosts, port)
	}
	e.note(f)
}

// scanSeverity: scans from outside are the noise of the Internet, those of own hosts are signs of an intruder.
func scanSeverity(d flow.Direction, kind uint8) float64 {
	switch {
	case !fromOutside(d):
		return 62
	case kind == kindVertical:
		return 5
	}
	return 0
}

func scanTechniques(d flow.Direction, kind uint8) []flow.Technique {
	switch {
	case !fromOutside(d):
		return []flow.Technique{{ID: "T1046", Name: "Network Service Discovery"}}
	case kind == kindVertical:
		return []flow.Technique{{ID: "T1595.002", Name: "Active Scanning: Vulnerability Scanning"}}
	}
	return []flow.Technique{{ID: "T1595.001", Name: "Active Scanning: Scanning IP Blocks"}}
}
