package pipeline_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/enrich/geo"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/pivot"
)

// TestPivotsKnowSystems: the AS of a host is told by the files that the configuration names; filters go into the tools' languages.
func TestPivotsKnowSystems(t *testing.T) {
	const lite = "../enrich/geo/testdata/lite.mmdb"
	locator, err := geo.New(geo.Config{ASN: lite, Country: lite}, geo.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	if err := locator.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = locator.Stop() })
	cfg := defaultConfig()
	cfg.Pivots.Splunk.URL = "https://splunk.example.net"
	set, err := pipeline.Pivots(cfg, locator)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 2, 8, 15, 0, 0, time.UTC)
	a := flow.Alert{ID: "a1", Start: at, Last: at, Actors: []string{"192.0.2.1"}, Victims: []string{"10.0.0.2"}, Evidence: flow.Evidence{Filter: "destination.ip : 10.0.0.2"}}
	all := ""
	for _, l := range set.OfAlert(&a) {
		all += l.Title + " " + l.URL + "\n"
	}
	for _, want := range []string{"RIPEstat: AS64500 https://stat.ripe.net/resource/AS64500\n", "search%20tag%3Dnetwork%20tag%3Dcommunicate%20dest_ip%3D%2210.0.0.2%22&"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %s in\n%s", want, all)
		}
	}
	cfg.Pivots.Custom = []pivot.Custom{{Name: "a", URL: "https://h/{nothing}"}}
	if _, err := pipeline.Pivots(cfg, nil); err == nil || !strings.HasPrefix(err.Error(), "pivots: pivot a: ") {
		t.Error(err)
	}
	if got := set.Of(pivot.OfAddress(netip.MustParseAddr("10.0.0.2"), time.Time{}, time.Time{})); len(got) > 0 {
		t.Errorf("a search without time: %v", got)
	}
}
