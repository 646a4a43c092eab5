package syslog_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/sink"
	"github.com/weirflow/weir/shared/sink/spool"
	"github.com/weirflow/weir/shared/sink/syslog"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is a spool with a sender.
type rig struct {
	t      *testing.T
	spool  *spool.Spool
	sender *syslog.Sender
}

func newRig(t *testing.T, cfg syslog.Config) *rig {
	t.Helper()
	return rigIn(t, t.TempDir(), cfg)
}

func rigIn(t *testing.T, dir string, cfg syslog.Config) *rig {
	t.Helper()
	sp, err := spool.New(spool.Config{Dir: dir}, spool.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	if err := sp.Start(); err != nil {
		t.Fatal(err)
	}
	cfg.Name, cfg.RetryFirst, cfg.RetryMost = "test", 20*time.Millisecond, 200*time.Millisecond
	if cfg.Settle == 0 {
		cfg.Settle = 300 * time.Millisecond
	}
	s, err := syslog.New(cfg, syslog.Deps{Queue: sp, Now: time.Now, Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, spool: sp, sender: s}
	t.Cleanup(r.stop)
	return r
}

func (r *rig) stop() {
	r.sender.Stop()
	if err := r.spool.Stop(); err != nil {
		r.t.Error(err)
	}
}

func (r *rig) put(from, to int) {
	r.t.Helper()
	for i := from; i <= to; i++ {
		a := flood()
		a.ID = "alert-" + strconv.Itoa(i)
		b, err := sink.Encode(&sink.Event{Change: sink.Raised, ToldAt: a.DetectedAt, Alert: a})
		if err != nil {
			r.t.Fatal(err)
		}
		if r.spool.Put(b) == 0 {
			r.t.Fatal("not taken")
		}
	}
}

// ids are those of the alerts in rsyslog's file, with how often they came.
func (r *rsyslogd) ids() map[string]int {
	ids := map[string]int{}
	for _, m := range r.messages() {
		var a flow.Alert
		if err := json.Unmarshal([]byte(m.text), &a); err == nil {
			ids[a.ID]++
		}
	}
	return ids
}

// has tells whether alerts of all these numbers have come.
func (r *rsyslogd) has(first, last int) bool {
	ids := r.ids()
	for i := first; i <= last; i++ {
		if ids["alert-"+strconv.Itoa(i)] == 0 {
			return false
		}
	}
	return true
}

func (r *rsyslogd) config4(transport string) syslog.Config {
	cfg := syslog.DefaultConfig()
	cfg.Address, cfg.Transport, cfg.Settle, cfg.Hostname = r.address(), transport, 0, "weir-1"
	cfg.TLS = sink.TLS{CA: r.ca, Cert: r.clientCert, Key: r.clientKey}
	return cfg
}

// TestRsyslog: every alert reaches a real receiver, which parses it as it was meant.
func TestRsyslog(t *testing.T) {
	for _, transport := range []string{syslog.UDP, syslog.TCP, syslog.TLS} {
		t.Run(transport, func(t *testing.T) {
			d := newRsyslogd(t, transport)
			d.start()
			r := newRig(t, d.config4(transport))
			const n = 200
			step := n
			if transport == syslog.UDP {
				// Whether it listens yet is seen by what comes. It may fall behind, and what its buffer has no room for is lost.
				d.eventually("the first message", func() bool { r.put(0, 0); time.Sleep(50 * time.Millisecond); return len(d.messages()) > 0 })
				step = 20
			}
			for last := step; last <= n; last += step {
				r.put(last-step+1, last)
				d.eventually("all messages", func() bool { return d.has(1, last) })
			}
			m := d.messages()[0]
			if m.facility != "local4" || m.severity != "crit" || m.host != "weir-1" || m.app != "weir" || m.id != "dos.volumetric.host" {
				t.Errorf("parsed as %+v", m)
			}
			if !strings.HasPrefix(m.data, "[weir@32473 id=") || !strings.Contains(m.data, `severity="critical" state="active"`) {
				t.Errorf("structured data %s", m.data)
			}
			d.eventually("all to be acknowledged", func() bool { return r.spool.Stats().Waiting == 0 })
		})
	}
}

// TestRsyslogCEF: CEF passes through.
func TestRsyslogCEF(t *testing.T) {
	d := newRsyslogd(t, syslog.TCP)
	d.start()
	cfg := d.config4(syslog.TCP)
	cfg.Format = syslog.CEF
	newRig(t, cfg).put(1, 1)
	d.eventually("the message", func() bool {
		list := d.messages()
		return len(list) > 0 && strings.HasPrefix(strings.TrimSpace(list[0].text), "CEF:0|Weir|Weir|1|dos.volumetric.host|")
	})
}

// outages are how long the receiver is away each time: the first is long in soak runs.
func outages() []time.Duration {
	first := 300 * time.Millisecond
	if os.Getenv("WEIR_SOAK") != "" {
		first = 2 * time.Minute
	}
	return []time.Duration{first, 300 * time.Millisecond, 300 * time.Millisecond}
}

// TestReceiverAway: alerts go on while the receiver is down, killed and started again several times; none is lost.
func TestReceiverAway(t *testing.T) {
	for _, transport := range []string{syslog.TCP, syslog.TLS} {
		t.Run(transport, func(t *testing.T) {
			d := newRsyslogd(t, transport)
			r := newRig(t, d.config4(transport)) // nobody is there yet
			n := 0
			more := func(count int) { r.put(n+1, n+count); n += count }
			more(20)
			for round, away := range outages() {
				d.start()
				more(50)
				d.eventually("some messages", func() bool { return len(d.ids()) >= n-40 })
				more(20) // some of them are on the way when the receiver ends
				if round%2 == 0 {
					d.stop()
				} else {
					d.kill()
				}
				for end := time.Now().Add(away); time.Now().Before(end); time.Sleep(away / 20) {
					more(1)
				}
			}
			d.start()
			d.eventually("all alerts", func() bool { return len(d.ids()) == n })
			d.eventually("all to be acknowledged", func() bool { return r.spool.Stats().Waiting == 0 })
		})
	}
}

// TestRestart: what the receiver did not get before Weir stopped it gets after the next start.
func TestRestart(t *testing.T) {
	d := newRsyslogd(t, syslog.TCP)
	dir := t.TempDir()
	first := rigIn(t, dir, d.config4(syslog.TCP))
	first.put(1, 30)
	first.stop()
	d.start()
	second := rigIn(t, dir, d.config4(syslog.TCP))
	second.put(31, 40)
	d.eventually("all alerts", func() bool { return len(d.ids()) == 40 })
	second.stop() // rsyslog ends its side when Weir does, which settles the youngest
	third := rigIn(t, dir, d.config4(syslog.TCP))
	if st := third.spool.Stats(); st.Waiting != 0 {
		t.Errorf("%d events would be sent again", st.Waiting)
	}
}

// TestBrokenConnection: what a receiver has read counts for nothing if the connection breaks soon after: it comes again on the next.
func TestBrokenConnection(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	cfg := syslog.DefaultConfig()
	cfg.Address, cfg.Transport, cfg.Settle = l.Addr().String(), syslog.TCP, time.Hour
	r := newRig(t, cfg)
	r.put(1, 3)
	for range 2 { // twice the same three
		c, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		for i := 1; i <= 3; i++ {
			if m := readFrame(t, c); !strings.Contains(m, fmt.Sprintf(`id="alert-%d"`, i)) {
				t.Fatalf("message %d is %s", i, m)
			}
		}
		c.Close()
	}
	if n := r.sender.Counts.Delivered.Load(); n != 0 {
		t.Errorf("%d count as delivered", n)
	}
}

// readFrame reads a message with its length before it.
func readFrame(t *testing.T, c io.Reader) string {
	t.Helper()
	n := 0
	for b := []byte{0}; ; {
		if _, err := io.ReadFull(c, b); err != nil {
			t.Fatal(err)
		}
		if b[0] == ' ' {
			break
		}
		n = n*10 + int(b[0]-'0')
	}
	m := make([]byte, n)
	if _, err := io.ReadFull(c, m); err != nil {
		t.Fatal(err)
	}
	return string(m)
}

// TestForeignCertificate: a receiver that the authorities do not know gets nothing, unless verification is off.
func TestForeignCertificate(t *testing.T) {
	d := newRsyslogd(t, syslog.TLS)
	d.start()
	cfg := d.config4(syslog.TLS)
	cfg.TLS.CA = "" // the system's, which do not know it
	r := newRig(t, cfg)
	r.put(1, 1)
	d.eventually("a failure", func() bool { return r.sender.Counts.Failures.Load() >= 2 })
	if len(d.messages()) > 0 || r.spool.Stats().Waiting != 1 {
		t.Error("a message went to an unknown receiver")
	}
	cfg.TLS.NoVerify = true
	newRig(t, cfg).put(2, 2)
	d.eventually("the message", func() bool { return d.ids()["alert-2"] == 1 })
}
