package detect

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/detect/sampling"
	"github.com/weirflow/weir/shared/enrich"
)

func roleOf(t *testing.T, role enrich.RoleSet, prefix string) *enrich.Roles {
	t.Helper()
	r, err := enrich.NewRoles([]enrich.RoleOf{{Role: role, Prefixes: []netip.Prefix{netip.MustParsePrefix(prefix)}}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestHeavyRoles: much from a content network, a backup or a load generator is a surge; what nobody asked for is a flood all the same.
func TestHeavyRoles(t *testing.T) {
	const all = "203.0.0.0/16" // the senders of scenes
	flood := func(n int, mbps float64) []traffic {
		return reflectionOf(40_000, n, mbps*1e6, 1400, floodFrom, floodTo)
	}
	for _, c := range []struct {
		name   string
		role   enrich.RoleSet
		prefix string
		oneWay bool
		surge  bool
	}{
		{"a content network", enrich.CDN, all, true, true},
		{"a backup", enrich.Backup, all, true, true},
		{"a load test", enrich.Tester, all, true, true},
		{"a mail server sends no such amounts", enrich.Mail, all, true, false},
		{"a fifth of it is from a content network", enrich.CDN, "203.0.0.0/26", true, false},
		{"that nobody asked for any of it is seen", enrich.CDN, all, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := newExporter(60, 15)
			x.oneWay = c.oneWay
			x.see(background(t0, t0+secs(900))...).see(flood(300, 520)...)
			a := find(t, (&play{roles: roleOf(t, c.role, c.prefix)}).run(t, x), volumetricName)
			if got := strings.Contains(a.Title, "looks legitimate"); got != c.surge || c.surge != (a.Severity <= 30) {
				t.Errorf("%s, severity %d; surge wanted: %v", a.Title, a.Severity, c.surge)
			}
		})
	}
}

// TestResolver: large answers are a resolver's trade, other floods on it are not.
func TestResolver(t *testing.T) {
	for _, c := range []struct {
		name, host string
		port       uint16
		want       string
	}{
		{"DNS answers to a resolver", "10.0.0.5/32", 53, ""},
		{"to another host", "10.0.0.6/32", 53, "dos.reflection.dns"},
		{"NTP answers to a resolver", "10.0.0.5/32", 123, "dos.reflection.ntp"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ""
			for _, a := range (&play{roles: roleOf(t, enrich.Resolver, c.host)}).run(t, usual().see(reflectionOf(c.port, 40, 80e6, 1200, floodFrom, floodTo)...)) {
				if strings.HasPrefix(a.Detector, reflectionPrefix) {
					got += a.Detector
				}
			}
			if got != c.want {
				t.Errorf("raised %q, want %q", got, c.want)
			}
		})
	}
}

// TestEveryDetectorHasItsSight: the table of sampling has all, and those services are off that are never told without knowing what was
// asked for.
func TestEveryDetectorHasItsSight(t *testing.T) {
	e := (&play{}).make(t)
	for _, name := range e.Detectors() {
		if sampling.Of(name, sampling.Beyond).State == sampling.Full {
			t.Errorf("%s is not in the table of sampling", name)
		}
	}
	for i := range e.services {
		s := &e.services[i]
		if off := !sampling.Sees(reflectionPrefix+s.name, sampling.UpTo10); off != (s.blind == blindNever) {
			t.Errorf("%s off: %v", s.name, off)
		}
	}
}
