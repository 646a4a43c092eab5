package plugin_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/weirflow/weir/grafana-datasource/pkg/plugin"
)

// nowRange is the last hour, as a dashboard that refreshes itself asks.
func nowRange() backend.TimeRange {
	now := time.Now()
	return backend.TimeRange{From: now.Add(-time.Hour), To: now}
}

func TestSameQuestionsShareAnAnswer(t *testing.T) {
	f := newFake(t)
	d := sourceOf(t, settingsOf(f.URL, `{"shareSeconds":300}`, map[string]string{"token": "weir_secret"}))
	var wg sync.WaitGroup
	of := nowRange()
	for i := range 20 {
		wg.Go(func() {
			shifted := backend.TimeRange{From: of.From.Add(time.Duration(i)), To: of.To.Add(time.Duration(i))} // no two browsers ask at the same ns
			if res := ask(t, d, `{"queryType":"top"}`, shifted); res.Error != nil {
				t.Error(res.Error)
			}
		})
	}
	<-f.arrived
	close(f.answer)
	wg.Wait()
	if res := ask(t, d, `{"queryType":"top"}`, of); res.Error != nil { // and once more, of what is kept
		t.Error(res.Error)
	}
	if n := f.asked.Load(); n != 1 {
		t.Errorf("the collector was asked %d times", n)
	}
	if _, token := f.peak(); token != "Bearer weir_secret" {
		t.Errorf("token: %q", token)
	}
}

func TestSharingCanBeSwitchedOff(t *testing.T) {
	f := newFake(t)
	close(f.answer)
	d := sourceOf(t, settingsOf(f.URL, `{"shareSeconds":0}`, nil))
	of := nowRange()
	for range 2 {
		res := must(t, d, `{"queryType":"top"}`, of)
		if got := res.Frames[0].Meta.Custom; fmt.Sprint(got) == "" {
			t.Error("no range")
		}
	}
	if n := f.asked.Load(); n != 2 {
		t.Errorf("the collector was asked %d times", n)
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
