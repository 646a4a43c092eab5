package pivot_test

import (
	"encoding/json"
	"errors"
	"flag"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pivot"
)

var update = flag.Bool("update", false, "write golden files anew")

var (
	from = time.Date(2026, 3, 2, 8, 15, 0, 250_000_000, time.UTC)
	to   = time.Date(2026, 3, 2, 8, 20, 0, 1, time.UTC)
)

// marked stands for other languages: what comes out is told from what went in by its prefix.
var marked = pivot.Translators{
	KQL: func(f string) (string, error) { return "kql " + f, nil },
	SPL: func(f string) (string, error) { return "spl " + f, nil },
}

func subject() pivot.Subject {
	s := pivot.OfAddress(netip.MustParseAddr("203.0.113.7"), from, to)
	s.Port, s.Transport, s.ASN, s.Alert, s.Incident = 443, "tcp", 64500, "5f1c", "9a"
	s.Detector, s.Title = "scan.horizontal", `"a" & b#c?d=e f%g'h\i!j`
	return s
}

func TestForms(t *testing.T) {
	six := subject()
	six.IP = netip.MustParseAddr("2001:db8::1")
	hostile := subject()
	hostile.Filter = `a : "x y&z#1%2+3'4\"5" and not b : (c or "{ip}")`
	for _, c := range []struct {
		name, template string
		subject        pivot.Subject
		want           string
	}{
		{"classic address", "http://h/%IP%", subject(), "http://h/203.0.113.7"},
		{"classic port", "http://h/?p=%PORT%", subject(), "http://h/?p=443"},
		{"classic AS", "http://h/AS%ASN%/x", subject(), "http://h/AS64500/x"},
		{"classic times hold the whole event", "http://h/?a=%TE%&b=%TL%", subject(), "http://h/?a=1772439300&b=1772439601"},
		{"address", "https://h/{ip}", subject(), "https://h/203.0.113.7"},
		{"IPv6 in a path", "https://h/{ip}/x", six, "https://h/2001:db8::1/x"},
		{"IPv6 in a query", "https://h/?ip={ip}", six, "https://h/?ip=2001:db8::1"},
		{"port and transport", "https://h/{transport}/{port}", subject(), "https://h/tcp/443"},
		{"AS", "https://h/{asn}", subject(), "https://h/64500"},
		{"alert, incident and detector", "https://h/{alert}/{incident}/{detector}", subject(), "https://h/5f1c/9a/scan.horizontal"},
		{"times are RFC 3339", "https://h/?{from}={to}", subject(), "https://h/?2026-03-02T08:15:00.250Z=2026-03-02T08:20:00.001Z"},
		{"times by name", "https://h/{from:iso}/{from:unix}/{from:ms}", subject(), "https://h/2026-03-02T08:15:00.250Z/1772439300/1772439300250"},
		{"ends are raised", "https://h/{to:unix}/{to:ms}", subject(), "https://h/1772439601/1772439600001"},
		{"filter of a host", "https://h/?q={filter}", subject(), "https://h/?q=related.ip%20:%20203.0.113.7"},
		{"filter of an IPv6 host", "https://h/?q={filter}", six, "https://h/?q=related.ip%20:%20%222001:db8::1%22"},
		{"other languages", "https://h/?q={filter:kql}&r={filter:spl}", subject(), "https://h/?q=kql%20related.ip%20:%20203.0.113.7&r=spl%20related.ip%20:%20203.0.113.7"},
		{"hostile in a path", "https://h/{title}/x", subject(), "https://h/%22a%22%20%26%20b%23c%3Fd%3De%20f%25g%27h%5Ci%21j/x"},
		{"hostile in a query", "https://h/?q={title}&x", subject(), "https://h/?q=%22a%22%20%26%20b%23c%3Fd%3De%20f%25g%27h%5Ci%21j&x"},
		{"hostile in a fragment", "https://h/#q={title}", subject(), "https://h/#q=%22a%22%20%26%20b%23c%3Fd%3De%20f%25g%27h%5Ci%21j"},
		{"a form in a value is no form", "https://h/?q={filter}", hostile, "https://h/?q=a%20:%20%22x%20y%26z%231%252%2B3%274%5C%225%22%20and%20not%20b%20:%20%28c%20or%20%22%7Bip%7D%22%29"},
		{"in a string of JSON", `https://h/?j={"q":"{title}"}`, subject(), `https://h/?j=%7B%22q%22:%22%5C%22a%5C%22%20%26%20b%23c%3Fd%3De%20f%25g%27h%5C%5Ci%21j%22%7D`},
		{"in encoded JSON", `https://h/?j=%7b%22q%22:%22{title}%22%7d`, subject(), `https://h/?j=%7B%22q%22:%22%5C%22a%5C%22%20%26%20b%23c%3Fd%3De%20f%25g%27h%5C%5Ci%21j%22%7D`},
		{"bare in JSON: a text", `https://h/?j={"q":{ip}}`, subject(), `https://h/?j=%7B%22q%22:%22203.0.113.7%22%7D`},
		{"bare in JSON: numbers", `https://h/?j=[{"p":{port},"t":{from:ms}}]`, subject(), `https://h/?j=%5B%7B%22p%22:443,%22t%22:1772439300250%7D%5D`},
		{"a quoted quote does not end a string", `https://h/?j={"q":"\"{ip}\"","r":{port}}`, subject(), `https://h/?j=%7B%22q%22:%22%5C%22203.0.113.7%5C%22%22,%22r%22:443%7D`},
		{"in a string of rison", `https://h/#?_a=(q:'{title}')`, subject(), `https://h/#?_a=%28q:%27%22a%22%20%26%20b%23c%3Fd%3De%20f%25g%21%27h%5Ci%21%21j%27%29`},
		{"bare in rison", `https://h/#?_g=(q:{ip},p:{port})`, subject(), `https://h/#?_g=%28q:%27203.0.113.7%27,p:443%29`},
		{"parentheses are no rison elsewhere", `https://h/?q=(host:'{title}')`, subject(), `https://h/?q=%28host:%27%22a%22%20%26%20b%23c%3Fd%3De%20f%25g%27h%5Ci%21j%27%29`},
		{"the next parameter is another", `https://h/?j={"a":"&k={title}`, subject(), `https://h/?j=%7B%22a%22:%22&k=%22a%22%20%26%20b%23c%3Fd%3De%20f%25g%27h%5Ci%21j`},
		{"an encoded separator is none", `https://h/?j={"a":"%26k=","b":{port}}`, subject(), `https://h/?j=%7B%22a%22:%22%26k=%22,%22b%22:443%7D`},
		{"what a URL cannot hold may be written", `https://h/a b/{ip}/<ü>"|^`, subject(), `https://h/a%20b/203.0.113.7/%3C%C3%BC%3E%22%7C%5E`},
		{"encoded literals stay", `https://h/%2f%25/{ip}`, subject(), `https://h/%2F%25/203.0.113.7`},
		{"braces that begin no form", `https://h/{}{1}{ip}`, subject(), `https://h/%7B%7D%7B1%7D203.0.113.7`},
		{"scheme and host in capitals", `HTTPS://H.Example:8443/{ip}`, subject(), `https://h.example:8443/203.0.113.7`},
		{"a host that is an address", `https://[2001:db8::2]:8443/{ip}`, subject(), `https://[2001:db8::2]:8443/203.0.113.7`},
		{"parentheses in a path", `https://h/a('x')/{ip}`, subject(), `https://h/a('x')/203.0.113.7`},
		{"no path", `https://h?x={ip}`, subject(), `https://h?x=203.0.113.7`},
	} {
		t.Run(c.name, func(t *testing.T) {
			tm, err := pivot.Parse(c.template)
			if err != nil {
				t.Fatal(err)
			}
			got, err := tm.Render(&c.subject, marked)
			if err != nil || got != c.want {
				t.Errorf("%v\n got %s\nwant %s", err, got, c.want)
			}
			if u, err := url.Parse(got); err != nil || u.Host == "" {
				t.Errorf("not a URL: %v", err)
			}
		})
	}
}

