package health_test

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/clock"
	"github.com/weirflow/weir/shared/decode"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/health"
	"github.com/weirflow/weir/shared/interfaces"
	"github.com/weirflow/weir/shared/normalize"
	"github.com/weirflow/weir/shared/traffic/encode"
)

var begin = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// simulated is an exporter on a virtual clock: an office's connections, a flow cache, and something that may be wrong.
type simulated struct {
	config   encode.Config
	active   time.Duration                       // of long flows; 0 is 60 s
	inactive time.Duration                       // of flows without an end; 0 is 15 s
	skew     time.Duration                       // of its clock
	change   func(f *encode.Flow) (copies int)   // nil: 1
	mangle   func(n int, datagram []byte) []byte // nil: as it is; an empty one is lost
	restart  time.Duration                       // so often
	resample uint32                              // what sampling is announced after a restart
	// quietRestart keeps sequence number and uptime: the export process alone was set anew.
	quietRestart bool
	second       *encode.Config                          // of another device behind the same address
	samples      func(at time.Time) flow.InterfaceSample // every 20 s
}

// office makes the flows that an exporter with these timeouts exports within the second that begins at a time.
type office struct {
	r                *rand.Rand
	active, inactive time.Duration
	due              []timed
	long             []time.Time // when the piece at hand of each long connection began
}

type timed struct {
	at   time.Time
	flow encode.Flow
}

func newOffice(seed uint64, active, inactive time.Duration) *office {
	o := &office{r: rand.New(rand.NewPCG(seed, 1)), active: active, inactive: inactive}
	for i := range 12 {
		o.long = append(o.long, begin.Add(time.Duration(i)*97*time.Millisecond))
	}
	return o
}

func addr(a, b, c, d int) netip.Addr {
	return netip.AddrFrom4([4]byte{byte(a), byte(b), byte(c), byte(d)})
}

// both adds the two directions of a connection.
func (o *office) both(f encode.Flow, at time.Time, answer uint8) {
	o.due = append(o.due, timed{at, f})
	f.Src, f.Dst, f.SrcPort, f.DstPort, f.In, f.Out = f.Dst, f.Src, f.DstPort, f.SrcPort, f.Out, f.In
	f.TCPFlags, f.Bytes = answer, f.Bytes*4
	if f.End.After(f.Start) {
		f.Start = f.Start.Add(time.Millisecond)
	}
	o.due = append(o.due, timed{at.Add(3 * time.Millisecond), f})
}

// second returns the flows that are exported within the second after at.
func (o *office) second(at time.Time) (list []encode.Flow) {
	for range 8 {
		start := at.Add(time.Duration(o.r.IntN(1000)) * time.Millisecond)
		end := start.Add(time.Duration(20+o.r.IntN(15000)) * time.Millisecond)
		packets := uint64(5 + o.r.IntN(30))
		o.both(encode.Flow{
			Src: addr(10, 0, 0, 1+o.r.IntN(50)), Dst: addr(203, 0, 113, 1+o.r.IntN(200)), SrcPort: uint16(32768 + o.r.IntN(28000)), DstPort: 443,
			Protocol: encode.TCP, TCPFlags: encode.SYN | encode.ACK | encode.PSH | encode.FIN, In: 2, Out: 1, Packets: packets, Bytes: packets * 300,
			Start: start, End: end, EndReason: encode.EndSeen,
		}, end, encode.SYN|encode.ACK|encode.PSH|encode.FIN)
		start = at.Add(time.Duration(o.r.IntN(1000)) * time.Millisecond)
		o.both(encode.Flow{
			Src: addr(10, 0, 0, 1+o.r.IntN(50)), Dst: addr(10, 0, 1, 53), SrcPort: uint16(32768 + o.r.IntN(28000)), DstPort: 53,
			Protocol: encode.UDP, In: 2, Out: 3, Packets: 1, Bytes: 70, Start: start, End: start, EndReason: encode.EndIdle,
		}, start.Add(o.inactive), 0)
	}
	for i, start := range o.long {
		if end := start.Add(o.active); end.Before(at.Add(time.Second)) {
			o.both(encode.Flow{
				Src: addr(10, 0, 0, 100+i), Dst: addr(203, 0, 113, 210), SrcPort: uint16(50000 + i), DstPort: 22, Protocol: encode.TCP,
				TCPFlags: encode.ACK | encode.PSH, In: 2, Out: 1, Packets: 4000, Bytes: 1 << 20, Start: start, End: end.Add(-time.Duration(o.r.IntN(300)) * time.Millisecond), EndReason: encode.EndActive,
			}, end, encode.ACK|encode.PSH)
			o.long[i] = end
		}
	}
	kept := o.due[:0]
	for _, t := range o.due {
		if t.at.Before(at.Add(time.Second)) {
			list = append(list, t.flow)
		} else {
			kept = append(kept, t)
		}
	}
	o.due = kept
	return list
}

// lab is a collector's way from datagrams to the monitor, on a virtual clock.
type lab struct {
	t       *testing.T
	account *flow.Account
	decoder *decode.Decoder
	norm    *normalize.Normalizer
	meter   *interfaces.Meter
	monitor *health.Monitor
	batch   *flow.Batch
	size    int // datagrams a batch
	alerts  []flow.Alert
	last    *flow.Batch // the one that was observed last
}

