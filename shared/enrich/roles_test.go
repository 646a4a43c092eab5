package enrich_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/weirflow/weir/shared/enrich"
	"github.com/weirflow/weir/shared/flow"
)

func roles(t *testing.T, list ...enrich.RoleOf) *enrich.Roles {
	t.Helper()
	r, err := enrich.NewRoles(list)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func of(role enrich.RoleSet, prefixes ...string) enrich.RoleOf {
	r := enrich.RoleOf{Role: role}
	for _, p := range prefixes {
		r.Prefixes = append(r.Prefixes, netip.MustParsePrefix(p))
	}
	return r
}

func TestRoles(t *testing.T) {
	r := roles(t,
		of(enrich.Resolver, "10.0.0.53/32", "2001:db8::53/128"), of(enrich.Scanner, "10.0.0.0/24", "10.0.0.53/32"), of(enrich.Backup, "10.0.0.128/25"),
		of(enrich.NAT, "255.255.255.255/32"), of(enrich.Tester, "ffff::/16"), of(enrich.Mail, "10.0.0.128/25"),
	)
	for _, c := range []struct {
		name, addr string
		want       enrich.RoleSet
	}{
		{"none", "10.0.1.0", 0},
		{"the address before a prefix", "9.255.255.255", 0},
		{"the first of a prefix", "10.0.0.0", enrich.Scanner},
		{"the last of nested prefixes", "10.0.0.255", enrich.Scanner | enrich.Backup | enrich.Mail},
		{"one address in a larger prefix of the same role", "10.0.0.53", enrich.Resolver | enrich.Scanner},
		{"behind the smaller prefix the larger goes on", "10.0.0.54", enrich.Scanner},
		{"IPv6", "2001:db8::53", enrich.Resolver},
		{"IPv6 beside", "2001:db8::54", 0},
		{"the last IPv4 address", "255.255.255.255", enrich.NAT},
		{"the first address", "::", 0},
		{"the last address", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", enrich.Tester},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := r.Of(flow.AddrFromNetip(netip.MustParseAddr(c.addr))); got != c.want {
				t.Errorf("%s: %v, want %v", c.addr, got.Names(), c.want.Names())
			}
		})
	}
}

// TestRolesAsPrefixesSay holds the table to what netip says of each prefix.
func TestRolesAsPrefixesSay(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	random := func() netip.Addr { return netip.AddrFrom4([4]byte{10, 0, byte(rng.UintN(4)), byte(rng.UintN(256))}) }
	for range 200 {
		var list []enrich.RoleOf
		for range rng.IntN(20) {
			list = append(list, of(1<<rng.IntN(8), netip.PrefixFrom(random(), 20+rng.IntN(13)).Masked().String()))
		}
		r := roles(t, list...)
		for range 100 {
			a, want := random(), enrich.RoleSet(0)
			for _, l := range list {
				if l.Prefixes[0].Contains(a) {
					want |= l.Role
				}
			}
			if got := r.Of(flow.AddrFromNetip(a)); got != want {
				t.Fatalf("%s of %v: %v, want %v", a, list, got, want)
			}
		}
	}
}

func TestRoleNames(t *testing.T) {
	for _, name := range []string{"resolver", "scanner", "mail", "backup", "cdn", "nat", "jump_host", "tester"} {
		if r, ok := enrich.ParseRole(name); !ok || !slices.Equal(r.Names(), []string{name}) {
			t.Errorf("%s: %v %v", name, r.Names(), ok)
		}
	}
	if _, ok := enrich.ParseRole("router"); ok {
		t.Error("router is no role")
	}
	if s := enrich.NAT | enrich.Mail; !s.Has(enrich.NAT) || s.Has(enrich.NAT|enrich.CDN) || fmt.Sprint(s.Names()) != "[mail nat]" {
		t.Error(s.Names())
	}
	if (*enrich.Roles)(nil).Of(flow.Addr{}) != 0 {
		t.Error("nil knows of none")
	}
	if _, err := enrich.NewRoles([]enrich.RoleOf{{Role: 0}}); err == nil {
		t.Error("no role is taken")
	}
	if _, err := enrich.NewRoles([]enrich.RoleOf{{Role: enrich.NAT, Prefixes: []netip.Prefix{{}}}}); err == nil {
		t.Error("an invalid prefix is taken")
	}
}
