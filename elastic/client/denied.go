package client

import (
	"regexp"
	"strings"
)

// Denied is what a server's security does not permit, as far as its answer tells.
type Denied struct {
	Action     string   // the server's name of it, like indices:data/write/bulk
	Indices    string   // on which, as the server lists them; "" for actions on the cluster
	Scope      string   // "index" or "cluster": what kind of privilege would permit it; "" where the server does not tell
	Privileges []string // one of which would permit it, the least first
}

// String is the end of the sentence "the server does not permit".
func (d Denied) String() string {
	s := d.Action
	if d.Indices != "" {
		s += " on " + d.Indices
	}
	if len(d.Privileges) > 0 {
		s += ": the " + d.Scope + " privilege " + strings.Join(d.Privileges, " or ") + " is missing"
	}
	return s
}

// The words of Elasticsearch and of OpenSearch's security plugin.
var (
	elasticDenied    = regexp.MustCompile(`^action \[([^\]]+)\] is unauthorized`)
	elasticIndices   = regexp.MustCompile(` on (?:restricted )?indices \[([^\]]*)\]`)
	elasticGranted   = regexp.MustCompile(`granted by the (index|cluster) privileges \[([^\]]*)\]`)
	openSearchDenied = regexp.MustCompile(`^no permissions for \[([^\]]*)\]`)
)

func denied(reason string) Denied {
	if m := openSearchDenied.FindStringSubmatch(reason); m != nil {
		return Denied{Action: m[1]}
	}
	m := elasticDenied.FindStringSubmatch(reason)
	if m == nil {
		return Denied{}
	}
	d := Denied{Action: m[1]}
	if m := elasticIndices.FindStringSubmatch(reason); m != nil {
		d.Indices = m[1]
	}
	if m := elasticGranted.FindStringSubmatch(reason); m != nil {
		d.Scope, d.Privileges = m[1], strings.Split(m[2], ",")
	}
	return d
}
