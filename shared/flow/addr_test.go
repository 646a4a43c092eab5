package flow_test

import (
	"net/netip"
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

func TestAddr(t *testing.T) {
	for _, c := range []struct {
		text               string
		is4, zero, unknown bool
		hi, lo             uint64
	}{
		{"192.0.2.1", true, false, false, 0, 0xffff_c000_0201},
		{"0.0.0.0", true, false, true, 0, 0xffff_0000_0000},
		{"255.255.255.255", true, false, false, 0, 0xffff_ffff_ffff},
		{"::", false, true, true, 0, 0},
		{"::1", false, false, false, 0, 1},
		{"2001:db8::1", false, false, false, 0x20010db8_00000000, 1},
		{"::1:0:0", false, false, false, 0, 0x1_0000_0000}, // not mapped: bytes 8 to 11 are 0x0001
	} {
		ip := netip.MustParseAddr(c.text)
		a := flow.AddrFromNetip(ip)
		hi, lo := a.Words()
		if a.Is4() != c.is4 || a.IsZero() != c.zero || a.IsUnspecified() != c.unknown || hi != c.hi || lo != c.lo {
			t.Errorf("%s: Is4 %v IsZero %v IsUnspecified %v words %x %x", c.text, a.Is4(), a.IsZero(), a.IsUnspecified(), hi, lo)
		}
		if a.Netip() != ip || a.String() != c.text || flow.AddrFromWords(hi, lo) != a {
			t.Errorf("%s comes back as %s", c.text, a)
		}
		if c.is4 && flow.AddrFrom4(a.V4()) != a {
			t.Errorf("%s: V4 is %x", c.text, a.V4())
		}
	}
	if !flow.AddrFromNetip(netip.Addr{}).IsZero() {
		t.Error("the invalid address is not zero")
	}
	if got := flow.AddrFromNetip(netip.MustParseAddr("fe80::1%eth0")).String(); got != "fe80::1" {
		t.Errorf("with a zone: %s", got)
	}
}

func TestMAC(t *testing.T) {
	want := flow.MAC{0x00, 0x1b, 0x44, 0x11, 0x3a, 0xb7}
	for _, text := range []string{"00-1B-44-11-3A-B7", "00:1b:44:11:3a:b7", "001b44113ab7"} {
		if got, ok := flow.ParseMAC(text); !ok || got != want {
			t.Errorf("%s: %s %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "00-1B-44-11-3A", "00-1B-44-11-3A-B7-00", "00-1B-44-11-3A-G7", "00 1B 44 11 3A B7"} {
		if _, ok := flow.ParseMAC(text); ok {
			t.Errorf("%q is taken", text)
		}
	}
	if want.String() != "00-1B-44-11-3A-B7" || want.Number() != 0x001b44113ab7 || flow.MACFromNumber(want.Number()) != want {
		t.Errorf("%s is number %x", want, want.Number())
	}
	if want.IsZero() || !(flow.MAC{}).IsZero() {
		t.Error("IsZero is wrong")
	}
}
