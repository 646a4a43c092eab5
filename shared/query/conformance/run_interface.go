package conformance

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/interfaces"
	"github.com/weirflow/weir/shared/query"
)

// OpenInterfaces returns the engine under test, holding what was told of interfaces, list by list in this order.
type OpenInterfaces func(t *testing.T, told [][]interfaces.Minute) query.InterfaceReader

// minutes is how many are told in a round, of hourMinutes different ones.
const (
	minutes     = 1500
	hourMinutes = 90
)

// RunInterfaces holds an engine to the reference: same minutes, same questions, same answers.
func RunInterfaces(t *testing.T, open OpenInterfaces) {
	t.Helper()
	for round := range rounds {
		t.Run(fmt.Sprintf("round %d", round), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(uint64(round), 45))
			told := randomMinutes(rng)
			engine, reference := open(t, told), NewInterfaceReference(told)
			for range questions {
				checkInterfaces(t, engine, reference, randomInterfaceQuestion(rng))
				if t.Failed() {
					return
				}
			}
		})
	}
	t.Run("nothing stored", func(t *testing.T) {
		checkInterfaces(t, open(t, nil), NewInterfaceReference(nil), query.InterfaceQuestion{})
	})
	t.Run("wrong questions", func(t *testing.T) { checkInterfaceErrors(t, open(t, nil)) })
}

// began is when the minutes begin.
var began = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func randomMinutes(rng *rand.Rand) (told [][]interfaces.Minute) {
	for range minutes {
		if len(told) == 0 || rng.IntN(100) == 0 {
			told = append(told, nil)
		}
		last := &told[len(told)-1]
		*last = append(*last, randomMinute(rng))
	}
	return told
}

