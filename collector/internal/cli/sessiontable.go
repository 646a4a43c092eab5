package cli

import (
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// sessionTable prints sessions for a reader at 3 a.m.: one a line, the client left of the server, amounts with units. How far the start
// may be off, and whether the order is decidable, has columns where it is known of any.
func sessionTable(w io.Writer, b *flow.SessionBatch) error {
	t := table{header: []string{"START", "DURATION", "CLIENT", "SERVER", "SERVICE", "STATE", "FLAGS", "OUT", "IN", "PACKETS", "RECORDS", "SEEN BY"}}
	clocks := slices.ContainsFunc(b.Sessions, func(s flow.Session) bool { return s.HasClock })
	if clocks {
		t.header = append(t.header, "START ±", "ORDER")
	}
	for i := range b.Sessions {
		s := &b.Sessions[i]
		cells := []string{
			string(flow.AppendTime(nil, s.Start/1e6*1e6)), length(s.Duration()), sessionSide(s, &s.Client), sessionSide(s, &s.Server),
			sessionService(b, s), sessionState(s), sessionFlagLetters(s), human(float64(s.Client.Bytes), "B"), human(float64(s.Server.Bytes), "B"),
			fmt.Sprintf("%d/%d", s.Client.Packets, s.Server.Packets), sessionRecords(s), seenBy(s),
		}
		if clocks {
			cells = append(cells, startUncertainty(s), orderText(s))
		}
		t.add(cells...)
	}
	return t.write(w)
}

// startUncertainty is how far the start may be off.
func startUncertainty(s *flow.Session) string {
	if !s.HasClock {
		return "-"
	}
	return (time.Duration(s.StartUncertainty) * time.Millisecond).String()
}

// orderText says where the clocks are not exact enough to tell that the session came after the one above it.
func orderText(s *flow.Session) string {
	if s.OrderInDoubt {
		return "not decidable"
	}
	return "-"
}

// length shows a duration in ns: "0.250 s", "59.000 s", "1h4m0s".
func length(ns int64) string {
	d := time.Duration(max(ns, 0))
	if d < time.Minute {
		return fmt.Sprintf("%.3f s", d.Seconds())
	}
	return d.Round(time.Second).String()
}

func sessionSide(s *flow.Session, e *flow.SessionSide) string {
	if !s.HasPorts() {
		return e.IP.String()
	}
	return netip.AddrPortFrom(e.IP.Netip(), e.Port).String()
}

// sessionService is "ssh/tcp", "tcp" where no service is known by the port, or "icmp 8/0".
func sessionService(b *flow.SessionBatch, s *flow.Session) string {
	transport := flow.TransportName(s.Transport)
	if s.HasICMP() {
		return fmt.Sprintf("%s %d/%d", transport, s.ICMPType, s.ICMPCode)
	}
	if name := b.Symbols.Text(s.Service); name != "" {
		return name + "/" + transport
	}
	return transport
}

func sessionState(s *flow.Session) string {
	state := s.State.String()
	if state == "" {
		state = "-"
	}
	if s.Open {
		state += " open"
	}
	if s.Truncated {
		state += " truncated"
	}
	return state
}

// sessionFlagLetters is the client's flags, then the server's: "SPA/SA".
func sessionFlagLetters(s *flow.Session) string {
	if !s.HasTCPFlags() {
		return "-"
	}
	return flagLetters(s.Client.TCPFlags) + "/" + flagLetters(s.Server.TCPFlags)
}

func flagLetters(flags uint16) string {
	var b strings.Builder
	for bit, name := range flow.TCPFlagNames() {
		if flags&(1<<bit) != 0 {
			b.WriteByte(name[0])
		}
	}
	if b.Len() == 0 {
		return "-"
	}
	return b.String()
}

// sessionRecords is how many records are summed, and how many copies of other exporters are not.
func sessionRecords(s *flow.Session) string {
	text := strconv.FormatUint(uint64(s.Records), 10)
	if s.Copies == 1 {
		return text + " +1 copy"
	}
	if s.Copies > 1 {
		return fmt.Sprintf("%s +%d copies", text, s.Copies)
	}
	return text
}

func seenBy(s *flow.Session) string {
	var names []string
	for _, a := range s.SeenBy() {
		names = append(names, a.String())
	}
	return strings.Join(names, ",")
}
