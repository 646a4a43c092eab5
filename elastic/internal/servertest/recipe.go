package servertest

import (
	"path/filepath"
	"strings"
	"testing"
)

// Versions of the servers; scripts/elastic-servers installs the same.
const (
	ElasticsearchVersion    = "8.19.21"
	OpenSearchVersion       = "2.19.1"
	OpenSearch3Version      = "3.8.0"
	OpenSearchSecureVersion = "3.4.0"
)

// module is a module of Elasticsearch that a home folder gets.
type module struct {
	name, class string
	sources     []string // folders of java, compiled into one jar; what is installed under the name is there besides
	extends     string
}

// recipe says what a kind of server is made of.
type recipe struct {
	folder      string // in the tools' folder
	config      string // name of its file of settings
	source      string // of what starts it, in java
	main        string // class
	from, below int    // versions of Java
	modules     []module
	secure      bool
	plugin      string // folder in the server's own, for OpenSearch
}

// anyJava is above all versions.
const anyJava = 1000

func (s *Server) recipe() recipe { return recipeOf(s.Kind) }

func recipeOf(kind Kind) recipe {
	netty := module{name: "transport-netty4", class: "org.elasticsearch.transport.netty4.Netty4Plugin"}
	rest := module{name: "weir-rest", class: "weir.Rest", sources: []string{"rest", "call"}}
	es := recipe{
		folder: "elasticsearch-" + ElasticsearchVersion, config: "elasticsearch.yml", source: "elasticsearch", main: "weir.Elasticsearch",
		from: 17, below: 22, modules: []module{netty, rest},
	}
	switch kind {
	case ElasticsearchSecure:
		es.secure = true
		es.modules = append(es.modules,
			module{name: "weir-analysis", class: "weir.Analysis", sources: []string{"analysis"}},
			module{name: "x-pack-core", class: "org.elasticsearch.xpack.core.XPackPlugin"},
			module{name: "x-pack-security", class: "org.elasticsearch.xpack.security.Security", extends: "x-pack-core", sources: []string{"stubs"}},
			module{name: "weir-lifecycle", class: "weir.Lifecycle", extends: "x-pack-core", sources: []string{"lifecycle", "call"}})
		return es
	case OpenSearch:
		return recipe{
			folder: "opensearch-" + OpenSearchVersion, config: "opensearch.yml", source: "opensearch2", main: "weir.OpenSearch", from: 17, below: 22,
		}
	case OpenSearchSecure:
		return recipe{
			folder: "opensearch-secure-" + OpenSearchSecureVersion, config: "opensearch.yml", source: "opensearch3", main: "weir.OpenSearch",
			from: 21, below: anyJava, secure: true, plugin: "opensearch-security",
		}
	case OpenSearch3:
		return recipe{
			folder: "opensearch-" + OpenSearch3Version, config: "opensearch.yml", source: "opensearch3", main: "weir.OpenSearch", from: 21, below: anyJava,
		}
	}
	return es
}

// java returns the JDK that the server runs on.
func (r recipe) java(t testing.TB) jdk {
	t.Helper()
	j, ok := findJDK(r.from, r.below)
	if !ok && r.from > 17 { // Debian 12 has none: nobody is asked to install one
		t.Skipf("SKIPPED, not tested: no JDK of version %d or newer", r.from)
	}
	if !ok {
		missing(t, "no JDK 17")
	}
	return j
}

// lib is the class path of the server's own jars.
func (r recipe) lib(d tools) string { return d.path(r.folder, "lib", "*") }

// compilePath is what the sources of modules are compiled with.
func (r recipe) compilePath(d tools) string {
	return r.lib(d) + string(filepath.ListSeparator) + d.path(r.folder, "x-pack-core", "*")
}

// classPath is what the server is run with: its jars, and what starts it.
func (r recipe) classPath(d tools) string {
	return strings.Join([]string{r.lib(d), filepath.Join("run", "start.jar")}, string(filepath.ListSeparator))
}
