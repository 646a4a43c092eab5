package audit_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/audit"
)

func lines(t *testing.T, path string) (list []audit.Entry) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for s := bufio.NewScanner(bytes.NewReader(text)); s.Scan(); {
		var e audit.Entry
		if err := json.Unmarshal(s.Bytes(), &e); err != nil {
			t.Fatalf("%s: %v", s.Text(), err)
		}
		list = append(list, e)
	}
	return list
}

// TestSize: the file and the one before it are never larger than is allowed, and no line is torn.
func TestSize(t *testing.T) {
	dir := t.TempDir()
	const most = 2000
	l, err := audit.Open(audit.Config{Dir: dir, MaxSize: most}, nil)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.FixedZone("", 3600))
	for i := range 100 {
		l.Write(audit.Entry{Time: at, Token: "a", Address: "192.0.2.1", Method: "GET", Path: "/" + strings.Repeat("ä", i*3), Status: 200})
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if s := l.Stats(); s.Written != 100 || s.Failed != 0 {
		t.Errorf("%+v", s)
	}
	path := filepath.Join(dir, audit.FileName)
	for _, p := range []string{path, path + ".1"} {
		info, err := os.Stat(p)
		if err != nil || info.Size() > most || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", p, info, err)
		}
		for _, e := range lines(t, p) {
			if len(e.Path) > 256 || strings.Contains(e.Path, "\ufffd") || e.Time.Location() != time.UTC {
				t.Errorf("%+v", e)
			}
		}
	}
}

// TestGoesOn: a file that is there is continued, and what cannot be written is counted and logged once.
func TestGoesOn(t *testing.T) {
	dir := t.TempDir()
	var log bytes.Buffer
	for range 2 {
		l, err := audit.Open(audit.Config{Dir: dir}, slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		l.Write(audit.Entry{Path: "/"})
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		l.Write(audit.Entry{Path: "/late"})
		l.Write(audit.Entry{Path: "/late"})
		if s := l.Stats(); s.Written != 1 || s.Failed != 2 {
			t.Errorf("%+v", s)
		}
	}
	if n := len(lines(t, filepath.Join(dir, audit.FileName))); n != 2 {
		t.Errorf("%d lines", n)
	}
	if n := strings.Count(log.String(), "level=WARN"); n != 2 {
		t.Errorf("logged %d times:\n%s", n, log.String())
	}
	if _, err := audit.Open(audit.Config{Dir: filepath.Join(dir, "none")}, nil); err == nil {
		t.Error("a folder that is not there is taken")
	}
}