func TestTemplateErrors(t *testing.T) {
	for _, c := range []struct {
		name, template string
		column         int
		text, hint     string
	}{
		{"nothing", "", 1, "begins with http:// or https://", ""},
		{"a script", "javascript:alert({ip})", 1, "begins with http:// or https://", ""},
		{"a script in disguise", "javascript://h/%0aalert(1)", 1, "begins with http:// or https://", ""},
		{"data", "data:text/html,x", 1, "begins with http:// or https://", ""},
		{"a relative one", "/host/{ip}", 1, "begins with http:// or https://", ""},
		{"no host", "https:///{ip}", 9, "no host", ""},
		{"a host of dots", "https://../", 9, "no host", ""},
		{"a port that is none", "https://h:x/", 9, "is not a host with or without a port", ""},
		{"a form as host", "https://{ip}/", 9, "no form in the host", ""},
		{"a classic form in the host", "https://x.%IP%/", 11, "no form in the host", ""},
		{"user and password", "https://a:b@h/", 9, "no user and password", ""},
		{"an unknown form", "https://h/{hostname}", 11, "no form {hostname}: known are {ip} {port}", ""},
		{"a misspelled form", "https://h/ü{prot}", 12, "no form {prot}", "{port}"},
		{"a wrong way", "https://h/{from:sec}", 11, "no form {from:sec}", "{from}"},
		{"a nearly right way", "https://h/{from:unis}", 11, "no form {from:unis}", "{from:unix}"},
		{"a nearly right name", "https://h/{form:unix}", 11, "no form {form:unix}", "{from:unix}"},
		{"a way of what has none", "https://h/{ip:ms}", 11, "no form {ip:ms}", "{ip}"},
		{"an unknown classic form", "https://h/%HOST%", 11, "no form %HOST%", "%PORT%"},
		{"a lonely percent sign", "https://h/100%", 14, "a percent sign that neither", "%25"},
		{"half an encoding", "https://h/%2", 11, "a percent sign that neither", "%25"},
		{"an open brace", "https://h/{ip", 11, "{ without }", ""},
		{"two fragments", "https://h/#a#b", 13, "a second #", "%23"},
		{"a line break", "https://h/a\nb", 12, "a control character (U+000A)", ""},
		{"no UTF-8", "https://h/\xff", 11, "not UTF-8", ""},
		{"another folder", "https://h/a/../{ip}", 1, "one or two dots", ""},
		{"another folder, encoded", "https://h/a/%2E./{ip}", 1, "one or two dots", ""},
		{"too long once it is encoded", "https://h/?" + strings.Repeat("é", 2000), 1, "longer than 8000 bytes", ""},
		{"too long", "https://h/" + strings.Repeat("a", pivot.MaxTemplate), 1, "longer than 4096 bytes", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := pivot.Parse(c.template)
			var bad *pivot.ParseError
			if !errors.As(err, &bad) || bad.Column != c.column || !strings.Contains(bad.Text, c.text) || bad.Suggestion != c.hint {
				t.Errorf("got %#v\nwant column %d: %s (%s)", err, c.column, c.text, c.hint)
			}
		})
	}
}

