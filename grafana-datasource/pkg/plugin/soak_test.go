//go:build cgo && linux

package plugin_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/weirflow/weir/grafana-datasource/internal/weirtest"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/traffic"
)

// panels are what each dashboard of the long run shows.
var panels = []string{
	`{"queryType":"series","measure":"bps"}`,
	`{"queryType":"series","measure":"bps","by":["network.protocol"],"limit":8}`,
	`{"queryType":"series","measure":"pps","by":["observer.ip"]}`,
	`{"queryType":"top","by":["source.ip"],"limit":10,"percent":true}`,
	`{"queryType":"top","by":["destination.ip"],"limit":10}`,
	`{"queryType":"top","by":["destination.port"],"measure":"flows","limit":10}`,
	`{"queryType":"top","measure":"bytes","more":["packets","flows"]}`,
	`{"queryType":"graph","limit":30}`,
	`{"queryType":"alerts","format":"count"}`,
	`{"queryType":"exporters"}`,
}

// TestSoakDashboards: twenty dashboards refresh every 5 s for ten minutes through the executable, the last hour of ten million records in the
// store, while the collector takes 20,000 records/s. Nothing is dropped, 95 of 100 panels are there within half a second, and nothing is left
// behind; then every panel of every dashboard is asked once. WEIR_SOAK_DASHBOARDS=30s and WEIR_SOAK_RECORDS=200000 shorten it.
func TestSoakDashboards(t *testing.T) {
	if os.Getenv("WEIR_SOAK") == "" {
		t.Skip("a long run: make soak")
	}
	length, records := 10*time.Minute, 10_000_000
	if d, err := time.ParseDuration(os.Getenv("WEIR_SOAK_DASHBOARDS")); err == nil {
		length = d
	}
	if n, err := strconv.Atoi(os.Getenv("WEIR_SOAK_RECORDS")); err == nil {
		records = n
	}
	collector(t) // builds weir
	c, err := weirtest.Start(t.Context(), lab.weir, t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Stop()
	load := newLoad(t, c)
	load.fill(t, records)
	p := start(t)
	of := contextOf(settingsOf(c.URL, "{}", nil))
	ctx, cancel := context.WithTimeout(t.Context(), length)
	defer cancel()
	var all sync.WaitGroup
	all.Go(func() { load.run(ctx, 20_000) })
	refresh(ctx, t, p, of, 15*time.Second) // what is made once and kept
	before := heldBy(p.pid)
	took := refresh(ctx, t, p, of, length)
	all.Wait()
	after := heldBy(p.pid)
	var every []time.Duration
	for _, text := range panels {
		every = append(every, took[text]...)
		t.Logf("%s: median %s, p95 %s", text, at(took[text], 0.5), at(took[text], 0.95))
	}
	t.Logf("20 dashboards for %s: %d panels, median %s, p95 %s, worst %s", length, len(every), at(every, 0.5), at(every, 0.95), at(every, 1))
	t.Logf("before %+v, after %+v", before, after)
	if p95 := at(every, 0.95); p95 > 500*time.Millisecond {
		t.Errorf("95 of 100 panels take up to %s", p95)
	}
	if after.files > before.files+10 || after.threads > before.threads+10 || after.kib > before.kib+before.kib/2+(32<<10) {
		t.Error("something is left behind")
	}
	load.check(t)
	askPanels(t, sourceOf(t, settingsOf(c.URL, `{"shareSeconds":0}`, nil)), nowRange())
}

// at returns the time within which a part of the panels was there.
func at(took []time.Duration, part float64) time.Duration {
	if len(took) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(took))
	return sorted[min(int(part*float64(len(sorted))), len(sorted)-1)].Round(time.Millisecond)
}

