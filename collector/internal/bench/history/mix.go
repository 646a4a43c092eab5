package history

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/weirflow/weir/shared/traffic"
	"github.com/weirflow/weir/shared/traffic/encode"
)

// RecordsPerDatagram is that of the load mix.
const RecordsPerDatagram = 24

// exporters is how many there are.
const exporters = 8

// Mix makes the datagrams of a history, hour by hour. It is used by one goroutine.
type Mix struct {
	plan  *plan
	bench *traffic.BenchMix
	dress dresser
	next  int // hour
}

// NewMix prepares the history of days that begins at start, an hour.
func NewMix(start time.Time, days int, records, seed uint64) (*Mix, error) {
	cfg := traffic.DefaultBenchConfig()
	cfg.Seed, cfg.Protocol, cfg.Exporters, cfg.Records = seed, encode.NetFlow9, exporters, RecordsPerDatagram
	cfg.Boot = start.Add(-time.Hour)
	bench, err := traffic.NewBenchMix(cfg)
	if err != nil {
		return nil, err
	}
	return &Mix{plan: newPlan(start, days, records), bench: bench, dress: newDresser()}, nil
}

// Emit takes a datagram that an exporter sends at a time. The payload is valid until it returns.
type Emit func(exporter int, at time.Time, payload []byte) error

// Hour makes the datagrams of an hour, which must be behind those made before; hours in between are passed over. Each hour begins with
// the exporters' templates.
func (m *Mix) Hour(n int, emit Emit) error {
	if n < m.next {
		return fmt.Errorf("history: hour %d after hour %d", n, m.next-1)
	}
	for ; m.next <= n; m.next++ {
		f := emit
		if m.next < n {
			f = func(int, time.Time, []byte) error { return nil }
		}
		if err := m.hour(m.next, f); err != nil {
			return err
		}
	}
	return nil
}

func (m *Mix) hour(n int, emit Emit) error {
	begin := m.plan.start.Add(time.Duration(n) * time.Hour)
	for e := range exporters {
		d, err := m.bench.Templates(e, begin)
		if err != nil {
			return err
		}
		if err := emit(e, begin, d); err != nil {
			return err
		}
	}
	count := m.plan.hour(n)
	for k := range count {
		at := begin.Add(time.Hour * time.Duration(k) / time.Duration(count))
		d := m.bench.Next(k%exporters, at)
		m.dress.datagram(d)
		if err := emit(k%exporters, at, d); err != nil {
			return err
		}
	}
	return nil
}

// String describes the mix in a line.
func (m *Mix) String() string {
	return m.bench.String() + "; of 24 records 6 are answers, going out, and 2 stay inside"
}

// dresser changes the records of the load mix, which all come in, so that there are answers, traffic that stays inside, and several
// interfaces and AS numbers.
type dresser struct {
	header, size                                                int
	src, dst, in, out, sport, dport, flags, proto, srcAS, dstAS int
}

func newDresser() dresser {
	l, _ := encode.DefaultLayouts(encode.NetFlow9)
	at := func(id uint16) int {
		off, _, _ := l.Offset(id) // the layout of the mix has them all
		return off
	}
	return dresser{
		header: 20 + 4, size: l.Size(), src: at(8), dst: at(12), in: at(10), out: at(14), sport: at(7), dport: at(11), flags: at(6), proto: at(4),
		srcAS: at(16), dstAS: at(17),
	}
}

// answers tells whether record i of a datagram is the answer to the one before it.
func answers(i int) bool { return i%4 == 3 }

func inner(i int) bool { return i%12 == 5 }

func (d *dresser) datagram(payload []byte) {
	data := payload[d.header:]
	for i := range RecordsPerDatagram {
		rec := data[i*d.size : (i+1)*d.size]
		if answers(i) {
			d.answer(rec, data[(i-1)*d.size:i*d.size])
			continue
		}
		d.question(rec, inner(i))
	}
}

// question gives a record AS number and interfaces by its addresses, and a source that is inside where it is to have one.
func (d *dresser) question(rec []byte, inside bool) {
	be := binary.BigEndian
	src, dst := be.Uint32(rec[d.src:]), be.Uint32(rec[d.dst:])
	as := firstAS + src>>12%autonomous
	if inside {
		src, as = 10<<24|20<<16|(src>>8%20)<<8|src%250+1, 0
		be.PutUint32(rec[d.src:], src)
	}
	be.PutUint32(rec[d.srcAS:], as)
	be.PutUint32(rec[d.dstAS:], 0)
	be.PutUint32(rec[d.in:], 1+src%(interfaces/2))
	be.PutUint32(rec[d.out:], 1+interfaces/2+dst%(interfaces/2))
}

// answer makes a record the way back of another; its times and amounts stay its own.
func (d *dresser) answer(rec, of []byte) {
	for _, pair := range [][3]int{{d.src, d.dst, 4}, {d.in, d.out, 4}, {d.srcAS, d.dstAS, 4}, {d.sport, d.dport, 2}} {
		copy(rec[pair[0]:pair[0]+pair[2]], of[pair[1]:])
		copy(rec[pair[1]:pair[1]+pair[2]], of[pair[0]:])
	}
	rec[d.flags], rec[d.proto] = of[d.flags], of[d.proto]
}

// What the exporters tell of besides addresses.
const (
	interfaces = 8 // of each exporter
	firstAS    = 64512
	autonomous = 900
)
