package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/weirflow/weir/elastic/document"
	"github.com/weirflow/weir/elastic/internal/cli"
	"github.com/weirflow/weir/elastic/internal/servertest"
	"github.com/weirflow/weir/packaging/command"
)

// weir runs the command and returns its exit code and what it printed.
func weir(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = cli.Run(t.Context(), args, command.Streams{Out: &o, Err: &e})
	return code, o.String(), e.String()
}

// good runs a command that must succeed, and returns what it printed.
func good(t *testing.T, args ...string) string {
	t.Helper()
	code, out, errs := weir(t, args...)
	if code != 0 {
		t.Fatalf("weir-elastic %s: exit code %d\n%s%s", strings.Join(args, " "), code, out, errs)
	}
	return out
}

// bad runs a command that must fail and say some words.
func bad(t *testing.T, words string, args ...string) {
	t.Helper()
	code, out, errs := weir(t, args...)
	if code != 1 || !strings.Contains(out+errs, words) {
		t.Errorf("weir-elastic %s: exit code %d, want 1 and %q\n%s%s", strings.Join(args, " "), code, words, out, errs)
	}
}

// yaml writes a weir.yaml that names a server.
func yaml(t *testing.T, s *servertest.Server, more ...string) string {
	t.Helper()
	text := fmt.Sprintf("elastic:\n  nodes: [%q]\n", s.URL)
	if s.CA != "" {
		text += fmt.Sprintf("  ca: %q\n", s.CA)
	}
	return file(t, "weir.yaml", text+strings.Join(more, "\n")+"\n")
}

func file(t *testing.T, name, text string) string {
	t.Helper()
	at := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return at
}

func asAdmin(s *servertest.Server) string {
	return fmt.Sprintf("  username: %s\n  password: {value: %s}", s.User, s.Password)
}

func TestWrongUse(t *testing.T) {
	for _, args := range [][]string{{"setup"}, {"check", "x"}, {"setup", "--nodes", "x"}} {
		if code, _, errs := weir(t, args...); code != 2 || errs == "" {
			t.Errorf("%q: exit code %d: %s", args, code, errs)
		}
	}
}

// TestWrongConfiguration: a fault of weir.yaml is said with its place, as the collector does.
func TestWrongConfiguration(t *testing.T) {
	bad(t, "w:1:11: unknown key \"nods\"", "check", "--config", file(t, "w", "elastic: {nods: []}\n"))
}

// TestLeastPrivilege: setup, sending and asking work with API keys that have only the roles that setup prints, and nothing else works.
func TestLeastPrivilege(t *testing.T) {
	s := servertest.Start(t, servertest.ElasticsearchSecure)
	admin := yaml(t, s, asAdmin(s))
	bad(t, "missing: ", "check", "--config", admin)
	keys := apiKeys(t, s, good(t, "setup", "roles", "--config", admin))
	if len(keys) != 3 {
		t.Fatalf("roles: %v", keys)
	}
	at := func(role string) string { return yaml(t, s, "  api_key: {file: "+file(t, "key", keys[role])+"}") }
	bad(t, "does not permit", "setup", "--config", at("weir_writer"))
	if out := good(t, "setup", "--config", at("weir_setup")); !strings.Contains(out, "create    index template weir-flow (missing)") || !strings.Contains(out, "lifecycle: ilm") {
		t.Error(out)
	}
	if out := good(t, "setup", "--config", at("weir_setup")); !strings.Contains(out, "nothing to do") {
		t.Error(out)
	}
	if out := good(t, "check", "--config", at("weir_writer")); !strings.Contains(out, "user admin (API key weir_writer) may send documents") {
		t.Error(out)
	}
	bad(t, "lacks the index privilege auto_configure, create_doc on logs-weir.flow-default", "check", "--config", at("weir_reader"))
	bad(t, "missing: index of alerts weir-alerts-other", "check", "--namespace", "other", "--config", at("weir_writer"))
	sendAndAsk(t, s, keys)
	if out := good(t, "replay", randomRecords(t), "--config", at("weir_writer"), "--data", t.TempDir()); !strings.HasPrefix(out, "500 records") || !strings.Contains(out, " 0 refused") {
		t.Error(out)
	}
	if out := good(t, "check", "--config", at("weir_writer")); !strings.Contains(out, "are as they must be") {
		t.Error(out)
	}
}

// apiKeys makes the keys that the output of setup roles tells how to make.
func apiKeys(t *testing.T, s *servertest.Server, text string) map[string]string {
	t.Helper()
	keys := map[string]string{}
	for _, m := range regexp.MustCompile(`(?s)POST (/_security/api_key)\n(\{.*?\n\})\n`).FindAllStringSubmatch(text, -1) {
		var key struct{ Name, Encoded string }
		s.Must(t, http.MethodPost, m[1], m[2], &key)
		keys[key.Name] = key.Encoded
	}
	return keys
}