// refresh has twenty dashboards ask all their panels every 5 s, each panel a request of its own as browsers do, and returns how long each took.
func refresh(ctx context.Context, t *testing.T, p *process, of backend.PluginContext, length time.Duration) map[string][]time.Duration {
	t.Helper()
	took := map[string][]time.Duration{}
	ctx, cancel := context.WithTimeout(ctx, length)
	defer cancel()
	var all sync.WaitGroup
	var adding sync.Mutex
	for n := range 20 {
		all.Go(func() {
			wait := time.Duration(n) * 250 * time.Millisecond // dashboards do not refresh in step
			for {
				select {
				case <-ctx.Done():
					return
				case <-time.After(wait):
				}
				wait = 5 * time.Second
				for _, text := range panels {
					all.Go(func() {
						begun := time.Now()
						req := requestOf(text, nowRange())
						req.PluginContext = of
						res, err := p.data.QueryData(t.Context(), backend.ToProto().QueryDataRequest(req))
						if err != nil || res.Responses["A"].Error != "" {
							t.Errorf("%s: %v, %v", text, err, res)
							return
						}
						adding.Lock()
						defer adding.Unlock()
						took[text] = append(took[text], time.Since(begun))
					})
				}
			}
		})
	}
	all.Wait()
	return took
}

// held is what a process holds.
type held struct{ files, threads, kib int }

func heldBy(pid int) (h held) {
	open, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	h.files = len(open)
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range bytes.Lines(text) {
		_, _ = fmt.Sscanf(string(line), "Threads: %d", &h.threads)
		_, _ = fmt.Sscanf(string(line), "VmRSS: %d kB", &h.kib)
	}
	return h
}

// load sends the benchmarks' mix to a collector.
type load struct {
	mix    *traffic.BenchMix
	conns  []net.Conn
	client *query.Client
	sent   int // datagrams
}

// perDatagram is how many records a datagram of the mix has.
const perDatagram = 24

func newLoad(t *testing.T, c *weirtest.Collector) *load {
	t.Helper()
	mix, err := traffic.NewBenchMix(traffic.DefaultBenchConfig())
	if err != nil {
		t.Fatal(err)
	}
	l := &load{mix: mix}
	if l.client, err = query.NewClient(query.ClientConfig{URL: c.URL}); err != nil {
		t.Fatal(err)
	}
	for i := range traffic.DefaultBenchConfig().Exporters {
		d := net.Dialer{LocalAddr: &net.UDPAddr{IP: net.IPv4(127, 0, 0, byte(2+i))}}
		conn, err := d.Dial("udp4", c.UDP)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		templates, err := mix.Templates(i, time.Now())
		if err == nil {
			_, err = conn.Write(templates)
		}
		if err != nil {
			t.Fatal(err)
		}
		l.conns, l.sent = append(l.conns, conn), l.sent+1
	}
	return l
}

func (l *load) next(at time.Time) {
	i := l.sent % len(l.conns)
	_, _ = l.conns[i].Write(l.mix.Next(i, at)) // what is lost shows in the check
	l.sent++
}

// fill sends records of the last half hour, no faster than the collector takes them.
func (l *load) fill(t *testing.T, records int) {
	t.Helper()
	all := records / perDatagram
	begin := time.Now().Add(-30 * time.Minute)
	for n := range all {
		l.next(begin.Add(time.Duration(n) * 30 * time.Minute / time.Duration(all)))
		if n%4096 == 4095 || n == all-1 {
			for l.taken(t) < l.sent {
				time.Sleep(5 * time.Millisecond)
			}
		}
	}
}

// taken is how many datagrams the collector has taken.
func (l *load) taken(t *testing.T) (n int) {
	t.Helper()
	list, err := l.client.Exporters(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range list {
		n += int(list[i].Datagrams)
	}
	return n
}

// run sends so many records a second until the context ends.
func (l *load) run(ctx context.Context, perSecond int) {
	const step = 10 * time.Millisecond
	tick := time.NewTicker(step)
	defer tick.Stop()
	begun, sent := time.Now(), 0
	for ctx.Err() == nil {
		now := <-tick.C
		for due := int(now.Sub(begun).Seconds() * float64(perSecond) / perDatagram); sent < due; sent++ {
			l.next(now)
		}
	}
}

// check looks for what the collector has lost.
func (l *load) check(t *testing.T) {
	t.Helper()
	for l.taken(t) < l.sent && !t.Failed() {
		state, err := l.client.Collector(t.Context())
		if err != nil || state.Sockets[0].KernelDrops > 0 {
			t.Errorf("%+v, %v", state, err)
		}
	}
	list, err := l.client.Exporters(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range list {
		if e := &list[i]; e.Gaps > 0 || len(e.Dropped) > 0 {
			t.Errorf("%s: %d gaps, dropped %v", e.IP, e.Gaps, e.Dropped)
		}
	}
}
