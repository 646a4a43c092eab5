package flowinput

import (
	"encoding/binary"
	"io"
	"net"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// netFlow5 is a datagram with one record.
func netFlow5(sequence uint32) []byte {
	b := make([]byte, 24+48)
	now := time.Now()
	binary.BigEndian.PutUint16(b[0:], 5)
	binary.BigEndian.PutUint16(b[2:], 1)
	binary.BigEndian.PutUint32(b[4:], 100_000)
	binary.BigEndian.PutUint32(b[8:], uint32(now.Unix()))
	binary.BigEndian.PutUint32(b[12:], uint32(now.Nanosecond()))
	binary.BigEndian.PutUint32(b[16:], sequence)
	r := b[24:]
	copy(r, []byte{10, 0, 0, 1, 10, 0, 0, 2})
	binary.BigEndian.PutUint32(r[16:], 1)
	binary.BigEndian.PutUint32(r[20:], 100)
	binary.BigEndian.PutUint32(r[24:], 90_000)
	binary.BigEndian.PutUint32(r[28:], 95_000)
	r[38] = 17
	return b
}

// TestLossBetweenRuns: what an exporter sends while the input is stopped shows as a gap of the next run.
func TestLossBetweenRuns(t *testing.T) {
	dir := t.TempDir()
	// run starts an input, sends it datagrams, and stops it when it has taken them.
	run := func(sequences ...uint32) *flow.Stream {
		in := New()
		in.Listen, in.State, in.Log = []string{"127.0.0.1:0"}, dir, quiet{}
		if err := in.Init(); err != nil {
			t.Fatal(err)
		}
		if err := in.StartLines(io.Discard, func(err error) { t.Error(err) }); err != nil {
			t.Fatal(err)
		}
		defer in.Stop()
		account := in.running.core.Account
		c, err := net.Dial("udp", in.Address()[0])
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for _, n := range sequences {
			if _, err := c.Write(netFlow5(n)); err != nil {
				t.Fatal(err)
			}
		}
		for {
			for _, s := range account.Streams() {
				if s.Stored.Load() == uint64(len(sequences)) {
					return s
				}
			}
			time.Sleep(time.Millisecond)
		}
	}
	if s := run(100, 101, 102); s.Gaps.Load() != 0 {
		t.Errorf("%d gaps in the first run", s.Gaps.Load())
	}
	if s := run(110, 111); s.Gaps.Load() != 7 {
		t.Errorf("%d gaps in the second run, 7 records were sent between the two", s.Gaps.Load())
	}
}