// TestMissingValues: a link with a hole in it would be wrong, so there is none.
func TestMissingValues(t *testing.T) {
	none := pivot.Subject{Kind: pivot.Alert}
	for _, form := range pivot.FormNames() {
		tm, err := pivot.Parse("https://h/" + form)
		if err != nil {
			t.Fatal(err)
		}
		if link, err := tm.Render(&none, marked); !errors.Is(err, pivot.ErrUnknown) {
			t.Errorf("%s of nothing: %q, %v", form, link, err)
		}
	}
	dots := pivot.Subject{Kind: pivot.Alert, Title: ".."}
	tm, err := pivot.Parse("https://h/a/{title}/b?{title}")
	if err != nil {
		t.Fatal(err)
	}
	if link, err := tm.Render(&dots, marked); err == nil {
		t.Errorf("a value changes the folder: %s", link)
	}
	long := pivot.Subject{Kind: pivot.Alert, Title: strings.Repeat("x", pivot.MaxLink)}
	if link, err := tm.Render(&long, marked); err == nil {
		t.Errorf("a link of %d bytes", len(link))
	}
	if tm, err = pivot.Parse("https://h/#{title}"); err != nil {
		t.Fatal(err)
	}
	if _, err := tm.Render(&long, marked); err != nil {
		t.Errorf("a fragment goes to no server: %v", err)
	}
	s, spl := subject(), pivot.Translators{SPL: func(string) (string, error) { return "", errors.New("cannot be said") }}
	tm, err = pivot.Parse("https://h/{filter:spl}")
	if err != nil {
		t.Fatal(err)
	}
	if link, err := tm.Render(&s, spl); err == nil || !strings.Contains(err.Error(), "cannot be said") {
		t.Errorf("%s, %v", link, err)
	}
}

// TestValuesComeBack: whatever a filter holds, it is unchanged when the URL is decoded as the tool that it is for does.
func TestValuesComeBack(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 5))
	set, err := pivot.New(tools(), pivot.Deps{Translators: pivot.Translators{KQL: same, SPL: same}})
	if err != nil {
		t.Fatal(err)
	}
	for range 5000 {
		s := pivot.Subject{Kind: pivot.Alert, From: from, To: to, Filter: randomText(r)}
		links := set.Of(s)
		if len(links) != 3 {
			t.Fatalf("%q: %d links", s.Filter, len(links))
		}
		for i, decode := range []func(*testing.T, string) string{splunkQuery, kibanaQuery, grafanaQuery} {
			if got := decode(t, links[i].URL); got != s.Filter {
				t.Fatalf("%s: %q came back as %q", links[i].URL, s.Filter, got)
			}
		}
	}
}

