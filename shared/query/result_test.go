package query_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
)

// TestResultJSON holds the shape that other programs rely on, and that it reads back with the types it had.
func TestResultJSON(t *testing.T) {
	p, err := query.Question{By: []string{"source.ip", "destination.port", "weir.clock.offset_ms"}, Limit: 1}.Prepare(flow.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	res, err := p.Answer(query.Rows{
		Groups: []query.Group{{Values: []flow.Value{flow.IP(flow.AddrFrom4(0x0a000001)), {}, flow.Int(-5)}, Sums: []uint64{1<<64 - 1}}},
		Rest:   []uint64{7}, More: true,
	}, query.Loss{Gaps: 1, KernelDrops: 2, Dropped: 3})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(res)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"columns":[{"name":"source.ip","type":"ip","unit":""},{"name":"destination.port","type":"unsigned","unit":""},{"name":"weir.clock.offset_ms","type":"integer","unit":"ms"},{"name":"bytes","type":"unsigned","unit":"bytes"}],` +
		`"rows":[["10.0.0.1",null,-5,18446744073709551615],["other","other","other",7]],"exactness":"exact","loss":{"gaps":1,"kernel_drops":2,"dropped":3},"truncated":true}`
	if string(text) != want {
		t.Errorf("got\n%s\nwanted\n%s", text, want)
	}
	var back query.Result
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(res, back); diff != "" {
		t.Errorf("reads back differently (-was +is):\n%s", diff)
	}
}

func TestEmptyResultHasLists(t *testing.T) {
	p, err := query.Question{By: []string{"source.ip"}, Measure: query.BPS}.Prepare(flow.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	res, err := p.Answer(query.Rows{}, query.Loss{})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(res)
	const want = `{"columns":[{"name":"source.ip","type":"ip","unit":""},{"name":"bps","type":"float","unit":"bit/s"}],"rows":[],"exactness":"exact","loss":{"gaps":0,"kernel_drops":0,"dropped":0},"truncated":false}`
	if err != nil || string(text) != want {
		t.Errorf("got\n%s\nwanted\n%s (%v)", text, want, err)
	}
}

func TestResultRefusesWhatDoesNotFitItsColumns(t *testing.T) {
	for _, text := range []string{
		`{"columns":[],"rows":[[1]]}`,
		`{"columns":[{"name":"bytes","type":"unsigned"}],"rows":[[-1]]}`,
		`{"columns":[{"name":"bytes","type":"unsigned"}],"rows":[[1.5]]}`,
		`[]`,
	} {
		if err := json.Unmarshal([]byte(text), new(query.Result)); err == nil {
			t.Errorf("%s is taken", text)
		}
	}
}

func TestSelectAlerts(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2026, 3, 2, 8, minute, 0, 0, time.UTC) }
	ended := at(4)
	all := []flow.Alert{
		{ID: "c", State: flow.AlertActive, Start: at(10), Last: at(12)},
		{ID: "b", State: flow.AlertEnded, Start: at(1), Last: at(2), End: &ended},
		{ID: "a", State: flow.AlertActive, Start: at(1), Last: at(3)},
		{ID: "hidden", State: flow.AlertPending, Start: at(1), Last: at(20)},
	}
	for _, c := range []struct {
		name string
		q    query.AlertQuestion
		want []string
	}{
		{"all by start and id", query.AlertQuestion{}, []string{"a", "b", "c"}},
		{"limit", query.AlertQuestion{Limit: 2}, []string{"a", "b"}},
		{"one", query.AlertQuestion{ID: "b"}, []string{"b"}},
		{"one at another time", query.AlertQuestion{ID: "b", From: at(13)}, nil},
		{"to is outside", query.AlertQuestion{To: at(10)}, []string{"a", "b"}},
		{"the end reaches into the range", query.AlertQuestion{From: at(4), To: at(10)}, []string{"b"}},
		{"the last evidence does not", query.AlertQuestion{From: at(13)}, nil},
	} {
		var got []string
		for _, a := range query.SelectAlerts(all, c.q) {
			got = append(got, a.ID)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-wanted +got):\n%s", c.name, diff)
		}
	}
	if err := (query.AlertQuestion{From: at(2), To: at(1)}).Check(); err == nil {
		t.Error("from after to is taken")
	}
	if err := (query.AlertQuestion{Limit: -1}).Check(); err == nil {
		t.Error("a negative limit is taken")
	}
}
