package traffic

import (
	"bytes"
	"errors"
	"math"
	"net/netip"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/traffic/encode"
	"github.com/weirflow/weir/shared/traffic/internal/readback"
)

// TestParseEffects: names are what users type.
func TestParseEffects(t *testing.T) {
	for list, want := range map[string]Effects{
		"": {}, "skew": {Skew: true}, "loss, wrap,noflags": {Loss: true, Wrap: true, NoFlags: true},
		"duplicates,restart": {Duplicates: true, Restart: true},
	} {
		if got, err := ParseEffects(list); err != nil || got != want {
			t.Errorf("%q: %+v, %v", list, got, err)
		}
	}
	if _, err := ParseEffects("skew,fog"); !errors.Is(err, ErrConfig) {
		t.Errorf("an unknown effect gives %v", err)
	}
}

// wire is what an independent reader finds in the datagrams of one exporter.
type wire struct {
	reader    *readback.Reader
	datagrams int
	gaps      uint32 // datagrams missing by sequence number
	resets    int    // sequence numbers that go back
	wraps     int    // sysUptime that goes back
	next      uint32
	uptime    uint32
	ahead     int64 // of the clock, s: the smallest
	bytes     uint64
	records   int
	flags     uint8
	starts    []int64 // of flows, exporter's clock
}

// capture generates a small flood with effects and reads what arrives.
func capture(t *testing.T, e Effects) (map[netip.Addr]*wire, *Result) {
	t.Helper()
	cfg := smallFlood(encode.NetFlow9)
	cfg.Uptime, cfg.Effects = 0, e
	all := map[netip.Addr]*wire{}
	res, err := Generate(t.Context(), cfg, SinkFunc(func(d Datagram) error {
		w := all[d.Exporter.Addr()]
		if w == nil {
			w = &wire{reader: readback.NewReader(), ahead: math.MaxInt64}
			all[d.Exporter.Addr()] = w
		}
		got, err := w.reader.Read(bytes.Clone(d.Payload))
		if err != nil {
			return err
		}
		w.take(d, got)
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	return all, res
}

func (w *wire) take(d Datagram, got readback.Datagram) {
	h := got.Header
	switch {
	case w.datagrams > 0 && h.Sequence < w.next:
		w.resets++
	default:
		w.gaps += h.Sequence - w.next
	}
	if h.Uptime < w.uptime {
		w.wraps++
	}
	w.next, w.uptime = h.Sequence+1, h.Uptime
	w.datagrams++
	w.ahead = min(w.ahead, int64(h.Secs)-d.Time.Unix())
	boot := int64(h.Secs)*1000 - int64(h.Uptime)
	for i := range got.Records {
		r := &got.Records[i]
		w.bytes += r.Bytes
		w.records++
		w.flags |= r.Flags
		w.starts = append(w.starts, boot+int64(r.First))
	}
}

var (
	borderAddr = netip.MustParseAddr("198.51.100.1")
	coreAddr   = netip.MustParseAddr("198.51.100.2")
	outerAddr  = netip.MustParseAddr("198.51.100.3")
)

func TestEffects(t *testing.T) {
	plain, res := capture(t, Effects{})
	if len(plain) != 2 || res.Lost != 0 || plain[borderAddr].gaps+plain[coreAddr].gaps != 0 || plain[borderAddr].flags == 0 {
		t.Fatalf("without effects: %d exporters, %d lost", len(plain), res.Lost)
	}
	t.Run("skew", func(t *testing.T) {
		got, _ := capture(t, Effects{Skew: true})
		if got[borderAddr].ahead < 6 || got[borderAddr].ahead > 7 || got[coreAddr].ahead < -12 || got[coreAddr].ahead > -11 {
			t.Errorf("clocks are %d and %d s ahead", got[borderAddr].ahead, got[coreAddr].ahead)
		}
		if got[borderAddr].bytes != plain[borderAddr].bytes {
			t.Error("skew changes the traffic")
		}
	})
	t.Run("loss", func(t *testing.T) {
		got, res := capture(t, Effects{Loss: true})
		lost := uint32(0)
		for _, w := range got {
			lost += w.gaps
		}
		if share := float64(res.Lost) / float64(res.Lost+res.Datagrams); uint64(lost) != res.Lost || share < 0.001 || share > 0.04 {
			t.Errorf("%d datagrams missing, %d of %d lost", lost, res.Lost, res.Datagrams)
		}
	})
	t.Run("duplicates", func(t *testing.T) {
		got, _ := capture(t, Effects{Duplicates: true})
		if got[outerAddr].bytes != plain[borderAddr].bytes || got[borderAddr].bytes != plain[borderAddr].bytes {
			t.Errorf("%d bytes outside, %d at the border, want %d", got[outerAddr].bytes, got[borderAddr].bytes, plain[borderAddr].bytes)
		}
		if got[outerAddr].records >= plain[borderAddr].records {
			t.Errorf("%d records outside, %d at the border: cut alike", got[outerAddr].records, plain[borderAddr].records)
		}
	})
	t.Run("restart", func(t *testing.T) { checkRestart(t, plain) })
	t.Run("wrap", func(t *testing.T) {
		got, _ := capture(t, Effects{Wrap: true})
		for name, w := range got {
			if w.wraps != 1 || w.resets != 0 || w.bytes != plain[name].bytes {
				t.Errorf("%s: sysUptime wraps %d times, %d of %d bytes", name, w.wraps, w.bytes, plain[name].bytes)
			}
		}
	})
	t.Run("noflags", func(t *testing.T) {
		got, _ := capture(t, Effects{NoFlags: true})
		if got[borderAddr].flags != 0 || got[borderAddr].bytes != plain[borderAddr].bytes {
			t.Errorf("flags %#x", got[borderAddr].flags)
		}
	})
}

// checkRestart: the border router counts anew once, and no packet of its outage
// is in a record.
func checkRestart(t *testing.T, plain map[netip.Addr]*wire) {
	t.Helper()
	got, _ := capture(t, Effects{Restart: true})
	b, c := got[borderAddr], got[coreAddr]
	if b.resets != 1 || b.wraps != 1 || c.resets+c.wraps != 0 || b.bytes >= plain[borderAddr].bytes || c.bytes != plain[coreAddr].bytes {
		t.Errorf("border: %d resets, %d of %d bytes; core: %d resets", b.resets, b.bytes, plain[borderAddr].bytes, c.resets)
	}
	from := DefaultConfig().Start.Add(floodLength / 2)
	for _, start := range b.starts {
		if at := time.UnixMilli(start).Sub(from); at > time.Second && at < 59*time.Second {
			t.Fatalf("a flow begins %s after the router went off", at)
		}
	}
}
