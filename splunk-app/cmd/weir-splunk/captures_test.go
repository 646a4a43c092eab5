package main_test

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// captures is the folder of recorded captures, beside the repository.
const captures = "../../../../shared/captures/pcap"

func capture(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(captures, name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("SKIPPED: no recorded captures: %v", err)
	}
	return path
}

// source is a socket of an exporter, which does not care whether anybody listens.
type source struct {
	*net.UDPConn
	to *net.UDPAddr
}

func dial(t *testing.T, to string) source {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 9), Port: 0})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return source{conn, net.UDPAddrFromAddrPort(netip.MustParseAddrPort(to))}
}

func give(t *testing.T, s source, payload []byte) {
	t.Helper()
	if _, err := s.WriteToUDP(payload, s.to); err != nil {
		t.Fatal(err)
	}
}

// taken waits until the program has taken all datagrams that were sent to an address.
func (p *process) taken(to string) {
	p.t.Helper()
	port := netip.MustParseAddrPort(to).Port()
	p.until("all datagrams to be taken", func() bool { return queued(p.t, port) == 0 })
}

// queued returns how many bytes wait in the sockets of a port, by the kernel's table; -1 where there is none.
func queued(t *testing.T, port uint16) (bytes int) {
	t.Helper()
	text, err := os.ReadFile("/proc/net/udp")
	if err != nil {
		t.Skipf("SKIPPED: the kernel does not tell: %v", err)
	}
	found := false
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) > 4 && strings.HasSuffix(f[1], fmt.Sprintf(":%04X", port)) {
			var tx, rx int
			if _, err := fmt.Sscanf(f[4], "%x:%x", &tx, &rx); err == nil {
				found, bytes = true, bytes+rx
			}
		}
	}
	if !found {
		return -1
	}
	return bytes
}
