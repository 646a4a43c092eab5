package traffic

import (
	"math"
	"net/netip"
	"time"
)

// world is the network a scenario plays in: inside hosts with roles, the
// outside, and how busy people are.
type world struct {
	cfg          Config
	seed         uint64
	out          *outside
	workstations []host
	resolvers    []netip.Addr
	timeServers  []netip.Addr
	fileServers  []netip.Addr
	backup       netip.Addr
	manager      netip.Addr // network management: pings everything
	git          netip.Addr
	web, mail    netip.Addr // reached from outside
	// activity is how busy people are at a time (ms), 0 to 1.
	activity func(ms int64) float64
	// seats is the number of people at one workstation. More than one keeps a
	// scenario busy in a small network.
	seats int
}

// host is an inside machine and what it is doing that limits what else it does:
// one big transfer and one call at a time keep any host far from the rates that
// floods have.
type host struct {
	addr, v6           netip.Addr // v6 is not valid where the host has none
	heavyUntil, onCall int64
	resolver, timeSrv  netip.Addr
	fileServer         netip.Addr
}

func newWorld(cfg Config) *world {
	w := &world{cfg: cfg, seed: cfg.Seed, out: newOutside(cfg.Seed), seats: 1}
	w.activity = diurnal
	n := cfg.hosts()
	for i := range 1 + n/500 {
		w.resolvers = append(w.resolvers, insideServer(2+i%50))
	}
	w.timeServers = []netip.Addr{insideServer(60), insideServer(61)}
	for i := range max(2, min(100, n/40)) {
		w.fileServers = append(w.fileServers, insideServer(100+i))
	}
	w.backup, w.manager, w.git = insideServer(70), insideServer(71), insideServer(72)
	w.web, w.mail = publicServer(80), publicServer(25)
	w.workstations = make([]host, n)
	for i := range w.workstations {
		w.workstations[i] = w.newHost(i)
	}
	return w
}

func (w *world) newHost(i int) host {
	h := host{
		addr:       workstation(i),
		resolver:   w.resolvers[i%len(w.resolvers)],
		timeSrv:    w.timeServers[i%len(w.timeServers)],
		fileServer: w.fileServers[i%len(w.fileServers)],
	}
	if mix(w.seed+uint64(i))%4 == 0 { // a quarter has IPv6
		h.v6 = v6Of(h.addr)
	}
	return h
}

// keepBusy makes the network as busy as at least n people make it in their
// busiest hour, whatever the time of day and the number of hosts.
func (w *world) keepBusy(people int) {
	w.activity = func(int64) float64 { return 1 }
	w.seats = max(1, (people+len(w.workstations)-1)/len(w.workstations))
}

// servers lists the inside hosts that are not workstations.
func (w *world) servers() []netip.Addr {
	all := append([]netip.Addr{w.backup, w.manager, w.git, w.web, w.mail}, w.resolvers...)
	return append(append(all, w.timeServers...), w.fileServers...)
}

// diurnal is a weekday with humps at 10 and 15 h UTC over a tenth at night; on
// weekends about a third of that.
func diurnal(ms int64) float64 {
	t := time.UnixMilli(ms).UTC()
	hour := float64(ms%86_400_000) / 3_600_000
	hump := func(at, width float64) float64 { d := (hour - at) / width; return math.Exp(-d * d / 2) }
	a := 0.1 + 0.9*min(1, hump(10, 2)+hump(15, 2.2))
	if day := t.Weekday(); day == time.Saturday || day == time.Sunday {
		return 0.35 * a
	}
	return a
}

// Devices of the world: the border router sees what crosses the border, the
// core switch what stays inside, so that each packet is metered once.
const (
	border = 0
	core   = 1
	outer  = 2 // only where a second router meters what crosses the border

	ifUplink  = 1
	ifInside  = 2
	ifPublic  = 3
	ifServers = 4
)

// pathOf is where packets from src to dst are metered.
func pathOf(src, dst netip.Addr) path {
	from, to := ifOf(src), ifOf(dst)
	if from == ifUplink || to == ifUplink {
		return path{border, from, to}
	}
	return path{core, from, to}
}

// ifOf is the interface behind which an address is, the same number on both
// devices.
func ifOf(a netip.Addr) uint8 {
	if !isInside(a) {
		return ifUplink
	}
	if a.Is4() {
		switch b := a.As4(); {
		case b[0] == 172:
			return ifPublic
		case b[1] == 16:
			return ifServers
		}
	}
	return ifInside
}
