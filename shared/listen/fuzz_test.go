package listen

import (
	"bytes"
	"testing"

	"github.com/gopacket/gopacket/layers"
)

// FuzzCapture feeds any bytes as a capture file: reading must end, within bounds, with an account that adds up. Seeds are in
// testdata/fuzz/FuzzCapture, too, among them a file of each format and link layer.
func FuzzCapture(f *testing.F) {
	for _, link := range []layers.LinkType{layers.LinkTypeRaw, layers.LinkTypeEthernet, layers.LinkTypeLinuxSLL, layers.LinkTypeNull} {
		f.Add(pcapOf(link, udp4("x"), udp6("y")))
	}
	f.Add(pcapOf(layers.LinkTypeRaw, pieces4(1, "0123456789012345678901234567890", 16)...))
	f.Add(pcapOf(layers.LinkTypeRaw, pieces6(1, "0123456789012345678901234567890", 16)...))
	f.Add(pcapngOf(f, udp4("x"), udp6("y")))
	f.Add(append(ipfixMessage("x"), ipfixMessage("")...))
	f.Fuzz(func(t *testing.T, file []byte) {
		c, err := NewCapture(bytes.NewReader(file), "fuzz", CaptureConfig{})
		if err != nil {
			return
		}
		// Gzip makes many packets of few bytes: enough of them.
		for n := 0; n < 10_000; n++ {
			d, err := c.Next()
			if err != nil {
				if again, second := c.Next(); second != err || again.Payload != nil { //nolint:errorlint // the very same
					t.Fatalf("after %v came %v", err, second)
				}
				break
			}
			if len(d.Payload) > MaxDatagram || !d.Source.IsValid() || d.Received < 0 {
				t.Fatalf("datagram %d bytes from %v at %d", len(d.Payload), d.Source, d.Received)
			}
		}
		checkAccount(t, c.Stats())
	})
}

func checkAccount(t *testing.T, s CaptureStats) {
	t.Helper()
	if s.Packets+s.Reassembled != s.Datagrams+s.Fragments+s.NotUDP+s.Truncated+s.LinkType+s.Malformed+s.Filtered {
		t.Fatalf("the account does not add up: %+v", s)
	}
	if s.FragmentsLost > s.Fragments || s.Reassembled > s.Fragments {
		t.Fatalf("more fragments lost or used than came: %+v", s)
	}
}
