package metrics_test

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/weirflow/weir/collector/internal/metrics"
	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/elastic/sink"
	core "github.com/weirflow/weir/packaging/metrics"
	"github.com/weirflow/weir/shared/detect"
	"github.com/weirflow/weir/shared/enrich/geo"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/interfaces"
	"github.com/weirflow/weir/shared/interfaces/snmp"
	"github.com/weirflow/weir/shared/listen"
	"github.com/weirflow/weir/shared/listen/forward"
	"github.com/weirflow/weir/shared/listen/stream"
	"github.com/weirflow/weir/shared/pipeline"
	"github.com/weirflow/weir/shared/sink/route"
)

var update = flag.Bool("update", false, "write docs/metrics.md anew")

// numbers gives every counter a number of its own and remembers which are wanted in the metrics.
type numbers struct {
	next uint64
	want map[float64]string
}

// fill sets every field of the structure at v that counts; those in nanoseconds are shown in seconds.
func (n *numbers) fill(t *testing.T, name string, v any) {
	t.Helper()
	s := reflect.ValueOf(v).Elem()
	for i := range s.NumField() {
		field := name + "." + s.Type().Field(i).Name
		if field == "Stream.Lost" {
			continue // a part of Dropped, for accounts that are committed
		}
		switch f := s.Field(i).Addr().Interface().(type) {
		case *atomic.Uint64:
			f.Store(n.take(field))
		case *atomic.Int64:
			f.Store(int64(n.take(field)))
		case *flow.ByReason:
			for why := range f {
				f[why].Store(n.take(field + "." + flow.Reason(why).String()))
			}
		case *uint64:
			*f = n.take(field)
		case *int64:
			*f = int64(n.take(field))
		case *int:
			*f = int(n.take(field))
		case *float64:
			*f = float64(n.take(field))
		case *map[string]uint64:
			*f = map[string]uint64{"some": n.take(field)}
		default:
			continue // a key
		}
	}
}

// take returns a number that is another in every unit that metrics have.
func (n *numbers) take(field string) uint64 {
	n.next++
	v := n.next
	if strings.HasSuffix(field, "Nanos") || strings.HasSuffix(field, ".LastSeen") || strings.HasSuffix(field, ".Watermark") {
		n.want[float64(v*1e9)/1e9] = field
		return v * 1e9
	}
	if !strings.HasSuffix(field, ".Worker") { // a label
		n.want[float64(v)] = field
	}
	return v
}

// everything is a collector whose counters all have numbers of their own.
func everything(t *testing.T, n *numbers) prometheus.Collector {
	t.Helper()
	account := flow.NewAccount()
	counted := account.Stream(flow.StreamKey{Exporter: flow.AddrFrom4(0x7f000002), Domain: 7, Protocol: flow.IPFIX})
	n.fill(t, "Stream", counted)
	delete(n.want, float64(counted.Sampling.Load())) // bits of a float
	counted.Sampling.Store(0x40F86A0000000000)       // 100,000
	n.want[100_000] = "Stream.Sampling"
	var socket listen.SocketStats
	var door stream.Stats
	var target forward.Stats
	var p pipeline.Stats
	var d detect.Stats
	var s store.Stats
	var g geo.Stats
	var ds pipeline.DetectorStats
	n.fill(t, "SocketStats", &socket)
	n.fill(t, "stream.Stats", &door)
	n.fill(t, "forward.Stats", &target)
	n.fill(t, "pipeline.Stats", &p)
	n.fill(t, "detect.Stats", &d)
	n.fill(t, "store.Stats", &s)
	n.fill(t, "session.DuplicatesStats", &ds.Copies)
	n.fill(t, "session.Stats", &ds.Sessions)
	n.fill(t, "behavior.Stats", &ds.Behavior)
	n.fill(t, "health.Stats", &ds.Health)
	output := route.Stats{Name: "siem", Type: "syslog"}
	n.fill(t, "route.Stats", &output)
	splunk := route.HECStats{Name: "splunk"}
	n.fill(t, "route.HECStats", &splunk)
	var shipped sink.Stats
	n.fill(t, "sink.Stats", &shipped)
	n.fill(t, "geo.Stats", &g)
	var ifs interfaces.Stats
	var polls snmp.Stats
	n.fill(t, "interfaces.Stats", &ifs)
	n.fill(t, "interfaces.TableStats", &ifs.Table)
	n.fill(t, "snmp.Stats", &polls)
	var kept metrics.HeaderStats
	n.fill(t, "headers.RingStats", &kept.Ring)
	n.fill(t, "headers.Stats", &kept.Kept)
	var asked metrics.APIStats
	n.fill(t, "api.LiveStats", &asked.Live)
	n.fill(t, "audit.Stats", &asked.Audit)
	return metrics.New(metrics.Deps{
		Core: core.Core{
			Account: account, Sockets: func() []listen.SocketStats { return []listen.SocketStats{socket} },
			Streams: func() []stream.Stats { return []stream.Stats{door} }, Forward: func() []forward.Stats { return []forward.Stats{target} },
			Pipeline: func() pipeline.Stats { return p }, Detect: func() detect.Stats { return d }, Detectors: func() pipeline.DetectorStats { return ds },
			Outputs: func() []route.Stats { return []route.Stats{output} }, HEC: func() []route.HECStats { return []route.HECStats{splunk} },
			Geo: func() geo.Stats { return g }, Interfaces: func() interfaces.Stats { return ifs }, SNMP: func() snmp.Stats { return polls },
		},
		Store: func() store.Stats { return s }, Elastic: func() (sink.Stats, bool) { return shipped, true },
		Headers: func() metrics.HeaderStats { return kept }, API: func() metrics.APIStats { return asked },
	})
}

