package pivot_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pivot"
)

func everything() pivot.Config {
	cfg := tools()
	cfg.Collector, cfg.Kibana.DataView, cfg.Grafana.DataSource = "https://weir.example.net/", "weir-*", "weir"
	cfg.Custom = []pivot.Custom{
		{Name: "assets", Title: "Asset database", URL: "https://assets.example.net/?q=%IP%", Addresses: pivot.PrivateAddresses},
		{Name: "tickets", URL: "https://tickets.example.net/new?alert={alert}&text={title}"},
		{Name: "incidents", URL: "https://tickets.example.net/{incident}"},
		{Name: "case", URL: "https://soar.example.net/{alert}/{ip}/{port}"},
		{Name: "both", URL: "https://h.example.net/?from={from:unix}&to={to:unix}", Applies: []pivot.Kind{pivot.Alert, pivot.AS}},
	}
	return cfg
}

func systems(ip netip.Addr) uint32 {
	switch ip.String() {
	case "203.0.113.7":
		return 64500
	case "2001:db8::1":
		return 65536
	}
	return 0
}

func newSet(t *testing.T, cfg pivot.Config) *pivot.Set {
	t.Helper()
	set, err := pivot.New(cfg, pivot.Deps{Translators: pivot.Languages(), ASN: systems})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// TestLinks: the addresses of every built-in pivot, for each kind of subject.
func TestLinks(t *testing.T) {
	set := newSet(t, everything())
	var b strings.Builder
	for _, text := range []string{"203.0.113.7", "10.1.2.3", "2001:db8::1", "fd00::7", "100.64.0.1", "127.0.0.1", "::ffff:198.51.100.9", "445", "udp/53", "AS64500", "as64512", "AS4200000000"} {
		sub, ok := pivot.ParseSubject(text)
		if !ok {
			t.Fatal(text)
		}
		sub.From, sub.To = from, to
		tell(&b, text, set.Of(sub))
	}
	a := alert()
	tell(&b, "alert", set.OfAlert(&a))
	golden(t, "testdata/links.txt", b.String())
}

func tell(b *strings.Builder, what string, links []flow.AlertPivot) {
	fmt.Fprintf(b, "## %s\n", what)
	for _, l := range links {
		fmt.Fprintf(b, "%s\n  %s\n", l.Title, l.URL)
	}
}

func alert() flow.Alert {
	return flow.Alert{
		ID: "5f1c2a0b9d3e4f60718293a4b5c6d7e8", Detector: "brute.success.ssh", Title: `Password of "root" guessed & used`, Incident: "9a",
		Start: from.Add(-time.Minute), Last: to, Actors: []string{"203.0.113.7", "2001:db8::1"}, Victims: []string{"10.1.2.0/24", "203.0.113.7"},
		Service:  &flow.Service{Transport: "tcp", Port: 22},
		Evidence: flow.Evidence{Filter: `related.ip : "2001:db8::1" and destination.port : 22 and network.application : "a'b!c&d"`, From: from, To: to},
	}
}

func TestAlerts(t *testing.T) {
	set := newSet(t, pivot.Config{Collector: "https://w", Disabled: pivot.Services(), Custom: []pivot.Custom{
		{Name: "span", URL: "https://h/{from:unix}/{to:unix}", Applies: []pivot.Kind{pivot.Alert}},
	}})
	none, exporter, crowd, many := alert(), alert(), alert(), []flow.Alert{alert(), alert()}
	crowd.Actors, crowd.Victims = []string{"10.0.0.0/8", "10.0.0.1", "10.0.0.2"}, []string{"192.0.2.1"}
	none.Actors, none.Victims, none.Service, none.Evidence = nil, []string{}, nil, flow.Evidence{}
	exporter.Actors, exporter.Victims, exporter.Exporters = nil, nil, []string{"192.0.2.1"}
	for _, c := range []struct {
		name string
		a    flow.Alert
		want []string
	}{
		{"without hosts and evidence", none, []string{"Weir https://w/alert/5f1c2a0b9d3e4f60718293a4b5c6d7e8", "span https://h/1772439240/1772439602"}},
		{"of a crowd", crowd, []string{
			"Weir https://w/alert/5f1c2a0b9d3e4f60718293a4b5c6d7e8",
			"span https://h/1772439300/1772439601",
			"Weir: 10.0.0.1 https://w/host/10.0.0.1?from=2026-03-02T08:15:00.250Z&to=2026-03-02T08:20:00.001Z",
			"Weir alerts: 10.0.0.1 https://w/alerts?host=10.0.0.1&from=2026-03-02T08:15:00.250Z&to=2026-03-02T08:20:00.001Z",
			"Weir: 192.0.2.1 https://w/host/192.0.2.1?from=2026-03-02T08:15:00.250Z&to=2026-03-02T08:20:00.001Z",
			"Weir alerts: 192.0.2.1 https://w/alerts?host=192.0.2.1&from=2026-03-02T08:15:00.250Z&to=2026-03-02T08:20:00.001Z",
		}},
		{"of an exporter", exporter, []string{
			"Weir https://w/alert/5f1c2a0b9d3e4f60718293a4b5c6d7e8",
			"span https://h/1772439300/1772439601",
			"Weir: 192.0.2.1 https://w/host/192.0.2.1?from=2026-03-02T08:15:00.250Z&to=2026-03-02T08:20:00.001Z",
			"Weir alerts: 192.0.2.1 https://w/alerts?host=192.0.2.1&from=2026-03-02T08:15:00.250Z&to=2026-03-02T08:20:00.001Z",
		}},
	} {
		var got []string
		for _, l := range set.OfAlert(&c.a) {
			got = append(got, l.Title+" "+l.URL)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	before := alert()
	set.Attach(many)
	for i := range many {
		if diff := cmp.Diff(set.OfAlert(&before), many[i].Pivots); diff != "" || len(many[i].Pivots) == 0 {
			t.Error(diff)
		}
		many[i].Pivots = nil
		if diff := cmp.Diff(before, many[i]); diff != "" {
			t.Errorf("attaching changes the alert:\n%s", diff)
		}
	}
}

// TestList: what is listed, given as a user's own, is the same again.
func TestList(t *testing.T) {
	cfg := everything()
	list := pivot.List(cfg)
	again := pivot.List(pivot.Config{Disabled: pivot.Services(), Custom: list})
	if diff := cmp.Diff(list, again); diff != "" || len(list) != 6+9+len(cfg.Custom) {
		t.Errorf("%d:\n%s", len(list), diff)
	}
	if first := list[0]; first.Name != "collector" || first.Title != "Weir" || first.Addresses != pivot.AllAddresses || !cmp.Equal(first.Applies, []pivot.Kind{pivot.Alert}) {
		t.Errorf("%+v", first)
	}
}

// TestNoLinks: an alert without links has an empty list, which is [] in JSON.
func TestNoLinks(t *testing.T) {
	set, err := pivot.New(pivot.Config{Disabled: pivot.Services()}, pivot.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	a := alert()
	if got := set.OfAlert(&a); got == nil || len(got) > 0 {
		t.Errorf("%#v", got)
	}
}

// TestSessionFilters: what is said of sessions cannot be asked of records elsewhere.
func TestSessionFilters(t *testing.T) {
	set := newSet(t, tools())
	for _, l := range set.Of(pivot.Subject{Kind: pivot.Alert, From: from, To: to, Filter: "client.ip : 10.1.2.3"}) {
		if l.Title != "Grafana" {
			t.Errorf("%+v", l)
		}
	}
}

// TestUntranslatable: a search that cannot be said in a tool's language has no link; others have theirs.
func TestUntranslatable(t *testing.T) {
	asked := 0
	set, err := pivot.New(everything(), pivot.Deps{Translators: pivot.Translators{
		KQL: func(string) (string, error) { asked++; return "", fmt.Errorf("cannot be said") }, SPL: same,
	}})
	if err != nil {
		t.Fatal(err)
	}
	titles := ""
	for _, l := range set.Of(pivot.OfAddress(netip.MustParseAddr("10.1.2.3"), from, to)) {
		titles += l.Title + ","
	}
	if titles != "Weir: 10.1.2.3,Weir alerts: 10.1.2.3,Splunk: 10.1.2.3,Grafana: 10.1.2.3,Asset database: 10.1.2.3," || asked != 1 {
		t.Error(titles, asked)
	}
}

// TestFiltersParse: the filters that subjects are given are such.
func TestFiltersParse(t *testing.T) {
	var asked []string
	note := func(f string) (string, error) { asked = append(asked, f); return f, nil }
	set, err := pivot.New(pivot.Config{Custom: []pivot.Custom{{
		Name: "x", URL: "https://h/{filter:kql}", Applies: []pivot.Kind{pivot.Address, pivot.Port, pivot.AS},
	}}, Disabled: pivot.Services()}, pivot.Deps{Translators: pivot.Translators{KQL: note}})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"10.1.2.3", "2001:db8::1", "53", "udp/53", "AS64500"} {
		sub, _ := pivot.ParseSubject(text)
		set.Of(sub)
	}
	if len(asked) != 5 {
		t.Error(asked)
	}
	for _, f := range asked {
		if _, err := filter.Parse(f, flow.NewRegistry()); err != nil {
			t.Errorf("%s: %v", f, err)
		}
	}
}

func TestSubjects(t *testing.T) {
	for _, text := range []string{"", "x", "70000", "-1", "icmp/8", "tcp/", "tcp/x", "AS", "AS0", "AS4294967296", "10.0.0.0/8", "5f1c2a0b9d3e4f60718293a4b5c6d7e8"} {
		if s, ok := pivot.ParseSubject(text); ok {
			t.Errorf("%q is taken for %+v", text, s)
		}
	}
}

func TestConfigErrors(t *testing.T) {
	for _, c := range []struct {
		name string
		cfg  pivot.Config
		want string
	}{
		{"template", pivot.Config{Custom: []pivot.Custom{{Name: "a", URL: "https://h/{x}"}}}, "pivot a: column 11: no form {x}"},
		{"kind", pivot.Config{Custom: []pivot.Custom{{Name: "a", URL: "https://h/{ip}{asn}", Applies: []pivot.Kind{pivot.AS}}}}, "pivot a: {ip} is never known of as"},
	} {
		if _, err := pivot.New(c.cfg, pivot.Deps{}); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	for _, base := range []string{"", "h", "ftp://h", "https://", "https://h/?a", "https://h/#a", "https://h/{ip}", "https://h/%41", "https://u@h", "https://h/../x"} {
		if pivot.CheckBase(base) == nil {
			t.Errorf("%q passes for a base", base)
		}
	}
	for _, base := range []string{"https://h", "http://h:5601/", "https://h/a/b", "https://[::1]:3000"} {
		if err := pivot.CheckBase(base); err != nil {
			t.Errorf("%q: %v", base, err)
		}
	}
	for query, good := range map[string]bool{
		`{}`: true, ` {"expr": "%7Bhost=\"{ip}\"} |= \"a & b # c + d\"", "p": {port}} `: true, `{"a": {title}}`: true,
		``: false, `[]`: false, `{"a": "{ip}"`: false, `{"a": 'b'}`: false, `{"a": "{addr}"}`: false,
	} {
		if err := pivot.CheckQuery(query); (err == nil) != good {
			t.Errorf("query %s: %v", query, err)
		}
	}
}

func BenchmarkOfAlert(b *testing.B) {
	set, err := pivot.New(everything(), pivot.Deps{Translators: pivot.Languages(), ASN: systems})
	if err != nil {
		b.Fatal(err)
	}
	a := alert()
	b.ReportAllocs()
	for b.Loop() {
		if len(set.OfAlert(&a)) == 0 {
			b.Fatal("none")
		}
	}
}