func randomMinute(rng *rand.Rand) interfaces.Minute {
	exporters := []flow.Addr{flow.AddrFrom4(0xc0000201), flow.AddrFrom4(0xc0000202), flow.AddrFromWords(0x20010db8<<32, 1)}
	m := interfaces.Minute{
		Exporter: exporters[rng.IntN(len(exporters))], Kind: interfaces.Kind(max(0, rng.IntN(5)-2)), Index: []uint32{1, 2, 1<<32 - 1}[rng.IntN(3)],
		At:     began.Add(time.Duration(rng.IntN(hourMinutes)) * time.Minute).UnixNano(),
		Source: interfaces.Source(rng.IntN(3)), Run: []uint64{0, 7, 1<<64 - 1}[rng.IntN(3)], Seconds: float64(rng.IntN(61)), Late: float64(rng.IntN(200)),
		In: randomAmounts(rng), Out: randomAmounts(rng),
		Name: []string{"", "ge-0/0/1", "Ge-0/0/2", `odd*?[name]\`}[rng.IntN(4)], Alias: []string{"", "uplink", "Büro"}[rng.IntN(3)],
		Speed: []uint64{0, 1e9, 1<<64 - 1}[rng.IntN(3)], Admin: flow.InterfaceStatus(rng.IntN(3)), Oper: flow.InterfaceStatus(rng.IntN(3)),
	}
	if rng.IntN(3) == 0 {
		m.Ethernet = &interfaces.EthernetErrors{}
		for _, v := range m.Ethernet.List() {
			*v = randomAmount(rng)
		}
	}
	if rng.IntN(3) == 0 {
		gauge := func() interfaces.Gauge {
			if mean := randomAmount(rng); mean >= 0 {
				return interfaces.Gauge{Mean: mean, Peak: mean * 2}
			}
			return interfaces.Gauge{Mean: interfaces.Unknown, Peak: interfaces.Unknown}
		}
		m.Gauges = &interfaces.Gauges{
			Samples: float64(1 + rng.IntN(3)), Load5s: gauge(), Load1m: gauge(), Load5m: gauge(), Memory: randomAmount(rng), FreeMemory: randomAmount(rng),
		}
	}
	return m
}

func randomAmount(rng *rand.Rand) float64 {
	switch rng.IntN(4) {
	case 0:
		return interfaces.Unknown
	case 1:
		return 0
	}
	return rng.Float64() * 1e12
}

func randomAmounts(rng *rand.Rand) (a interfaces.Amounts) {
	for _, v := range []*float64{&a.Octets, &a.Framing, &a.Unicast, &a.Multicast, &a.Broadcast, &a.Discards, &a.Errors, &a.Variance} {
		*v = randomAmount(rng)
	}
	a.Framing = max(a.Framing, 0)
	return a
}

func randomInterfaceQuestion(rng *rand.Rand) (q query.InterfaceQuestion) {
	q.Exporter = []string{"", "", "192.0.2.1", "2001:db8::1", "198.51.100.9"}[rng.IntN(5)]
	q.Kind = []string{"", "", "interface", "vlan", "processor"}[rng.IntN(5)]
	q.Name = []string{"", "", "ge-*", "GE-0/0/1", "*link", "b*", `odd*?[name]\`, "none"}[rng.IntN(8)]
	q.Source = []string{"", "snmp", "sflow"}[rng.IntN(3)]
	q.Interval = []int{0, 60, 300, 3600}[rng.IntN(4)]
	q.Points = rng.IntN(2) == 0
	q.Limit = []int{0, 0, 0, 2}[rng.IntN(4)]
	if rng.IntN(3) == 0 {
		index := uint32(1 + rng.IntN(3))
		q.Index = &index
	}
	from := rng.IntN(hourMinutes * 60)
	if rng.IntN(2) == 0 {
		q.From = began.Add(time.Duration(from) * time.Second)
	}
	if rng.IntN(2) == 0 {
		q.To = began.Add(time.Duration(from+1+rng.IntN(3600)) * time.Second)
	}
	return q
}

// InterfaceReference answers questions about interfaces of what was told, from memory.
type InterfaceReference struct{ minutes []interfaces.Minute }

// NewInterfaceReference returns a reference that was told the lists in this order.
func NewInterfaceReference(told [][]interfaces.Minute) *InterfaceReference {
	return &InterfaceReference{latestMinutes(told)}
}

// Interfaces implements [query.InterfaceReader].
func (r *InterfaceReference) Interfaces(_ context.Context, q query.InterfaceQuestion) ([]query.Interface, error) {
	sums, err := query.NewInterfaceSums(q)
	if err != nil {
		return nil, err
	}
	for i := range r.minutes {
		sums.Add(&r.minutes[i])
	}
	return sums.Answer(), nil
}

// checkInterfaces compares an answer with the reference's.
func checkInterfaces(t *testing.T, engine, reference query.InterfaceReader, q query.InterfaceQuestion) {
	t.Helper()
	got, err := engine.Interfaces(t.Context(), q)
	if err != nil {
		t.Errorf("%s: %v", show(q), err)
		return
	}
	want, err := reference.Interfaces(t.Context(), q)
	if err != nil {
		t.Fatalf("the reference refuses %s: %v", show(q), err)
	}
	if show(got) != show(want) {
		t.Errorf("%s\ngives\n%s\nshould be\n%s", show(q), show(got), show(want))
	}
}

// latestMinutes returns what counts of the minutes: the last told of each interface, VLAN or processor, minute, source and run.
func latestMinutes(told [][]interfaces.Minute) (list []interfaces.Minute) {
	type key struct {
		exporter flow.Addr
		kind     interfaces.Kind
		index    uint32
		at       int64
		source   interfaces.Source
		run      uint64
	}
	latest := map[key]interfaces.Minute{}
	for _, part := range told {
		for _, m := range part {
			latest[key{m.Exporter, m.Kind, m.Index, m.At, m.Source, m.Run}] = m
		}
	}
	for _, m := range latest {
		list = append(list, m)
	}
	slices.SortFunc(list, func(a, b interfaces.Minute) int {
		return cmp.Or(slices.Compare(a.Exporter[:], b.Exporter[:]), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Index, b.Index), cmp.Compare(a.At, b.At), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Run, b.Run))
	})
	return list
}

// checkInterfaceErrors wants *query.Error with the part that is wrong.
func checkInterfaceErrors(t *testing.T, engine query.InterfaceReader) {
	t.Helper()
	for _, c := range []struct {
		part string
		q    query.InterfaceQuestion
	}{
		{"exporter", query.InterfaceQuestion{Exporter: "router"}},
		{"kind", query.InterfaceQuestion{Kind: "VLAN"}},
		{"source", query.InterfaceQuestion{Source: "flows"}},
		{"source", query.InterfaceQuestion{Source: "SNMP"}},
		{"interval", query.InterfaceQuestion{Interval: 30}},
		{"interval", query.InterfaceQuestion{Interval: -60}},
		{"interval", query.InterfaceQuestion{From: began, To: began.AddDate(1, 0, 0)}},
		{"limit", query.InterfaceQuestion{Limit: -1}},
		{"from", query.InterfaceQuestion{From: began, To: began}},
	} {
		_, err := engine.Interfaces(t.Context(), c.q)
		wantPart(t, c.part, query.Question{From: c.q.From, To: c.q.To}, err)
	}
}