// TestEveryCounter: every counter of the account, the sockets, the pipeline, detection, the store and geo is shown.
func TestEveryCounter(t *testing.T) {
	n := &numbers{want: map[float64]string{}}
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(everything(t, n))
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			delete(n.want, m.GetCounter().GetValue()+m.GetGauge().GetValue())
		}
	}
	for v, field := range n.want {
		t.Errorf("%s (%g) is not among the metrics", field, v)
	}
}

// TestNames holds names, units and help to the conventions of Prometheus.
func TestNames(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(everything(t, &numbers{want: map[float64]string{}}))
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	problems, err := promlint.NewWithMetricFamilies(families).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if p.Metric != "weir_counter_samples_total" { // sFlow calls them that
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
	for _, f := range families {
		if !strings.HasPrefix(f.GetName(), "weir_") || !strings.HasSuffix(f.GetHelp(), ".") {
			t.Errorf("%s: %q", f.GetName(), f.GetHelp())
		}
	}
}

// TestUnknownStream: datagrams of no stream have labels as well.
func TestUnknownStream(t *testing.T) {
	account := flow.NewAccount()
	account.Refuse(flow.AddrFrom4(0x7f000003), 10, flow.RefusedVersion)
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister((&core.Core{Account: account}).Metrics())
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != "weir_datagrams_refused_total" {
			continue
		}
		var labels []string
		for _, l := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, l.GetName()+"="+l.GetValue())
		}
		if got := strings.Join(labels, " "); got != "domain=0 exporter=127.0.0.3 protocol=unknown reason=version" {
			t.Errorf("labels %s", got)
		}
		return
	}
	t.Error("refused datagrams are not shown")
}

const page = "../../../docs/metrics.md"

const pageHead = `# Metrics

` + "`GET /metrics`" + ` on the address of ` + "`api.listen`" + ` (127.0.0.1:8474 unless configured), and on the socket in the data folder, shows them in the text
format of Prometheus. Beside these there are the usual ones of the Go runtime (` + "`go_`" + `) and the process (` + "`process_`" + `). Counters are of the running
process and begin at 0 when it starts; ` + "`weir exporters`" + ` shows the account over all runs. Series by reason or table appear once they are not 0.
What the counters of the loss account mean and how they add up is in [loss-account.md](loss-account.md). ` + "`weir-elastic run`" + ` shows the same at ` + "`api.listen`" + `,
but for those of the store, the API and kept headers: "stored" are there the records that are on disk for the cluster.

| metric | type | labels | meaning |
|---|---|---|---|
`

// TestDocsPage holds docs/metrics.md to the metrics; -update writes it anew.
func TestDocsPage(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(everything(t, &numbers{want: map[float64]string{}}))
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	text.WriteString(pageHead)
	for _, f := range families {
		var labels []string
		for _, l := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, "`"+l.GetName()+"`")
		}
		fmt.Fprintf(&text, "| `%s` | %s | %s | %s |\n", f.GetName(), strings.ToLower(f.GetType().String()), strings.Join(labels, ", "), f.GetHelp())
	}
	if *update {
		if err := os.WriteFile(page, []byte(text.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	old, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if string(old) != text.String() {
		t.Error("docs/metrics.md is not up to date: run make docs")
	}
}
