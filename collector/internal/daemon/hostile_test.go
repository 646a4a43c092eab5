//go:build cgo

package daemon_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/collector/internal/store/duckdb"
	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/listen"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/sink"
)

// hostile is traffic that is meant to fill tables: how many records, and the i-th of them.
type hostile struct {
	name    string
	records int
	record  func(i int, rng *rand.Rand) v5record
	finds   string // detector
	host    string // its victim or actor
}

// v5record is a record of NetFlow v5 as far as it matters here; it ends when it is exported.
type v5record struct {
	src, dst       uint32
	sport, dport   uint16
	packets, bytes uint32
	flags, proto   byte
	duration       uint32 // ms
}

const (
	guesser, guessedHost = 0xCB007109, 0x0A000009 // 203.0.113.9, 10.0.0.9
	sender, receiver     = 0x0A000007, 0xC6336409 // 10.0.0.7, 198.51.100.9
)

// hostileTime is how long the hostile traffic goes on, on the virtual clock.
const hostileTime = 10 * time.Minute

// TestSoakHostile: a flood of a million forged senders a minute, and a scan of 2^24 addresses: memory stays below 1.5 GiB, what other
// hosts do is found as ever, everything is counted. That takes minutes, with WEIR_SOAK=1; without, a hundredth of it must do.
func TestSoakHostile(t *testing.T) {
	part := 100
	if soaking() {
		part = 1
	}
	for _, h := range []hostile{
		{"a million forged senders a minute", 10_000_000 / part, func(_ int, rng *rand.Rand) v5record {
			return v5record{src: 0x20000000 | rng.Uint32()>>3, dst: 0x0A000005, sport: uint16(rng.Uint32()), dport: 80, packets: uint32(3 * part), bytes: uint32(180 * part), flags: 2, proto: 6}
		}, "dos.volumetric.host", "10.0.0.5"},
		{"a scan of 2^24 addresses", 1 << 24 / part, func(i int, _ *rand.Rand) v5record {
			return v5record{src: 0x0A000042, dst: 0x0B000000 + uint32(i), sport: 40000, dport: 445, packets: 1, bytes: 60, flags: 2, proto: 6}
		}, "scan.horizontal", "10.0.0.66"},
	} {
		t.Run(h.name, func(t *testing.T) { playHostile(t, h) })
	}
}

func soaking() bool { return os.Getenv("WEIR_SOAK") != "" }

