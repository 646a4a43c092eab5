package query

import (
	"cmp"
	"math"
	"net/netip"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/interfaces"
)

// InterfaceSums makes the answer to a question of the minutes that it selects: every engine gives them in the order of (exporter,
// kind, number) and of each minute, source and run only the latest; which runs there are is of no matter, their amounts add up.
type InterfaceSums struct {
	q        InterfaceQuestion
	pattern  string
	exporter flow.Addr // of the question
	kind     interfaces.Kind
	list     []Interface
	minutes  []interfaces.Minute // of the interface at hand
}

// NewInterfaceSums checks the question. Errors are *[Error].
func NewInterfaceSums(q InterfaceQuestion) (*InterfaceSums, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	exporter, _ := netip.ParseAddr(q.Exporter) // these have been checked
	kind, _ := interfaces.ParseKind(q.Kind)
	s := &InterfaceSums{q: q, pattern: strings.ToLower(q.Name), exporter: flow.AddrFromNetip(exporter), kind: kind, list: []Interface{}}
	if _, err := path.Match(globOf(s.pattern), ""); err != nil {
		return nil, &Error{Part: "name", Text: err.Error()}
	}
	return s, nil
}

// Add takes the next minute. Those that the question does not select are left out.
func (s *InterfaceSums) Add(m *interfaces.Minute) {
	if n := len(s.minutes); n > 0 && (s.minutes[0].Exporter != m.Exporter || s.minutes[0].Index != m.Index) {
		s.end()
	}
	if s.selects(m) {
		s.minutes = append(s.minutes, *m)
	}
}

func (s *InterfaceSums) selects(m *interfaces.Minute) bool {
	at := time.Unix(0, m.At)
	return s.kind == m.Kind && (s.q.From.IsZero() || !at.Before(s.q.From)) && (s.q.To.IsZero() || at.Before(s.q.To)) &&
		(s.q.Index == nil || *s.q.Index == m.Index) && (s.q.Exporter == "" || s.exporter == m.Exporter)
}

// Answer returns the interfaces.
func (s *InterfaceSums) Answer() []Interface {
	s.end()
	if s.q.Limit > 0 {
		return s.list[:min(s.q.Limit, len(s.list))]
	}
	return s.list
}

