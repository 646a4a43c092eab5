package traffic

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/weirflow/weir/shared/traffic/encode"
)

// BenchConfig describes the load mix of the benchmarks. Zero fields take the
// values of DefaultBenchConfig.
type BenchConfig struct {
	Seed      uint64
	Protocol  encode.Protocol // NetFlow9 or IPFIX
	Exporters int
	Records   int       // in a datagram, at most 24
	Boot      time.Time // of all exporters
	Buffers   int       // datagrams of one exporter that stay valid at a time
	// EvenSources, if not 0, is the number of source addresses, at most 2,097,152, all as frequent, instead of the Zipf distribution.
	EvenSources int
}

// DefaultBenchConfig is the mix that published numbers refer to: 8 exporters,
// NetFlow v9, 24 records of 20 fields a datagram.
func DefaultBenchConfig() BenchConfig {
	return BenchConfig{
		Seed: 1, Protocol: encode.NetFlow9, Exporters: 8, Records: 24, Buffers: 64,
		Boot: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
	}
}

// Figures of the mix.
const (
	benchSources      = 2_000_000
	benchZipf         = 1.1
	benchDestinations = 5000
	benchMaxBytes     = 100_000_000
	benchSpan         = 60_000 // ms before now that flows start at most
)

// BenchMix makes the datagrams of the load mix fast enough for a sender that
// shares its machine with the collector: frames are encoded once, and each use
// fills in new records, times and sequence numbers. No record is sent twice.
type BenchMix struct {
	cfg       BenchConfig
	draws     *benchDraws
	exporters []*benchExporter
}

// benchExporter is the state of one exporter; no two of them share any, so that
// each may have a goroutine of its own.
type benchExporter struct {
	templates *encode.Exporter // has templates due at any time
	frames    [][]byte
	next      int
	seq       uint32
	r         *rand.PCG
	at        int // place in the tables of draws
}

// NewBenchMix prepares the mix. It takes about half a second.
func NewBenchMix(cfg BenchConfig) (*BenchMix, error) {
	cfg = cfg.withDefaults()
	if cfg.Protocol != encode.NetFlow9 && cfg.Protocol != encode.IPFIX {
		return nil, fmt.Errorf("bench mix: protocol %s: want netflow9 or ipfix", cfg.Protocol)
	}
	if cfg.EvenSources < 0 || cfg.EvenSources > benchSourceDraws {
		return nil, fmt.Errorf("bench mix: %d even sources: want at most %d", cfg.EvenSources, benchSourceDraws)
	}
	if cfg.Records < 1 || cfg.Records > 24 || cfg.Exporters < 1 || cfg.Exporters > 250 || cfg.Buffers < 1 {
		return nil, fmt.Errorf("bench mix: %d records, %d exporters, %d buffers: want 1-24, 1-250, at least 1", cfg.Records, cfg.Exporters, cfg.Buffers)
	}
	m := &BenchMix{cfg: cfg, draws: newBenchDraws(cfg)}
	for i := range cfg.Exporters {
		e, err := m.newExporter(i)
		if err != nil {
			return nil, fmt.Errorf("bench mix: exporter %d: %w", i, err)
		}
		m.exporters = append(m.exporters, e)
	}
	return m, nil
}

// Exporters returns the number of exporters.
func (m *BenchMix) Exporters() int { return len(m.exporters) }

// RecordsPerDatagram returns the number of flow records in every datagram of Next.
func (m *BenchMix) RecordsPerDatagram() int { return m.cfg.Records }

// String describes the mix in a line, as benchmarks print it.
func (m *BenchMix) String() string {
	sources := fmt.Sprintf("Zipf(%.1f) over %d addresses", benchZipf, benchSources)
	if n := m.cfg.EvenSources; n > 0 {
		sources = fmt.Sprintf("%d addresses, all as frequent", n)
	}
	return fmt.Sprintf("%d exporters, %s, %d records of %d fields a datagram; sources %s, %d inside destinations, %d services, bytes Zipf-tailed to %d MB, flows end now and start up to %d s earlier",
		m.cfg.Exporters, m.cfg.Protocol, m.cfg.Records, len(benchLayout(m.cfg.Protocol)), sources,
		benchDestinations, len(benchServices()), benchMaxBytes/1_000_000, benchSpan/1000)
}

// Templates returns a datagram with the exporter's templates alone: what must
// be sent before the first Next, and again now and then. It carries the next
// sequence number and is valid until the next call for this exporter.
func (m *BenchMix) Templates(exporter int, now time.Time) ([]byte, error) {
	e := m.exporters[exporter]
	e.templates.SetSequence(e.seq)
	d, _, err := e.templates.Next(nil, now, nil)
	if err != nil {
		return nil, fmt.Errorf("bench mix: %w", err)
	}
	e.seq = e.templates.Sequence()
	return d, nil
}

