package frames_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/weirflow/weir/grafana-datasource/pkg/frames"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// TestTitles: every field has a title that reads as words, and no two fields of records the same.
func TestTitles(t *testing.T) {
	seen := map[string]string{}
	for _, f := range flow.NewRegistry().Fields() {
		title := frames.Title(f.Name)
		if title == "" || strings.ContainsAny(title, "._@") || title[:1] != strings.ToUpper(title[:1]) {
			t.Errorf("%s: %q", f.Name, title)
		}
		if other := seen[title]; other != "" && title != "Start" && title != "End" { // event. and session.start
			t.Errorf("%s and %s are both called %s", f.Name, other, title)
		}
		seen[title] = f.Name
	}
	for name, want := range map[string]string{
		"source.port": "Source port", "destination.as.number": "Destination AS number", "source.geo.country_iso_code": "Source country",
		"source.nat.ip": "Source NAT address", "weir.next_hop.ip": "Next hop address", "weir.client.tcp.flags": "Client TCP flags",
		"distinct(destination.ip)": "Distinct: Destination", "p95(bps)": "Bit rate, 95 %", "p99.9(out)": "Out, 99.9 %",
	} {
		if got := frames.Title(name); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func series(rows ...[]any) query.Result {
	return query.Result{
		Columns: []query.Column{{Name: "@timestamp", Type: "time"}, {Name: "network.transport", Type: "keyword"}, {Name: "bytes", Type: "unsigned", Unit: "bytes"}},
		Rows:    rows, Exactness: query.Exact,
	}
}

const (
	first  = "2026-03-02T08:00:00Z"
	second = "2026-03-02T08:01:00Z"
	third  = "2026-03-02T08:02:00Z"
)

func valuesOf(f *data.Field) (list []float64) {
	for i := range f.Len() {
		v := f.At(i).(*float64)
		if v == nil {
			list = append(list, -1)
			continue
		}
		list = append(list, *v)
	}
	return list
}

// TestWideWithGaps: buckets that are left out of some groups (fill none) and nulls keep every value at its time.
func TestWideWithGaps(t *testing.T) {
	a := frames.Aggregate{Groups: 1, Result: series(
		[]any{first, "tcp", uint64(1)}, []any{second, "udp", uint64(2)}, []any{second, nil, nil}, []any{third, "tcp", uint64(3)})}
	f := a.Wide()[0]
	if f.Fields[0].Len() != 3 || len(f.Fields) != 4 {
		t.Fatal(f.StringTable(-1, -1))
	}
	for i, want := range [][]float64{{1, -1, 3}, {-1, 2, -1}, {-1, -1, -1}} {
		if got := valuesOf(f.Fields[i+1]); !slices.Equal(got, want) {
			t.Errorf("line %d: %v, wanted %v", i, got, want)
		}
	}
	if f.Fields[3].Labels["network.transport"] != "(none)" {
		t.Errorf("%v", f.Fields[3].Labels)
	}
}

func TestShares(t *testing.T) {
	rows := [][]any{{first, "tcp", uint64(30)}, {first, "other", uint64(10)}, {second, "tcp", uint64(0)}, {second, "other", uint64(0)}}
	a := frames.Aggregate{Groups: 1, Percent: true, Result: series(rows...)}
	f := a.Wide()[0]
	if got := valuesOf(f.Fields[1]); !slices.Equal(got, []float64{0.75, -1}) || f.Fields[1].Config.Unit != "percentunit" {
		t.Errorf("%v", got)
	}
}

func TestNoData(t *testing.T) {
	a := frames.Aggregate{Groups: 1, Result: series()}
	if f := a.Wide()[0]; len(f.Fields) != 0 {
		t.Errorf("%d fields", len(f.Fields))
	}
	if f := a.Multi(); len(f) != 1 || len(f[0].Fields) != 0 {
		t.Errorf("%d frames", len(f))
	}
}

// TestNotices: what is missing, cut or not exact is said at the panel.
func TestNotices(t *testing.T) {
	a := frames.Aggregate{Groups: 1, Result: series([]any{first, "tcp", uint64(1)})}
	a.Info = frames.Info{Exactness: query.Spread, Loss: query.Loss{Gaps: 12, KernelDrops: 3, Dropped: 4}, Cut: "Only some."}
	var texts []string
	for _, n := range a.Wide()[0].Meta.Notices {
		texts = append(texts, n.Severity.String()+": "+n.Text)
	}
	want := []string{
		"warning: Something may be missing here. The collector knows of losses, in all: 12 lost between exporters and collector (gaps in sequence numbers), 3 datagrams dropped by the kernel before the collector could read them, 4 records dropped by the collector under load.",
		"info: Bytes and packets are spread over the duration of each flow.", "info: Only some.",
	}
	if !slices.Equal(texts, want) {
		t.Errorf("%q", texts)
	}
}

// TestLossInRange: where the collector knows when it lost something, the panel tells what is of its range alone.
func TestLossInRange(t *testing.T) {
	a := frames.Aggregate{Groups: 1, Result: series([]any{first, "tcp", uint64(1)})}
	a.Info = frames.Info{Exactness: query.Exact, Loss: query.Loss{Gaps: 12, InRange: &query.LossInRange{}}}
	if n := a.Wide()[0].Meta.Notices; len(n) > 0 {
		t.Errorf("%+v", n)
	}
	a.Info.Loss.InRange.Dropped = 4
	if n := a.Wide()[0].Meta.Notices; len(n) != 1 || n[0].Text != "Something is missing here. Lost at about this time: 4 records dropped by the collector under load." {
		t.Errorf("%+v", n)
	}
}

func pointer(v float64) *float64 { return &v }

// TestInterfacesWithCounters: columns and series of counters, and what is not known.
func TestInterfacesWithCounters(t *testing.T) {
	at := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	speed := uint64(1e9)
	list := []query.Interface{{
		Exporter: "192.0.2.1", Index: 3, Speed: &speed, Oper: "up", Source: "snmp",
		In:     query.InterfaceSide{Avg: pointer(5e8), PeakUse: pointer(0.9), Errors: pointer(2), Flow: query.FlowSum{Difference: pointer(-0.02)}},
		Points: []query.InterfacePoint{{Time: at, In: query.PointSide{BPS: pointer(4e8)}}, {Time: at.Add(time.Minute), In: query.PointSide{}}},
	}}
	a := frames.Interfaces{List: list, Info: frames.Info{Interval: "60s"}}
	table := a.Table()[0]
	for name, want := range map[string]float64{"speed": 1e9, "in.avg_bps": 5e8, "in.peak_share": 0.9, "in.errors": 2, "in.difference": -0.02, "out.avg_bps": -1} {
		f, _ := table.FieldByName(name)
		if f == nil || !slices.Equal(valuesOf(f), []float64{want}) {
			t.Errorf("%s: %v", name, f)
		}
	}
	points := a.Points("bps")
	if len(points) != 1 || !slices.Equal(valuesOf(points[0].Fields[1]), []float64{4e8, -1}) || points[0].Fields[1].Labels["interface"] != "ifIndex 3" || points[0].Fields[1].Labels["direction"] != "in" {
		t.Errorf("%d frames", len(points))
	}
	for _, value := range []string{"bps", "share", "errors", "discards", "flow_bps", "peak_bps", "p95_bps", "peak_share", "difference"} {
		rows := 0
		if slices.Contains([]string{"bps", "errors", "peak_share", "difference"}, value) {
			rows = 1
		}
		if f := a.Numeric(value)[0]; f.Rows() != rows || f.Fields[3].Name != value {
			t.Errorf("%s: %d rows", value, f.Rows())
		}
	}
}

func TestAlertCounts(t *testing.T) {
	a := frames.Alerts{}
	f := a.Count(nil)[0]
	if f.Rows() != 5 || *f.Fields[1].At(0).(*float64) != 0 || f.Fields[0].At(0) != "critical" {
		t.Errorf("a rule sees zero where there are no alerts:\n%s", must(f.StringTable(-1, -1)))
	}
}

func must(text string, _ error) string { return text }

// TestAnnotationsAreText: Grafana shows the text of annotations as HTML.
func TestAnnotationsAreText(t *testing.T) {
	a := frames.Alerts{List: []flow.Alert{{Title: "x", Detector: "policy.<img src=x onerror=alert(1)>", Actors: []string{"a&b"}, ActorsTotal: 1, Groups: []string{"a,b"}}}}
	f := a.Annotations()[0]
	text, _ := f.FieldByName("text")
	tags, _ := f.FieldByName("tags")
	if got := text.At(0).(string); strings.ContainsAny(got, "<>") || !strings.Contains(got, "a&amp;b") {
		t.Error(got)
	}
	if got := tags.At(0).(string); !strings.HasSuffix(got, ",a b") {
		t.Error(got)
	}
}

// TestAlertsOverTime: an alert counts in every bucket that it was open in.
func TestAlertsOverTime(t *testing.T) {
	from := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	minute := func(n float64) time.Time { return from.Add(time.Duration(n * float64(time.Minute))) }
	end := minute(2.5)
	list := []flow.Alert{
		{Detector: "dos.x", SeverityLabel: "high", Start: minute(1.5), Last: minute(2), End: &end},
		{Detector: "scan.x", SeverityLabel: "high", Start: minute(-30), Last: minute(0)},
		{Detector: "scan.x", SeverityLabel: "low", Start: minute(1), Last: minute(30)},
	}
	a := frames.Alerts{List: list, Info: frames.Info{Interval: "1m", From: from, To: minute(4)}}
	f := a.Series(nil)[0]
	for i, want := range [][]float64{{0, 0, 0, 0}, {1, 1, 1, 0}, {0, 0, 0, 0}, {0, 1, 1, 1}, {0, 0, 0, 0}} {
		if got := valuesOf(f.Fields[i+1]); !slices.Equal(got, want) {
			t.Errorf("%s: %v, wanted %v", f.Fields[i+1].Labels, got, want)
		}
	}
	f = a.Series([]string{"detector"})[0]
	if len(f.Fields) != 3 || !slices.Equal(valuesOf(f.Fields[2]), []float64{1, 1, 1, 1}) || f.Fields[2].Labels["detector"] != "scan.x" {
		t.Errorf("%d fields", len(f.Fields))
	}
}
