package sflow_test

import (
	"testing"

	"github.com/weirflow/weir/shared/flow"
)

// FuzzSFlow: no datagram makes the decoder panic, loop or allocate beyond its size, and the account always adds up.
func FuzzSFlow(f *testing.F) {
	raw := rawHeader(1, frame(100))
	f.Add(datagram(flowSample(raw), block(2, 1, 2, 0), flowSample(sampledIPv4())))
	f.Add(datagram(block(3, 9, 0, 7, 2048, 1, 0, 0, 7, 0, 8, 2, raw, block(1001, 20, 0, 30, 0))))
	f.Add(datagram(flowSample(raw, block(1002, 1, hop4, 24, 16), block(1003, 1, hop4, 1, 2, 3, 1, 2, 2, 4, 5, 1, 6, 100))))
	f.Add(datagram(block(3, 1, 0, 3, 512, 0, 0, 0, 3, 0, 4, 1<<31), block(5, 1, 0, 3, 1, 3, 4, 258, 0)))
	f.Add(datagram(flowSample(raw, block(1023, 60, 47, hop4, hop4, 0, 0, 0, 0), block(1029, 77), block(1012, 2, 0x81000064, 0x81000065), block(1020, 1, 2))))
	f.Add(datagram(counterSample(generic, block(5, 100, long(1<<33), 2, 3, 4, 5), block(1001, 1, 2, 3, long(4), long(5)), block(1005, 4, []byte("eth0")))))
	f.Add(datagram(block(5, 1, 0, 3, 1, 3, 4, 258, 3, raw, block(1036, 7), block(1037, 5, 3, []byte("acl"), 0))))
	f.Add(words(5, 2, hop6, 1, 2, 3, 1<<31, 1, 0xffffffff))
	f.Add(datagram(flowSample(block(4, 1400, 17, hop6, hop6, 53, 33000, 0, 0), block(1007, 1, hop4, 2, hop6))))
	f.Fuzz(func(t *testing.T, payload []byte) {
		res := decode(payload)
		n := len(res.batch.Records)
		if uint64(n) != res.stream.Records.Load() || int64(n) != res.stream.InFlight.Load() || uint64(n) != res.stream.FlowSamples.Load()+res.stream.DroppedPackets.Load() {
			t.Errorf("%d records, account %d", n, res.stream.Records.Load())
		}
		if n > len(payload)/32 || len(res.batch.Elements) > 4*len(payload) {
			t.Errorf("%d records, %d bytes of elements out of %d bytes", n, len(res.batch.Elements), len(payload))
		}
		for i := range res.batch.Records {
			r := &res.batch.Records[i]
			notice := !r.Present.Has(flow.HasPackets) && r.Present.Has(flow.HasForwardingStatus) && r.Source.Bytes == 0
			if !r.Present.Has(flow.HasStart|flow.HasEnd) || r.Protocol != flow.SFlow5 || !notice && r.Source.Packets != 1 {
				t.Errorf("record %d lacks what every sample has", i)
			}
		}
	})
}