// TestFiltersComeBack: the KQL in a link, parsed, is the filter, the SPL is what the filter language says it is.
func TestFiltersComeBack(t *testing.T) {
	r, reg := rand.New(rand.NewPCG(7, 5)), flow.NewRegistry()
	set, err := pivot.New(tools(), pivot.Deps{Translators: pivot.Languages()})
	if err != nil {
		t.Fatal(err)
	}
	for range 500 {
		n := filtertest.Random(r, reg)
		s := pivot.Subject{Kind: pivot.Alert, From: from, To: to, Filter: n.String()}
		for _, l := range set.Of(s) {
			switch l.Title {
			case "Splunk":
				if got := splunkQuery(t, l.URL); got != filter.SPL(n) {
					t.Fatalf("%s: %s, wanted %s", n, got, filter.SPL(n))
				}
			case "Kibana":
				if got, err := filter.Parse(kibanaQuery(t, l.URL), reg); err != nil || got.String() != n.String() {
					t.Fatalf("%s: %s, %v", n, got, err)
				}
			case "Grafana":
				if got := grafanaQuery(t, l.URL); got != n.String() {
					t.Fatalf("%s: %s", n, got)
				}
			}
		}
	}
}

func same(f string) (string, error) { return f, nil }

func tools() pivot.Config {
	cfg := pivot.DefaultConfig()
	cfg.Splunk.URL, cfg.Kibana.URL, cfg.Grafana.URL = "https://splunk.example.net:8000", "https://kibana.example.net/s/noc/", "https://grafana.example.net"
	cfg.Kibana.DataView, cfg.Grafana.DataSource = "weir's!", `u"id`
	return cfg
}

// splunkQuery decodes as HTML forms are: Splunk Web takes q apart so.
func splunkQuery(t *testing.T, link string) string {
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	text, found := strings.CutPrefix(u.Query().Get("q"), "search tag=network tag=communicate ")
	if !found {
		t.Fatal(u.Query().Get("q"))
	}
	return text
}

func grafanaQuery(t *testing.T, link string) string {
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	var panes map[string]struct {
		DataSource string
		Queries    []struct {
			RefID      string
			DataSource struct{ UID string }
			Filter     string
		}
		Range struct{ From, To string }
	}
	if err := json.Unmarshal([]byte(u.Query().Get("panes")), &panes); err != nil {
		t.Fatalf("%s: %v", u.Query().Get("panes"), err)
	}
	pane := panes["weir"]
	if pane.DataSource != `u"id` || pane.Queries[0].DataSource.UID != `u"id` || pane.Range.From != "1772439300250" || pane.Range.To != "1772439600001" {
		t.Fatalf("%+v", pane)
	}
	return pane.Queries[0].Filter
}

// kibanaQuery splits the fragment's parameters as query strings are, and reads the rison.
func kibanaQuery(t *testing.T, link string) string {
	_, fragment, _ := strings.Cut(link, "#/?")
	values, err := url.ParseQuery(fragment)
	if err != nil {
		t.Fatal(err)
	}
	g, a := readRison(t, values.Get("_g")), readRison(t, values.Get("_a"))
	span := map[string]any{"time": map[string]any{"from": "2026-03-02T08:15:00.250Z", "to": "2026-03-02T08:20:00.001Z"}}
	if diff := cmp.Diff(any(span), g); diff != "" {
		t.Fatal(diff)
	}
	state := a.(map[string]any)
	if state["index"] != "weir's!" {
		t.Fatal(state["index"])
	}
	return state["query"].(map[string]any)["query"].(string)
}

// randomText is a text of what URLs, JSON, rison and filters are made of.
func randomText(r *rand.Rand) string {
	pieces := []string{
		"a", " ", `"`, "'", "!", "!'", `\`, `\"`, "&", "#", "%", "%20", "+", "?", "/", ":", "(", ")", "{", "}", "{ip}", "%IP%", ",", "=",
		"é", "\u2028", "😀", "\t", "\n", "<", ">", "..", ";", "|", "^", "~", "`", "[", "]", "@", "$", "*",
	}
	var b strings.Builder
	b.WriteString("x")
	for range r.IntN(20) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"https://h/%IP%?a={from:ms}#b", `https://h/?j={"a":"{title}"}`, "https://h/#?_a=(q:'{filter:kql}')", "http://[::1]:1/%2e", "https://h/{ip:x", "%", "https://h/?_g=(a:!n,b:{port})", "http://:A",
	} {
		f.Add(seed)
	}
	s := subject()
	f.Fuzz(func(t *testing.T, text string) {
		tm, err := pivot.Parse(text)
		if err != nil {
			var bad *pivot.ParseError
			if !errors.As(err, &bad) || bad.Column < 1 {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		link, err := tm.Render(&s, marked)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		u, err := url.Parse(link)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || strings.ContainsAny(link, " \"<>\n\x00") {
			t.Fatalf("%q gives %q: %v", text, link, err)
		}
		again, err := pivot.Parse(strings.NewReplacer("{", "%7B", "}", "%7D").Replace(link))
		if err != nil {
			t.Fatalf("%q gives %q: %v", text, link, err)
		}
		if same, err := again.Render(&s, marked); err != nil || same != link {
			t.Fatalf("%q is not stable: %q, %v", link, same, err)
		}
	})
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}
