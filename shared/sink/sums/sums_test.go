package sums_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/sink/sums"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func record(change func(*flow.Record)) flow.Record {
	r := flow.Record{
		Present: flow.HasSourceIP | flow.HasDestinationIP | flow.HasSourcePort | flow.HasDestinationPort | flow.HasProtocol | flow.HasBytes | flow.HasStart | flow.HasEnd,
		Start:   noon.UnixNano(), End: noon.Add(time.Second).UnixNano(), IPProtocol: 6, Bytes: 100,
		Source: flow.Endpoint{IP: flow.AddrFromNetip(netip.MustParseAddr("10.1.2.3")), Port: 50123, Bytes: 100}, Destination: flow.Endpoint{IP: flow.AddrFromNetip(netip.MustParseAddr("192.0.2.80")), Port: 443},
	}
	if change != nil {
		change(&r)
	}
	return r
}

// told is a sum that was told of.
type told struct {
	record  flow.Record
	records uint64
}

func tell(s *sums.Sums, now time.Time, all bool) (list []told) {
	s.Tell(now.UnixNano(), all, func(_ *flow.Batch, r *flow.Record, n uint64) { list = append(list, told{*r, n}) })
	return list
}

func batch(list ...flow.Record) *flow.Batch {
	return &flow.Batch{Records: list, Symbols: flow.NewSymbols()}
}

// TestWhatIsSummed: records that differ in what is known of a service are told of apart, others together.
func TestWhatIsSummed(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*flow.Record)
		sums   int
	}{
		{"the same", nil, 1},
		{"another ephemeral port", func(r *flow.Record) { r.Source.Port = 60001 }, 1},
		{"another port of users", func(r *flow.Record) { r.Source.Port = 2000 }, 1},
		{"another service", func(r *flow.Record) { r.Destination.Port = 80 }, 2},
		{"another destination", func(r *flow.Record) { r.Destination.IP[15]++ }, 2},
		{"another exporter", func(r *flow.Record) { r.Exporter[15]++ }, 2},
		{"forwarded", func(r *flow.Record) { r.ForwardingStatus = 64; r.Present |= flow.HasForwardingStatus }, 1},
		{"dropped", func(r *flow.Record) { r.ForwardingStatus = 130; r.Present |= flow.HasForwardingStatus }, 2},
		{"denied", func(r *flow.Record) { r.FirewallEvent = 3; r.Present |= flow.HasFirewallEvent }, 2},
		{"impossible", func(r *flow.Record) { r.Invalid = flow.InvalidFuture }, 2},
		{"another exporter's copy", func(r *flow.Record) { r.Present |= flow.HasDuplicateOf }, 2},
		{"another minute", func(r *flow.Record) { r.End += 60e9 }, 2},
		{"a different quality of service", func(r *flow.Record) { r.ToS = 184; r.Present |= flow.HasToS }, 1},
	} {
		s := sums.New(1)
		s.Add(batch(record(nil), record(c.change)), nil)
		list := tell(s, noon, true)
		bytes, records, ids := uint64(0), uint64(0), map[flow.EventID]bool{}
		for _, one := range list {
			bytes, records, ids[one.record.ID] = bytes+one.record.Bytes, records+one.records, true
			if one.record.Source.Port != 0 || one.record.Present.Has(flow.HasSourcePort) {
				t.Errorf("%s: an ephemeral port: %d", c.name, one.record.Source.Port)
			}
		}
		if len(list) != c.sums || len(ids) != c.sums || bytes != 200 || records != 2 {
			t.Errorf("%s: %d sums of %d bytes and %d records, %d ids", c.name, len(list), bytes, records, len(ids))
		}
	}
}

// TestWhatWasDroppedIsKnown: of what is summed it is still told whether it was let pass.
func TestWhatWasDroppedIsKnown(t *testing.T) {
	s := sums.New(1)
	s.Add(batch(record(func(r *flow.Record) { r.ForwardingStatus = 130; r.Present |= flow.HasForwardingStatus })), nil)
	if list := tell(s, noon, true); len(list) != 1 || list[0].record.ForwardingStatus != 130 || !list[0].record.Present.Has(flow.HasForwardingStatus) {
		t.Errorf("%+v", list)
	}
}

// TestMinutesAreHeld: a minute is told of 65 s after its end, and what comes later as another sum.
func TestMinutesAreHeld(t *testing.T) {
	s := sums.New(1)
	s.Add(batch(record(nil)), nil)
	if list := tell(s, noon.Add(124*time.Second), false); len(list) != 0 {
		t.Errorf("%d told of too early", len(list))
	}
	first := tell(s, noon.Add(125*time.Second), false)
	s.Add(batch(record(nil)), nil)
	second := tell(s, noon.Add(126*time.Second), false)
	if len(first) != 1 || len(second) != 1 || first[0].record.ID == second[0].record.ID || first[0].record.ID.Datagram != second[0].record.ID.Datagram {
		t.Errorf("%v, then %v", first, second)
	}
	if list := tell(s, noon.Add(time.Hour), true); len(list) != 0 {
		t.Errorf("%d told of twice", len(list))
	}
}

// TestSumsAreBounded: beyond the cap the oldest minute is told of early.
func TestSumsAreBounded(t *testing.T) {
	const most = 200_000
	s, early := sums.New(1), 0
	put := func(*flow.Batch, *flow.Record, uint64) { early++ }
	b := batch(record(nil))
	for i := range most + 10 {
		r := &b.Records[0]
		r.Destination.IP[12], r.Destination.IP[13], r.Destination.IP[14] = byte(i>>16), byte(i>>8), byte(i)
		if i == 10 {
			r.End += 60e9
		}
		s.Add(b, put)
	}
	if early != 10 || s.Flushes() != 1 {
		t.Errorf("%d told of early, in %d minutes", early, s.Flushes())
	}
	if list := tell(s, noon, true); len(list) != most {
		t.Errorf("%d at the end", len(list))
	}
}
