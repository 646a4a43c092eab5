package settings

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/query"
)

const file = "groups: {servers: {cidrs: [10.1.0.0/16]}}\npivots: {custom: {assets: {url: 'https://a.example.net/{ip}'}}}\n"

// engine takes configurations as a pipeline does.
type engine struct {
	mu      sync.Mutex
	groups  []string
	applied int
	unfit   error
	broken  error
}

func (e *engine) prepare(cfg config.Config) (func(context.Context) error, error) {
	return func(context.Context) error {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.groups = nil
		for _, g := range cfg.Groups {
			e.groups = append(e.groups, g.Name)
		}
		e.applied++
		return e.broken
	}, e.unfit
}

// open returns the settings of a folder beside a weir.yaml.
func open(t *testing.T, dir, text string) (*Manager, *engine) {
	t.Helper()
	cfg, err := config.Parse("weir.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	m, err := Open(Config{Dir: dir, File: cfg}, Deps{Now: func() time.Time { now = now.Add(time.Second); return now }})
	if err != nil {
		t.Fatal(err)
	}
	e := &engine{}
	m.Attach(e.prepare)
	return m, e
}

func group(name, value string) query.SettingEdit {
	return query.SettingEdit{Kind: "groups", Name: name, Value: json.RawMessage(value)}
}

var ops = Request{Token: "ops", Address: "192.0.2.7"}

// change makes changes that must succeed.
func change(t *testing.T, m *Manager, edits ...query.SettingEdit) query.SettingsChange {
	t.Helper()
	done, err := m.Change(t.Context(), ops, edits)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// shown sums the entries of a kind up.
func shown(m *Manager, kind string) (text string) {
	for _, s := range m.List().Settings {
		if s.Kind == kind && s.Source != query.SourceBuiltIn {
			text += fmt.Sprintf("%s %s %d %v; ", s.Name, s.Source, s.Version, s.SetAside)
		}
	}
	return text
}

// TestLife: changes are in force, kept, told of, and taken back.
func TestLife(t *testing.T) {
	dir := t.TempDir()
	m, e := open(t, dir, file)
	if got := change(t, m, group("web", `{"ports": [443]}`)); got.Version != 1 || got.Applied != query.AppliedNow || len(got.Changes) != 1 {
		t.Errorf("%+v", got)
	}
	if got := change(t, m, group("web", ` { "ports":[443] } `)); got.Version != 1 || got.Applied != query.AppliedNot || len(got.Changes) != 0 {
		t.Errorf("the same again: %+v", got)
	}
	change(t, m, group("web", `{"ports": [80, 443]}`), group("mail", `{"ports": [25]}`))
	change(t, m, group("web", "null"))
	if diff := cmp.Diff([]string{"servers", "mail"}, e.groups); diff != "" || e.applied != 3 {
		t.Errorf("in force after %d changes: %s", e.applied, diff)
	}
	m, e = open(t, dir, file)
	if got := shown(m, "groups"); got != "servers file 0 false; mail api 2 false; " || len(m.Effective().Groups) != 2 {
		t.Errorf("after a restart: %s", got)
	}
	done, err := m.Restore(t.Context(), ops, 1)
	if err != nil {
		t.Fatal(err)
	}
	want := query.SettingsChange{Version: 4, Applied: query.AppliedNow, Changes: []query.SettingDifference{
		{Kind: "groups", Name: "web", After: json.RawMessage(`{"ports":[443]}`)}, {Kind: "groups", Name: "mail", Before: json.RawMessage(`{"ports":[25]}`)},
	}}
	if diff := cmp.Diff(want, done); diff != "" || strings.Join(e.groups, " ") != "servers web" {
		t.Errorf("restored: %s %s", e.groups, diff)
	}
	versions, err := m.Versions()
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, v := range versions {
		told = append(told, fmt.Sprintf("%d %s %s %s %d", v.Version, v.Token, v.Address, v.Action, len(v.Changes)))
	}
	if diff := cmp.Diff([]string{
		"4 ops 192.0.2.7 restore 1 2", "3 ops 192.0.2.7 delete groups/web 1", "2 ops 192.0.2.7 put groups/web, put groups/mail 2", "1 ops 192.0.2.7 put groups/web 1",
	}, told); diff != "" {
		t.Error(diff)
	}
	if v, err := m.Version(2); err != nil || len(v.Settings) != 2 || string(v.Settings[0].Value) == "" {
		t.Errorf("version 2: %+v, %v", v, err)
	}
	if _, err := m.Restore(t.Context(), ops, 0); err != nil || shown(m, "groups") != "servers file 0 false; " {
		t.Errorf("as before all changes: %v, %s", err, shown(m, "groups"))
	}
}

// TestRefusals: whatever is wrong, nothing changes.
func TestRefusals(t *testing.T) {
	dir := t.TempDir()
	m, e := open(t, dir, file)
	change(t, m, group("web", `{"ports": [443]}`))
	long := fmt.Sprintf(`{"cidrs": [%s"10.0.0.0/8"]}`, strings.Repeat(`"10.0.0.0/8", `, MaxSize/14))
	for _, c := range []struct {
		name  string
		edits []query.SettingEdit
		is    error
		says  string
	}{
		{"a wrong value", []query.SettingEdit{group("mail", `{"port": [25]}`)}, nil, `unknown key "port"`},
		{"one of two", []query.SettingEdit{group("mail", `{"ports": [25]}`), group("web", `{"ports": ["x"]}`)}, nil, "groups/web/ports/0"},
		{"an entry of the file", []query.SettingEdit{group("servers", `{"ports": [1]}`)}, nil, "it is in weir.yaml"},
		{"removal of one of the file", []query.SettingEdit{group("servers", "null")}, ErrFile, ""},
		{"removal of nothing", []query.SettingEdit{group("mail", "null")}, ErrNone, ""},
		{"an unknown kind", []query.SettingEdit{{Kind: "outputs", Name: "a", Value: json.RawMessage("{}")}}, nil, "no kind of setting"},
		{"too much", []query.SettingEdit{group("mail", long)}, ErrTooMuch, ""},
	} {
		_, err := m.Change(t.Context(), ops, c.edits)
		if err == nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	e.unfit = errors.New("no room")
	if _, err := m.Change(t.Context(), ops, []query.SettingEdit{group("mail", `{"ports": [25]}`)}); !errors.Is(err, ErrUnfit) || !errors.Is(err, e.unfit) {
		t.Errorf("unfit: %v", err)
	}
	e.unfit = nil
	dry := ops
	dry.DryRun = true
	if done, err := m.Change(t.Context(), dry, []query.SettingEdit{group("mail", `{"ports": [25]}`)}); err != nil || !done.DryRun || done.Version != 1 || len(done.Changes) != 1 {
		t.Errorf("a dry run: %+v, %v", done, err)
	}
	if _, err := m.Restore(t.Context(), ops, 9); !errors.Is(err, ErrNone) {
		t.Errorf("a version that is not there: %v", err)
	}
	if list, err := m.Versions(); err != nil || len(list) != 1 || e.applied != 1 || shown(m, "groups") != "servers file 0 false; web api 1 false; " {
		t.Errorf("something has changed: %d versions, %v, %d, %s", len(list), err, e.applied, shown(m, "groups"))
	}
	m.Attach(nil)
	if _, err := m.Change(t.Context(), ops, []query.SettingEdit{group("mail", `{"ports": [25]}`)}); !errors.Is(err, ErrIdle) {
		t.Errorf("without a collector: %v", err)
	}
}

// TestLarge: a list near the most that is kept is taken.
func TestLarge(t *testing.T) {
	dir := t.TempDir()
	m, _ := open(t, dir, file)
	var cidrs strings.Builder
	for i := range MaxSize / 20 {
		fmt.Fprintf(&cidrs, `"10.%d.%d.0/24",`, i>>8, i&255)
	}
	change(t, m, group("web", `{"cidrs": [`+strings.TrimSuffix(cidrs.String(), ",")+`]}`))
	if m, _ = open(t, dir, file); len(m.Effective().Groups[1].CIDRs) != MaxSize/20 {
		t.Error("not as it was")
	}
}

// TestSetAside: where weir.yaml gets an entry that the API had made, the file's counts, and it is said so until the other is removed.
func TestSetAside(t *testing.T) {
	dir := t.TempDir()
	m, _ := open(t, dir, "")
	change(t, m, group("servers", `{"ports": [443]}`), query.SettingEdit{Kind: "inside", Name: "inside", Value: json.RawMessage(`{"cidrs": ["192.0.2.0/24"]}`)})
	if got := m.Effective().Inside; len(got) != 1 || got[0].String() != "192.0.2.0/24" || shown(m, "inside") != "inside api 1 false; " {
		t.Errorf("inside: %v, %s", got, shown(m, "inside"))
	}
	m, _ = open(t, dir, file+"inside: [10.0.0.0/8]\n")
	if got := shown(m, "groups") + shown(m, "inside"); got != "servers file 0 true; inside file 0 true; " || m.Effective().Groups[0].Ports != nil {
		t.Errorf("set aside: %s", got)
	}
	change(t, m, group("servers", "null"), query.SettingEdit{Kind: "inside", Name: "inside"})
	if got := shown(m, "groups") + shown(m, "inside"); got != "servers file 0 false; inside file 0 false; " {
		t.Errorf("removed: %s", got)
	}
}

// TestBroken: settings that cannot be read keep the collector from starting without them, silently.
func TestBroken(t *testing.T) {
	dir := t.TempDir()
	m, _ := open(t, dir, file)
	for i := range 3 {
		change(t, m, group("web", fmt.Sprintf(`{"ports": [%d]}`, i+1)))
	}
	path := m.store.path(3)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, broken := range map[string]string{
		"half": string(text[:len(text)/2]), "another format": strings.Replace(string(text), `"format": 1`, `"format": 2`, 1),
		"an unknown key": strings.ReplaceAll(string(text), `"ports"`, `"harbors"`),
	} {
		if err := os.WriteFile(path, []byte(broken), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(Config{Dir: dir, File: config.Default()}, Deps{Now: time.Now}); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, DirName, "00000003.json.tmp"), text[:9], 0o600); err != nil { // as a crash leaves it
		t.Fatal(err)
	}
	if m, _ = open(t, dir, file); m.List().Version != 2 {
		t.Errorf("version %d", m.List().Version)
	}
	change(t, m, group("web", `{"ports": [4]}`))
}

// TestAfterRestart: what is kept and could not be put into force is said so.
func TestAfterRestart(t *testing.T) {
	m, e := open(t, t.TempDir(), file)
	e.broken = errors.New("timed out")
	if done := change(t, m, group("web", `{"ports": [443]}`)); done.Applied != query.AppliedAfterRestart || done.Version != 1 {
		t.Errorf("%+v", done)
	}
}

// TestBounded: of many versions the oldest go, and of concurrent changes none is lost.
func TestBounded(t *testing.T) {
	dir := t.TempDir()
	m, e := open(t, dir, file)
	var all sync.WaitGroup
	for w := range 4 {
		all.Go(func() {
			for i := range MaxVersions/4 + 3 {
				if _, err := m.Change(t.Context(), ops, []query.SettingEdit{group(fmt.Sprintf("g%d", w), fmt.Sprintf(`{"ports": [%d]}`, i+1))}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	list, err := m.Versions()
	if err != nil || len(list) != MaxVersions || list[0].Version != MaxVersions+12 || e.applied != MaxVersions+12 || len(e.groups) != 5 {
		t.Errorf("%v: %d versions, %d changes, groups %v", err, len(list), e.applied, e.groups)
	}
	if _, err := m.Restore(t.Context(), ops, 1); !errors.Is(err, ErrNone) {
		t.Errorf("a version that is gone: %v", err)
	}
}
