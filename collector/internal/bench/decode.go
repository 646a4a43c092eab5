package bench

import (
	"bytes"
	"fmt"
	"io"
	"net/netip"
	"runtime"
	"time"

	"github.com/netsampler/goflow2/v2/producer"
	protoproducer "github.com/netsampler/goflow2/v2/producer/proto"
	"github.com/netsampler/goflow2/v2/utils"

	"github.com/weirflow/weir/shared/decode"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/normalize"
	"github.com/weirflow/weir/shared/traffic"
	"github.com/weirflow/weir/shared/traffic/encode"
)

// decodeDatagrams is how many datagrams of the mix both decoders get; goflow2 gets each once, we get them in rounds.
const decodeDatagrams = 20_000

// capture holds datagrams of the bench mix in memory, templates first.
type capture struct {
	templates [][]byte
	datagrams [][]byte
	sources   []netip.AddrPort // of datagram i: sources[i%len]
	records   int
}

func newCapture(p encode.Protocol) (*capture, error) {
	cfg := traffic.DefaultBenchConfig()
	cfg.Protocol = p
	mix, err := traffic.NewBenchMix(cfg)
	if err != nil {
		return nil, err
	}
	c := &capture{}
	now := time.Now()
	for i := range mix.Exporters() {
		d, err := mix.Templates(i, now)
		if err != nil {
			return nil, err
		}
		c.templates = append(c.templates, bytes.Clone(d))
		c.sources = append(c.sources, netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, byte(2 + i)}), 40000))
	}
	for i := range decodeDatagrams {
		c.datagrams = append(c.datagrams, bytes.Clone(mix.Next(i%mix.Exporters(), now)))
	}
	c.records = decodeDatagrams * mix.RecordsPerDatagram()
	return c, nil
}

// cost is what decoding cost per record.
type cost struct {
	perRecord   time.Duration
	allocations float64
}

// timed runs f over a capture of n records.
func timed(n int, f func() error) (cost, error) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	begin := time.Now()
	err := f()
	spent := time.Since(begin)
	runtime.ReadMemStats(&after)
	return cost{perRecord: spent / time.Duration(n), allocations: float64(after.Mallocs-before.Mallocs) / float64(n)}, err
}

// weirCost decodes and normalizes; the best of a few rounds counts, each with a decoder that has seen nothing yet.
func (c *capture) weirCost() (best cost, err error) {
	for range 5 {
		symbols := flow.NewSymbols()
		d := decode.New(decode.DefaultConfig(), decode.Deps{Account: flow.NewAccount(), Symbols: symbols})
		n, err := normalize.New(normalize.Config{}, normalize.Deps{})
		if err != nil {
			return best, err
		}
		b := flow.NewBatch(256, symbols)
		received := time.Now().UnixNano()
		for i, t := range c.templates {
			if err := d.Decode(t, c.sources[i], received, b); err != nil {
				return best, fmt.Errorf("templates: %w", err)
			}
		}
		got, err := timed(c.records, func() error {
			for i, t := range c.datagrams {
				b.Reset()
				if err := d.Decode(t, c.sources[i%len(c.sources)], received, b); err != nil {
					return err
				}
				n.Batch(b)
			}
			return nil
		})
		if err != nil {
			return best, err
		}
		if best.perRecord == 0 || got.perRecord < best.perRecord {
			best = got
		}
	}
	return best, nil
}

// goflowCost runs goflow2's pipe with its producer, without format and transport.
func (c *capture) goflowCost() (best cost, err error) {
	for range 3 {
		cfg := &protoproducer.ProducerConfig{}
		compiled, err := cfg.Compile()
		if err != nil {
			return best, fmt.Errorf("goflow2's config: %w", err)
		}
		prod, err := protoproducer.CreateProtoProducer(compiled, protoproducer.CreateSamplingSystem)
		if err != nil {
			return best, fmt.Errorf("goflow2's producer: %w", err)
		}
		got, err := c.goflowRound(prod)
		if err != nil {
			return best, err
		}
		if best.perRecord == 0 || got.perRecord < best.perRecord {
			best = got
		}
	}
	return best, nil
}

func (c *capture) goflowRound(prod producer.ProducerInterface) (cost, error) {
	pipe := utils.NewNetFlowPipe(&utils.PipeConfig{Producer: prod})
	defer pipe.Close()
	now := time.Now()
	for i, t := range c.templates {
		if err := pipe.DecodeFlow(&utils.Message{Src: c.sources[i], Payload: t, Received: now}); err != nil {
			return cost{}, fmt.Errorf("goflow2 templates: %w", err)
		}
	}
	return timed(c.records, func() error {
		for i, t := range c.datagrams {
			if err := pipe.DecodeFlow(&utils.Message{Src: c.sources[i%len(c.sources)], Payload: t, Received: now}); err != nil {
				return err
			}
		}
		return nil
	})
}

func reportDecode(w, log io.Writer) error {
	fmt.Fprintf(w, "## Decode and map to a record\n\nIn one process, one goroutine, %d datagrams of the bench mix. goflow2 is its pipe with its protobuf producer, without format and transport.\n\n", decodeDatagrams)
	fmt.Fprintln(w, "| protocol | Weir | allocations/record | goflow2 | allocations/record | ratio |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|")
	for _, p := range []encode.Protocol{encode.NetFlow9, encode.IPFIX} {
		fmt.Fprintf(log, "bench: decode %s\n", p)
		c, err := newCapture(p)
		if err != nil {
			return err
		}
		ours, err := c.weirCost()
		if err != nil {
			return err
		}
		theirs, err := c.goflowCost()
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "| %s | %d ns | %.4f | %d ns | %.1f | %.1fx |\n", p, ours.perRecord.Nanoseconds(), ours.allocations,
			theirs.perRecord.Nanoseconds(), theirs.allocations, float64(theirs.perRecord)/float64(max(ours.perRecord, 1)))
	}
	_, err := fmt.Fprintln(w)
	return err
}