// Next returns a datagram of the exporter that leaves at now, with new records.
// It stays valid for as many further calls as there are buffers. Calls for
// different exporters may run at the same time.
func (m *BenchMix) Next(exporter int, now time.Time) []byte {
	e := m.exporters[exporter]
	frame := e.frames[e.next]
	if e.next++; e.next == len(e.frames) {
		e.next = 0
	}
	ms := now.UnixMilli()
	data := m.draws.header(frame, ms, e.seq)
	e.seq++
	if m.cfg.Protocol == encode.IPFIX {
		e.seq += uint32(m.cfg.Records) - 1
	}
	size := m.draws.size
	for i := range m.cfg.Records {
		m.draws.fill(data[i*size:(i+1)*size], e, ms)
	}
	return frame
}

func (c BenchConfig) withDefaults() BenchConfig {
	d := DefaultBenchConfig()
	if c.Protocol != 0 {
		d.Protocol = c.Protocol
	}
	if c.Exporters != 0 {
		d.Exporters = c.Exporters
	}
	if c.Records != 0 {
		d.Records = c.Records
	}
	if c.Buffers != 0 {
		d.Buffers = c.Buffers
	}
	if !c.Boot.IsZero() {
		d.Boot = c.Boot
	}
	d.Seed, d.EvenSources = c.Seed, c.EvenSources
	return d
}

// benchLayout is the template of the mix: 20 fields in 60 bytes.
func benchLayout(p encode.Protocol) encode.Layout {
	v4, _ := encode.DefaultLayouts(p)
	if p == encode.NetFlow9 {
		return v4
	}
	return encode.Layout{
		{ID: 8, Len: 4}, {ID: 12, Len: 4}, {ID: 9, Len: 1}, {ID: 13, Len: 1}, {ID: 10, Len: 2}, {ID: 14, Len: 2},
		{ID: 2, Len: 4}, {ID: 1, Len: 8}, {ID: 152, Len: 8}, {ID: 153, Len: 8}, {ID: 7, Len: 2}, {ID: 11, Len: 2},
		{ID: 6, Len: 1}, {ID: 4, Len: 1}, {ID: 5, Len: 1}, {ID: 16, Len: 4}, {ID: 17, Len: 4}, {ID: 61, Len: 1},
		{ID: 136, Len: 1}, {ID: 60, Len: 1},
	}
}

// newExporter encodes the exporter's frames with records to be overwritten.
func (m *BenchMix) newExporter(i int) (*benchExporter, error) {
	c := encode.Config{
		Protocol: m.cfg.Protocol, Domain: uint32(i + 1), Boot: m.cfg.Boot,
		V4: benchLayout(m.cfg.Protocol), MaxRecords: m.cfg.Records, TemplateRefresh: 1,
	}
	e := &benchExporter{r: rand.NewPCG(mix(m.cfg.Seed), uint64(i)), at: i << 16}
	var err error
	if e.templates, err = encode.New(c); err != nil {
		return nil, err
	}
	c.TemplateRefresh = 1 << 62
	data, err := encode.New(c)
	if err != nil {
		return nil, err
	}
	now := m.cfg.Boot.Add(time.Hour)
	if _, _, err = data.Next(nil, now, nil); err != nil { // takes the templates out of the way
		return nil, err
	}
	flows := make([]encode.Flow, m.cfg.Records)
	for k := range flows {
		flows[k] = encode.Flow{
			Src: netip.AddrFrom4([4]byte{192, 0, 2, 1}), Dst: netip.AddrFrom4([4]byte{10, 20, 0, 1}),
			In: 1, Out: 2, SrcMask: 16, DstMask: 24, SrcAS: 64512, Start: now, End: now, EndReason: encode.EndIdle,
		}
	}
	for range m.cfg.Buffers {
		frame, used, err := data.Next(nil, now, flows)
		if err != nil || used != len(flows) {
			return nil, fmt.Errorf("%d of %d records in a frame: %w", used, len(flows), err)
		}
		e.frames = append(e.frames, frame)
	}
	return e, nil
}

// header brings a frame's header up to date and returns its records.
func (b *benchDraws) header(frame []byte, ms int64, seq uint32) []byte {
	be := binary.BigEndian
	if b.ipfix {
		be.PutUint32(frame[4:], uint32(ms/1000))
		be.PutUint32(frame[8:], seq)
		return frame[16+4:]
	}
	be.PutUint32(frame[4:], uint32(ms-b.bootMs))
	be.PutUint32(frame[8:], uint32(ms/1000))
	be.PutUint32(frame[12:], seq)
	return frame[20+4:]
}