// globOf makes a pattern of path.Match in which only * is special.
func globOf(pattern string) string {
	return strings.NewReplacer(`\`, `\\`, "[", `\[`, "?", `\?`, "/", "\x00").Replace(pattern)
}

// named tells whether a name matches.
func (s *InterfaceSums) named(name string) bool {
	ok, _ := path.Match(globOf(s.pattern), strings.ReplaceAll(strings.ToLower(name), "/", "\x00"))
	return ok
}

// end makes the interface at hand of its minutes.
func (s *InterfaceSums) end() {
	list := s.minutes
	s.minutes = s.minutes[:0]
	if len(list) == 0 || len(s.list) >= MaxLimit {
		return
	}
	slices.SortStableFunc(list, func(a, b interfaces.Minute) int { return cmp.Compare(a.At, b.At) })
	i := describe(list)
	if s.pattern != "" && !s.named(i.Name) && !s.named(i.Alias) {
		return
	}
	source := s.source(list)
	i.Source = ""
	if source != interfaces.Flows {
		i.Source = source.String()
	}
	bins := binsOf(list, source, int64(s.q.bin()))
	for at := range bins {
		i.Covered += bins[at].seconds
	}
	speed := 0.0
	if i.Speed != nil {
		speed = float64(*i.Speed)
	}
	i.In, i.Out = sideOf(bins, false, speed), sideOf(bins, true, speed)
	compare(list, source, &i)
	i.Ethernet, i.Use = systemOf(bins)
	if s.q.Points {
		i.Points = points(bins, s.q.bin(), speed)
	}
	s.list = append(s.list, i)
}

// describe takes names, speed and status as they were told last.
func describe(list []interfaces.Minute) Interface {
	i := Interface{
		Exporter: list[0].Exporter.String(), Kind: list[0].Kind.String(), Index: list[0].Index, First: time.Unix(0, list[0].At).UTC(), Last: time.Unix(0, list[len(list)-1].At).Add(time.Minute).UTC(),
	}
	for at := range list {
		m := &list[at]
		if m.Name != "" {
			i.Name = m.Name
		}
		if m.Alias != "" {
			i.Alias = m.Alias
		}
		if m.Speed != 0 {
			speed := m.Speed
			i.Speed = &speed
		}
		if m.Source != interfaces.Flows {
			i.Admin, i.Oper = statusText(m.Admin), statusText(m.Oper)
		}
	}
	return i
}

func statusText(s flow.InterfaceStatus) string {
	switch s {
	case flow.StatusUp:
		return "up"
	case flow.StatusDown:
		return "down"
	}
	return ""
}

// source returns whose counters are taken: those asked for, or those that cover more.
func (s *InterfaceSums) source(list []interfaces.Minute) interfaces.Source {
	var covered [3]float64
	for i := range list {
		if list[i].Source < 3 {
			covered[list[i].Source] += list[i].Seconds
		}
	}
	asked, _ := interfaces.ParseSource(s.q.Source)
	switch {
	case s.q.Source != "" && covered[asked] > 0:
		return asked
	case s.q.Source != "":
		return interfaces.Flows
	case covered[interfaces.SNMP] >= covered[interfaces.SFlow] && covered[interfaces.SNMP] > 0:
		return interfaces.SNMP
	case covered[interfaces.SFlow] > 0:
		return interfaces.SFlow
	}
	return interfaces.Flows
}

// sumBin is a bin of the interval asked for.
type sumBin struct {
	at              int64 // ns
	seconds         float64
	in, out         interfaces.Amounts // by counters
	inFlow, outFlow interfaces.Amounts
	hasFlow         bool
	ethernet        *interfaces.EthernetErrors
	gauges          *interfaces.Gauges
	length          float64 // s
}

func untold() interfaces.Amounts {
	return interfaces.Amounts{
		Octets: interfaces.Unknown, Unicast: interfaces.Unknown, Multicast: interfaces.Unknown, Broadcast: interfaces.Unknown,
		Discards: interfaces.Unknown, Errors: interfaces.Unknown, Variance: interfaces.Unknown,
	}
}

// binsOf adds the minutes up in bins of the width in ns, which are cut at multiples of it since the Unix epoch.
func binsOf(list []interfaces.Minute, source interfaces.Source, width int64) (bins []sumBin) {
	for i := range list {
		m := &list[i]
		if m.Source != source && m.Source != interfaces.Flows {
			continue
		}
		at := m.At - m.At%width
		if n := len(bins); n == 0 || bins[n-1].at != at {
			bins = append(bins, sumBin{at: at, in: untold(), out: untold(), inFlow: untold(), outFlow: untold(), length: float64(width) / 1e9})
		}
		b := &bins[len(bins)-1]
		if m.Source == interfaces.Flows {
			b.inFlow.Add(&m.In)
			b.outFlow.Add(&m.Out)
			b.hasFlow = true
			continue
		}
		b.seconds += m.Seconds
		b.in.Add(&m.In)
		b.out.Add(&m.Out)
		b.system(m)
	}
	return bins
}

func (b *sumBin) side(out bool) (counters, flows *interfaces.Amounts) {
	if out {
		return &b.out, &b.outFlow
	}
	return &b.in, &b.inFlow
}

// rate is the rate by counters; not ok where they cover less than half of the bin.
func (b *sumBin) rate(out bool) (float64, bool) {
	a, _ := b.side(out)
	if a.Octets < 0 || b.seconds*2 < b.length {
		return 0, false
	}
	return a.Octets * 8 / b.seconds, true
}

// sideOf sums one direction up.
func sideOf(bins []sumBin, out bool, speed float64) (side InterfaceSide) {
	sum, flows := untold(), interfaces.Amounts{}
	seconds := 0.0
	var rates []float64
	for i := range bins {
		a, f := bins[i].side(out)
		if a.Octets >= 0 {
			seconds += bins[i].seconds
		}
		sum.Add(a)
		if bins[i].hasFlow {
			flows.Add(f)
		}
		if rate, ok := bins[i].rate(out); ok {
			rates = append(rates, rate)
			side.Now = &rate
		}
	}
	side.Flow.Bytes, side.Flow.Packets = flows.Octets, flows.Unicast
	side.Bytes, side.Packets, side.Discards, side.Errors = told(sum.Octets), told(sum.Packets()), told(sum.Discards), told(sum.Errors)
	side.Unicast, side.Multicast, side.Broadcast = told(sum.Unicast), told(sum.Multicast), told(sum.Broadcast)
	if seconds > 0 && sum.Octets >= 0 {
		avg := sum.Octets * 8 / seconds
		side.Avg = &avg
		side.Share = shareOf(avg, speed)
	}
	if len(rates) > 0 {
		slices.Sort(rates)
		peak, p95 := rates[len(rates)-1], rates[int(math.Ceil(0.95*float64(len(rates))))-1]
		side.Peak, side.P95, side.PeakUse = &peak, &p95, shareOf(peak, speed)
	}
	return side
}

// told is nil for what is not known.
func told(v float64) *float64 {
	if v < 0 {
		return nil
	}
	return &v
}

func shareOf(rate, speed float64) *float64 {
	if speed == 0 {
		return nil
	}
	share := rate / speed
	return &share
}

// points shows the bins.
func points(bins []sumBin, width time.Duration, speed float64) []InterfacePoint {
	list := make([]InterfacePoint, 0, len(bins))
	for i := range bins {
		b := &bins[i]
		p := InterfacePoint{Time: time.Unix(0, b.at).UTC(), In: b.point(false, speed), Out: b.point(true, speed)}
		p.Ethernet, p.Use = systemOf(bins[i : i+1])
		list = append(list, p)
	}
	return list
}

func (b *sumBin) point(out bool, speed float64) (p PointSide) {
	a, f := b.side(out)
	if rate, ok := b.rate(out); ok {
		p.BPS, p.Share = &rate, shareOf(rate, speed)
		if packets := a.Packets(); packets >= 0 {
			pps := packets / b.seconds
			p.PPS = &pps
		}
	}
	p.Multicast, p.Broadcast, p.Errors, p.Discards = told(a.Multicast), told(a.Broadcast), told(a.Errors), told(a.Discards)
	if b.hasFlow {
		bps := (f.Octets + f.Framing) * 8 / b.length
		p.FlowBPS = &bps
	}
	return p
}