func newLab(t *testing.T, cfg health.Config, deps health.Deps) *lab {
	t.Helper()
	l := &lab{t: t, account: flow.NewAccount(), size: 1}
	symbols := flow.NewSymbols()
	l.decoder = decode.New(decode.DefaultConfig(), decode.Deps{Account: l.account, Symbols: symbols})
	clocks, err := clock.New(clock.DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	if l.norm, err = normalize.New(normalize.Config{}, normalize.Deps{Clock: clocks}); err != nil {
		t.Fatal(err)
	}
	if l.meter, err = interfaces.NewMeter(interfaces.Config{}, interfaces.Deps{Symbols: symbols, Table: interfaces.NewTable(interfaces.TableConfig{}, symbols)}); err != nil {
		t.Fatal(err)
	}
	deps.Symbols, deps.Seed, deps.Loads = symbols, 7, l.meter
	if l.monitor, err = health.New(cfg, deps); err != nil {
		t.Fatal(err)
	}
	l.batch = flow.NewBatch(0, symbols)
	return l
}

// take takes a datagram; an error of the decoder is counted there.
func (l *lab) take(payload []byte, from netip.AddrPort, at time.Time) {
	_ = l.decoder.Decode(payload, from, at.UnixNano(), l.batch)
	if len(l.batch.Datagrams) >= l.size {
		l.flush()
	}
}

func (l *lab) flush() {
	l.norm.Batch(l.batch)
	now := int64(0)
	for i := range l.batch.Datagrams {
		now = max(now, l.batch.Datagrams[i].Received)
	}
	l.meter.Observe(l.batch, now)
	l.monitor.Observe(l.batch)
	l.last = l.batch
	l.batch = flow.NewBatch(0, l.batch.Symbols)
	l.alerts = append(l.alerts, l.monitor.Changes()...)
}

// run runs an exporter for some time.
func (l *lab) run(s simulated, last time.Duration) {
	l.t.Helper()
	s.active, s.inactive = max(s.active, 0), max(s.inactive, 0)
	if s.active == 0 {
		s.active = time.Minute
	}
	if s.inactive == 0 {
		s.inactive = 15 * time.Second
	}
	if s.config.Protocol == 0 {
		s.config.Protocol = encode.NetFlow9
	}
	if s.config.Boot.IsZero() {
		s.config.Boot = begin.Add(-72 * time.Hour)
	}
	devices := []*encode.Exporter{l.device(s.config)}
	offices := []*office{newOffice(5, s.active, s.inactive)}
	if s.second != nil {
		devices = append(devices, l.device(*s.second))
		offices = append(offices, newOffice(6, s.active, s.inactive))
	}
	from := netip.MustParseAddrPort("192.0.2.1:40000")
	n := 0
	for at := begin; at.Before(begin.Add(last)); at = at.Add(time.Second) {
		if s.restart > 0 && at.After(begin) && at.Sub(begin)%s.restart == 0 {
			number := devices[0].Sequence()
			if s.resample != 0 {
				s.config.Sampling = s.resample
			}
			if !s.quietRestart {
				s.config.Boot, number = at, 0
			}
			devices[0] = l.device(s.config)
			devices[0].SetSequence(number)
		}
		if s.samples != nil && at.Sub(begin)%(20*time.Second) == 0 {
			l.batch.Interfaces = append(l.batch.Interfaces, s.samples(at))
		}
		for i, d := range devices {
			flows := s.changed(offices[i].second(at))
			sent := at.Add(time.Second).Add(time.Duration(i) * 10 * time.Millisecond)
			datagrams, err := d.Datagrams(sent.Add(s.skew), flows)
			if err != nil {
				l.t.Fatal(err)
			}
			for _, payload := range datagrams {
				if n++; s.mangle != nil {
					payload = s.mangle(n, slices.Clone(payload))
				}
				if len(payload) > 0 {
					l.take(payload, from, sent.Add(2*time.Millisecond))
				}
			}
		}
	}
	l.flush()
	l.monitor.Advance(begin.Add(last).UnixNano())
	l.alerts = append(l.alerts, l.monitor.Changes()...)
}

func (s *simulated) changed(flows []encode.Flow) (list []encode.Flow) {
	for _, f := range flows {
		copies := 1
		f.Start, f.End = f.Start.Add(s.skew), f.End.Add(s.skew)
		if s.change != nil {
			copies = s.change(&f)
		}
		for i := range copies {
			f.Direction = uint8(i)
			list = append(list, f)
		}
	}
	return list
}

func (l *lab) device(cfg encode.Config) *encode.Exporter {
	l.t.Helper()
	e, err := encode.New(cfg)
	if err != nil {
		l.t.Fatal(err)
	}
	return e
}

// faults returns the names of all faults.
func (l *lab) faults() (names []string, texts []string) {
	for _, s := range l.account.Streams() {
		r := l.monitor.Report(s.Key)
		if r == nil {
			continue
		}
		for _, f := range r.Faults {
			names, texts = append(names, f.Kind), append(texts, f.Text)
		}
	}
	slices.Sort(names)
	return names, texts
}
