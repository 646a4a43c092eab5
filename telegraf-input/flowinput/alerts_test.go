package flowinput

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// tellerOf returns a teller whose lines are kept, without their times.
func tellerOf(cfg alertConfig) (*alertTeller, *[]string) {
	lines := &[]string{}
	t := newAlertTeller(cfg, func() int64 { return base }, func(p *point) {
		line := string(appendLine(nil, p))
		*lines = append(*lines, line[:strings.LastIndexByte(line, ' ')])
	})
	return t, lines
}

func alert(id string, state flow.AlertState, severity int) flow.Alert {
	at := time.Unix(0, base).UTC()
	return flow.Alert{
		ID: id, Detector: "dos.volumetric.host", State: state, Severity: severity, SeverityLabel: flow.SeverityLabel(severity),
		Start: at, Last: at.Add(time.Minute), DetectedAt: at.Add(time.Second), Groups: []string{"servers"}, Measured: flow.Measure{Name: "bps", Value: 5e6, Unit: "bit/s"},
	}
}

func active(n int) string {
	return fmt.Sprintf("weir_alert_active,detector=dos.volumetric.host,group=servers,severity=high count=%di", n)
}

// TestLifeOfAnAlert: each change is told of once, the number of active ones follows, and returns to 0.
func TestLifeOfAnAlert(t *testing.T) {
	teller, lines := tellerOf(alertConfig{groups: 10})
	for _, step := range []struct {
		state  flow.AlertState
		change string // "": nothing is told
		active int
	}{
		{flow.AlertPending, "", 0}, {flow.AlertActive, "raised", 1}, {flow.AlertActive, "", 0}, {flow.AlertClearing, "changed", 1},
		{flow.AlertWatching, "changed", 0}, {flow.AlertActive, "changed", 1}, {flow.AlertEnded, "ended", 0},
	} {
		*lines = nil
		if err := teller.WriteAlerts(context.Background(), []flow.Alert{alert("a", step.state, 65)}); err != nil {
			t.Fatal(err)
		}
		if step.change == "" {
			if len(*lines) > 0 {
				t.Errorf("%s: told %v", step.state, *lines)
			}
			continue
		}
		if len(*lines) != 2 || !strings.HasPrefix((*lines)[0], "weir_alert,change="+step.change+",detector=dos.volumetric.host,group=servers,severity=high id=\"a\"") || (*lines)[1] != active(step.active) {
			t.Errorf("%s: told %v", step.state, *lines)
		}
	}
	*lines = nil
	teller.gather(base)
	if !slices.Equal(*lines, []string{active(0)}) {
		t.Errorf("at last %v", *lines)
	}
}

// TestAlertsOfTheRunBefore: they are not raised again, and count as active.
func TestAlertsOfTheRunBefore(t *testing.T) {
	teller, lines := tellerOf(alertConfig{groups: 10})
	teller.recall([]flow.Alert{alert("a", flow.AlertActive, 65)})
	if err := teller.WriteAlerts(context.Background(), []flow.Alert{alert("a", flow.AlertActive, 65)}); err != nil || len(*lines) > 0 {
		t.Errorf("told %v, %v", *lines, err)
	}
	teller.gather(base)
	if !slices.Equal(*lines, []string{active(1)}) {
		t.Errorf("told %v", *lines)
	}
}

func TestLeastSeverity(t *testing.T) {
	teller, lines := tellerOf(alertConfig{groups: 10, least: 60})
	for _, a := range []flow.Alert{alert("low", flow.AlertActive, 59), alert("high", flow.AlertActive, 60), alert("high", flow.AlertEnded, 10)} {
		if err := teller.WriteAlerts(context.Background(), []flow.Alert{a}); err != nil {
			t.Fatal(err)
		}
	}
	told := slices.DeleteFunc(*lines, func(line string) bool { return !strings.HasPrefix(line, "weir_alert,") })
	if len(told) != 2 || strings.Contains(strings.Join(told, ""), `id="low"`) {
		t.Errorf("told %v", told)
	}
}

// TestManyAlerts: groups and combinations have a bound, and alerts of the same tags and time have points of their own.
func TestManyAlerts(t *testing.T) {
	seen, groups := map[string]bool{}, map[string]bool{}
	teller := newAlertTeller(alertConfig{groups: 5}, func() int64 { return base }, func(p *point) {
		if p.name != nameAlert {
			return
		}
		key := fmt.Sprint(p.tags, p.time)
		if seen[key] {
			t.Errorf("told over another one: %s", key)
		}
		seen[key] = true
		groups[p.tags[2].value] = true
	})
	var list []flow.Alert
	for i := range 1000 {
		a := alert(fmt.Sprint(i), flow.AlertActive, 65)
		a.Groups = []string{fmt.Sprint("group", i%100)}
		list = append(list, a)
	}
	if err := teller.WriteAlerts(context.Background(), list); err != nil {
		t.Fatal(err)
	}
	if len(seen) != 1000 || len(groups) != 6 || !groups[Other] {
		t.Errorf("%d points, groups %v", len(seen), groups)
	}
}
