package plugin_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/weirflow/weir/grafana-datasource/pkg/frames"
	"github.com/weirflow/weir/grafana-datasource/pkg/plugin"
	"github.com/weirflow/weir/shared/query"
)

// nowRange is the last hour, as a dashboard that refreshes itself asks.
func nowRange() backend.TimeRange {
	now := time.Now()
	return backend.TimeRange{From: now.Add(-time.Hour), To: now}
}

// TestSameQuestionsShareAnAnswer: browsers that refresh at about the same time cost one question, and are told which range the answer is of.
func TestSameQuestionsShareAnAnswer(t *testing.T) {
	f := newFake(t)
	d := sourceOf(t, settingsOf(f.URL, "{}", map[string]string{"token": "weir_secret"}))
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	plugin.At(d, func() time.Time { return now })
	var wg sync.WaitGroup
	lastHour := func(late time.Duration) backend.TimeRange {
		late += 2500 * time.Millisecond // the second half of a quantum
		return backend.TimeRange{From: now.Add(late - time.Hour), To: now.Add(late)}
	}
	for i := range 20 {
		wg.Go(func() {
			res := ask(t, d, `{"queryType":"top"}`, lastHour(time.Duration(i)*249*time.Millisecond))
			if res.Error != nil {
				t.Error(res.Error)
				return
			}
			told := res.Frames[0].Meta.Custom.(frames.Custom)
			if !told.From.Equal(now.Add(-time.Hour)) || !told.To.Equal(now) || told.Exactness != query.Exact {
				t.Errorf("told: %+v", told)
			}
		})
	}
	for plugin.Waiting(d) < 20 { // who came later would find the answer, and have the next one asked for ahead
		time.Sleep(time.Millisecond)
	}
	close(f.answer)
	wg.Wait()
	if n := f.asked.Load(); n != 1 {
		t.Errorf("the collector was asked %d times", n)
	}
	if _, token := f.peak(); token != "Bearer weir_secret" {
		t.Errorf("token: %q", token)
	}
	must(t, d, `{"queryType":"top"}`, lastHour(4*time.Second)) // of what is kept
	must(t, d, `{"queryType":"top"}`, lastHour(5*time.Second)) // the next refresh, asked for ahead by the one before
	must(t, d, `{"queryType":"top","limit":3}`, lastHour(0))
	must(t, d, `{"queryType":"top"}`, backend.TimeRange{From: now.Add(200*time.Millisecond - time.Minute), To: now.Add(time.Second + 200*time.Millisecond)}) // half a percent of which is less
	must(t, d, `{"queryType":"top"}`, backend.TimeRange{From: now.Add(-time.Minute), To: now})
	if n := f.asked.Load(); n != 5 {
		t.Errorf("the collector was asked %d times", n)
	}
}

// TestTheNextRefreshIsAskedAhead: while a panel is looked at again and again, only who looks first waits for its answer, and a question is put
// once in each quantum.
func TestTheNextRefreshIsAskedAhead(t *testing.T) {
	f := newFake(t)
	close(f.answer)
	d := sourceOf(t, settingsOf(f.URL, "{}", nil))
	begun := time.Date(2026, 3, 2, 9, 0, 1, 0, time.UTC)
	var at atomic.Int64
	plugin.At(d, func() time.Time { return begun.Add(time.Duration(at.Load())) })
	for i := range 40 { // every half second, in 20 s
		at.Store(int64(i) * int64(500*time.Millisecond))
		now := begun.Add(time.Duration(at.Load()))
		res := must(t, d, `{"queryType":"top"}`, backend.TimeRange{From: now.Add(-time.Hour), To: now})
		told := res.Frames[0].Meta.Custom.(frames.Custom)
		if late := now.Sub(told.To); late < 0 || late > 7500*time.Millisecond || told.To.Sub(told.From) != time.Hour {
			t.Errorf("%s: told of %s to %s", now, told.From, told.To)
		}
		for plugin.Waiting(d) > 0 { // what is asked ahead
			time.Sleep(time.Millisecond)
		}
	}
	if n := f.asked.Load(); n < 4 || n > 6 {
		t.Errorf("the collector was asked %d times in 20 s", n)
	}
}

// TestRulesAskForThemselves: an alert rule is answered anew, about the very range that it asks for.
func TestRulesAskForThemselves(t *testing.T) {
	f := newFake(t)
	close(f.answer)
	d := sourceOf(t, settingsOf(f.URL, "{}", nil))
	of := nowRange()
	plugin.At(d, func() time.Time { return of.To })
	for range 2 {
		req := requestOf(`{"queryType":"top"}`, of)
		req.Headers = map[string]string{"FromAlert": "true"}
		res := askRequest(t, d, req)
		if res.Error != nil || !res.Frames[0].Meta.Custom.(frames.Custom).To.Equal(of.To) {
			t.Errorf("%+v", res)
		}
		must(t, d, `{"queryType":"top"}`, backend.TimeRange{From: of.From.Truncate(5 * time.Second), To: of.To.Truncate(5 * time.Second)})
	}
	if n := f.asked.Load(); n != 3 {
		t.Errorf("the collector was asked %d times, for two rules and two panels", n)
	}
}

