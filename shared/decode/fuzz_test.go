package decode_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/weirflow/weir/shared/decode"
	"github.com/weirflow/weir/shared/flow"
)

// fuzzCaps are small, so that fuzzing meets them.
var fuzzCaps = decode.Config{
	MaxTemplates: 8, MaxFields: 32, MaxTemplateBytes: 16 << 10, MaxNames: 16, WaitSets: 8, WaitBytes: 4 << 10, WaitBytesAll: 8 << 10,
	RepeatWindow: 4, MaxRecordsPerSet: 64,
}

// FuzzDecode gives any two datagrams to the dispatcher.
func FuzzDecode(f *testing.F) {
	for _, d := range told() {
		f.Add(d, v9(9, dataOf1))
	}
	f.Add(v5(1, 0, records(fields(0, 48), 2)), v5(3, 100, records(fields(0, 48), 1)))
	f.Add(put(uint16(1), uint16(1), headerUptime, headerSeconds, uint32(0), make([]byte, 48)), put(uint16(7), uint16(1), make([]byte, 72)))
	f.Add(v9(1, dataOf1), v9(2, oneCounter))
	f.Add(ipfix(0, set(2, definition(256, 1, 4, 96, 65535, 291, 65535)), set(256, uint32(1), uint8(1), "a", uint8(0))), ipfix(1, set(2, uint16(2), uint16(0))))
	f.Add(put(uint32(5), uint32(1), ip("192.0.2.9"), uint32(0), uint32(1), uint32(1), uint32(0)), []byte{0})
	f.Add(ipfix(0, tells(130, 4, ip("10.0.0.1")), tplIPFIX), ipfix(1, tells(130, 4, ip("10.0.0.2")), dataOf1))
	f.Add(nsel(event{anUpdate, 1, 5, 5})[0], nsel(event{deleted, 1, 5, 5})[1])
	seedCaptures(f)
	f.Fuzz(func(t *testing.T, first, second []byte) {
		l := newLab(fuzzCaps)
		for i, d := range [][]byte{first, second, first, second} {
			l.from(uint16(1000+i%2), d) // ports that options may tell apart
		}
		checkBatch(t, l)
		checkIdentities(t, l.account)
		l.Expire(1 << 62)
	})
}

// seedCaptures adds the first two datagrams of each capture, where the captures are.
func seedCaptures(f *testing.F) {
	names, _ := filepath.Glob(filepath.Join(captures, "pcap", "*.pcap"))
	if len(names) == 0 {
		f.Log("CAPTURES ARE ABSENT, seeds are the written ones alone")
	}
	for _, name := range names {
		if info, err := os.Stat(name); err != nil || info.Size() > 64<<10 {
			continue
		}
		list := readCapture(f, filepath.Base(name))
		switch {
		case len(list) > 1:
			f.Add(list[0].payload, list[1].payload)
		case len(list) == 1:
			f.Add(list[0].payload, []byte{})
		}
	}
}

// checkBatch holds what the later steps rely on.
func checkBatch(t *testing.T, l *lab) {
	t.Helper()
	b := l.batch
	var announced uint32
	for i := range b.Datagrams {
		announced += b.Datagrams[i].Records
		if b.Datagrams[i].Stream == nil {
			t.Fatal("datagram without a stream")
		}
	}
	if int(announced) != len(b.Records) {
		t.Fatalf("datagrams announce %d records, the batch has %d", announced, len(b.Records))
	}
	for i := range b.Records {
		r := &b.Records[i]
		d := &b.Datagrams[r.Meta]
		if r.ID.Datagram != d.ID || r.Exporter.IsZero() || r.Protocol != d.Protocol || r.Created != d.Received {
			t.Fatalf("record %d does not belong to its datagram", i)
		}
		list := b.ElementsOf(r)
		if r.Present.Has(flow.HasElements) != (len(list) > 0) {
			t.Fatalf("record %d: elements and their presence bit contradict", i)
		}
		for len(list) > 0 {
			_, rest, ok := flow.NextElement(list)
			if !ok {
				t.Fatalf("record %d: elements cannot be read", i)
			}
			list = rest
		}
	}
}
