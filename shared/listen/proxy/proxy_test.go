package proxy_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/weirflow/weir/shared/listen/proxy"
)

// header makes bytes of hexadecimal digits behind the signature as the specification prints it.
func header(t testing.TB, digits string) []byte {
	t.Helper()
	b, err := hex.DecodeString("0d0a0d0a000d0a515549540a" + strings.ReplaceAll(digits, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func ap(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

const (
	overIPv4 = "21 12 000c c0000201 c6336407 0807 1267"
	overIPv6 = "21 22 0024 20010db8000000000000000000000001 20010db8000000000000000000000002 0807 1267"
)

func TestParse(t *testing.T) {
	cases := []struct {
		name, bytes string
		want        proxy.Header
		err         error
	}{
		{"UDP over IPv4", overIPv4, proxy.Header{Source: ap("192.0.2.1:2055"), Destination: ap("198.51.100.7:4711"), Size: 28}, nil},
		{"UDP over IPv6", overIPv6, proxy.Header{Source: ap("[2001:db8::1]:2055"), Destination: ap("[2001:db8::2]:4711"), Size: 52}, nil},
		{"said to be a stream", "21 11 000c c0000201 c6336407 0807 1267", proxy.Header{Source: ap("192.0.2.1:2055"), Destination: ap("198.51.100.7:4711"), Size: 28}, nil},
		{"mapped IPv4", "21 22 0024 00000000000000000000ffffc0000201 00000000000000000000ffffc6336407 0807 1267",
			proxy.Header{Source: ap("192.0.2.1:2055"), Destination: ap("198.51.100.7:4711"), Size: 52}, nil},
		{"with extras", "21 12 0010 c0000201 c6336407 0807 1267 04 0001 ff", proxy.Header{Source: ap("192.0.2.1:2055"), Destination: ap("198.51.100.7:4711"), Size: 32}, nil},
		{"health check", "20 00 0000", proxy.Header{Local: true, Size: 16}, nil},
		{"unknown family", "21 00 0004 00000000", proxy.Header{Local: true, Size: 20}, nil},
		{"version 1", "11 12 000c c0000201 c6336407 0807 1267", proxy.Header{}, proxy.ErrVersion},
		{"unknown command", "22 12 000c c0000201 c6336407 0807 1267", proxy.Header{}, proxy.ErrVersion},
		{"Unix socket", "21 32 0004 00000000", proxy.Header{Size: 20}, proxy.ErrFamily},
		{"no room for the addresses", "21 12 0008 c0000201 c6336407", proxy.Header{Size: 24}, proxy.ErrShort},
		{"cut in the addresses", "21 12 000c c0000201 c633", proxy.Header{}, proxy.ErrShort},
		{"cut before the length", "21 12", proxy.Header{}, proxy.ErrShort},
		{"very long", "21 12 ffff c0000201 c6336407 0807 1267", proxy.Header{}, proxy.ErrLong},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := proxy.Parse(header(t, c.bytes))
			if !errors.Is(err, c.err) || got != c.want {
				t.Errorf("%+v, %v, want %+v, %v", got, err, c.want, c.err)
			}
		})
	}
	for _, b := range []string{"", "\x00\x05", "PROXY UDP4 192.0.2.1", "\r\n\r\n\x00\r\nQUIT"} {
		if _, err := proxy.Parse([]byte(b)); !errors.Is(err, proxy.ErrNone) || proxy.Has([]byte(b)) {
			t.Errorf("%q: %v", b, err)
		}
	}
}

func TestAppend(t *testing.T) {
	for _, c := range []struct {
		name, from, to, want string
	}{
		{"IPv4", "192.0.2.1:2055", "198.51.100.7:4711", overIPv4},
		{"IPv6", "[2001:db8::1]:2055", "[2001:db8::2]:4711", overIPv6},
		{"both", "192.0.2.1:2055", "[2001:db8::2]:4711", "21 22 0024 00000000000000000000ffffc0000201 20010db8000000000000000000000002 0807 1267"},
	} {
		if got := proxy.Append(nil, ap(c.from), ap(c.to)); !bytes.Equal(got, header(t, c.want)) {
			t.Errorf("%s: %x", c.name, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(header(f, overIPv4))
	f.Add(header(f, overIPv6+"0004"))
	f.Add(header(f, "20 00 0000"))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := proxy.Parse(b)
		if err != nil {
			return
		}
		if h.Size < proxy.HeadSize || h.Size > len(b) || h.Size > proxy.MaxSize {
			t.Fatalf("size %d of %d bytes", h.Size, len(b))
		}
		if h.Local {
			return
		}
		back, err := proxy.Parse(proxy.Append(nil, h.Source, h.Destination))
		if err != nil || back.Source != h.Source || back.Destination != h.Destination {
			t.Fatalf("%+v comes back as %+v, %v", h, back, err)
		}
	})
}
