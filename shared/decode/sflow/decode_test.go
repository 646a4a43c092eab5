package sflow_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/decode/sflow"
	"github.com/weirflow/weir/shared/flow"
)

// facts are those of the datagram that decode gives in.
var facts = flow.Datagram{
	ID: flow.DatagramID{Hi: 1, Lo: 2}, Exporter: flow.AddrFrom4(0xc6336401), Domain: 3, Protocol: flow.SFlow5, Received: 1_700_000_000_000_000_000,
}

// result is what a datagram became.
type result struct {
	batch  *flow.Batch
	stream *flow.Stream
	err    error
}

func decode(payload []byte) result {
	res := result{batch: flow.NewBatch(8, flow.NewSymbols()), stream: &flow.Stream{}}
	d := facts
	d.Stream = res.stream
	res.batch.Datagrams = append(res.batch.Datagrams, d)
	res.err = sflow.NewSession(sflow.DefaultLimits(), res.stream, res.batch.Symbols).Decode(payload, res.batch, 0)
	return res
}

// elements returns those of record i as "id": value.
func (r result) elements(i int) map[uint16][]byte {
	m := map[uint16][]byte{}
	list := r.batch.ElementsOf(&r.batch.Records[i])
	for e, rest, ok := flow.NextElement(list); ok; e, rest, ok = flow.NextElement(rest) {
		m[e.ID] = e.Value
	}
	return m
}

// check tells that the account agrees with the batch.
func (r result) check(t *testing.T, records, counterSamples uint64, errs map[string]uint64) {
	t.Helper()
	s := r.stream
	if n := uint64(len(r.batch.Records)); n != records || s.Records.Load() != n || s.FlowSamples.Load() != n ||
		s.InFlight.Load() != int64(n) || uint64(r.batch.Datagrams[0].Records) != n {
		t.Errorf("%d records, counted %d, %d flow samples, %d in flight, %d of the datagram: want %d each",
			n, s.Records.Load(), s.FlowSamples.Load(), s.InFlight.Load(), r.batch.Datagrams[0].Records, records)
	}
	if n := s.CounterSamples.Load(); n != counterSamples {
		t.Errorf("%d counter samples, want %d", n, counterSamples)
	}
	if errs == nil {
		errs = map[string]uint64{}
	}
	if d := cmp.Diff(errs, s.Errors.Map()); d != "" {
		t.Errorf("errors (-want +got):\n%s", d)
	}
	if (r.err != nil) != (len(errs) > 0) {
		t.Errorf("error %v", r.err)
	}
}

func TestReadHeader(t *testing.T) {
	h, err := sflow.ReadHeader(datagram())
	want := sflow.Header{Agent: flow.AddrFrom4(0xc0000209), SubAgent: 3, Sequence: 77, Uptime: 1000}
	if err != nil || h != want {
		t.Errorf("got %+v, %v, want %+v", h, err, want)
	}
	h, err = sflow.ReadHeader(words(5, 2, hop6, 1, 2, 3, 4))
	if want := (sflow.Header{Agent: flow.AddrFromNetip(hop6), SubAgent: 1, Sequence: 2, Uptime: 3, Samples: 4}); err != nil || h != want {
		t.Errorf("got %+v, %v, want %+v", h, err, want)
	}
	if h, err = sflow.ReadHeader(words(5, 0, 1, 2, 3, 4)); err != nil || !h.Agent.IsZero() || h.SubAgent != 1 {
		t.Errorf("agent of unknown type: got %+v, %v", h, err)
	}
}

func TestReadHeaderRefuses(t *testing.T) {
	whole := datagram()
	for name, c := range map[string]struct {
		payload []byte
		want    flow.Reason
	}{
		"nothing":                       {nil, flow.RefusedShort},
		"cut in the address":            {whole[:10], flow.RefusedShort},
		"cut before the sample count":   {whole[:len(whole)-1], flow.RefusedShort},
		"version 4":                     {words(4, 1, hop4, 0, 0, 0, 0), flow.RefusedVersion},
		"agent address of another type": {words(5, 3, hop4, 0, 0, 0, 0), flow.RefusedLength},
	} {
		_, err := sflow.ReadHeader(c.payload)
		var e *sflow.Error
		if !errors.As(err, &e) || e.Reason != c.want || e.Sample != -1 {
			t.Errorf("%s: %v, want reason %s", name, err, c.want)
		}
		if res := decode(c.payload); res.err == nil || len(res.batch.Records) != 0 || res.stream.Errors.Sum() != 0 {
			t.Errorf("%s: Decode: %v, %d records, %d errors counted", name, res.err, len(res.batch.Records), res.stream.Errors.Sum())
		}
	}
}

