package sflow_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/decode/sflow"
	"github.com/weirflow/weir/shared/flow"
)

// numbered is a flow sample of a source with its number, pool and drops.
func numbered(source, number, pool, drops int) []byte {
	return block(1, number, source, 512, pool, drops, 3, 4, 0)
}

// feed decodes datagrams of one session, each with its uptime, and returns the account.
type feed struct {
	session *sflow.Session
	batch   *flow.Batch
	stream  *flow.Stream
}

func newFeed(limits *sflow.Limits) *feed {
	f := &feed{batch: flow.NewBatch(8, flow.NewSymbols()), stream: &flow.Stream{}}
	f.session = sflow.NewSession(limits, f.stream, f.batch.Symbols)
	return f
}

func (f *feed) take(t *testing.T, uptime int, samples ...[]byte) {
	t.Helper()
	payload := words(5, 0, 3, 77, uptime, len(samples))
	for _, s := range samples {
		payload = append(payload, s...)
	}
	f.batch.Reset()
	f.batch.Datagrams = append(f.batch.Datagrams, facts)
	if err := f.session.Decode(payload, f.batch, 0); err != nil {
		t.Fatal(err)
	}
}

func TestSourceNumbers(t *testing.T) {
	type step struct {
		uptime  int
		samples [][]byte
	}
	one := func(number, pool, drops int) [][]byte { return [][]byte{numbered(3, number, pool, drops)} }
	for _, c := range []struct {
		name              string
		steps             []step
		gaps, pool, drops uint64
	}{
		{"what came before the first is not known", []step{{0, one(100, 5000, 40)}}, 0, 0, 0},
		{"in a row", []step{{0, one(1, 512, 0)}, {1, one(2, 1024, 0)}, {2, one(3, 1536, 0)}}, 0, 1024, 0},
		{"missing, and drops that grew", []step{{0, one(1, 512, 7)}, {1, one(5, 2560, 9)}}, 3, 2048, 2},
		{"numbers and pools wrap", []step{{0, one(0xffffffff, 0xffffff00, 0xffffffff)}, {1, one(1, 0x100, 1)}}, 1, 512, 2},
		{"sources apart", []step{{0, [][]byte{numbered(3, 1, 100, 0), numbered(4, 50, 900, 0)}}, {1, [][]byte{numbered(4, 51, 950, 1), numbered(3, 2, 110, 0)}}}, 0, 60, 1},
		{"late samples are no gap and no measure", []step{{0, one(1, 100, 0)}, {1, one(3, 300, 2)}, {2, one(2, 200, 1)}, {3, one(4, 400, 2)}}, 1, 300, 2},
		{"the agent restarted", []step{{600_000, one(1000, 500_000, 9)}, {10, one(1, 512, 0)}, {20, one(2, 1024, 3)}}, 0, 512, 3},
		{"another count", []step{{0, one(1, 0, 0)}, {1, one(1<<30, 0, 0)}}, 0, 0, 0},
		{"counter samples have numbers of their own", []step{{0, [][]byte{numbered(7, 1, 0, 0), counterSample()}}, {1, [][]byte{numbered(7, 2, 0, 0), block(2, 4, 7, 0)}}}, 2, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFeed(sflow.DefaultLimits())
			for _, s := range c.steps {
				f.take(t, s.uptime, s.samples...)
			}
			if got := f.stream; got.SampleGaps.Load() != c.gaps || got.SamplePool.Load() != c.pool || got.SampleDrops.Load() != c.drops {
				t.Errorf("gaps %d, pool %d, drops %d: want %d, %d, %d", got.SampleGaps.Load(), got.SamplePool.Load(), got.SampleDrops.Load(), c.gaps, c.pool, c.drops)
			}
		})
	}
}

// TestExpandedSource: a source of an expanded sample is that of a compact one with the same class and index.
func TestExpandedSource(t *testing.T) {
	f := newFeed(sflow.DefaultLimits())
	f.take(t, 0, numbered(2<<24|9, 1, 0, 0))
	f.take(t, 1, block(3, 3, 2, 9, 512, 0, 0, 0, 3, 0, 4, 0))
	if got := f.stream.SampleGaps.Load(); got != 1 {
		t.Errorf("%d missing, want 1", got)
	}
}

