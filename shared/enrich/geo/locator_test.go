package geo

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

var (
	first  = build(6, network{"192.0.2.0/24", object{"country_code": "CH"}})
	second = build(6, network{"192.0.2.0/25", object{"country_code": "DE"}}, network{"192.0.2.128/25", object{"country_code": "FR"}})
	asns   = build(6, network{"192.0.2.0/24", object{"asn": "AS64500"}})
	both   = build(6, network{"192.0.2.0/24", object{"asn": "AS64501", "country_code": "AT"}})
)

func ask(l *Locator, ip string) Place {
	r := l.Acquire()
	defer l.Release(r)
	return r.Place(address(ip))
}

func wantPlace(t *testing.T, l *Locator, ip string, want Place) {
	t.Helper()
	if got := ask(l, ip); got != want {
		t.Errorf("%s: %v, want %v", ip, got, want)
	}
}

func TestWhichFileTellsWhat(t *testing.T) {
	dir := folder(t, map[string][]byte{"c.mmdb": first, "a.mmdb": asns, "b.mmdb": both})
	in := func(name string) string { return filepath.Join(dir, name) }
	for _, c := range []struct {
		name string
		cfg  Config
		want Place
	}{
		{"none", Config{}, Place{}},
		{"countries", Config{Country: in("c.mmdb")}, Place{Country: code("CH")}},
		{"AS numbers", Config{ASN: in("a.mmdb")}, Place{ASN: 64500}},
		{"a file each", Config{Country: in("c.mmdb"), ASN: in("a.mmdb")}, Place{code("CH"), 64500}},
		{"one file for both", Config{Country: in("b.mmdb"), ASN: in("b.mmdb")}, Place{code("AT"), 64501}},
		{"AS numbers of the file for countries are not asked for", Config{Country: in("b.mmdb")}, Place{Country: code("AT")}},
		{"countries of the file for AS numbers are not asked for", Config{ASN: in("b.mmdb")}, Place{ASN: 64501}},
		{"each from its own", Config{Country: in("c.mmdb"), ASN: in("b.mmdb")}, Place{code("CH"), 64501}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := started(t, c.cfg)
			wantPlace(t, l, "192.0.2.7", c.want)
			wantPlace(t, l, "192.0.3.7", Place{})
			if l.Enabled() != (c.want != Place{}) {
				t.Errorf("enabled: %v", l.Enabled())
			}
		})
	}
}

