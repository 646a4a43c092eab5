package listen

import (
	"bytes"
	"testing"

	"github.com/gopacket/gopacket/layers"
)

// BenchmarkListener has one sender and one worker share the machine; kernel drops are reported, not waited for.
func BenchmarkListener(b *testing.B) {
	arrived := make(chan int, 1<<16)
	l, err := New(Config{Addresses: []string{"127.0.0.1:0"}, Workers: 1}, Deps{
		Now:    func() int64 { return 0 },
		Handle: func(_ int, batch []Datagram) { arrived <- len(batch) },
	})
	if err != nil {
		b.Fatal(err)
	}
	if err := l.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() { _ = l.Stop() }()
	conn := dial(b, l.Sockets()[0].Address)
	payload := make([]byte, 1400)
	b.ReportAllocs()
	waiting := 0
	for b.Loop() {
		if _, err := conn.Write(payload); err != nil {
			b.Fatal(err)
		}
		for waiting++; waiting > 1000; {
			waiting -= <-arrived
		}
	}
	b.ReportMetric(float64(sum(l).KernelDrops)/float64(b.N), "drops/op")
}

func BenchmarkCapture(b *testing.B) {
	packets := make([][]byte, 1000)
	for i := range packets {
		packets[i] = udp4(string(make([]byte, 1400)))
	}
	file := pcapOf(layers.LinkTypeRaw, packets...)
	b.ReportAllocs()
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		c, err := NewCapture(bytes.NewReader(file), "bench", CaptureConfig{})
		if err != nil {
			b.Fatal(err)
		}
		for {
			if _, err := c.Next(); err != nil {
				break
			}
		}
		if c.Stats().Datagrams != 1000 {
			b.Fatal(c.Stats())
		}
	}
}
