package cli

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/collector/internal/api"
	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query/conformance"
)

// told are three sessions: an upload of 12 MB that goes on, a ping, and an unanswered attempt over IPv6.
var told = []string{
	`{"id":"00000000000000000000000000000001","start":"2026-03-02T08:00:00.125Z","end":"2026-03-02T09:04:00.125Z","client":{"ip":"10.1.2.3","port":50123,"flags":["SYN","PSH","ACK"]},
	 "server":{"ip":"203.0.113.9","port":22,"flags":["SYN","ACK"]},"transport":"tcp","bytes_out":12000000,"bytes_in":34000,"packets_out":9000,"packets_in":600,"state":"EST",
	 "records":64,"exporters":["192.0.2.1","192.0.2.2"],"open":true,"service":"ssh","direction":"outbound","copies":64}`,
	`{"id":"00000000000000000000000000000002","start":"2026-03-02T08:00:01Z","end":"2026-03-02T08:00:01.25Z","client":{"ip":"10.1.2.3","port":0},"server":{"ip":"203.0.113.9","port":0},
	 "transport":"icmp","bytes_out":64,"bytes_in":64,"packets_out":1,"packets_in":1,"state":"QR","records":2,"exporters":["192.0.2.1"],"icmp":{"type":8,"code":0},"direction":"outbound"}`,
	`{"id":"00000000000000000000000000000003","start":"2026-03-02T08:00:02Z","end":"2026-03-02T08:00:02Z","client":{"ip":"2001:db8::1","port":50001,"flags":["SYN"]},"server":{"ip":"2001:db8::2","port":8022,"flags":[]},
	 "transport":"tcp","bytes_out":60,"packets_out":1,"state":"S0","records":1,"exporters":["192.0.2.2"],"direction":"internal","copies":1,"truncated":true}`,
}

// collector serves the sessions as a collector does, and returns its URL.
func collector(t *testing.T) string {
	t.Helper()
	b := &flow.SessionBatch{Symbols: flow.NewSymbols()}
	for _, text := range told {
		if err := flow.ParseSessionJSON([]byte(text), b); err != nil {
			t.Fatal(err)
		}
	}
	reference := conformance.NewReference(flow.NewBatch(0, flow.NewSymbols())).WithSessions(b)
	h, err := api.New(api.DefaultConfig(), api.Deps{Engine: reference, Sessions: reference, Alerts: reference, Exporters: reference})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func TestSessionTable(t *testing.T) {
	const want = `START                     DURATION  CLIENT               SERVER              SERVICE   STATE         FLAGS   OUT      IN       PACKETS   RECORDS        SEEN BY
2026-03-02T08:00:00.125Z  1h4m0s    10.1.2.3:50123       203.0.113.9:22      ssh/tcp   EST open      SPA/SA  12.0 MB  34.0 kB  9000/600  64 +64 copies  192.0.2.1,192.0.2.2
2026-03-02T08:00:01Z      0.250 s   10.1.2.3             203.0.113.9         icmp 8/0  QR            -       64 B     64 B     1/1       2              192.0.2.1
2026-03-02T08:00:02Z      0.000 s   [2001:db8::1]:50001  [2001:db8::2]:8022  tcp       S0 truncated  S/-     60 B     0 B      1/0       1 +1 copy      192.0.2.2
`
	url := collector(t)
	for _, args := range [][]string{{"sessions"}, {"query", "--sessions"}} {
		if diff := cmp.Diff(want, must(t, append(args, "--url", url)...)); diff != "" {
			t.Errorf("%v (-wanted +got):\n%s", args, diff)
		}
	}
}

func TestSessions(t *testing.T) {
	url := collector(t)
	for _, c := range []struct {
		name string
		args []string
		ids  string // last digits, in their order
		more bool
	}{
		{"all", []string{"sessions"}, "123", false},
		{"outbound over 10 MB", []string{"sessions", "client.ip : 10.1.2.3 and network.direction : outbound and network.bytes > 10000000"}, "1", false},
		{"answered by SYN/ACK in a quarter of an hour", []string{"sessions", "server.ip : 203.0.113.9 and network.transport : tcp and weir.server.tcp.flags : SYN and weir.server.tcp.flags : ACK",
			"--from", "2026-03-02T09:00:00Z", "--to", "2026-03-02T09:15:00Z"}, "1", false},
		{"the end counts", []string{"sessions", "--to", "2026-03-02T08:00:02Z"}, "2", false},
		{"longer than an hour", []string{"sessions", "event.duration > 3600000000000"}, "1", false},
		{"cut", []string{"sessions", "--limit", "2"}, "12", true},
		{"just not cut", []string{"sessions", "--limit", "3"}, "123", false},
		{"the most that can be asked for", []string{"sessions", "--limit", "100000"}, "123", false},
		{"by query", []string{"query", "--sessions", "weir.tcp.state : S0"}, "3", false},
		{"by query, cut", []string{"query", "--sessions", "--limit", "1"}, "1", true},
		{"none", []string{"sessions", "client.ip : 10.9.9.9"}, "", false},
	} {
		code, out, errs := weir(t, append(c.args, "--url", url, "--format", "json")...)
		ids := ""
		for _, s := range jsonOf[[]map[string]any](t, out) {
			id := s["id"].(string)
			ids += id[len(id)-1:]
		}
		if code != command.OK || ids != c.ids || strings.Contains(errs, "shown, more exist: use --limit") != c.more {
			t.Errorf("%s: exit %d, sessions %q, should be %q; stderr %q", c.name, code, ids, c.ids, errs)
		}
	}
	if out := must(t, "sessions", "client.ip : 10.9.9.9", "--url", url); out != "no sessions\n" {
		t.Errorf("of none is said %q", out)
	}
	code, out, errs := weir(t, "sessions", "--limit", "1", "--url", url)
	if code != command.OK || strings.Count(out, "\n") != 2 || errs != "1 shown, more exist: use --limit, or a narrower filter or time\n" {
		t.Errorf("exit %d, stderr %q\n%s", code, errs, out)
	}
}

func TestSessionsAreCounted(t *testing.T) {
	url := collector(t)
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "SESSIONS\n3\n"},
		{[]string{"--by", "client.ip"}, "CLIENT.IP    SESSIONS\n10.1.2.3     2\n2001:db8::1  1\n"},
		{[]string{"weir.tcp.state : S0", "--by", "weir.tcp.state,server.port"}, "WEIR.TCP.STATE  SERVER.PORT  SESSIONS\nS0              8022         1\n"},
	} {
		if diff := cmp.Diff(c.want, must(t, append([]string{"query", "--measure", "sessions", "--url", url}, c.args...)...)); diff != "" {
			t.Errorf("%v (-wanted +got):\n%s", c.args, diff)
		}
	}
}

