package plugin

import (
	"strings"
	"testing"

	"github.com/weirflow/weir/grafana-datasource/pkg/frames"
	"github.com/weirflow/weir/shared/query"
)

// TestTemplateLinks: every form of a template becomes Grafana's variable, wherever it stands and however it is escaped there.
func TestTemplateLinks(t *testing.T) {
	for _, c := range []struct{ name, url, kind, want string }{
		{"path and query", "https://weir.example.net/host/{ip}?from={from:iso}&to={to:iso}", "address", "https://weir.example.net/host/VALUE?from=${__from:date:iso}&to=${__to:date:iso}"},
		{"seconds, classic", "https://c.example.net/q?ip=%IP%&from=%TE%&to=%TL%", "address", "https://c.example.net/q?ip=VALUE&from=${__from:date:seconds}&to=${__to:date:seconds}"},
		{"milliseconds", "https://c.example.net/q?from={from:ms}&to={to:ms}&p={port}", "port", "https://c.example.net/q?from=${__from}&to=${__to}&p=VALUE"},
		{"AS", "https://c.example.net/AS{asn}", "as", "https://c.example.net/ASVALUE"},
		{"a filter", "https://c.example.net/?q={filter:kql}", "address", `https://c.example.net/?q=related.ip%20:%20%22VALUE%22`},
		{"SPL", "https://c.example.net/?q={filter:spl}", "address", `https://c.example.net/?q=%28src_ip%3D%22VALUE%22%20OR%20dest_ip%3D%22VALUE%22%29`},
		{"JSON", `https://c.example.net/?q={"ip":"{ip}","at":{from:ms}}`, "address", `https://c.example.net/?q=%7B%22ip%22:%22VALUE%22,%22at%22:${__from}%7D`},
		{"an alert's own value", "https://c.example.net/?alert={alert}&ip={ip}", "address", ""},
		{"of a later version", "https://c.example.net/{weather}", "address", ""},
	} {
		var l frames.Links
		addTemplate(&l, &query.PivotTemplate{Title: "x", URL: c.url, AppliesTo: []string{c.kind}})
		all := append(append(l.Address, l.Port...), l.AS...)
		got := ""
		if len(all) > 0 {
			got = strings.ReplaceAll(all[0].URL, frames.ValueMark, "VALUE")
		}
		if got != c.want {
			t.Errorf("%s:\n%s, wanted\n%s", c.name, got, c.want)
		}
	}
}

func TestMenus(t *testing.T) {
	templates := []query.PivotTemplate{
		{Name: "grafana", Title: "Grafana", URL: "https://g.example.net/explore?x={ip}", AppliesTo: []string{"address"}},
		{Name: "otx", Title: "AlienVault OTX", URL: "https://otx.example.net/{ip}", AppliesTo: []string{"address"}},
		{Name: "case", Title: "Case", URL: "https://soar.example.net/?alert={alert}", AppliesTo: []string{"alert"}},
	}
	titles := func(links []frames.Link) string {
		var list []string
		for _, l := range links {
			list = append(list, l.Title)
		}
		return strings.Join(list, ", ")
	}
	d := &Datasource{uid: "weir"}
	l := d.menus(templates)
	if got := titles(l.Address); got != "Sessions of this host, Traffic of this host, Alerts on this host, AlienVault OTX" {
		t.Error(got)
	}
	if got := titles(l.Alert); got != "Case" {
		t.Error(got)
	}
	no := false
	d.settings.PublicLinks = &no
	if got := titles(d.menus(templates).Address); strings.Contains(got, "OTX") {
		t.Error(got)
	}
	for _, link := range l.Of("source.ip", "${__value.raw}") {
		if strings.Contains(link.URL, frames.ValueMark) || !strings.Contains(link.URL, "${__value.raw}") {
			t.Error(link.URL)
		}
	}
	if l.Of("observer.ip", "x") != nil || l.Of("network.bytes", "x") != nil || len(l.Of("destination.port", "x")) != 1 || len(l.Of("source.as.number", "x")) != 1 {
		t.Error("the wrong fields have menus")
	}
}
