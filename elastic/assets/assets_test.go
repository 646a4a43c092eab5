package assets_test

import (
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/elastic/assets"
	"github.com/weirflow/weir/elastic/client"
	"github.com/weirflow/weir/elastic/document"
)

var (
	elastic    = client.Server{Product: client.Elasticsearch, Version: "8.19.21", DataStreams: true, Lifecycle: true, ILM: true, LogsDB: true}
	openSearch = client.Server{Product: client.OpenSearch, Version: "2.19.1", DataStreams: true, ISM: true}
)

func body(t *testing.T, s client.Server, o assets.Options, typ assets.Type, name string) map[string]any {
	t.Helper()
	list, err := assets.For(s, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range list {
		if a.Type == typ && a.Name == name {
			return a.Body
		}
	}
	t.Fatalf("no %s %s", typ, name)
	return nil
}

// at follows a path of keys.
func at(m map[string]any, path ...string) any {
	var v any = m
	for _, p := range path {
		next, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = next[p]
	}
	return v
}

// TestMappings: each field that documents may have is mapped at its place with its type.
func TestMappings(t *testing.T) {
	for _, s := range []client.Server{elastic, openSearch} {
		for _, kind := range document.Kinds() {
			m := assets.Mappings(s, assets.Options{}, kind)
			for _, f := range document.Fields(kind) {
				path := strings.Split("properties."+strings.ReplaceAll(f.Name, ".", ".properties.")+".type", ".")
				want := f.Type
				if want == "flattened" && s.Product == client.OpenSearch {
					want = "flat_object"
				}
				if got := at(m, path...); got != want {
					t.Errorf("%s %s %s: type %v, want %s", s.Product, kind, f.Name, got, want)
				}
			}
		}
	}
}

func TestPolicies(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		keep       time.Duration
		roll, gone string
	}{{30 * day, "3d", "30d"}, {365 * day, "30d", "365d"}, {7 * day, "16h", "7d"}, {time.Hour, "1h", "1h"}, {36 * time.Hour, "3h", "36h"}, {90 * time.Minute, "1h", "90m"}} {
		o := assets.Options{Retention: map[document.Kind]time.Duration{document.Flow: c.keep}}
		ilm := body(t, elastic, o, assets.Policy, "weir-flow")
		if got := at(ilm, "policy", "phases", "hot", "actions", "rollover", "max_age"); got != c.roll {
			t.Errorf("%v: rolls over after %v, want %s", c.keep, got, c.roll)
		}
		if got := at(ilm, "policy", "phases", "delete", "min_age"); got != c.gone {
			t.Errorf("%v: deleted after %v, want %s", c.keep, got, c.gone)
		}
		ism := body(t, openSearch, o, assets.Policy, "weir-flow")
		if states := at(ism, "policy", "states").([]any); len(states) != 2 {
			t.Errorf("%v: states %v", c.keep, states)
		}
	}
	if ilm := body(t, elastic, assets.Options{}, assets.Policy, "weir-flow"); at(ilm, "policy", "phases", "delete") != nil {
		t.Error("kept for good, and deleted")
	}
}

// TestLifecycles: what is chosen, and what is refused.
func TestLifecycles(t *testing.T) {
	bare := client.Server{Product: client.OpenSearch, Version: "2.19.1", DataStreams: true}
	young := elastic
	young.ILM = false
	for _, c := range []struct {
		server client.Server
		asked  assets.Lifecycle
		want   assets.Lifecycle // "": refused
	}{
		{elastic, assets.Auto, assets.ILM}, {elastic, assets.Stream, assets.Stream}, {elastic, assets.None, assets.None}, {elastic, assets.ISM, ""},
		{young, "", assets.Stream}, {young, assets.ILM, ""}, {openSearch, assets.Auto, assets.ISM}, {bare, assets.Auto, assets.None}, {bare, assets.Stream, ""},
	} {
		o := assets.Options{Lifecycle: c.asked}
		_, err := assets.For(c.server, o)
		if (err == nil) != (c.want != "") || (err == nil && assets.Chosen(c.server, o) != c.want) {
			t.Errorf("%s, %q: %s, %v; want %q", c.server, c.asked, assets.Chosen(c.server, o), err, c.want)
		}
	}
	if _, err := assets.For(openSearch, assets.Options{LogsDB: true}); err == nil {
		t.Error("OpenSearch has logsdb")
	}
}

// TestDigest: equal options make equal assets, and whatever is changed is seen.
func TestDigest(t *testing.T) {
	base := assets.MarkOf(elastic, assets.Options{}, document.Flow)
	if again := assets.MarkOf(elastic, assets.Options{}, document.Flow); again != base || !base.Ours() || base.Version != assets.Version {
		t.Errorf("%+v and %+v", base, again)
	}
	for name, o := range map[string]assets.Options{"shards": {Shards: 2}, "replicas": {Replicas: 1}, "logsdb": {LogsDB: true}, "lifecycle": {Lifecycle: assets.None}} {
		if assets.MarkOf(elastic, o, document.Flow) == base {
			t.Errorf("%s is not seen", name)
		}
	}
	m := assets.Meta{ManagedBy: "weir", Version: 7, Digest: "0a1b"}
	if got := assets.Described(assets.Describe(m)); got != m {
		t.Errorf("%+v", got)
	}
	if assets.Described("somebody's policy").Ours() {
		t.Error("a foreign policy is ours")
	}
}
