package decode_test

import (
	"bytes"
	"net/netip"
	"sync"
	"testing"

	"github.com/weirflow/weir/shared/decode"
	"github.com/weirflow/weir/shared/flow"
)

// TestConcurrentWorkers decodes some streams by several workers at once, while templates are saved and aged.
func TestConcurrentWorkers(t *testing.T) {
	l := newLab(decode.Config{})
	const workers, rounds = 4, 200
	var wg sync.WaitGroup
	for w := range workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			b := flow.NewBatch(64, l.symbols)
			for i := range uint32(rounds) {
				source := netip.AddrPortFrom(exporterPort.Addr(), uint16(w)) // the same exporter: streams are shared
				_ = l.Decode(v9(uint32(w)<<16+i*2, oneCounter, set(256, i)), source, receivedAt, b)
				_ = l.Decode(ipfix(uint32(w)<<16+i, set(2, definition(256, 1, 4)), set(256, i)), source, receivedAt, b)
				_ = l.Decode(v5(uint32(w)<<16+i, 0, records(fields(0, 48), 1)), source, receivedAt, b)
				if i%50 == 0 {
					l.Expire(receivedAt)
					_ = l.Save(&bytes.Buffer{})
				}
				b.Reset()
			}
		}()
	}
	wg.Wait()
	checkIdentities(t, l.account)
	var n uint64
	for _, s := range l.account.Streams() {
		n += s.Records.Load()
	}
	if want := uint64(workers * rounds * 3); n != want {
		t.Errorf("%d records, want %d", n, want)
	}
}

// TestDispatch: any protocol on any port, told apart by the header.
func TestDispatch(t *testing.T) {
	v1 := put(uint16(1), uint16(1), headerUptime, headerSeconds, uint32(0), ip("10.0.0.1"), ip("10.0.0.2"), ip("0.0.0.0"), uint16(1), uint16(2),
		uint32(3), uint32(300), uint32(900), uint32(1000), uint16(80), uint16(50000), uint16(0), uint8(6), uint8(8), uint8(0x18), make([]byte, 7))
	v7 := put(uint16(7), uint16(1), headerUptime, headerSeconds, uint32(0), uint32(0), uint32(0), ip("10.0.0.1"), ip("10.0.0.2"), ip("192.0.2.9"),
		uint16(1), uint16(2), uint32(3), uint32(300), uint32(900), uint32(1000), uint16(80), uint16(50000), uint8(0), uint8(0x18), uint8(6), uint8(8),
		uint16(64500), uint16(64501), uint8(24), uint8(16), uint16(0), ip("192.0.2.7"))
	v5record := put(ip("10.0.0.1"), ip("10.0.0.2"), ip("192.0.2.9"), uint16(1), uint16(2), uint32(3), uint32(300), uint32(900), uint32(1000),
		uint16(80), uint16(50000), uint8(0), uint8(0x18), uint8(6), uint8(8), uint16(64500), uint16(64501), uint8(24), uint8(16), uint16(0))
	common := map[string]string{
		"source.ip": "10.0.0.1", "destination.ip": "10.0.0.2", "source.port": "80", "destination.port": "50000", "source.bytes": "300", "source.packets": "3",
		"first": "900", "last": "1000", "network.iana_number": "6", "weir.ip.tos": "8", "weir.tcp.flags": "PSH ACK",
		"observer.ingress.interface.id": "1", "observer.egress.interface.id": "2",
	}
	with := func(more map[string]string) map[string]string {
		for k, v := range common {
			more[k] = v
		}
		return more
	}
	checkQuirks(t, []quirk{
		{"v1", [][]byte{v1}, with(map[string]string{"weir.protocol": "netflow1", "weir.next_hop.ip": ""})},
		{"v5", [][]byte{v5(1, 0, v5record)}, with(map[string]string{"weir.protocol": "netflow5", "weir.next_hop.ip": "192.0.2.9", "source.as.number": "64500", "weir.domain": "258", "0/9": "18", "0/13": "10"})},
		{"v7", [][]byte{v7}, with(map[string]string{"weir.protocol": "netflow7", "destination.as.number": "64501", "0/43": "c0000207", "0/9": "18"})},
	})
}

// TestSFlowExporter: the exporter of sFlow is the agent that the datagram names, the sender where it names none.
func TestSFlowExporter(t *testing.T) {
	counters := put(uint32(2), uint32(12), uint32(1), uint32(1), uint32(0)) // a counter sample without records
	sflow := func(agent netip.Addr, kind, sequence, uptime uint32) []byte {
		return put(uint32(5), kind, agent, uint32(3), sequence, uptime, uint32(1), counters)
	}
	l := newLab(decode.Config{})
	if err := l.give(sflow(ip("192.0.2.77"), 1, 10, 5000), sflow(ip("192.0.2.77"), 1, 13, 6000), sflow(ip("192.0.2.77"), 1, 1, 100)); err != nil {
		t.Fatal(err)
	}
	s := l.stream(t)
	want := flow.StreamKey{Exporter: flow.AddrFromNetip(ip("192.0.2.77")), Domain: 3, Protocol: flow.SFlow5}
	if s.Key != want || s.CounterSamples.Load() != 3 || s.Gaps.Load() != 2 {
		t.Errorf("%+v: %d counter samples, %d gaps", s.Key, s.CounterSamples.Load(), s.Gaps.Load())
	}
	if d := l.batch.Datagrams[0]; d.Exporter != want.Exporter || d.Uptime != 5000 || d.Mark.Order != 5000 || d.Mark.Next != 11 {
		t.Errorf("%+v", d)
	}
	l.batch.Reset()
	l.give(sflow(ip("0.0.0.0"), 1, 1, 5000))
	if d := l.batch.Datagrams[0]; d.Exporter != flow.AddrFromNetip(exporterPort.Addr()) {
		t.Errorf("exporter %v of an agent that does not know its address", d.Exporter)
	}
}
