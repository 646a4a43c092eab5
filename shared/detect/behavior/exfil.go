package behavior

import (
	"fmt"

	"github.com/weirflow/weir/shared/detect/sampling"
	"github.com/weirflow/weir/shared/enrich"
	"github.com/weirflow/weir/shared/flow"
)

// exfilName is the detector of single sessions in which an inside client sends much to an outside server.
const exfilName = "exfil.session"

const (
	exfilBytes      = 100_000_000 // 100 MB
	exfilBytesOdd   = 50_000_000  // by services that seldom carry so much outwards
	exfilRatio      = 4           // sent to received
	exfilRatioOpen  = 6           // while it runs
	exfilRatioMedia = 12          // of calls, of which one side may be exported later or lost
	exfilSampled    = 100         // packets that must have been seen
	exfilLarge      = 1_000_000_000
	exfilUpTo1000   = 150_000_000 // 100 packets at 1:1000
	exfilBeyond     = 1_000_000_000
	// directionGuess is all that there is for two unknown ports; where the bytes went is sure all the same.
	directionGuess = 0.55
)

// exfil looks at a session each time it is told of: a transfer is found while it runs.
func (e *Engine) exfil(s *flow.Session) {
	out, in := s.Client.Bytes, s.Server.Bytes
	if s.Direction != flow.Outbound || out < exfilBytesOdd || out < exfilRatio*in || s.Confidence < directionGuess {
		return
	}
	if s.Open && out < exfilRatioOpen*in || s.Open && in == 0 {
		return // the other side's last piece may only be exported later
	}
	if media(s) && (in == 0 || out < exfilRatioMedia*in) {
		return
	}
	web := s.Server.Port == 443 || s.Server.Port == 80
	limit := exfilLimit(s)
	if out < limit || (classOf(s) != sampling.Unsampled && sampledPackets(s) < exfilSampled) {
		return
	}
	f := e.raise(exfilName, s.Client.IP.String()+"|"+network(s.Server.IP), s.Start)
	if f == nil {
		return
	}
	f.see(s, e.deps.Symbols)
	f.addActor(s.Client.IP)
	f.addVictim(s.Server.IP)
	f.name, f.unit, f.value, f.threshold = "bytes", "bytes", max(f.value, float64(out)), float64(limit)
	f.base = 45
	if !web {
		f.base += 10
	}
	if out >= exfilLarge {
		f.base = max(f.base, 60)
	}
	f.confidence = s.Confidence
	f.service = &flow.Service{Transport: flow.TransportName(s.Transport), Port: s.Server.Port}
	f.techniques = []flow.Technique{{ID: "T1048", Name: "Exfiltration Over Alternative Protocol"}}
	f.filter = between(s.Client.IP, s.Server.IP, s.Server.Port)
	f.title = fmt.Sprintf("%s sends %s to %s in one session on port %d", s.Client.IP, megabytes(f.value), s.Server.IP, s.Server.Port)
	e.bound(f, s.Client.IP, proper{low: enrich.Backup})
	f.caveat(s)
	e.note(f)
}

// exfilLimit returns from how many bytes on a session is one: under sampling as many as can be told from chance.
func exfilLimit(s *flow.Session) uint64 {
	limit := uint64(exfilBytes)
	if oddForUpload(s) {
		limit = exfilBytesOdd
	}
	switch classOf(s) {
	case sampling.UpTo1000:
		return max(limit, exfilUpTo1000)
	case sampling.Beyond:
		return max(limit, exfilBeyond)
	}
	return limit
}

// oddForUpload tells whether the service is one by which much data seldom leaves for good reasons.
func oddForUpload(s *flow.Session) bool {
	switch s.Server.Port {
	case 20, 21, 22, 53, 445, 873:
		return true
	}
	return s.Transport == protoICMP || (s.Service == 0 && !media(s))
}

// media tells whether the port is one of those by which calls send sound and pictures both ways.
func media(s *flow.Session) bool {
	p := s.Server.Port
	return s.Transport == protoUDP && ((p >= 3478 && p <= 3481) || (p >= 8801 && p <= 8810) || (p >= 19302 && p <= 19309))
}

// network returns the /24 or /48 of an address: a destination with many addresses is one.
func network(a flow.Addr) string {
	bits := 48
	if a.Is4() {
		bits = 24
	}
	p, err := a.Netip().Prefix(bits)
	if err != nil {
		return a.String()
	}
	return p.String()
}
