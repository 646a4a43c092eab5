package syslog

import (
	"context"
	"io"
	"net"
	"testing"
	"time"
)

// TestUnconfirmed: what a peer has no room for is not confirmed; once it reads, all is.
func TestUnconfirmed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	peer, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	k := newLink(context.Background(), conn)
	defer k.close()
	if n := k.unconfirmed(); n != 0 {
		t.Errorf("%d bytes of nothing", n)
	}
	if err := conn.SetWriteDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	n, err := conn.Write(make([]byte, 64<<20))
	if err == nil {
		t.Skip("the system has room for all of it")
	}
	if k.unconfirmed() == 0 {
		t.Errorf("%d bytes are confirmed that nobody has room for", n)
	}
	if _, err := io.CopyN(io.Discard, peer, int64(n)); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); k.unconfirmed() > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("not confirmed though all was read")
		}
	}
}