// TestSharingCanBeSwitchedOff: by the setting; and it is where requests go out in the name of a user.
func TestSharingCanBeSwitchedOff(t *testing.T) {
	for _, text := range []string{`{"shareSeconds":0}`, `{"oauthPassThru":true}`, `{"keepCookies":["session"]}`} {
		f := newFake(t)
		d := sourceOf(t, settingsOf(f.URL, text, nil))
		of := nowRange()
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() { ask(t, d, `{"queryType":"top"}`, of) })
		}
		<-f.arrived
		<-f.arrived
		close(f.answer)
		wg.Wait()
		if told := must(t, d, `{"queryType":"top"}`, of).Frames[0].Meta.Custom.(frames.Custom); !told.To.Equal(of.To) {
			t.Errorf("%s: %v", text, told)
		}
		if n := f.asked.Load(); n != 3 {
			t.Errorf("%s: the collector was asked %d times", text, n)
		}
	}
}

// TestQuestionsTakeTurns: a request with many queries does not ask them all at a time, nor do several.
func TestQuestionsTakeTurns(t *testing.T) {
	f := newFake(t)
	d := sourceOf(t, settingsOf(f.URL, `{"concurrent":3}`, nil))
	var wg sync.WaitGroup
	for r := range 2 {
		req := &backend.QueryDataRequest{}
		for i := range 10 {
			req.Queries = append(req.Queries, queryOf(fmt.Sprint(i), fmt.Sprintf(`{"queryType":"top","limit":%d}`, 1+10*r+i), day))
		}
		wg.Go(func() {
			res, err := d.QueryData(t.Context(), req)
			if err != nil || len(res.Responses) != 10 {
				t.Errorf("%v, %v", res, err)
			}
		})
	}
	for range 3 {
		<-f.arrived
	}
	close(f.answer)
	wg.Wait()
	if most, _ := f.peak(); f.asked.Load() != 20 || most > 3 {
		t.Errorf("asked %d times, %d at a time", f.asked.Load(), most)
	}
}

// TestCanceledQuestionsEnd: who closes a dashboard ends the collector's work, unless somebody else waits for the same answer.
func TestCanceledQuestionsEnd(t *testing.T) {
	f := newFake(t)
	d := sourceOf(t, settingsOf(f.URL, "{}", nil))
	first, leave := within(t)
	second, leaveToo := within(t)
	defer leaveToo()
	answers := make(chan backend.DataResponse, 2)
	wait := func(ctx context.Context) {
		res, err := d.QueryData(ctx, requestOf(`{"queryType":"top"}`, day))
		if err != nil {
			t.Error(err)
		}
		answers <- res.Responses["A"]
	}
	go wait(first)
	<-f.arrived
	go wait(second)
	for plugin.Waiting(d) < 2 {
		time.Sleep(time.Millisecond)
	}
	leave()
	if res := <-answers; res.Status != 499 || res.ErrorSource != backend.ErrorSourceDownstream {
		t.Errorf("the first: %+v", res)
	}
	select {
	case <-f.ended:
		t.Fatal("the question ended although somebody waits")
	default:
	}
	leaveToo()
	<-answers
	<-f.ended
	if n := f.asked.Load(); n != 1 {
		t.Errorf("the collector was asked %d times", n)
	}
	close(f.answer)
	if res := ask(t, d, `{"queryType":"top"}`, day); res.Error != nil { // nobody inherits the end of others
		t.Error(res.Error)
	}
}

// TestConnectionsAreUsedAgain: questions one after the other go over one connection, those of streams and health checks as well.
func TestConnectionsAreUsedAgain(t *testing.T) {
	f := newFake(t)
	close(f.answer)
	var opened atomic.Int64
	s := httptest.NewUnstartedServer(f.Config.Handler)
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	d := sourceOf(t, settingsOf(s.URL, `{"shareSeconds":0}`, nil))
	for i := range 20 {
		must(t, d, fmt.Sprintf(`{"queryType":"top","limit":%d}`, i+1), day)
		if _, err := d.CheckHealth(t.Context(), &backend.CheckHealthRequest{}); err != nil {
			t.Fatal(err)
		}
	}
	// The menus of links are asked for beside the answer now and then.
	if n := opened.Load(); n > 3 {
		t.Errorf("%d connections for %d questions", n, f.asked.Load())
	}
}