// TestBehindForLong: a source whose numbers stay behind counts anew.
func TestBehindForLong(t *testing.T) {
	f := newFeed(sflow.DefaultLimits())
	f.take(t, 0, numbered(3, 1000, 0, 0))
	for n := range 100 {
		f.take(t, 1, numbered(3, 1+2*n, 0, 0))
	}
	if got := f.stream.SampleGaps.Load(); got != 35 {
		t.Errorf("%d missing, want one between each two of the last 36", got)
	}
}

func TestSourceCap(t *testing.T) {
	limits := sflow.DefaultLimits()
	limits.MaxSources, limits.MaxNames = 4, 2
	f := newFeed(limits)
	for i := range 6 {
		f.take(t, 0, numbered(i, 1, 0, 0))
		f.take(t, 0, numbered(i, 3, 0, 0))
	}
	if n := f.stream.Errors.Map()["source_cap"]; n != 4 || f.stream.FlowSamples.Load() != 12 || f.stream.SampleGaps.Load() != 4 {
		t.Errorf("%d samples of sources beyond the cap, %d samples, %d gaps", n, f.stream.FlowSamples.Load(), f.stream.SampleGaps.Load())
	}
}

func TestNameCap(t *testing.T) {
	limits := sflow.DefaultLimits()
	limits.MaxNames = 2
	f := newFeed(limits)
	for i := range 4 {
		for range 3 { // the same name again is no new one
			f.take(t, 0, counterSample(generic, block(1005, 4, fmt.Appendf(nil, "eth%d", i))))
		}
	}
	if n := f.stream.Errors.Map()["source_cap"]; n != 6 || f.batch.Symbols.Len() != 4 {
		t.Errorf("%d names beyond the cap, %d symbols", n, f.batch.Symbols.Len())
	}
	// A name lasts: agents that send it now and then have it in every sample.
	f.take(t, 0, counterSample(generic))
	if got := f.batch.Symbols.Text(f.batch.Interfaces[0].Name); got != "eth1" {
		t.Errorf("name %q, want eth1, the last that found room", got)
	}
}

func TestDecodeAllocatesNothing(t *testing.T) {
	f := newFeed(sflow.DefaultLimits())
	payload := datagram(
		counterSample(generic, block(1005, 4, []byte("eth0"))), flowSample(rawHeader(1, frame(100)), block(1001, 20, 0, 30, 0)), flowSample(sampledIPv4()),
		notice(1, 0, 258, rawHeader(1, frame(0))),
	)
	run := func() {
		f.batch.Reset()
		f.batch.Datagrams = append(f.batch.Datagrams, facts)
		if err := f.session.Decode(payload, f.batch, 0); err != nil {
			t.Fatal(err)
		}
	}
	run()
	if n := testing.AllocsPerRun(20, run); n != 0 {
		t.Errorf("%v allocations a datagram", n)
	}
}

// sampled keeps a header.
type sampled struct{ last flow.PacketHeader }

func (s *sampled) Header(h flow.PacketHeader) { s.last = h }

func TestHeaderSink(t *testing.T) {
	f := newFeed(sflow.DefaultLimits())
	sink := &sampled{}
	f.session.Headers = sink
	header := frame(100)
	f.take(t, 0, flowSample(rawHeader(1, header)))
	want := flow.PacketHeader{
		At: facts.Received, Exporter: facts.Exporter, Source: flow.AddrFrom4(0xc0000201), Destination: flow.AddrFrom4(0xc6336402),
		Link: 1, Length: 1514, Data: header, // 1518 less the 4 that were stripped
	}
	if d := cmp.Diff(want, sink.last); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	short := block(1, 1, 10, 4, len(header), header) // a frame that claims to be shorter than what is there of it
	f.take(t, 1, notice(1, 0, 258, short))
	if got := int(sink.last.Length); got != len(header) {
		t.Errorf("length %d of %d bytes", got, len(header))
	}
}
