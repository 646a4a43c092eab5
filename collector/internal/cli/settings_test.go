//go:build cgo

package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirflow/weir/collector/internal/audit"
	"github.com/weirflow/weir/collector/internal/daemon"
	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/query"
)

// TestSettings: entries are made, shown as weir.yaml has them, changed, removed and restored, as a user does it.
func TestSettings(t *testing.T) {
	dir := t.TempDir()
	file, data := filepath.Join(dir, "weir.yaml"), filepath.Join(dir, "d")
	if err := os.WriteFile(file, []byte("listen: ['127.0.0.1:0']\ndata: "+data+"\napi: {listen: '"+freeTCP(t)+"'}\ngroups:\n  servers: {cidrs: [10.1.0.0/16]}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	d, err := daemon.New(daemon.Config{Config: cfg}, daemon.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	stopped := false
	t.Cleanup(func() {
		if err := d.Stop(); err != nil && !stopped {
			t.Error(err)
		}
	})
	value := filepath.Join(dir, "value.yaml")
	if err := os.WriteFile(value, []byte("limit: bytes_out > 10MB\nschedule: {days: [mon-fri], hours: 07:00-19:00}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	secret := strings.TrimSpace(must(t, "token", "create", "ops", "--scope", "admin", "--data", data))
	reader := strings.TrimSpace(must(t, "token", "create", "eye", "--data", data))
	url := []string{"--url", "http://" + cfg.API.Listen}
	for _, c := range []struct {
		name  string
		args  []string // with the socket where there is no URL
		token string
		code  int
		says  string
	}{
		{"list", []string{"list"}, "", 0, "servers            file               {\"cidrs\""},
		{"make", []string{"set", "groups", "web", "{cidrs: [10.1.80.0/24], ports: [80, 8000-8999]}"}, "", 0, "settings version 1 is in force"},
		{"make it again", []string{"set", "groups", "web", `{"ports": [80, "8000-8999"], "cidrs": ["10.1.80.0/24"]}`}, "", 0, "nothing is different"},
		{"only if new", []string{"set", "groups", "web", "{ports: [1]}", "--new"}, "", 1, "it is there already"},
		{"show", []string{"get", "groups", "web"}, "", 0, "groups:\n  web:\n    cidrs:\n      - 10.1.80.0/24\n    ports:\n      - 80\n      - 8000-8999\n"},
		{"from a file, dry", []string{"set", "policies", "uploads", "--file", value, "--dry-run"}, "", 0, "a dry run"},
		{"from a file", []string{"set", "policies", "uploads", "--file", value}, "", 0, "version 2 is in force"},
		{"an exporter from elsewhere", append([]string{"set", "exporters", "192.0.2.0/24", "{sampling: 10, domains: {7: {sampling: 2.5}}}"}, url...), secret, 0, "version 3 is in force"},
		{"without a token", append([]string{"set", "groups", "a", "{ports: [1]}"}, url...), "", 1, "a token with the scope admin is needed"},
		{"with a reader's", append([]string{"set", "groups", "a", "{ports: [1]}"}, url...), reader, 1, "the token eye has the scope read, and admin is needed"},
		{"show it", append([]string{"get", "exporters", "192.0.2.0/24"}, url...), reader, 0, "exporters:\n  192.0.2.0/24:\n    domains:\n      7:\n        sampling: 2.5\n    sampling: 10\n"},
		{"inside", []string{"set", "inside", "[10.0.0.0/8]"}, "", 0, "version 4 is in force"},
		{"several faults", []string{"set", "groups", "web", "{cidrs: [10.1.80.1/24], port: [80]}"}, "", 1, "did you mean \"10.1.80.0/24\"?\n/port: unknown key"},
		{"not YAML", []string{"set", "groups", "web", "{cidrs: ["}, "", 1, "not YAML"},
		{"the file's", []string{"set", "groups", "servers", "{ports: [1]}"}, "", 1, "it is in weir.yaml: change it there"},
		{"changed since", []string{"set", "groups", "web", "{ports: [1]}", "--if-match", "0"}, "", 1, "somebody else has changed it since"},
		{"remove", []string{"delete", "groups", "web"}, "", 0, "groups web\n  - {"},
		{"history", []string{"history"}, "", 0, "ops    127.0.0.1  put exporters/192.0.2.0/24"},
		{"one version", []string{"history", "2"}, "", 0, "by socket: put policies/uploads\npolicies uploads\n  + {"},
		{"restore", []string{"restore", "1"}, "", 0, "version 6 is in force"},
		{"no kind", []string{"get", "outputs", "a"}, "", 2, "use inside, groups, exporters, policies, pivots"},
		{"no name", []string{"get", "groups"}, "", 2, "which of the groups?"},
		{"no version", []string{"restore", "latest"}, "", 2, "weir settings history"},
		{"none", []string{}, "", 2, "list, get, set, delete, history or restore"},
	} {
		t.Setenv(tokenVariable, c.token)
		args := append([]string{"settings"}, c.args...)
		if len(c.args) > 0 && !strings.Contains(strings.Join(c.args, " "), "--url") {
			args = append(args, "--data", data)
		}
		code, out, errs := weir(t, args...)
		if code != c.code || !strings.Contains(out+errs, c.says) {
			t.Errorf("%s: exit %d, %s%s; want %q", c.name, code, out, errs, c.says)
		}
	}
	all := jsonOf[query.Settings](t, must(t, "settings", "list", "groups", "--format", "json", "--data", data))
	if all.Version != 6 || len(all.Settings) != 2 || all.Settings[1].Name != "web" || all.Settings[1].Version != 6 {
		t.Errorf("%+v", all)
	}
	text, err := os.ReadFile(filepath.Join(data, audit.FileName))
	if err != nil || !strings.Contains(string(text), `"token":"ops","address":"127.0.0.1","method":"PUT","path":"/api/v1/config/exporters/192.0.2.0/24","status":200,"detail":"version 3"`) {
		t.Errorf("%v\n%s", err, text)
	}
	stopped = true
	if err := d.Stop(); err != nil {
		t.Error(err)
	}
	if code, _, errs := weir(t, "settings", "list", "--data", data); code != command.Failed || !strings.Contains(errs, "no collector runs on") {
		t.Errorf("stopped: exit %d, %s", code, errs)
	}
	checkWithSettings(t, file)
}

// checkWithSettings: a weir.yaml is checked together with what was changed through the API.
func checkWithSettings(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append(text, "  web: {ports: [80]}\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errs := weir(t, "config", "check", file)
	if code != command.OK || !strings.Contains(out, "no errors") || !strings.Contains(errs, "set aside: weir.yaml has one of this name") {
		t.Errorf("exit %d, %s%s", code, out, errs)
	}
}