func TestFlowSample(t *testing.T) {
	res := decode(datagram(block(2, 1, 2, 0), flowSample(rawHeader(1, frame(0)))))
	res.check(t, 1, 1, nil)
	want := flow.Record{
		Present: flow.HasStart | flow.HasEnd | flow.HasPackets | flow.HasBytes | flow.HasInIf | flow.HasOutIf | flow.HasSourceIP | flow.HasDestinationIP |
			flow.HasSourcePort | flow.HasDestinationPort | flow.HasProtocol | flow.HasTCPFlags | flow.HasToS | flow.HasTTL,
		ID:    flow.EventID{Datagram: facts.ID, Set: 1}, // the sample's number: a counter sample came first
		Start: facts.Received, End: facts.Received, Created: facts.Received,
		Exporter: facts.Exporter, Domain: 3, Protocol: flow.SFlow5,
		SamplingInterval: 512, SamplingSource: flow.SamplingHeader,
		InIf: 3, OutIf: 4, IPProtocol: 6, TCPFlags: flow.ACK, TTL: 60,
	}
	want.Source = flow.Endpoint{IP: flow.AddrFrom4(0xc0000201), Port: 50123, Bytes: 1518, Packets: 1, MAC: flow.MAC{2, 0, 0, 0, 0, 1}}
	want.Destination = flow.Endpoint{IP: flow.AddrFrom4(0xc6336402), Port: 443, MAC: flow.MAC{2, 0, 0, 0, 0, 2}}
	if d := cmp.Diff(want, res.batch.Records[0]); d != "" {
		t.Errorf("record (-want +got):\n%s", d)
	}
}

func TestExpandedFlowSample(t *testing.T) {
	res := decode(datagram(block(3, 9, 0, 70000, 2048, 1, 0, 0, 70000, 0, 70001, 1, rawHeader(1, frame(5)))))
	res.check(t, 1, 0, nil)
	r := res.batch.Records[0]
	if r.InIf != 70000 || r.OutIf != 70001 || r.SamplingInterval != 2048 || r.VLAN != 5 || r.Destination.Port != 443 {
		t.Errorf("got %+v", r)
	}
}

// TestNotIP: a sampled header that is not IP, or of a link that cannot be read, is a record all the same.
func TestNotIP(t *testing.T) {
	arp := append(frame(0)[:12:12], 8, 6, 0, 1)
	res := decode(datagram(flowSample(rawHeader(1, arp)), flowSample(rawHeader(16, arp)), flowSample()))
	res.check(t, 3, 0, nil)
	for i, r := range res.batch.Records {
		if r.Present.Has(flow.HasSourceIP) || r.Source.Packets != 1 {
			t.Errorf("record %d: %+v", i, r)
		}
		if r.Present.Has(flow.HasBytes) != (i < 2) {
			t.Errorf("record %d: presence of bytes is wrong", i)
		}
	}
}

// TestOneBadSampleCostsOnlyItself covers each way in which a sample can be wrong, between two good ones.
func TestOneBadSampleCostsOnlyItself(t *testing.T) {
	good := flowSample(rawHeader(1, frame(0)))
	for name, c := range map[string]struct {
		bad     []byte
		records uint64
		errs    map[string]uint64
	}{
		"notice cut short":                 {block(5, 1, 0, 3, 1, 3, 4, 258), 2, map[string]uint64{"sample": 1}},
		"other enterprise":                 {block(4300<<12|1, 1, 2, 3), 2, nil},
		"unknown format":                   {block(77), 2, nil},
		"fixed part cut short":             {block(1, 1, 2, 3), 2, map[string]uint64{"sample": 1}},
		"record runs beyond its sample":    {flowSample(words(1, 4000, 1, 2, 3)), 3, map[string]uint64{"sample": 1}},
		"record shorter than its format":   {flowSample(block(1, 1, 1518), rawHeader(1, frame(0))), 3, map[string]uint64{"sample": 1}},
		"more records claimed than held":   {block(1, 1, 3, 512, 0, 0, 3, 4, 1<<31), 3, map[string]uint64{"sample": 1}},
		"expanded, more records than held": {block(3, 1, 0, 3, 512, 0, 0, 0, 3, 0, 4, 1<<31), 3, map[string]uint64{"sample": 1}},
		"header that is no packet":         {flowSample(rawHeader(11, []byte{0x00, 1, 2})), 3, map[string]uint64{"packet_header": 1}},
		"empty header":                     {flowSample(rawHeader(1, nil)), 3, map[string]uint64{"packet_header": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			res := decode(datagram(good, c.bad, good))
			res.check(t, c.records, 0, c.errs)
			last := res.batch.Records[len(res.batch.Records)-1]
			if last.ID.Set != 2 || last.Source.Port != 50123 {
				t.Errorf("the sample after it: %+v", last)
			}
			var e *sflow.Error
			if res.err != nil && (!errors.As(res.err, &e) || e.Sample != 1) {
				t.Errorf("error %v does not name sample 1", res.err)
			}
		})
	}
}

func TestSampleBeyondDatagram(t *testing.T) {
	whole := datagram(flowSample(rawHeader(1, frame(0))), flowSample(rawHeader(1, frame(0))))
	res := decode(whole[:len(whole)-1])
	res.check(t, 1, 0, map[string]uint64{"sample": 1})

	claims := datagram()
	claims[len(claims)-4] = 0xff // 2^32 samples and none there
	res = decode(claims)
	res.check(t, 0, 0, map[string]uint64{"sample": 1})
}
