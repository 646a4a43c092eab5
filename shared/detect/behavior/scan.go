package behavior

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/weirflow/weir/shared/detect/sampling"
	"github.com/weirflow/weir/shared/enrich"
	"github.com/weirflow/weir/shared/flow"
)

// Names of the scan detectors.
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
	gateMail      = 1000 // of a mail server, on mail ports
	fewPorts      = 5    // up to which a scan is one of hosts
	scanFailures  = 0.75 // of the endpoints, those on web ports that answer left aside
)

// scanGates are the least numbers by kind of scan; 0 is for a kind that is not looked for.
type scanGates struct {
	hosts                              uint32 // horizontal
	ports                              uint32 // vertical, of one host
	blockHosts, blockPorts, blockPairs uint32
}

// gatesByClass are those that hang on sampling alone. Of a block under heavy sampling ten hosts and ten ports are enough.
var gatesByClass = [sampling.NumClasses]scanGates{
	sampling.Unsampled: {0, 50, 10, 10, 100},
	sampling.UpTo10:    {gateSampled, 25, 5, 5, 50},
	sampling.UpTo100:   {gateSampled, 0, 10, 10, 10},
	sampling.UpTo1000:  {gateSampled, 0, 0, 0, 0},
	sampling.Beyond:    {gateSampled, 0, 0, 0, 0},
}

// mailPorts are those by which mail servers talk to each other.
var mailPorts = []uint16{25, 465, 587}

// sensitivePorts are those that intruders look for.
var sensitivePorts = []uint16{21, 22, 23, 25, 139, 445, 1433, 3306, 3389, 5432, 5900, 5985, 5986}

// scan takes the outcome of a session into account.
func (e *Engine) scan(s *flow.Session) {
	if s.Transport != protoTCP {
		return
	}
	sampled := classOf(s) != sampling.Unsampled
	switch {
	case s.State == flow.StateS0 || s.State == flow.StateREJ:
		if s.Confidence >= directionEnough && !e.properLookup(s) {
			e.failed(s)
		}
	case carries(s, sampled):
		e.succeeded(s, &s.Client, &s.Server)
		if sampled || s.Confidence < directionEnough { // it hardly tells who opened it
			e.succeeded(s, &s.Server, &s.Client)
		}
	}
}

// properLookup tells whether a resolver asks, or is asked, for names: it talks to many servers, of which some are gone.
func (e *Engine) properLookup(s *flow.Session) bool {
	if s.Server.Port != 53 && s.Server.Port != 853 {
		return false
	}
	return (e.deps.Roles.Of(s.Client.IP) | e.deps.Roles.Of(s.Server.IP)).Has(enrich.Resolver)
}

// succeeded counts a first contact that was answered, of a host with failures: most have none.
func (e *Engine) succeeded(s *flow.Session, client, server *flow.SessionSide) {
	first := e.contacts.first(e.contacts.hash(byEndpoint, client.IP, server.IP, server.Port))
	if !first || e.sources.get(client.IP) == nil {
		return
	}
	loss := successLoss
	if classOf(s) != sampling.Unsampled {
		loss = sampledLoss
	}
	src := e.source(client.IP, s)
	src.lambda = max(decideGood, src.lambda-loss)
	if server.Port != 443 && server.Port != 80 {
		src.reached++
	}
}

// failed counts a first contact that was not, and judges.
func (e *Engine) failed(s *flow.Session) {
	first := e.contacts.first(e.contacts.hash(byEndpoint, s.Client.IP, s.Server.IP, s.Server.Port))
	src := e.source(s.Client.IP, s)
	src.last = max(src.last, s.End)
	if first && !e.dead(s) {
		e.failure(src, s)
	}
	e.judgeScan(src, s)
}

// source returns what is known of a host since it was last idle.
func (e *Engine) source(client flow.Addr, s *flow.Session) *scanSource {
	src := e.sources.touch(client, e.clock)
	if src.last != 0 && s.Start-src.last > scanIdle {
		*src = scanSource{}
	}
	return src
}

const (
	protoICMP = 1
	protoTCP  = 6
	protoUDP  = 17
)