// sendAndAsk writes as the writer and reads as the reader, and neither can do the other's, nor touch foreign indices.
func sendAndAsk(t *testing.T, s *servertest.Server, keys map[string]string) {
	t.Helper()
	as := func(role, method, path, body string) int {
		t.Helper()
		return s.With("ApiKey "+keys[role]).Status(t, method, path, body)
	}
	for _, kind := range document.Kinds() {
		target := kind.Target("default")
		doc := `{"@timestamp":"2026-01-01T00:00:00Z"}`
		for _, c := range []struct {
			role, method, path, body string
			want                     int
		}{
			{"weir_writer", http.MethodPut, "/" + target + "/_create/1", doc, http.StatusCreated},
			{"weir_reader", http.MethodPost, "/" + target + "/_search", `{}`, http.StatusOK},
			{"weir_reader", http.MethodPut, "/" + target + "/_create/2", doc, http.StatusForbidden},
		} {
			if got := as(c.role, c.method, c.path, c.body); got != c.want {
				t.Errorf("%s %s %s: status %d, want %d", c.role, c.method, c.path, got, c.want)
			}
		}
	}
	if got := as("weir_writer", http.MethodDelete, "/weir-alerts-default/_doc/1", ""); got != http.StatusOK {
		t.Errorf("the writer deletes an old alert: status %d", got)
	}
	if got := as("weir_writer", http.MethodPost, "/logs-weir.flow-default/_search", `{}`); got != http.StatusForbidden {
		t.Errorf("the writer searches flows: status %d", got)
	}
	for _, role := range []string{"weir_setup", "weir_writer", "weir_reader"} {
		if got := as(role, http.MethodPut, "/logs-other-default/_create/1", `{"@timestamp":"2026-01-01T00:00:00Z"}`); got != http.StatusForbidden {
			t.Errorf("%s writes elsewhere: status %d", role, got)
		}
	}
}

// TestRefused: what is wrong with the connection is said in a sentence, by setup and by check.
func TestRefused(t *testing.T) {
	s := servertest.Start(t, servertest.ElasticsearchSecure)
	c, err := servertest.NewCertificates()
	if err != nil {
		t.Fatal(err)
	}
	other := *s
	other.CA = file(t, "ca.pem", string(c.CA))
	nobody := *s
	nobody.URL = "https://127.0.0.1:1"
	for words, config := range map[string]string{
		"certificate that is not trusted":        yaml(t, &other, asAdmin(s)),
		"does not know user admin":               yaml(t, s, "  username: admin\n  password: {value: hush}"),
		"none is configured":                     yaml(t, s),
		"cannot be reached":                      yaml(t, &nobody, asAdmin(s)),
		"environment variable WEIR_NONE is empt": yaml(t, s, "  api_key: {env: WEIR_NONE}"),
	} {
		bad(t, words, "check", "--config", config)
		bad(t, words, "setup", "--config", config)
	}
	t.Setenv("WEIR_ELASTIC_PASSWORD", s.Password)
	good(t, "setup", "roles", "--node", s.URL, "--ca", s.CA, "--user", s.User)
}

// TestDisks: full disks, and what they have made read-only, are told.
func TestDisks(t *testing.T) {
	s := servertest.Start(t, servertest.Elasticsearch)
	config := yaml(t, s)
	good(t, "setup", "--config", config)
	if out := good(t, "check", "--config", config); !strings.Contains(out, "watermarks are turned off") || !strings.Contains(out, "may read and delete everything") {
		t.Error(out)
	}
	set := func(low, high, flood string) {
		s.Must(t, http.MethodPut, "/_cluster/settings", map[string]any{"transient": map[string]any{"cluster.routing.allocation.disk": map[string]any{
			"threshold_enabled": true, "watermark": map[string]any{"low": low, "high": high, "flood_stage": flood},
		}}}, nil)
	}
	set("1b", "1b", "1b") // bytes that must be free
	if out := good(t, "check", "--config", config); !strings.Contains(out, "below the watermarks") {
		t.Error(out)
	}
	set("99999gb", "1b", "1b")
	bad(t, "beyond the watermark low", "check", "--config", config)
	set("0.001%", "100%", "100%")
	bad(t, "% full, beyond the watermark low", "check", "--config", config)
	s.Must(t, http.MethodPut, "/_cluster/settings", `{"transient":{"cluster.routing.allocation.disk.*":null}}`, nil)
	s.Must(t, http.MethodPut, "/weir-alerts-default/_settings", `{"index.blocks.read_only_allow_delete":true}`, nil)
	bad(t, "weir-alerts-default takes no documents: index.blocks.read_only_allow_delete is set on weir-alerts-default-000001", "check", "--config", config)
	s.Must(t, http.MethodPut, "/weir-alerts-default/_settings", `{"index.blocks.read_only_allow_delete":null}`, nil)
}

// TestDry: --dry-run and --export change nothing, and what they write does what setup does.
func TestDry(t *testing.T) {
	for _, kind := range []servertest.Kind{servertest.Elasticsearch, servertest.OpenSearch} {
		t.Run(string(kind), func(t *testing.T) {
			s := servertest.Start(t, kind)
			config := yaml(t, s, "  namespace: dry")
			dry, dir := good(t, "setup", "--dry-run", "--config", config), t.TempDir()
			if !strings.Contains(dry, "PUT /weir-alerts-dry-000001\n") {
				t.Error(dry)
			}
			good(t, "setup", "--export", dir, "--config", config)
			bad(t, "missing", "check", "--config", config)
			putByHand(t, s, dir)
			if out := good(t, "setup", "--config", config); !strings.Contains(out, "nothing to do") {
				t.Error(out)
			}
			good(t, "check", "--config", config)
		})
	}
}

// putByHand does what the exported README says, and checks that each exported file is JSON, or named there.
func putByHand(t *testing.T, s *servertest.Server, dir string) {
	t.Helper()
	readme, err := os.ReadFile(filepath.Join(dir, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^put (\S+) (\S+)`).FindAllStringSubmatch(string(readme), -1) {
		text, err := os.ReadFile(filepath.Join(dir, m[2]))
		if err != nil {
			t.Fatal(err)
		}
		s.Must(t, http.MethodPut, m[1], text, nil)
	}
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(path) != ".json" {
			return err
		}
		text, err := os.ReadFile(path)
		if rel, _ := filepath.Rel(dir, path); !json.Valid(text) || !strings.Contains(string(readme), rel) {
			t.Errorf("%s: not JSON, or not in the README", rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
