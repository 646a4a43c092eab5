package shared_test

import (
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/weirflow/weir/"

// TestCoreStaysLight holds what must never be linked into the core, with the reason.
func TestCoreStaysLight(t *testing.T) {
	banned := map[string]string{
		"database/sql":                       "stores belong to packagings",
		"runtime/cgo":                        "the core is pure Go",
		"github.com/duckdb/":                 "cgo stays in collector/internal/store/duckdb",
		"github.com/prometheus/client_":      "metrics are the host's business",
		"github.com/influxdata/telegraf":     "host SDKs belong to packagings",
		"github.com/grafana/":                "host SDKs belong to packagings",
		"github.com/elastic/":                "host SDKs belong to packagings",
		"github.com/danielgtaylor/huma":      "the API belongs to the collector",
		"github.com/apache/arrow-go":         "it is heavy, and the API belongs to the collector",
		"github.com/spf13/cobra":             "commands belong to packagings",
		"github.com/weirflow/weir/collector": "dependencies point from packaging to core",
	}
	for pkg, deps := range list(t, []string{"CGO_ENABLED=0"}, "./...") {
		for _, dep := range deps {
			for ban, why := range banned {
				if strings.HasPrefix(dep, ban) {
					t.Errorf("%s depends on %s: %s", pkg, dep, why)
				}
			}
		}
	}
}

// layers are the packages of the core in the order of the way of the data; a package may import only those of earlier layers,
// or of its own folder.
var layers = []string{
	"durable", "wire", "flow", "headers", "listen/certificate", "listen/certificate", "listen/proxy", "listen", "listen/send", "listen/stream", "listen/stream/streamtest", "listen/forward", "filter", "filter/filtertest", "policy", "pivot", "config",
	"decode/element", "decode/packet", "decode/sflow", "decode/template", "decode/netflow5", "decode/netflow9", "decode/ipfix", "decode",
	"clock", "normalize", "enrich/geo", "enrich", "session", "detect/sampling", "detect/internal/sketch", "detect", "detect/behavior", "interfaces/snmp", "interfaces/snmp/snmptest", "interfaces", "health", "query", "query/conformance", "pivot/link", "score", "sink/spool", "sink/chunks", "sink", "sink/member", "sink/sums", "sink/cim", "sink/syslog", "sink/webhook", "sink/hec", "sink/hec/hectest", "sink/route",
	"traffic", "pipeline",
}

func TestDependenciesFollowTheData(t *testing.T) {
	rank := map[string]int{}
	for i, l := range layers {
		rank[l] = i
	}
	for pkg, imports := range direct(t, "./...") {
		name := strings.TrimPrefix(pkg, module+"shared/")
		if strings.HasPrefix(name, "traffic/") || name == module+"shared" || pkg == module+"shared" || name == "decode/oracle" {
			continue
		}
		mine, ok := rank[name]
		if !ok {
			t.Errorf("package %s has no place in the way of the data: add it to layers", name)
			continue
		}
		for _, imp := range imports {
			dep, inside := strings.CutPrefix(imp, module+"shared/")
			if !inside {
				continue
			}
			if strings.HasPrefix(dep, "traffic") && name != "traffic" && name != "pipeline" {
				t.Errorf("%s imports %s: the generator is for tests and commands", name, dep)
			}
			if r, ok := rank[dep]; ok && r > mine {
				t.Errorf("%s imports %s, which lies downstream", name, dep)
			}
		}
	}
}

// TestGeneratorIsIndependent: what makes the truth must not be made with the code that is judged by it.
func TestGeneratorIsIndependent(t *testing.T) {
	for pkg, deps := range list(t, nil, "./traffic/...") {
		for _, dep := range deps {
			if name, ok := strings.CutPrefix(dep, module+"shared/"); ok && !strings.HasPrefix(name, "traffic") && name != "wire" {
				t.Errorf("%s depends on %s", pkg, dep)
			}
		}
	}
}

func list(t *testing.T, env []string, pattern string) map[string][]string {
	return golist(t, env, `{{.ImportPath}} {{join .Deps " "}}`, pattern)
}

func direct(t *testing.T, pattern string) map[string][]string {
	return golist(t, nil, `{{.ImportPath}} {{join .Imports " "}}`, pattern)
}

func golist(t *testing.T, env []string, format, pattern string) map[string][]string {
	t.Helper()
	cmd := exec.Command("go", "list", "-f", format, pattern)
	cmd.Env = append(cmd.Environ(), env...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %s: %v", pattern, err)
	}
	deps := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		deps[words[0]] = words[1:]
	}
	return deps
}
