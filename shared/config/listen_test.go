package config

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func prefixes(list ...string) (all []netip.Prefix) {
	for _, s := range list {
		all = append(all, netip.MustParsePrefix(s))
	}
	return all
}

// What weir.example.yaml holds.
var (
	exampleStreams = Streams{
		MaxConnections: 256, IdleTimeout: 10 * time.Minute,
		Cert: "/etc/weir/collector.pem", Key: "/etc/weir/collector.key", ClientCA: "/etc/weir/exporters-ca.pem",
	}
	exampleForward = []Forward{
		{To: "collector-2.example.net:2055", Queue: 4 << 20},
		{To: "collector-3.example.net:6343", Exporters: prefixes("198.51.100.0/24"), Ports: []uint16{6343}, Proxy: true, Queue: 4 << 20},
	}
)

func TestListen(t *testing.T) {
	for _, c := range []struct {
		name, text string
		change     func(*Config)
	}{
		{"a list", "listen: [':1', 'udp://:2', 'tcp://:1', 'tcp://[::1]:2']", func(c *Config) {
			c.Listen, c.Streams.TCP = []string{":1", ":2"}, []string{":1", "[::1]:2"}
		}},
		{"TCP alone", "listen: ['tcp://:4739']", func(c *Config) { c.Listen, c.Streams.TCP = nil, []string{":4739"} }},
		{"keys without addresses", "listen: {idle_timeout: 1h, max_connections: 4, proxy_protocol: [192.0.2.1]}", func(c *Config) {
			c.Streams.IdleTimeout, c.Streams.MaxConnections, c.Proxies = time.Hour, 4, prefixes("192.0.2.1/32")
		}},
		{"TLS, certificates last", "listen: {addresses: ['tls://:4740'], tls: {cert: a, key: b, client_ca: c}}", func(c *Config) {
			c.Listen, c.Streams.TLS = nil, []string{":4740"}
			c.Streams.Cert, c.Streams.Key, c.Streams.ClientCA = "a", "b", "c"
		}},
		{"TLS, certificates first", "listen: {tls: {cert: a, key: b}, addresses: ['tls://:4740']}", func(c *Config) {
			c.Listen, c.Streams.TLS, c.Streams.Cert, c.Streams.Key = nil, []string{":4740"}, "a", "b"
		}},
		{"forward", "listen:\n  forward:\n    - b:2055\n    - {to: '[::1]:9', exporters: [10.0.0.0/8], ports: [2055], proxy: true, queue: 1MiB}\n    - {to: c:1, spoof: true}\n", func(c *Config) {
			c.Forward = []Forward{{To: "b:2055", Queue: 4 << 20}, {To: "[::1]:9", Exporters: prefixes("10.0.0.0/8"), Ports: []uint16{2055}, Proxy: true, Queue: 1 << 20}, {To: "c:1", Spoof: true, Queue: 4 << 20}}
		}},
		{"forward to another port of this machine", "listen: {addresses: [':2055', '192.0.2.1:9995'], forward: ['localhost:9995']}", func(c *Config) {
			c.Listen, c.Forward = []string{":2055", "192.0.2.1:9995"}, []Forward{{To: "localhost:9995", Queue: 4 << 20}}
		}},
		{"forward of what another port receives", "listen: {addresses: [':2055', ':6343'], forward: [{to: 'localhost:6343', ports: [2055]}]}", func(c *Config) {
			c.Listen, c.Forward = []string{":2055", ":6343"}, []Forward{{To: "localhost:6343", Ports: []uint16{2055}, Queue: 4 << 20}}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := Default()
			c.change(&want)
			got, err := Parse("f", []byte(c.text))
			if err != nil {
				t.Fatal(err)
			}
			same := cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })
			if diff := cmp.Diff([]any{want.Listen, want.Streams, want.Proxies, want.Forward}, []any{got.Listen, got.Streams, got.Proxies, got.Forward}, same); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestListenErrors(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       string
	}{
		{"scheme", "listen: ['http://:80']", `1:10: "http://:80": want udp://, tcp:// or tls:// in front of HOST:PORT, or nothing for UDP`},
		{"no port", "listen: ['tcp://collector']", `1:10: "collector" is not HOST:PORT: want an address like ":2055"`},
		{"twice in other words", "listen: [':1', 'udp://:1']", `1:16: address "udp://:1" is listed twice`},
		{"TCP and TLS on a port", "listen: {addresses: ['tcp://:1', 'tls://:1'], tls: {cert: a, key: b}}", `1:34: address "tls://:1" is listed twice`},
		{"TLS in a list", "listen: [':1', 'tls://:4740']", `1:16: tls://:4740 needs a certificate and its key: listen: {addresses: [...], tls: {cert: FILE, key: FILE}}`},
		{"TLS without a key", "listen:\n  addresses: ['tls://:4740']\n  tls: {cert: a}", `2:15: tls://:4740 needs a certificate and its key: listen: {addresses: [...], tls: {cert: FILE, key: FILE}}`},
		{"no address", "listen: {addresses: []}", `1:21: no address to listen on: leave the key out for the default`},
		{"unknown key", "listen: {adresses: [':1']}", `1:10: unknown key "adresses": did you mean "addresses"?`},
		{"connections", "listen: {max_connections: 0}", `1:27: 0 is out of range: want 1 to 65536`},
		{"forward without a host", "listen: {forward: [':2055']}", `1:20: ":2055": a collector to send to has a host and a port`},
		{"forward to nobody", "listen: {forward: [{proxy: true}]}", "1:20: a collector to forward to needs `to: HOST:PORT`"},
		{"two ways", "listen: {forward: [{to: 'a:1', proxy: true, spoof: true}]}", `1:20: proxy and spoof exclude each other: with the exporter's own address no header is needed`},
		{"collector twice", "listen: {forward: ['a:1', {to: 'a:1', proxy: true}]}", `1:27: forward to a:1 is listed twice`},
		{"truth", "listen: {forward: [{to: 'a:1', proxy: maybe}]}", `1:39: found the text "maybe": want one of true, false`},
		{"ports", "listen: {forward: [{to: 'a:1', ports: [0]}]}", `1:40: 0 is out of range: want 1 to 65535`},
		{"to itself", "listen: {addresses: [':2055'], forward: ['127.0.0.1:2055']}", `1:9: forward to 127.0.0.1:2055 is where datagrams are received: they would go round without end`},
		{"to a default port of itself", "listen: {forward: [{to: 'localhost:6343', ports: [6343]}]}", `1:9: forward to localhost:6343 is where datagrams are received: they would go round without end`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("f", []byte(c.text))
			var errs Errors
			if !errors.As(err, &errs) || strings.ReplaceAll(errs.Error(), "f:", "") != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}
