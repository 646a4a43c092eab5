package policy_test

import (
	"testing"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/policy"
)

// TestRecordFilter: what is said of whole sessions is left out, and only where that selects more.
func TestRecordFilter(t *testing.T) {
	reg := flow.NewRegistry()
	for _, c := range []struct{ name, filter, want string }{
		{"none", "", ""},
		{"all of it holds for records", `weir.source.group : "External Servers" and network.direction : outbound`, `weir.source.group : "External Servers" and network.direction : outbound`},
		{"client is source", `client.ip : 10.0.0.0/8 and server.port : (22 or 3389)`, `source.ip : 10.0.0.0/8 and destination.port : (22 or 3389)`},
		{"state is of the session", `server.port : 22 and weir.tcp.state : EST`, `destination.port : 22`},
		{"one of two would leave flows out", `server.port : 22 and (server.port : 23 or weir.tcp.state : EST)`, `destination.port : 22`},
		{"not of a part would, too", `not (server.port : 22 and weir.tcp.state : EST)`, ``},
		{"not of a whole", `not server.port : 22`, `not destination.port : 22`},
		{"a single one", `network.bytes > 10`, ``},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := policy.Policy{Name: "p", Filter: c.filter}
			got := p.RecordFilter(reg)
			if got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
			if _, err := filter.Parse(got, reg); err != nil {
				t.Error(err)
			}
		})
	}
}