// TestStartRefuses: the message says which key, which file, what is wrong and how to mend it.
func TestStartRefuses(t *testing.T) {
	dir := folder(t, map[string][]byte{"c.mmdb": first, "a.mmdb": asns, "page.mmdb": []byte("<html>")})
	gone := filepath.Join(dir, "gone.mmdb")
	for _, c := range []struct {
		name string
		cfg  Config
		want error
		text []string
	}{
		{"missing", Config{Country: gone}, fs.ErrNotExist, []string{"geo.country: ", gone, "download"}},
		{"both missing", Config{Country: gone, ASN: gone + "2"}, fs.ErrNotExist, []string{"geo.country: ", "geo.asn: ", gone + "2"}},
		{"no database", Config{ASN: filepath.Join(dir, "page.mmdb")}, ErrFormat, []string{"geo.asn: ", "page.mmdb", "download it again"}},
		{"files mixed up", Config{Country: filepath.Join(dir, "a.mmdb")}, ErrContent, []string{"geo.country: ", "a.mmdb", "no countries", "geo.asn"}},
		{"one file for both that has one", Config{Country: filepath.Join(dir, "c.mmdb"), ASN: filepath.Join(dir, "c.mmdb")}, ErrContent, []string{"geo.country and geo.asn: ", "no AS numbers"}},
		{"a folder", Config{Country: dir}, nil, []string{"geo.country: ", dir}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := New(c.cfg, Deps{})
			if err != nil {
				t.Fatal(err)
			}
			err = l.Start()
			if err == nil || (c.want != nil && !errors.Is(err, c.want)) {
				t.Fatalf("%v, want %v", err, c.want)
			}
			for _, part := range c.text {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
			if again := Check(c.cfg); again == nil || again.Error() != err.Error() {
				t.Errorf("Check says %v", again)
			}
			if err := l.Stop(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestReload(t *testing.T) {
	dir := folder(t, map[string][]byte{"c.mmdb": first, "a.mmdb": asns})
	path := filepath.Join(dir, "c.mmdb")
	l := started(t, Config{Country: path, ASN: filepath.Join(dir, "a.mmdb")})
	steps := []struct {
		name          string
		do            func()
		fails         bool
		want          Place
		loads, failed uint64
	}{
		{"nothing has changed", func() {}, false, Place{code("CH"), 64500}, 0, 0},
		{"a new file", func() { put(t, path, second) }, false, Place{code("FR"), 64500}, 1, 0},
		{"a broken file", func() { put(t, path, second[:100]) }, true, Place{code("FR"), 64500}, 1, 1},
		{"the broken file is told of once", func() {}, false, Place{code("FR"), 64500}, 1, 1},
		{"the file has gone", func() { _ = os.Remove(path) }, true, Place{code("FR"), 64500}, 1, 2},
		{"a missing file is told of once", func() {}, false, Place{code("FR"), 64500}, 1, 2},
		{"it comes back", func() { put(t, path, first) }, false, Place{code("CH"), 64500}, 2, 2},
		{"a file of another kind", func() { put(t, path, asns) }, true, Place{code("CH"), 64500}, 2, 3},
		{"the other file changes too", func() { put(t, path, second); put(t, filepath.Join(dir, "a.mmdb"), both) }, false, Place{code("FR"), 64501}, 4, 3},
	}
	for _, s := range steps {
		s.do()
		if err := l.Reload(); (err != nil) != s.fails {
			t.Errorf("%s: %v", s.name, err)
		}
		wantPlace(t, l, "192.0.2.200", s.want)
		if st := l.Stats(); st.Reloads != s.loads || st.FailedReloads != s.failed || st.CountryBuilt != 1_700_000_000 || st.ASNBuilt != 1_700_000_000 {
			t.Errorf("%s: %+v, want %d reloads, %d failed", s.name, st, s.loads, s.failed)
		}
	}
}

// TestWatch: a tick has the files looked at, and Stop leaves no goroutine.
func TestWatch(t *testing.T) {
	defer goleak.VerifyNone(t)
	dir := folder(t, map[string][]byte{"c.mmdb": first})
	path := filepath.Join(dir, "c.mmdb")
	ticks := make(chan time.Time)
	var text strings.Builder
	l, err := New(Config{Country: path}, Deps{Ticks: ticks, Log: slog.New(slog.NewTextHandler(&text, nil))})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Start(); err != nil {
		t.Fatal(err)
	}
	if l.Start() == nil {
		t.Error("it starts twice")
	}
	put(t, path, second)
	ticks <- time.Time{}
	ticks <- time.Time{} // taken when the first is done
	wantPlace(t, l, "192.0.2.1", Place{Country: code("DE")})
	put(t, path, []byte("broken"))
	ticks <- time.Time{}
	for range 2 {
		if err := l.Stop(); err != nil {
			t.Error(err)
		}
	}
	wantPlace(t, l, "192.0.2.1", Place{Country: code("DE")})
	if log := text.String(); strings.Count(log, "level=WARN") != 1 || !strings.Contains(log, path) || strings.Count(log, "new file") != 1 {
		t.Errorf("log:\n%s", log)
	}
	if st := l.Stats(); st.Reloads != 1 || st.FailedReloads != 1 {
		t.Errorf("%+v", st)
	}
}

// TestReadersWhileReloading is for the race detector; every answer is one of the two files'.
func TestReadersWhileReloading(t *testing.T) {
	dir := folder(t, map[string][]byte{"c.mmdb": first})
	path := filepath.Join(dir, "c.mmdb")
	l := started(t, Config{Country: path})
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				r := l.Acquire()
				one, other := r.Place(address("192.0.2.1")), r.Place(address("192.0.2.129"))
				l.Release(r)
				if one.Country == code("CH") != (other.Country == code("CH")) || one == (Place{}) {
					t.Errorf("%v and %v: a batch saw two files", one, other)
					return
				}
			}
		})
	}
	for i := range 50 {
		put(t, path, [][]byte{second, first}[i%2])
		if err := l.Reload(); err != nil {
			t.Error(err)
		}
		_ = l.Stats()
	}
	close(done)
	wg.Wait()
	if st := l.Stats(); st.Reloads != 50 || st.Lookups != st.Found {
		t.Errorf("%+v", st)
	}
}