func playHostile(t *testing.T, h hostile) {
	core, err := pipeline.Assemble(config.Default(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	st, err := duckdb.Open(t.Context(), duckdb.Config{Dir: t.TempDir(), MemoryLimit: 256 << 20}, duckdb.Deps{Symbols: core.Symbols, Account: core.Account})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	p, err := core.Pipeline(pipeline.Config{Clock: pipeline.ReceiveClock, Blocking: true}, pipeline.Sinks{Records: st, Sessions: st, Alerts: []sink.Alerts{st}}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	resetPeak(t)
	e := &v5exporter{p: p, start: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)}
	rng := rand.New(rand.NewPCG(1, 1))
	others := 0
	for i := range h.records {
		e.at = time.Duration(float64(i) / float64(h.records) * float64(hostileTime))
		e.add(h.record(i, rng))
		for ; others < 200 && e.at > time.Duration(others)*2*time.Second+time.Minute; others++ {
			e.addOthers(others)
		}
	}
	e.send()
	if err := p.Finish(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := st.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	alerts, err := st.Alerts(t.Context(), query.AlertQuestion{})
	if err != nil {
		t.Fatal(err)
	}
	for detector, host := range map[string]string{h.finds: h.host, "brute.ssh": "203.0.113.9", "exfil.session": "10.0.0.7"} {
		found := false
		for _, a := range alerts {
			found = found || (a.Detector == detector && strings.Contains(fmt.Sprint(a.Actors, a.Victims), host))
		}
		if !found {
			t.Errorf("no %s about %s among %d alerts", detector, host, len(alerts))
		}
	}
	s := core.Account.Streams()[0]
	if in, out := s.Records.Load(), s.Stored.Load()+s.Dropped.Sum()+s.SetAside.Sum()+s.AlreadyStored.Load(); in != out || in != e.sent {
		t.Errorf("%d records sent, %d taken, %d accounted for", e.sent, in, out)
	}
	peak, d := peakMiB(t), core.Detectors.Stats()
	t.Logf("%d records; peak RSS %d MiB; sessions: %d truncated, %d ended; copies: %d flows forgotten; behavior: %v; sessions dropped %d",
		e.sent, peak, d.Sessions.Truncated, d.Sessions.Ended, d.Copies.Evicted, d.Behavior.Caps, p.Stats().DroppedSessions)
	if soaking() && peak >= 1536 {
		t.Errorf("peak RSS %d MiB", peak)
	}
}

// v5exporter packs records into datagrams.
type v5exporter struct {
	p     *pipeline.Pipeline
	start time.Time
	at    time.Duration
	count int
	buf   [24 + 30*48]byte
	seq   uint32
	sent  uint64
}

// addOthers adds a failed attempt to log in, both ways, and every 30th time a minute of a large upload.
func (e *v5exporter) addOthers(i int) {
	port := uint16(30000 + i)
	e.add(v5record{src: guesser, dst: guessedHost, sport: port, dport: 22, packets: 15, bytes: 2500, flags: 0x1b, proto: 6, duration: 1500})
	e.add(v5record{src: guessedHost, dst: guesser, sport: 22, dport: port, packets: 13, bytes: 3000, flags: 0x1b, proto: 6, duration: 1500})
	if i%30 == 0 {
		e.add(v5record{src: sender, dst: receiver, sport: 50000, dport: 443, packets: 40000, bytes: 50_000_000, flags: 0x18, proto: 6, duration: 59000})
		e.add(v5record{src: receiver, dst: sender, sport: 443, dport: 50000, packets: 20000, bytes: 1_000_000, flags: 0x18, proto: 6, duration: 59000})
	}
}

const uptime0 = 10 * time.Hour

func (e *v5exporter) add(r v5record) {
	b := e.buf[24+48*e.count:]
	clear(b[:48])
	now := uint32((uptime0 + e.at) / time.Millisecond)
	binary.BigEndian.PutUint32(b, r.src)
	binary.BigEndian.PutUint32(b[4:], r.dst)
	binary.BigEndian.PutUint32(b[16:], r.packets)
	binary.BigEndian.PutUint32(b[20:], r.bytes)
	binary.BigEndian.PutUint32(b[24:], now-r.duration)
	binary.BigEndian.PutUint32(b[28:], now)
	binary.BigEndian.PutUint16(b[32:], r.sport)
	binary.BigEndian.PutUint16(b[34:], r.dport)
	b[37], b[38] = r.flags, r.proto
	if e.count++; e.count == 30 {
		e.send()
	}
}

func (e *v5exporter) send() {
	if e.count == 0 {
		return
	}
	now := e.start.Add(e.at)
	h := e.buf[:24]
	binary.BigEndian.PutUint16(h, 5)
	binary.BigEndian.PutUint16(h[2:], uint16(e.count))
	binary.BigEndian.PutUint32(h[4:], uint32((uptime0+e.at)/time.Millisecond))
	binary.BigEndian.PutUint32(h[8:], uint32(now.Unix()))
	binary.BigEndian.PutUint32(h[12:], uint32(now.Nanosecond()))
	binary.BigEndian.PutUint32(h[16:], e.seq)
	e.p.Handle(0, []listen.Datagram{{Payload: e.buf[:24+48*e.count], Source: netip.MustParseAddrPort("192.0.2.1:9995"), Received: now.UnixNano()}})
	e.seq += uint32(e.count)
	e.sent += uint64(e.count)
	e.count = 0
}

// resetPeak makes the kernel forget the peak of the process's memory so far.
func resetPeak(t *testing.T) {
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o600); err != nil {
		t.Logf("the peak is that of the whole process: %v", err)
	}
}

func peakMiB(t *testing.T) int {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip("no /proc/self/status here")
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")))
			if err != nil {
				t.Fatal(err)
			}
			return n >> 10
		}
	}
	t.Fatal("no VmHWM")
	return 0
}