func answered(state flow.SessionState) bool {
	return state == flow.StateEST || state == flow.StateEST0 || state == flow.StateUNI
}

// carries tells whether a session is established; where sampled, a packet with ACK is enough.
func carries(s *flow.Session, sampled bool) bool {
	return answered(s.State) || (sampled && s.State == flow.StateMID && s.Flags()&(flow.ACK|flow.RST) == flow.ACK)
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
	if classOf(s) != sampling.Unsampled {
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
	src.vote(s.Server.IP)
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
	g := e.gates(src, s)
	if src.found == kindNone {
		if src.lambda < decideScan || src.sharing() {
			return
		}
		if src.found = src.kind(&g); src.found == kindNone {
			return
		}
		src.port = src.topPort().port
	}
	e.tellScan(src, s, &g)
}

func (src *scanSource) kind(g *scanGates) uint8 {
	switch {
	case g.ports > 0 && src.hosts <= fewPorts && src.ports >= g.ports:
		return kindVertical
	case g.blockPairs > 0 && src.hosts >= g.blockHosts && src.ports >= g.blockPorts && src.endpoints >= g.blockPairs:
		return kindBlock
	case src.hosts >= g.hosts && src.ports <= fewPorts, src.topPort().surely() >= g.hosts:
		return kindHorizontal
	}
	return kindNone
}

// gates returns the gates of a source: by sampling, by where it is, and by its roles.
func (e *Engine) gates(src *scanSource, s *flow.Session) scanGates {
	g := gatesByClass[classOf(s)]
	switch {
	case g.hosts != 0: // sampled
	case fromOutside(s.Direction):
		g.hosts = gateOutside
	case src.sensitive*2 > src.endpoints:
		g.hosts = gateSensitive
	default:
		g.hosts = gateInside
	}
	roles := e.deps.Roles.Of(s.Client.IP)
	if roles.Has(enrich.Mail) && slices.Contains(mailPorts, src.topPort().port) {
		g.hosts = gateMail
	}
	n := e.fanout(s.Client.IP)
	g.hosts, g.ports, g.blockHosts, g.blockPairs = g.hosts*n, g.ports*n, g.blockHosts*n, g.blockPairs*n
	return g
}

// tellScan fills in the finding of a source's scan.
func (e *Engine) tellScan(src *scanSource, s *flow.Session, g *scanGates) {
	port := src.port
	detector, key := horizontalName, s.Client.IP.String()
	switch src.found {
	case kindVertical:
		if s.Server.IP != src.victim {
			return
		}
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
	f.confidence = s.Confidence
	f.name, f.unit, f.value, f.threshold = "targets", "hosts", float64(src.hosts), float64(g.hosts)
	f.base = scanSeverity(s.Direction, src.found)
	f.techniques = scanTechniques(s.Direction, src.found)
	f.filter = "source.ip : " + host(s.Client.IP)
	switch src.found {
	case kindVertical:
		f.name, f.unit, f.value, f.threshold = "ports", "ports", float64(src.ports), float64(max(g.ports, 1))
		f.filter += " and destination.ip : " + host(s.Server.IP)
		f.title = fmt.Sprintf("%s scans %d ports of %s", s.Client.IP, src.ports, s.Server.IP)
	case kindBlock:
		f.title = fmt.Sprintf("%s scans %d hosts on %d ports", s.Client.IP, src.hosts, src.ports)
	default:
		f.service = &flow.Service{Transport: flow.TransportName(s.Transport), Port: port}
		f.filter = from(s.Client.IP, port)
		f.title = fmt.Sprintf("%s scans %d hosts on port %d", s.Client.IP, src.hosts, port)
	}
	e.bound(f, s.Client.IP, scanners)
	if class := classOf(s); class != sampling.Unsampled {
		f.doubt(float64(src.endpoints))
		if class == sampling.Beyond {
			f.most = min(f.most, mostInfo)
		}
	}
	f.caveat(s)
	e.note(f)
}

// scanners may scan. Whether they do it when they should is a matter of policies.
var scanners = proper{info: enrich.Scanner | enrich.Tester | enrich.Management}

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
