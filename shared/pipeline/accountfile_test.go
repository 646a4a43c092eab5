package pipeline_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/pipeline"
)

// TestAccountFile: marks and counters go on over a restart; what was in flight or waited at its time does not count twice.
func TestAccountFile(t *testing.T) {
	path, log := filepath.Join(t.TempDir(), "account.json"), slog.New(slog.DiscardHandler)
	now := time.Unix(1_700_000_000, 0).UTC()
	key := flow.StreamKey{Exporter: flow.AddrFrom4(0xc0000201), Domain: 7, Protocol: flow.IPFIX}
	account := flow.NewAccount()
	first := pipeline.NewAccountFile(path, account, log)
	if marks, err := first.Load(now); err != nil || len(marks) > 0 {
		t.Fatalf("a file that is not there has %v, %v", marks, err)
	}
	s := account.Stream(key)
	s.Datagrams.Store(10)
	s.Decoded.Store(9)
	s.Refused.Add(flow.RefusedVersion, 1)
	s.Sets.Store(5)
	s.SetsDecoded.Store(3)
	s.Waiting.Store(2)
	s.Records.Store(100)
	s.Stored.Store(80)
	s.Dropped.Add(flow.DroppedQueue, 5)
	s.InFlight.Store(15)
	s.Gaps.Store(4)
	s.LastSeen.Store(now.UnixNano())
	mark := flow.StreamMark{Key: key, Next: 42, Known: true, Order: 1000, Waiting: 2}
	first.Take(map[flow.StreamKey]flow.StreamMark{key: mark})
	first.Keep(now, false)
	s.Gaps.Store(5)
	first.Take(map[flow.StreamKey]flow.StreamMark{key: mark})
	first.Keep(now.Add(time.Millisecond), false) // before its time

	account = flow.NewAccount()
	second := pipeline.NewAccountFile(path, account, log)
	marks, err := second.Load(now.Add(time.Hour))
	if diff := cmp.Diff([]flow.StreamMark{mark}, marks); diff != "" || err != nil {
		t.Errorf("marks: %v (-want +got):\n%s", err, diff)
	}
	s = account.Stream(key) // as the decoder does that takes up the marks
	s.Sets.Store(2 + 1)
	s.SetsExpired.Add(flow.ExpiredRestart, 2)
	s.SetsDecoded.Store(1)
	s.Datagrams.Store(1)
	s.Decoded.Store(1)
	s.Records.Store(3)
	s.Stored.Store(3)
	s.Gaps.Store(20)
	list := second.Exporters(nil)
	if len(list) != 1 {
		t.Fatalf("%d exporters", len(list))
	}
	e := list[0]
	if e.Datagrams != 11 || e.Decoded != 10 || e.Sets != 6 || e.SetsDecoded != 4 || e.Records != 88 || e.Stored != 83 || e.Dropped["queue_full"] != 5 || e.Gaps != 24 || e.InFlight != 0 || e.Waiting != 0 {
		t.Errorf("%+v", e)
	}
	if e.LastSeen == nil || !e.LastSeen.Equal(now) {
		t.Errorf("last seen %v", e.LastSeen)
	}
	if marks, _ := pipeline.NewAccountFile(path, flow.NewAccount(), log).Load(now.Add(31 * 24 * time.Hour)); len(marks) > 0 {
		t.Errorf("a month later: %v", marks)
	}
	if err := os.WriteFile(path, []byte("[{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if marks, err := pipeline.NewAccountFile(path, flow.NewAccount(), log).Load(now); err != nil || len(marks) > 0 {
		t.Errorf("a broken file has %v, %v", marks, err)
	}
}
