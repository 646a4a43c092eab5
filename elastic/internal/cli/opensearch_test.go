package cli_test

import (
	"encoding/base64"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/weirflow/weir/elastic/document"
	"github.com/weirflow/weir/elastic/internal/servertest"
)

const rolePassword = "Correct-Horse-9"

// TestOpenSearchRoles: setup, sending and asking work as users that have only the roles that setup prints, and nothing else works.
func TestOpenSearchRoles(t *testing.T) {
	s := servertest.Start(t, servertest.OpenSearchSecure)
	roles := good(t, "setup", "roles", "--config", yaml(t, s, asAdmin(s)))
	for _, m := range regexp.MustCompile(`(?s)PUT (/_plugins/\S+/(\w+))\n(\{.*?\n\})\n`).FindAllStringSubmatch(roles, -1) {
		s.Must(t, http.MethodPut, m[1], m[3], nil)
		s.Must(t, http.MethodPut, "/_plugins/_security/api/internalusers/u-"+m[2], map[string]any{"password": rolePassword, "opendistro_security_roles": []string{m[2]}}, nil)
	}
	at := func(role string) string {
		return yaml(t, s, "  username: u-"+role+"\n  password: {value: "+rolePassword+"}")
	}
	bad(t, "does not permit", "setup", "--config", at("weir_writer"))
	if out := good(t, "setup", "--config", at("weir_setup")); !strings.Contains(out, "create    index template weir-flow (missing)") {
		t.Error(out)
	}
	if out := good(t, "setup", "--config", at("weir_setup")); !strings.Contains(out, "nothing to do") {
		t.Error(out)
	}
	good(t, "check", "--config", at("weir_setup"))
	if out := good(t, "check", "--config", at("weir_writer")); !strings.Contains(out, "answers to user u-weir_writer") || !strings.Contains(out, "not looked at") {
		t.Error(out)
	}
	bad(t, "does not know user u-weir_reader with this password", "check", "--config", yaml(t, s, "  username: u-weir_reader\n  password: {value: hush}"))

	as := func(role string) *servertest.Server {
		return s.With("Basic " + base64.StdEncoding.EncodeToString([]byte("u-"+role+":"+rolePassword)))
	}
	for _, kind := range document.Kinds() {
		target := kind.Target("default")
		bulk := `{"create":{"_index":"` + target + `","_id":"1"}}` + "\n" + `{"@timestamp":"2026-01-01T00:00:00Z"}` + "\n"
		if kind == document.Alert {
			bulk = strings.Replace(bulk, `"create"`, `"index"`, 1)
		}
		var r struct {
			Errors bool
			Items  []any
		}
		if as("weir_writer").Must(t, http.MethodPost, "/_bulk?refresh=true", bulk, &r); r.Errors {
			t.Errorf("%s: %v", target, r.Items)
		}
		if as("weir_reader").Must(t, http.MethodPost, "/_bulk", bulk, &r); !r.Errors {
			t.Errorf("%s: the reader writes", target)
		}
		var count struct{ Count int }
		if as("weir_reader").Must(t, http.MethodGet, "/"+target+"/_count", nil, &count); count.Count != 1 {
			t.Errorf("%s: %d documents", target, count.Count)
		}
		as("weir_reader").Must(t, http.MethodPost, "/"+target+"/_search/point_in_time?keep_alive=1m", nil, nil)
	}
	if got := as("weir_writer").Status(t, http.MethodGet, "/logs-weir.flow-default/_search", nil); got != http.StatusForbidden {
		t.Errorf("the writer searches flows: status %d", got)
	}
	for _, role := range []string{"weir_setup", "weir_writer", "weir_reader"} {
		if got := as(role).Status(t, http.MethodPut, "/logs-other-default/_create/1", `{}`); got != http.StatusForbidden {
			t.Errorf("%s writes elsewhere: status %d", role, got)
		}
	}
}
