package hec_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/sink"
	"github.com/weirflow/weir/shared/sink/cim"
	"github.com/weirflow/weir/shared/sink/hec"
	"github.com/weirflow/weir/shared/sink/hec/hectest"
)

const token = "00000000-1111-2222-3333-444444444444"

// faults are those of requests with events; every third has the next of them.
var faults = []hectest.Fault{
	{Code: 9}, {LostAnswer: true}, {Code: 26}, {LostData: true}, {Code: 24}, {ResetBody: true}, {Code: 8}, {LostAck: true}, {Status: 503}, {Code: 27},
	{LostAnswer: true}, {Code: 25}, {Code: 23}, {ResetBody: true}, {Code: 18}, {Code: 11}, {LostAck: true}, {Code: 19}, {Code: 3}, {Code: 20}, {Status: 502},
}

func inTurn(n int) hectest.Fault {
	if n%3 > 0 {
		return hectest.Fault{}
	}
	return faults[n/3%len(faults)]
}

// pollFaults are those of questions for acknowledgements; every twentieth has the next of them.
var pollFaults = []hectest.Fault{{Status: 503}, {LostAnswer: true}, {Code: 9}, {ResetBody: true}, {Code: 11}}

func pollsInTurn(n int) hectest.Fault {
	if n%20 > 0 {
		return hectest.Fault{}
	}
	return pollFaults[n/20%len(pollFaults)]
}

// quick is a configuration whose times suit a server on this machine.
func quick(s *hectest.Server, dir string) hec.Config {
	c := hec.DefaultConfig()
	c.URLs, c.Token, c.TLS, c.Dir = []string{s.URL()}, config.Secret{Value: token}, sink.TLS{CA: s.CA()}, dir
	c.Age, c.AckEvery, c.AckTimeout = 20*time.Millisecond, 5*time.Millisecond, 300*time.Millisecond
	c.FirstWait, c.MostWait, c.Linger = time.Millisecond, 20*time.Millisecond, 50*time.Millisecond
	c.Wait = true
	return c
}

func start(t *testing.T, c hec.Config) *hec.Sink {
	t.Helper()
	s, err := hec.New(c, hec.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	return s
}

func stop(t *testing.T, s *hec.Sink) {
	t.Helper()
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
}

// TestEveryEventArrives holds the promise: each event at least once, as it was, and memory and disk within their bounds, whatever the server, the
// network and restarts of either side do. Every thousandth event is one that the server will never take.
func TestEveryEventArrives(t *testing.T) {
	server := hectest.New(t, hectest.Config{Token: token, Ack: true, AckAfter: 2, Fault: inTurn, PollFault: pollsInTurn})
	cfg := quick(server, t.TempDir())
	cfg.Piece, cfg.Spool, cfg.Window = acceptancePiece, 4<<20, 8
	s := start(t, cfg)
	var total account
	for i := range acceptanceEvents {
		switch at := i + 1; {
		case at%(acceptanceEvents/7) == 0:
			if err := server.Restart(); err != nil {
				t.Fatal(err)
			}
		case at%(acceptanceEvents/5) == 0:
			stop(t, s)
			total.add(s.Stats())
			s = start(t, cfg)
		}
		if err := s.Put(t.Context(), numbered(i)); err != nil {
			t.Fatal(err)
		}
		if i%1000 == 0 {
			bounded(t, cfg, s.Stats())
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if err := s.Drain(ctx); err != nil {
		t.Fatalf("not everything was delivered: %v: %+v", err, s.Stats())
	}
	stop(t, s)
	total.add(s.Stats())
	total.check(t)
	check(t, server)
	t.Logf("%+v", s.Stats())
	t.Logf("server: %d posts, %d polls, %d healths, faults %v", server.Posts(), server.Polls(), server.Healths(), server.Faults())
}

// numbered is an event, or one of those that are never taken.
func numbered(i int) *cim.Event {
	more := ""
	if i%1000 == 999 {
		more = `,"poison":true`
	}
	kind := cim.Kind(i % 3)
	if i%500 == 0 {
		kind = 3 // alerts
	}
	return &cim.Event{
		Kind: kind, Time: 1_700_000_000_123_000_000 + int64(i)*1e6, Host: "10.0.0.1",
		JSON: fmt.Appendf(nil, `{"id":"e%07d","src":"10.1.%d.%d","dest":"192.0.2.7","bytes":%d,"packets":%d%s}`, i, i>>8&255, i&255, i*17, i%97, more),
	}
}

// bounded holds memory and disk to what was configured.
func bounded(t *testing.T, cfg hec.Config, st hec.Stats) {
	t.Helper()
	const spoolMemory = 8 << 20 // of each lane
	if most := 2*cfg.Spool + 2*spoolMemory; st.Bytes > most {
		t.Fatalf("spools have %d bytes, more than %d", st.Bytes, most)
	}
	senders := cfg.Senders + 1
	if most := senders * (2*cfg.Window + 2); st.Pieces > most || st.Memory > int64(most*cfg.Piece) {
		t.Fatalf("senders hold %d requests with %d bytes, more than %d requests", st.Pieces, st.Memory, most)
	}
}

// account sums the counters of several runs.
type account struct {
	made, delivered, dropped, waiting uint64
	reasons                           map[string]uint64
}

func (a *account) add(st hec.Stats) {
	for _, n := range st.Made {
		a.made += n
	}
	if a.reasons == nil {
		a.reasons = map[string]uint64{}
	}
	for why, n := range st.Dropped {
		a.dropped += n
		a.reasons[why] += n
	}
	a.delivered += st.Delivered
	a.waiting = st.Waiting
}

// check holds that all events are accounted for: those that waited at a restart may be delivered twice.
func (a *account) check(t *testing.T) {
	t.Helper()
	if a.waiting != 0 || a.delivered+a.dropped < a.made {
		t.Errorf("account: %+v", a)
	}
	for why := range a.reasons {
		if why != "refused_invalid_data_format" {
			t.Errorf("dropped: %v", a.reasons)
		}
	}
	if a.reasons["refused_invalid_data_format"] < acceptanceEvents/1000 {
		t.Errorf("refused: %v", a.reasons)
	}
}

func check(t *testing.T, server *hectest.Server) {
	t.Helper()
	counts, missing, again := server.Counts(), 0, 0
	for i := range acceptanceEvents {
		n := counts[fmt.Sprintf("e%07d", i)]
		switch poison := i%1000 == 999; {
		case poison && n > 0:
			t.Errorf("event %d was to be refused", i)
		case !poison && n == 0:
			missing++
		}
		again += max(n-1, 0)
	}
	if missing > 0 {
		t.Errorf("%d events are missing", missing)
	}
	if list := server.Changed(); len(list) > 0 {
		t.Errorf("events came again with another text: %v", list[:min(len(list), 5)])
	}
	seen := server.Faults()
	for _, f := range slices.Concat(faults, pollFaults) {
		if seen[f.String()] == 0 {
			t.Errorf("fault %q was never in effect: %v", f, seen)
		}
	}
	t.Logf("%d events, %d came again", len(counts), again)
}
