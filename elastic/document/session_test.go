package document_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/elastic/document"
	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/flow"
)

// TestSessionsHoldWhatFiltersAskFor: every field that sessions have is in the document with the same values.
func TestSessionsHoldWhatFiltersAskFor(t *testing.T) {
	rng, reg, e := rand.New(rand.NewPCG(3, 4)), flow.NewRegistry(), document.NewEncoder(document.Config{})
	b := filtertest.LastStates(filtertest.RandomSessions(rng, 500))
	for i := range b.Sessions {
		s := &b.Sessions[i]
		doc := known(t, document.Session, e.AppendSession(nil, b, s))
		for _, f := range reg.Fields() {
			if f.OfSession == nil || f.Name == "related.port" {
				continue
			}
			var want, got []string
			for _, v := range f.OfSession(nil, b.Symbols, s) {
				want = append(want, fmt.Sprint(textOf(v)))
			}
			switch v := doc[f.Name].(type) {
			case nil:
			case []any:
				for _, one := range v {
					got = append(got, fmt.Sprint(one))
				}
			default:
				got = append(got, fmt.Sprint(v))
			}
			if f.Name == "related.ip" {
				slices.Sort(want)
				want = slices.Compact(want)
				slices.Sort(got)
			}
			if !slices.Equal(got, want) {
				t.Fatalf("%s is %v, want %v", f.Name, got, want)
			}
		}
	}
}

// textOf is a value as a JSON reader shows it.
func textOf(v flow.Value) any {
	switch v.Kind {
	case flow.KindUint:
		return float64(min(v.U, 1<<63-1))
	case flow.KindFloat:
		return v.F
	}
	return v.String()
}

func TestSessionsReadBack(t *testing.T) {
	rng, e, reader := rand.New(rand.NewPCG(5, 6)), document.NewEncoder(document.Config{}), document.NewReader()
	b := filtertest.LastStates(filtertest.RandomSessions(rng, 500))
	for i := range b.Sessions {
		s := b.Sessions[i]
		s.Born, s.Told, s.Open, s.Truncated = s.Start, uint32(i), i%2 == 0, i%3 == 0
		text := e.AppendSession(nil, b, &s)
		for _, text := range [][]byte{text, nested(t, text)} {
			got := flow.SessionBatch{Symbols: b.Symbols}
			if err := reader.Session(text, &got); err != nil {
				t.Fatal(err)
			}
			want := s
			want.Client.TCPFlags |= want.Server.TCPFlags &^ 0xff // those that have no names are not told apart
			want.Server.TCPFlags &= 0xff
			want.HasClock, want.StartUncertainty, want.OrderInDoubt = false, 0, false
			if !want.HasPorts() {
				want.Client.Port, want.Server.Port = 0, 0
			}
			if !want.HasTCPFlags() {
				want.Client.TCPFlags, want.Server.TCPFlags = 0, 0
			}
			if !want.HasICMP() {
				want.ICMPType, want.ICMPCode = 0, 0
			}
			if diff := cmp.Diff(want, got.Sessions[0]); diff != "" {
				t.Fatalf("%s\n%s", diff, text)
			}
		}
	}
}

// TestCommunityID has the values that the reference implementation gives (github.com/corelight/pycommunityid).
func TestCommunityID(t *testing.T) {
	for _, c := range []struct {
		name, source, destination string
		protocol                  uint8
		from, to                  uint16 // of ICMP type and code
		want                      string
	}{
		{"TCP", "128.232.110.120", "66.35.250.204", 6, 34855, 80, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
		{"TCP, answer", "66.35.250.204", "128.232.110.120", 6, 80, 34855, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
		{"UDP", "192.168.1.52", "8.8.8.8", 17, 54585, 53, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="},
		{"SCTP", "192.168.170.8", "192.168.170.56", 132, 7, 7, "1:MP2EtRCAUIZvTw6MxJHLV7N7JDs="},
		{"ICMP echo", "192.168.0.89", "192.168.0.1", 1, 8, 0, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="},
		{"ICMP echo, answer", "192.168.0.1", "192.168.0.89", 1, 0, 0, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="},
		{"ICMP of an unassigned type", "192.168.0.89", "192.168.0.1", 1, 20, 0, "1:3o2RFccXzUgjl7zDpqmY7yJi8rI="},
		{"ICMP unreachable", "192.168.0.89", "192.168.0.1", 1, 3, 1, "1:LXCfhMUFbYXe+CEMrQuZCbiLY3o="},
		{"ICMP timestamp", "192.168.0.1", "192.168.0.89", 1, 13, 0, "1:uiloJmzo9VB4N869eqNADHXuQJM="},
		{"ICMPv6 neighbor", "fe80::200:86ff:fe05:80da", "fe80::260:97ff:fe07:69ea", 58, 135, 0, "1:dGHyGvjMfljg6Bppwm3bg0LO8TY="},
		{"ICMPv6 neighbor, answer", "fe80::260:97ff:fe07:69ea", "fe80::200:86ff:fe05:80da", 58, 136, 0, "1:dGHyGvjMfljg6Bppwm3bg0LO8TY="},
		{"ICMPv6 listener", "fe80::2", "fe80::1", 58, 131, 0, "1:Pmn7mCHtn19srQiXm2sF0CDRRMA="},
		{"ICMPv6 too big", "fe80::2", "fe80::1", 58, 2, 0, "1:mOcu9HFkPwcXn0q3oTOq3q6tq1c="},
		{"RSVP", "10.1.24.4", "10.1.12.1", 46, 0, 0, "1:/nQI4Rh/TtY3mf0R2gJFBkVlgS4="},
		{"GRE over IPv6", "2001:db8::2", "2001:db8::1", 47, 0, 0, "1:RgLHDf67jKnjcEaiCVvPAVCpfSc="},
		{"same address", "10.0.0.1", "10.0.0.1", 6, 9000, 80, "1:h7TinaUh4GjLw6QxFuNrAT0ci7Y="},
	} {
		b := flow.NewBatch(1, flow.NewSymbols())
		r := b.Grow()
		r.Present = flow.HasSourceIP | flow.HasDestinationIP | flow.HasProtocol | flow.HasSourcePort | flow.HasDestinationPort | flow.HasICMP
		r.Source.IP, r.Destination.IP = flow.AddrFromNetip(netip.MustParseAddr(c.source)), flow.AddrFromNetip(netip.MustParseAddr(c.destination))
		r.IPProtocol, r.Source.Port, r.Destination.Port, r.ICMPType, r.ICMPCode = c.protocol, c.from, c.to, uint8(c.from), uint8(c.to)
		r.End = time.Now().UnixNano()
		var doc map[string]any
		if err := json.Unmarshal(document.NewEncoder(document.Config{}).AppendRecord(nil, b, r), &doc); err != nil {
			t.Fatal(err)
		}
		if doc["network.community_id"] != c.want {
			t.Errorf("%s: %v, want %s", c.name, doc["network.community_id"], c.want)
		}
	}
}
