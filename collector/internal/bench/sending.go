package bench

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/traffic"
)

// sending is what became of records that were sent while questions were asked.
type sending struct {
	sent, stored, gaps uint64
	lost               map[string]uint64 // dropped or set aside, by reason
	length             time.Duration
}

// String says what was lost, and why.
func (s sending) String() string {
	text := fmt.Sprintf("%d sent, %d stored, %d datagrams missing", s.sent, s.stored, s.gaps)
	for _, why := range slices.Sorted(maps.Keys(s.lost)) {
		text += fmt.Sprintf(", **%d lost (%s)**", s.lost[why], why)
	}
	return text
}

// sender sends in the background.
type sender struct {
	load   *Load
	before sending
	begun  time.Time
	stop   context.CancelFunc
	done   chan error
	sent   uint64
}

// startSending begins to send. What the collector has stored of the same exporters before does not count.
func (l *latency) startSending(ctx context.Context) (*sender, error) {
	load, err := NewLoad(traffic.DefaultBenchConfig(), netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(l.port)))
	if err != nil {
		return nil, err
	}
	before, err := account(ctx, l.client)
	if err != nil {
		load.Close()
		return nil, err
	}
	running, stop := context.WithCancel(ctx)
	s := &sender{load: load, before: before, begun: time.Now(), stop: stop, done: make(chan error, 1)}
	go func() {
		sent, err := load.Run(running, l.cfg.Rate, 24*time.Hour)
		s.sent = sent
		s.done <- err
	}()
	return s, nil
}

// end stops sending, waits until what was sent is stored, and says what became of it.
func (s *sender) end(ctx context.Context, c query.ExporterReader) (sending, error) {
	length := time.Since(s.begun)
	s.stop()
	err := <-s.done
	s.load.Close()
	if err != nil && !errors.Is(err, context.Canceled) {
		return sending{}, fmt.Errorf("send records: %w", err)
	}
	var now sending
	for begun := time.Now(); time.Since(begun) < 15*time.Second; time.Sleep(200 * time.Millisecond) {
		if now, err = account(ctx, c); err != nil {
			return sending{}, err
		}
		if now.stored-s.before.stored >= s.sent {
			break
		}
	}
	for why, n := range s.before.lost {
		if now.lost[why] -= n; now.lost[why] == 0 {
			delete(now.lost, why)
		}
	}
	return sending{sent: s.sent, stored: now.stored - s.before.stored, gaps: now.gaps - s.before.gaps, lost: now.lost, length: length}, nil
}

// account sums what the collector says of the exporters of the load, which are on loopback.
func account(ctx context.Context, c query.ExporterReader) (s sending, err error) {
	list, err := c.Exporters(ctx)
	if err != nil {
		return s, err
	}
	s.lost = map[string]uint64{}
	for _, e := range list {
		if !strings.HasPrefix(e.IP, "127.") {
			continue
		}
		s.stored += e.Stored
		s.gaps += e.Gaps
		for _, reasons := range []map[string]uint64{e.Dropped, e.SetAside} {
			for why, n := range reasons {
				s.lost[why] += n
			}
		}
	}
	return s, nil
}
