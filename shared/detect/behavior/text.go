package behavior

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/weirflow/weir/shared/detect/sampling"
	"github.com/weirflow/weir/shared/flow"
)

// growth is by how much the severity rises with the ratio of value to threshold, and its cap.
func growth(ratio float64) float64 { return math.Min(20, 10*math.Log10(math.Max(1, ratio))) }

// hostsOf names the victim of a finding, or says how many there are.
func hostsOf(f *finding) string {
	if f.victimsTotal <= 1 && len(f.victims) == 1 {
		return f.victims[0].String()
	}
	return fmt.Sprintf("%d hosts", f.victimsTotal)
}

// host returns an address as filters take it: IPv6 addresses hold colons and are quoted.
func host(a flow.Addr) string {
	if a.Is4() {
		return a.String()
	}
	return `"` + a.String() + `"`
}

// hostList returns addresses as a list of a filter.
func hostList(list []flow.Addr) string {
	if len(list) == 1 {
		return host(list[0])
	}
	texts := make([]string, 0, len(list))
	for _, a := range list {
		texts = append(texts, host(a))
	}
	return "(" + strings.Join(texts, " or ") + ")"
}

// between selects the flows of two hosts with a port, in the direction of client to server.
func between(client, server flow.Addr, port uint16) string {
	return from(client, port) + " and destination.ip : " + host(server)
}

// from selects what a client sends to a port.
func from(client flow.Addr, port uint16) string {
	return "source.ip : " + host(client) + " and destination.port : " + strconv.Itoa(int(port))
}

// samplingText says what sampling means for a finding that counts sessions, "" for nothing.
func samplingText(s *flow.Session) string { return sampling.Caveat(violationName, s.SamplingInterval) }

func megabytes(bytes float64) string {
	return strconv.FormatFloat(math.Round(bytes/1e5)/10, 'f', -1, 64) + " MB"
}
