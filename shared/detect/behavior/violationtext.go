package behavior

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/policy"
)

// evidence selects a session's flows both ways; of a window the flows from client to server that the policy is about.
func (v *violations) evidence(p *policy.Finding) string {
	s, k := &p.Latest, &p.Key
	var terms []string
	switch p.Policy.By {
	case policy.BySession:
		terms = []string{"related.ip : " + host(s.Client.IP), "related.ip : " + host(s.Server.IP)}
		if s.Client.Port != 0 || s.Server.Port != 0 {
			terms = append(terms, "related.port : "+strconv.Itoa(int(s.Client.Port)), "related.port : "+strconv.Itoa(int(s.Server.Port)))
		}
		return strings.Join(append(terms, "network.iana_number : "+strconv.Itoa(int(s.Transport))), " and ")
	case policy.BySource:
		terms = []string{"source.ip : " + host(k.Source)}
	case policy.ByDestination:
		terms = []string{"destination.ip : " + host(k.Destination)}
	case policy.ByPair:
		terms = []string{"source.ip : " + host(k.Source), "destination.ip : " + host(k.Destination)}
	case policy.ByGroup:
		terms = []string{filter.Compare{Field: v.group, Values: []filter.Value{{Value: flow.Value{Kind: flow.KindKeyword, S: k.Group}}}}.String()}
	}
	if of := v.filters[p.Policy.Name]; of != "" {
		terms = append(terms, "("+of+")")
	}
	return strings.Join(terms, " and ")
}

// violationTitle names the policy, what it is about, the hosts, and how much it was.
func violationTitle(f *finding, p *policy.Finding) string {
	what, s := p.Policy.Title, &p.Latest
	if what == "" {
		what = p.Policy.Limit.String()
	}
	who := ""
	switch p.Policy.By {
	case policy.BySession:
		who = s.Client.IP.String() + " to " + s.Server.IP.String()
		if s.Server.Port != 0 {
			who += " port " + strconv.Itoa(int(s.Server.Port))
		}
	case policy.BySource:
		who = p.Key.Source.String()
	case policy.ByDestination:
		who = "to " + p.Key.Destination.String()
	case policy.ByPair:
		who = p.Key.Source.String() + " to " + p.Key.Destination.String()
	case policy.ByGroup:
		who = "group " + p.Key.Group
	}
	return fmt.Sprintf("policy %s: %s: %s, %s", p.Policy.Name, what, who, amount(f))
}

// amount is what was measured in words: "14.2 MB", "23 sessions".
func amount(f *finding) string {
	switch f.unit {
	case "bytes":
		return megabytes(f.value)
	case "s":
		return time.Duration(f.value * float64(second)).Round(time.Second).String()
	}
	v, prefix := f.value, ""
	for _, p := range []string{"k", "M", "G"} {
		if v >= 10_000 {
			v, prefix = v/1000, p
		}
	}
	return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64) + " " + prefix + f.unit
}