// TestWrongUseOfSessions: wrong use is exit code 2, and the message says what to do.
func TestWrongUseOfSessions(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"unknown field", []string{"sessions", "clent.ip : 10.0.0.1"}, 2, "did you mean client.ip?"},
		{"field of records", []string{"sessions", "source.mac : *"}, 2, "exists on records only"},
		{"no limit", []string{"sessions", "--limit", "0"}, 2, "--limit 0"},
		{"too much", []string{"sessions", "--limit", "100001"}, 2, "100000"},
		{"no time", []string{"sessions", "--from", "noon", "--url", "http://127.0.0.1:9"}, 2, "--from"},
		{"folder without data", []string{"sessions", "--data", t.TempDir()}, 1, "holds no data of weir"},
		{"sessions and records", []string{"query", "--sessions", "--records"}, 2, "exclude each other"},
		{"sessions in groups", []string{"query", "--sessions", "--by", "client.ip"}, 2, "--measure sessions --by client.ip"},
		{"sessions measured", []string{"query", "--sessions", "--measure", "packets"}, 2, "leave --measure packets out"},
		{"records of the measure sessions", []string{"query", "--records", "--measure", "sessions"}, 2, "use --sessions"},
		{"copies of sessions", []string{"query", "--sessions", "--all-copies"}, 2, "sessions count no copies"},
		{"sessions set aside", []string{"query", "--measure", "sessions", "--invalid"}, 2, "set aside"},
		{"a filter on sessions over records", []string{"query", "client.ip : 10.0.0.1"}, 2, "--measure sessions"},
		{"records by a field of sessions", []string{"query", "--by", "weir.tcp.state"}, 2, "--measure sessions"},
		{"sessions by a field of records", []string{"query", "--measure", "sessions", "--by", "source.mac"}, 2, "records only"},
	} {
		code, out, errs := weir(t, c.args...)
		if code != c.code || !strings.Contains(errs, c.says) || out != "" {
			t.Errorf("%s: exit %d, want %d; stderr %q should say %q; stdout %q", c.name, code, c.code, errs, c.says, out)
		}
	}
}
