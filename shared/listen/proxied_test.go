package listen

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/listen/proxy"
)

// TestProxiedDatagrams: the exporter is the source that a trusted proxy names.
func TestProxiedDatagrams(t *testing.T) {
	router, server := netip.MustParseAddrPort("192.0.2.1:4711"), netip.MustParseAddrPort("198.51.100.9:2055")
	head := proxy.Append(nil, router, server)
	local := append(slices.Clone(head[:12]), 0x20, 0, 0, 0)
	proxies := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	cases := []struct {
		name    string
		cfg     Config
		payload []byte
		source  string // "": the sender's own
		want    flow.Reason
	}{
		{"named source", Config{Proxies: proxies}, head, "192.0.2.1:4711", 0},
		{"named source is allowed, the proxy not", Config{Proxies: proxies, Allow: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}, head, "192.0.2.1:4711", 0},
		{"named source is not allowed", Config{Proxies: proxies, Allow: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}, head, "", flow.RefusedNotAllowed},
		{"speaks for itself", Config{Proxies: proxies}, local, "", 0},
		{"without a header", Config{Proxies: proxies}, nil, "", flow.RefusedProxy},
		{"header cut short", Config{Proxies: proxies}, head[:20], "", flow.RefusedProxy},
		{"a stranger's header", Config{Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}, head, "", flow.RefusedUntrusted},
		{"no proxies at all", Config{}, head, "", flow.RefusedUntrusted},
		{"mapped prefix", Config{Proxies: []netip.Prefix{netip.MustParsePrefix("::ffff:127.0.0.0/104")}}, head, "192.0.2.1:4711", 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			k := newTaken()
			why := make(chan flow.Reason, 1)
			c.cfg.Addresses, c.cfg.Workers = []string{"127.0.0.1:0"}, 1
			var port uint16
			l := listener(t, c.cfg, Deps{
				Handle:  func(w int, batch []Datagram) { port = batch[0].Port; k.handle(w, batch) },
				Refused: func(_ int, _ netip.Addr, _ int, r flow.Reason) { why <- r },
			})
			conn := dial(t, l.Sockets()[0].Address)
			write(t, conn, append(slices.Clone(c.payload), "export"...))
			if c.want != 0 {
				if got := <-why; got != c.want {
					t.Errorf("refused as %v", got)
				}
				return
			}
			k.wait(1)
			source := sourceOf(conn.LocalAddr())
			if c.source != "" {
				source = netip.MustParseAddrPort(c.source)
			}
			if k.payloads["export"] != 1 || k.sources[source] != 1 {
				t.Errorf("payloads %v of %v", k.payloads, k.sources)
			}
			if port != l.Sockets()[0].Address.Port() {
				t.Errorf("port %d", port)
			}
		})
	}
}
