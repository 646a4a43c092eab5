package encode

import (
	"fmt"
	"time"
)

// samplerID is the id of the one sampler (v9) or selector (IPFIX) that options
// data describe and records name.
const samplerID = 1

// maxV5Sampling is the largest interval the 14 bits of a v5 header hold.
const maxV5Sampling = 1<<14 - 1

// Interface is an ifIndex and the name its options data give.
type Interface struct {
	Index uint32
	Name  string // at most 16 bytes are sent over NetFlow v9
	Speed uint64 // bit/s; sFlow's counters tell it
}

// Config says what device an Exporter stands for.
type Config struct {
	Protocol Protocol
	// Domain is the v9 source id or the IPFIX observation domain; its low 16
	// bits are engine type and engine id in NetFlow v5.
	Domain uint32
	// Boot is when sysUptime was 0, kept to the millisecond.
	Boot time.Time
	// Sampling announces that flows come from packets sampled 1:N. 0 and 1
	// announce nothing. It does not change the flows.
	Sampling uint32
	// Interfaces are announced by options data with the templates (v9, IPFIX).
	Interfaces []Interface
	// V4 and V6 are the templates of the two families; nil means DefaultLayouts.
	V4, V6 Layout
	// TemplateRefresh and TemplateEvery repeat the templates after a time and in
	// one of so many datagrams. 0 means 5 minutes, and no count.
	TemplateRefresh time.Duration
	TemplateEvery   int
	// MaxPayload is the largest UDP payload in bytes, MaxRecords the most flows
	// in a datagram. 0 means 1472 (an Ethernet frame) and 30 (v5) or 24.
	MaxPayload int
	MaxRecords int
}

// format writes one protocol's datagrams. Implementations append to dst and
// may use flows up to the first that does not fit.
type format interface {
	// next appends one datagram and says how many leading flows it holds.
	next(dst []byte, now time.Time, flows []Flow) (datagram []byte, used int, err error)
}

// Exporter turns flows into datagrams of one device and observation domain. It
// is not safe for concurrent use.
type Exporter struct {
	cfg    Config
	bootMs int64
	format format
	seq    uint32
}

// New checks cfg, fills in its defaults and returns an Exporter that has sent
// nothing yet.
func New(cfg Config) (*Exporter, error) {
	e := &Exporter{cfg: withDefaults(cfg), bootMs: cfg.Boot.UnixMilli()}
	if err := e.cfg.check(); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	e.format = newFormat(e)
	return e, nil
}

// Protocol returns the wire format the exporter writes.
func (e *Exporter) Protocol() Protocol { return e.cfg.Protocol }

// MaxRecords returns the most flows one datagram holds.
func (e *Exporter) MaxRecords() int { return e.cfg.MaxRecords }

// Sequence returns the number the next datagram's header will carry: flows (v5),
// datagrams (v9) or data records (IPFIX) sent so far, modulo 2^32.
func (e *Exporter) Sequence() uint32 { return e.seq }

// SetSequence makes the next datagram carry seq, as if the device had sent that
// much already. Tests use it to reach the wrap.
func (e *Exporter) SetSequence(seq uint32) { e.seq = seq }

// Next appends to dst one datagram that leaves the device at now, with as many
// leading flows as fit, and says how many those are. Templates and options go
// first when they are due; then even no flow may fit. With no flows and nothing
// due dst comes back unchanged. An error (it wraps ErrRange) names the flow
// that cannot be written; nothing is sent or counted then.
func (e *Exporter) Next(dst []byte, now time.Time, flows []Flow) (datagram []byte, used int, err error) {
	if len(flows) > e.cfg.MaxRecords {
		flows = flows[:e.cfg.MaxRecords]
	}
	for i := range flows {
		if err := e.checkFlow(&flows[i]); err != nil {
			return dst, 0, fmt.Errorf("encode %s: flow %d: %w", e.cfg.Protocol, i, err)
		}
	}
	out, used, err := e.format.next(dst, now, flows)
	if err != nil {
		return dst, 0, fmt.Errorf("encode %s: %w", e.cfg.Protocol, err)
	}
	return out, used, nil
}

// Datagrams encodes all flows at once, each datagram in memory of its own: the
// simple form for tests.
func (e *Exporter) Datagrams(now time.Time, flows []Flow) ([][]byte, error) {
	var out [][]byte
	for len(flows) > 0 {
		d, used, err := e.Next(nil, now, flows)
		if err != nil {
			return out, err
		}
		out = append(out, d)
		flows = flows[used:]
	}
	return out, nil
}

// uptime is sysUptime in milliseconds at t; it wraps every 49.7 days, and so do
// First and Last, which makes flows that began before the wrap come out right
// only for readers that know about it.
func (e *Exporter) uptime(t time.Time) uint32 { return uint32(t.UnixMilli() - e.bootMs) }

func (e *Exporter) checkFlow(f *Flow) error {
	if !f.Src.IsValid() || f.Src.Is4() != f.Dst.Is4() || f.Src.Is4In6() || f.Dst.Is4In6() {
		return fmt.Errorf("addresses %s and %s: %w", f.Src, f.Dst, ErrRange)
	}
	if !f.Src.Is4() && !e.cfg.Protocol.IPv6() {
		return fmt.Errorf("IPv6 address %s: %w", f.Src, ErrRange)
	}
	return nil
}

func withDefaults(c Config) Config {
	v4, v6 := DefaultLayouts(c.Protocol)
	if c.V4 == nil {
		c.V4 = v4
	}
	if c.V6 == nil {
		c.V6 = v6
	}
	if c.TemplateRefresh == 0 {
		c.TemplateRefresh = 5 * time.Minute
	}
	if c.MaxPayload == 0 {
		c.MaxPayload = 1472
	}
	if c.MaxRecords == 0 {
		c.MaxRecords = 24
		if c.Protocol == NetFlow5 {
			c.MaxRecords = maxV5Records
		}
	}
	return c
}

func (c *Config) check() error {
	switch {
	case c.Protocol < NetFlow5 || c.Protocol > IPFIX:
		return fmt.Errorf("%s cannot be written", c.Protocol)
	case c.MaxPayload < 512 || c.MaxPayload > 65507:
		return fmt.Errorf("payload limit %d: want 512 to 65507 bytes", c.MaxPayload)
	case c.Protocol == NetFlow5 && (c.Sampling > maxV5Sampling || c.MaxRecords > maxV5Records):
		return fmt.Errorf("sampling 1:%d, %d records: NetFlow v5 holds at most 1:%d and %d",
			c.Sampling, c.MaxRecords, maxV5Sampling, maxV5Records)
	case c.Protocol == NetFlow5:
		return nil
	}
	if err := c.V4.check("IPv4"); err != nil {
		return err
	}
	return c.V6.check("IPv6")
}

func newFormat(e *Exporter) format {
	switch e.cfg.Protocol {
	case NetFlow9:
		return newTemplated(e, netflow9{})
	case IPFIX:
		return newTemplated(e, ipfix{})
	}
	return &netflow5{e: e}
}
