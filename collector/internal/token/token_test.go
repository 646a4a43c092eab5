package token_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/token"
)

// clock is a time that tests set.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func newStore(t *testing.T) (*token.Store, *clock, string) {
	t.Helper()
	dir, c := t.TempDir(), &clock{now: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)}
	return token.New(dir, c.Now), c, dir
}

func create(t *testing.T, s *token.Store, name string, scope token.Scope, lifetime time.Duration) string {
	t.Helper()
	secret, err := s.Create(name, scope, lifetime)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// TestLifeOfATokens: made by one process, known to another at once, expired in time, and unknown once it is revoked.
func TestLifeOfATokens(t *testing.T) {
	s, c, dir := newStore(t)
	daemon := token.New(dir, c.Now)
	if _, err := daemon.Check("weir_x"); !errors.Is(err, token.ErrUnknown) {
		t.Errorf("without a file: %v", err)
	}
	reads := create(t, s, "grafana", token.Read, 90*24*time.Hour)
	rules := create(t, s, "root@hq", token.Admin, 0)
	if reads == rules || len(reads) < 43+5 {
		t.Errorf("secrets %q and %q", reads, rules)
	}
	got, err := daemon.Check(reads)
	if err != nil || got.Name != "grafana" || got.Scope != token.Read {
		t.Errorf("%+v, %v", got, err)
	}
	c.now = c.now.Add(90 * 24 * time.Hour)
	if _, err := daemon.Check(reads); !errors.Is(err, token.ErrExpired) {
		t.Errorf("at the end of its time: %v", err)
	}
	if err := s.Revoke("root@hq"); err != nil {
		t.Fatal(err)
	}
	if _, err := daemon.Check(rules); !errors.Is(err, token.ErrUnknown) {
		t.Errorf("revoked: %v", err)
	}
	list, err := daemon.List()
	if err != nil || len(list) != 1 || list[0].Name != "grafana" {
		t.Errorf("%+v, %v", list, err)
	}
	for _, secret := range []string{"", "weir_", reads + "x", strings.ToUpper(reads)} {
		if _, err := daemon.Check(secret); !errors.Is(err, token.ErrUnknown) {
			t.Errorf("%q: %v", secret, err)
		}
	}
}

// TestFile: secrets are not in it, and others cannot read it.
func TestFile(t *testing.T) {
	s, _, dir := newStore(t)
	secret := create(t, s, "a", token.Act, 0)
	path := filepath.Join(dir, token.FileName)
	text, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(text), strings.TrimPrefix(secret, "weir_")) || !strings.Contains(string(text), `"scope": "act"`) {
		t.Errorf("%s, %v", text, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if err := os.WriteFile(path, []byte("["), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Check(secret); err == nil || errors.Is(err, token.ErrUnknown) || !strings.Contains(err.Error(), path) {
		t.Errorf("a broken file: %v", err)
	}
}

func TestRefused(t *testing.T) {
	s, _, dir := newStore(t)
	create(t, s, "a", token.Read, 0)
	for name, c := range map[string]struct {
		do   func() error
		says string
	}{
		"no name":         {func() error { _, err := s.Create("", token.Read, 0); return err }, "1 to 64"},
		"a space":         {func() error { _, err := s.Create("a b", token.Read, 0); return err }, "letters"},
		"no scope":        {func() error { _, err := s.Create("b", token.None, 0); return err }, "read, act or admin"},
		"twice":           {func() error { _, err := s.Create("a", token.Read, 0); return err }, "already"},
		"revoked unknown": {func() error { return s.Revoke("b") }, "token list"},
	} {
		if err := c.do(); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := token.ParseScope("none"); err == nil {
		t.Error("none is a scope")
	}
	lock := filepath.Join(dir, token.FileName+".new")
	if _, err := os.Stat(lock); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("refused changes leave their lock: %v", err)
	}
	if err := os.WriteFile(lock, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Revoke("a"); err == nil || !strings.Contains(err.Error(), lock) {
		t.Errorf("while another changes them: %v", err)
	}
}
